// What is true of every history, tried on thousands of random ones. (Specification, section 9; the names are its
// numbers.) Whole paths are compared, and scores and stages on every day on which either path changes or something
// happened.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "google/protobuf/util/json_util.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

using Events = std::vector<Event>;

std::unique_ptr<TrustHistory> Fold(const Events& events, std::shared_ptr<const Policy> policy = DefaultPolicy()) {
  auto history = std::make_unique<TrustHistory>("x", std::move(policy));
  for (const Event& event : events) history->Apply(event);
  return history;
}

constexpr Day kFarAway = 18267 + RandomLog::kSpanDays + 4000;

// Runs a property over seeds until it fails; the seed is printed.
void ForSeeds(uint32_t count, const std::function<void(uint32_t)>& property) {
  for (uint32_t seed = 0; seed < support::Histories(count); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    property(seed);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// The days on which a's path in b changes or something takes effect.
std::set<Day> Days(TrustHistory* history, const Events& events) {
  std::set<Day> days;
  for (const Event& event : events) days.insert(HeldDay(event));
  for (const Transition& change : history->Timeline("a", "b", kFarAway)) days.insert(DayOn(change.date()));
  return days;
}

// On no day does `more` trust less than `less`, a in b, in stage or any score.
void ExpectNeverLess(const Events& more, const Events& less, bool with_scores = true) {
  const auto one = Fold(more), other = Fold(less);
  std::set<Day> days = Days(one.get(), more);
  days.merge(Days(other.get(), less));
  for (const Day day : days) {
    const DirectionReading high = one->Read("a", "b", day, false), low = other->Read("a", "b", day, false);
    ASSERT_GE(high.stage(), low.stage()) << FormatDay(day);
    for (int facet = 0; with_scores && facet < 4; ++facet) {
      ASSERT_GE(high.facets(facet).score_bp(), low.facets(facet).score_bp()) << FormatDay(day) << " facet " << facet;
    }
  }
}

// A random history that starts with a growth in three cases of four.
RandomLog Random(uint32_t seed, int events = 13, int organizations = 3) {
  RandomLog random(seed, organizations);
  if (seed % 5 == 1) random.UseMatters();
  if (seed % 5 == 2) random.UseForwardDays();
  random.Fill(random.Below(events + 1));
  return random;
}

// One more event about b's conduct towards a.
Event& Add(RandomLog* random, Events* events, const std::function<void(Evidence*)>& kind) {
  Event& event = events->emplace_back();
  event.set_revision(static_cast<int64_t>(events->size()));
  *event.mutable_occur_time() = ToTimestamp(StartOf(random->RandomDay()));
  *event.mutable_record_time() = event.occur_time();
  Evidence& evidence = *event.mutable_evidence();
  evidence = random->RandomEvidence();
  evidence.set_actor(std::string("b"));
  evidence.clear_affected();
  evidence.add_affected(std::string("a"));
  kind(&evidence);
  return event;
}

TEST(InvariantsTest, I1ScoresAreBoundedAndSharesSumUp) {
  ForSeeds(4000, [](uint32_t seed) {
    const RandomLog random = Random(seed, 30);
    const auto history = random.log.Fold();
    for (const Day day : Days(history.get(), random.log.events())) {
      const DirectionReading reading = history->Read("a", "b", day);
      if (day >= random.first_contact()) {
        ASSERT_GE(reading.stage(), STAGE_INITIAL_CONTACT);
        ASSERT_LE(reading.stage(), STAGE_MAINTAINING_COMMITMENT);
      } else {
        ASSERT_EQ(reading.stage(), STAGE_UNSPECIFIED);
      }
      for (const FacetReading& facet : reading.facets()) {
        ASSERT_GE(facet.score_bp(), 0);
        ASSERT_LE(facet.score_bp(), 10000);
        ASSERT_EQ(facet.belief_bp() + facet.disbelief_bp() + facet.uncertainty_bp(), 10000);
        ASSERT_GT(facet.uncertainty_bp(), 0);
      }
    }
  });
}

TEST(InvariantsTest, I2AGoodActNeverLowersAnything) {
  ForSeeds(4000, [](uint32_t seed) {
    RandomLog random = Random(seed);
    Events more = random.log.events();
    Add(&random, &more, [&](Evidence* evidence) { random.SetGoodKind(evidence); });
    ExpectNeverLess(more, random.log.events());
  });
}

TEST(InvariantsTest, I3ABadActNeverRaisesAnything) {
  ForSeeds(4000, [](uint32_t seed) {
    RandomLog random = Random(seed);
    Events more = random.log.events();
    Add(&random, &more, [&](Evidence* evidence) { random.SetBadKind(evidence); });
    ExpectNeverLess(random.log.events(), more);
  });
}

std::string Renamed(const std::string& name) {
  return name == "a" ? "b" : name == "b" ? "c" : name == "c" ? "a" : name;
}

TEST(InvariantsTest, I4RenamingOrganizationsRenamesReadings) {
  ForSeeds(2000, [](uint32_t seed) {
    const RandomLog random = Random(seed, 25);
    Events renamed = random.log.events();
    for (Event& event : renamed) {
      const auto rename = [](auto* names) {
        for (std::string& name : *names) name = Renamed(name);
      };
      if (event.has_partnership_proposed()) {
        for (Partner& partner : *event.mutable_partnership_proposed()->mutable_partners()) {
          partner.set_organization(Renamed(partner.organization()));
        }
      }
      if (event.has_initial_contact_made()) rename(event.mutable_initial_contact_made()->mutable_organizations());
      if (event.has_partner_left()) {
        event.mutable_partner_left()->set_organization(Renamed(event.partner_left().organization()));
      }
      if (!event.has_evidence()) continue;
      Evidence& evidence = *event.mutable_evidence();
      evidence.set_actor(Renamed(evidence.actor()));
      rename(evidence.mutable_affected());
      rename(evidence.mutable_witnesses());
    }
    const auto history = random.log.Fold(), other = Fold(renamed);
    for (const char* trustor : {"a", "b", "c"}) {
      for (const char* trustee : {"a", "b", "c"}) {
        if (trustor == trustee) continue;
        const Day day = random.first_contact() + 1200;
        DirectionReading reading = history->Read(trustor, trustee, day);
        reading.set_trustor(Renamed(trustor));
        reading.set_trustee(Renamed(trustee));
        ASSERT_EQ(reading.DebugString(), other->Read(Renamed(trustor), Renamed(trustee), day).DebugString());
        ASSERT_EQ(PathOf(history.get(), trustor, trustee, kFarAway),
                  PathOf(other.get(), Renamed(trustor), Renamed(trustee), kFarAway));
      }
    }
  });
}

std::string Everything(TrustHistory* history, Day day) {
  std::string text = history->Read("a", "b", day).SerializeAsString();
  for (const Transition& change : history->Timeline("a", "b", kFarAway)) text += change.SerializeAsString();
  return text;
}

TEST(InvariantsTest, I5WhatTheTrustorDoesChangesNothingInItsTrust) {
  ForSeeds(4000, [](uint32_t seed) {
    RandomLog random = Random(seed, 20);
    Events more = random.log.events();
    for (int i = 0; i < 5; ++i) {
      Event& event = Add(&random, &more, [&](Evidence* evidence) { random.SetKind(random.Below(39), evidence); });
      event.mutable_evidence()->set_actor(std::string("a"));
      event.mutable_evidence()->clear_affected();
      event.mutable_evidence()->add_affected(std::string("b"));
      event.mutable_evidence()->add_affected(std::string("c"));
    }
    const Day day = random.first_contact() + random.Below(1600);
    ASSERT_EQ(Everything(random.log.Fold().get(), day), Everything(Fold(more).get(), day));
  });
}

// Replaces references to events by those to their new revisions.
void Redirect(const std::map<int64_t, int64_t>& to, Evidence* evidence) {
  const auto redirect = [&](std::string* reference) {
    const auto revision = ParseEventName("x", *reference);
    if (revision.has_value()) *reference = absl::StrCat(to.at(*revision));
  };
  if (evidence->has_conflict_escalated()) redirect(evidence->mutable_conflict_escalated()->mutable_conflict());
  if (evidence->has_formal_dispute_opened()) redirect(evidence->mutable_formal_dispute_opened()->mutable_conflict());
  if (evidence->has_conflict_resolved()) redirect(evidence->mutable_conflict_resolved()->mutable_conflict());
  if (evidence->has_violation_reported()) redirect(evidence->mutable_violation_reported()->mutable_violation());
  if (evidence->has_violation_disputed()) redirect(evidence->mutable_violation_disputed()->mutable_violation());
  if (evidence->has_violation_acknowledged()) redirect(evidence->mutable_violation_acknowledged()->mutable_violation());
  if (evidence->has_allegation_withdrawn()) redirect(evidence->mutable_allegation_withdrawn()->mutable_violation());
  if (evidence->has_finding_issued()) redirect(evidence->mutable_finding_issued()->mutable_violation());
  if (evidence->has_apology_issued()) redirect(evidence->mutable_apology_issued()->mutable_violation());
  if (evidence->has_remediation_completed()) redirect(evidence->mutable_remediation_completed()->mutable_violation());
  if (evidence->has_remediation_verified()) redirect(evidence->mutable_remediation_verified()->mutable_violation());
}

// A readable account of a's trust in b in which events have their old revisions.
std::string Account(TrustHistory* history, Day day, const std::map<int64_t, int64_t>& old) {
  const auto names = [&](const auto& events) {
    std::set<int64_t> revisions;
    for (const std::string& name : events) {
      const int64_t revision = *ParseEventName("x", name);
      revisions.insert(old.empty() ? revision : old.at(revision));
    }
    std::string text;
    for (const int64_t revision : revisions) absl::StrAppend(&text, " ", revision);
    return text;
  };
  DirectionReading reading = history->Read("a", "b", day);
  std::string account = absl::StrCat("limited by", names(reading.ceiling_events()), "\n");
  reading.clear_ceiling_events();
  account += reading.DebugString();
  for (Transition& change : history->Timeline("a", "b", kFarAway)) {
    absl::StrAppend(&account, change.date(), " by", names(change.events()), "\n");
    change.clear_events();
    account += change.DebugString();
  }
  return account;
}

TEST(InvariantsTest, I6TheOrderOfRecordingChangesNothing) {
  ForSeeds(4000, [](uint32_t seed) {
    RandomLog random = Random(seed, 30);
    std::mt19937 shuffle(seed);
    Events shuffled = random.log.events();
    for (size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[shuffle() % i]);
    std::map<int64_t, int64_t> to, old;
    for (size_t i = 0; i < shuffled.size(); ++i) {
      const int64_t revision = static_cast<int64_t>(i) + 1;
      to[shuffled[i].revision()] = revision;
      old[revision] = shuffled[i].revision();
      shuffled[i].set_revision(revision);
    }
    for (Event& event : shuffled) {
      if (event.has_evidence()) Redirect(to, event.mutable_evidence());
    }
    const Day day = random.first_contact() + random.Below(1600);
    ASSERT_EQ(Account(random.log.Fold().get(), day, {}), Account(Fold(shuffled).get(), day, old));
  });
}

TEST(InvariantsTest, I8LaterEventsLeaveEarlierReadingsAlone) {
  ForSeeds(4000, [](uint32_t seed) {
    RandomLog random = Random(seed, 30);
    const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays);
    Events until;
    for (const Event& event : random.log.events()) {
      if (HeldDay(event) <= day) until.push_back(event);
    }
    const auto history = random.log.Fold(), earlier = Fold(until);
    ASSERT_EQ(history->Read("a", "b", day).DebugString(), earlier->Read("a", "b", day).DebugString());
    std::string restricted, as_of;
    for (const Transition& change : history->Timeline("a", "b", kFarAway)) {
      if (DayOn(change.date()) <= day) restricted += change.DebugString();
    }
    for (const Transition& change : history->Timeline("a", "b", day)) as_of += change.DebugString();
    ASSERT_EQ(restricted, as_of);
  });
}

TEST(InvariantsTest, I12SilenceOnlyLowersAndEachFlagFallsOnce) {
  ForSeeds(2000, [](uint32_t seed) {
    const RandomLog random = Random(seed, 25);
    const auto history = random.log.Fold();
    Day last = random.first_contact();
    for (const Event& event : random.log.events()) last = std::max(last, HeldDay(event));
    DirectionReading before = history->Read("a", "b", last);
    for (Day day = last + 1; day < last + 3000; day += 1 + (day - last) / 3) {
      const DirectionReading reading = history->Read("a", "b", day);
      ASSERT_LE(reading.stage(), before.stage());
      for (int facet = 0; facet < 4; ++facet) {
        ASSERT_LE(reading.facets(facet).established(), before.facets(facet).established());
        ASSERT_LE(reading.facets(facet).begun(), before.facets(facet).begun());
      }
      // What was foretold comes true.
      if (!before.holds_until_date().empty()) {
        const Day until = DayOn(before.holds_until_date());
        ASSERT_EQ(history->Read("a", "b", until, false).stage(), before.stage());
        ASSERT_EQ(history->Read("a", "b", until + 1, false).stage(), before.stage_after());
        ASSERT_LT(before.stage_after(), before.stage());
      } else {
        ASSERT_EQ(reading.stage(), before.stage());
      }
      before = reading;
    }
  });
}

TEST(InvariantsTest, TheWholeHoldsAsLongAsTheLowerOfTheTwoStages) {
  ForSeeds(2000, [](uint32_t seed) {
    RandomLog random(seed, 2);
    random.Fill(25);
    // The other direction grows too.
    Events events = random.log.events();
    const size_t count = events.size();
    for (size_t i = 2; i < count; ++i) {
      if (!events[i].has_evidence() || events[i].evidence().actor() == "*") continue;
      Event mirrored = events[i];
      mirrored.set_revision(static_cast<int64_t>(events.size()) + 1);
      mirrored.mutable_evidence()->set_actor(std::string(mirrored.evidence().actor() == "a" ? "b" : "a"));
      mirrored.mutable_evidence()->clear_affected();
      mirrored.mutable_evidence()->add_affected(std::string(mirrored.evidence().actor() == "a" ? "b" : "a"));
      if (random.Chance(80)) events.push_back(mirrored);
    }
    const auto history = Fold(events);
    Day last = random.first_contact();
    for (const Event& event : events) last = std::max(last, HeldDay(event));
    const Day day = last + random.Below(400);
    const PartnershipReading whole = history->ReadWhole(day);
    Day until = day;
    for (const Event& event : events) {
      if (event.has_partnership_terminated()) until = std::min(until, HeldDay(event));
    }
    const bool left = std::any_of(events.begin(), events.end(), [until](const Event& event) {
      return event.has_partner_left() && HeldDay(event) <= until;
    });
    if (left) {
      ASSERT_EQ(whole.stage(), STAGE_UNSPECIFIED) << "one partner alone has no tie";
      return;
    }
    const int one = history->Read("a", "b", day).stage(), other = history->Read("b", "a", day).stage();
    ASSERT_EQ(whole.stage(), std::min(one, other));
    ASSERT_EQ(whole.asymmetry(), std::abs(one - other));
    if (whole.holds_until_date().empty()) {
      ASSERT_EQ(history->ReadWhole(day + 40000).stage(), whole.stage());
    } else {
      const Day until = DayOn(whole.holds_until_date());
      ASSERT_GE(until, day);
      ASSERT_EQ(history->ReadWhole(until).stage(), whole.stage());
      ASSERT_LT(history->ReadWhole(until + 1).stage(), whole.stage());
    }
  });
}

TEST(InvariantsTest, I13RepairHelpsAndNeverBeatsInnocence) {
  ForSeeds(3000, [](uint32_t seed) {
    RandomLog random = Random(seed);
    const Events none = random.log.events();
    Events bare = none;
    const Event report = Add(&random, &bare, [&](Evidence* evidence) {
      random.SetKind(31, evidence);
      evidence->mutable_violation_reported()->clear_violation();
    });
    const std::string violation = absl::StrCat(report.revision());
    Events repaired = bare;
    for (int i = 1 + random.Below(4); i > 0; --i) {
      Add(&random, &repaired, [&](Evidence* evidence) {
        switch (random.Below(4)) {
          case 0:
            evidence->mutable_violation_acknowledged()->set_violation(violation);
            return;
          case 1:
            evidence->mutable_apology_issued()->set_violation(violation);
            return;
          case 2:
            evidence->mutable_remediation_completed()->set_violation(violation);
            return;
          default:
            evidence->mutable_remediation_verified()->set_violation(violation);
            return;
        }
      });
    }
    ExpectNeverLess(none, repaired);
    ExpectNeverLess(repaired, bare);
  });
}

TEST(InvariantsTest, I14TheStageNeverSkipsUpwards) {
  ForSeeds(4000, [](uint32_t seed) {
    const RandomLog random = Random(seed, 40);
    int stage = 0;
    for (const Transition& change : random.log.Fold()->Timeline("a", "b", kFarAway)) {
      ASSERT_EQ(change.stage_before(), stage);
      ASSERT_NE(change.stage(), stage);
      ASSERT_LE(change.stage(), stage + 1);
      stage = change.stage();
    }
  });
}

TEST(InvariantsTest, I16NothingSpillsUpwards) {
  // The kinds of RandomLog up to which the home facet is credibility, rapport, reliability.
  constexpr std::array<int, 3> kKindsUpTo = {6, 10, 16};
  ForSeeds(900, [&](uint32_t seed) {
    const size_t facet = seed % 3;
    RandomLog random(seed);
    random.Found();
    Events events = random.log.events();
    for (int i = 0; i < 60; ++i) {
      Add(&random, &events, [&](Evidence* evidence) {
        random.SetKind(random.Below(kKindsUpTo[facet]), evidence);
        evidence->set_source(SOURCE_COUNTERPART);
      });
    }
    for (const Transition& change : Fold(events)->Timeline("a", "b", kFarAway)) {
      ASSERT_LE(change.stage(), static_cast<int>(facet) + 2);
    }
  });
}

TEST(InvariantsTest, I21PraiseOfOneselfAloneNeverLeavesTheFirstStage) {
  ForSeeds(300, [](uint32_t seed) {
    RandomLog random(seed);
    random.Found();
    Events events = random.log.events();
    for (int i = 0; i < 200; ++i) {
      Add(&random, &events, [&](Evidence* evidence) {
        random.SetGoodKind(evidence);
        evidence->set_source(SOURCE_SELF);
      });
    }
    ASSERT_EQ(Fold(events)->Timeline("a", "b", kFarAway).size(), 1u);
  });
}

// The default policy with every mass multiplied.
std::shared_ptr<const Policy> Multiplied(int factor) {
  PolicyDocument document = DefaultPolicy()->document();
  const auto multiply = [factor](FacetWeights* weights) {
    weights->set_credibility_milli(weights->credibility_milli() * factor);
    weights->set_rapport_milli(weights->rapport_milli() * factor);
    weights->set_reliability_milli(weights->reliability_milli() * factor);
    weights->set_nurture_milli(weights->nurture_milli() * factor);
  };
  document.set_prior_weight_milli(document.prior_weight_milli() * factor);
  for (PositiveRow& row : *document.mutable_positive_rows()) multiply(row.mutable_weights());
  for (NegativeRow& row : *document.mutable_negative_rows()) multiply(row.mutable_weights());
  for (FacetThresholds& facet : *document.mutable_facets()) {
    facet.set_enter_positive_milli(facet.enter_positive_milli() * factor);
    facet.set_hold_positive_milli(facet.hold_positive_milli() * factor);
    facet.set_begin_positive_milli(facet.begin_positive_milli() * factor);
    facet.set_stop_positive_milli(facet.stop_positive_milli() * factor);
    facet.set_confirmed_positive_milli(facet.confirmed_positive_milli() * factor);
    facet.set_recovery_positive_milli(facet.recovery_positive_milli() * factor);
  }
  for (CoverageRule& rule : *document.mutable_coverage())
    rule.set_row_weight_min_milli(rule.row_weight_min_milli() * factor);
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(document, &json);
  return *Policy::Parse(json);
}

TEST(InvariantsTest, I22TheScaleOfMassesDoesNotMatter) {
  const auto multiplied = Multiplied(8);
  ForSeeds(1000, [&](uint32_t seed) {
    RandomLog random(seed);
    random.Found();
    random.Grow();
    Events events = random.log.events();
    for (int i = 0; i < 30; ++i) {
      // Whole factors only, so that nothing is lost to rounding in either.
      Event& event = Add(&random, &events, [&](Evidence* evidence) { random.SetKind(random.Below(31), evidence); });
      event.mutable_evidence()->set_source(SOURCE_COUNTERPART);
      event.mutable_evidence()->set_level(LEVEL_UNSPECIFIED);
      event.mutable_evidence()->set_materiality(random.Chance(50) ? MATERIALITY_MEDIUM : MATERIALITY_HIGH);
    }
    const auto history = Fold(events), other = Fold(events, multiplied);
    ASSERT_EQ(PathOf(history.get(), "a", "b", kFarAway), PathOf(other.get(), "a", "b", kFarAway));
    const Day day = random.first_contact() + random.Below(2000);
    for (int facet = 0; facet < 4; ++facet) {
      ASSERT_EQ(history->Read("a", "b", day).facets(facet).score_bp(),
                other->Read("a", "b", day).facets(facet).score_bp());
    }
  });
}

TEST(InvariantsTest, I1HoldsUnderTheLargestNumbersThatAPolicyMayHave) {
  std::string json = DefaultPolicy()->canonical_text();
  // Every weight and factor becomes the largest there is, but for those that other rules bound.
  for (const char* name : {"credibility_milli", "rapport_milli", "reliability_milli", "nurture_milli", "full_milli",
                           "medium_permille", "critical_permille", "major_permille", "moderate_permille",
                           "alleged_permille", "substantiated_permille", "step_permille", "loss_permille",
                           "multiplier_permille", "counterpart_permille", "joint_permille", "affected_permille"}) {
    const std::string key = absl::StrCat("\"", name, "\":");
    for (size_t at = json.find(key); at != std::string::npos; at = json.find(key, at)) {
      at += key.size();
      const size_t end = json.find_first_not_of("0123456789", at);
      json.replace(at, end - at, "1000000");
    }
  }
  json.replace(json.find("\"joint_permille\":1000000", json.find("\"resolutions\"")), 24, "\"joint_permille\":1000");
  const auto policy = Policy::Parse(json);
  ASSERT_TRUE(policy.ok()) << policy.status();
  ForSeeds(300, [&](uint32_t seed) {
    RandomLog random = Random(seed, 60);
    const auto history = Fold(random.log.events(), *policy);
    for (int i = 0; i < 5; ++i) {
      const DirectionReading reading = history->Read("a", "b", random.first_contact() + random.Below(2500));
      for (const FacetReading& facet : reading.facets()) {
        ASSERT_GE(facet.score_bp(), 0);
        ASSERT_LE(facet.score_bp(), 10000);
        ASSERT_EQ(facet.belief_bp() + facet.disbelief_bp() + facet.uncertainty_bp(), 10000);
        ASSERT_GE(facet.positive_milli(), 0);
        ASSERT_GE(facet.negative_milli(), 0);
      }
    }
  });
}

// Replaces the standing or severity of an added violation by each of the given in turn, from the mildest.
template <typename Value>
void ExpectDescending(uint32_t seed, const std::vector<Value>& values, void (*set)(Value, ViolationReported*)) {
  RandomLog random = Random(seed);
  Events events = random.log.events();
  Add(&random, &events, [&](Evidence* evidence) {
    random.SetKind(31, evidence);
    evidence->mutable_violation_reported()->clear_violation();
  });
  Events milder;
  for (const Value value : values) {
    set(value, events.back().mutable_evidence()->mutable_violation_reported());
    if (!milder.empty()) ExpectNeverLess(milder, events);
    milder = events;
  }
}

TEST(InvariantsTest, I23TheSurerAViolationTheLessTrust) {
  ForSeeds(2000, [](uint32_t seed) {
    ExpectDescending<Standing>(seed, {STANDING_UNFOUNDED, STANDING_DISPUTED, STANDING_ALLEGED, STANDING_SUBSTANTIATED},
                               [](Standing standing, ViolationReported* report) { report->set_standing(standing); });
  });
}

TEST(InvariantsTest, I24TheGraverAViolationTheLessTrust) {
  ForSeeds(2000, [](uint32_t seed) {
    ExpectDescending<Severity>(seed, {SEVERITY_MINOR, SEVERITY_MODERATE, SEVERITY_MAJOR, SEVERITY_CRITICAL},
                               [](Severity severity, ViolationReported* report) { report->set_severity(severity); });
  });
}

}  // namespace
}  // namespace projections
