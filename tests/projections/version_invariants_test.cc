// What is true of every history with events about evidence in it: corrections, retractions, confirmations, people who
// leave, partners who join; in both views. (Specification, section 9; the names are its numbers.)

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "projections/silent_change.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections::version_invariants_test {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

using Events = std::vector<Event>;

constexpr Day kFarAway = 18267 + RandomLog::kSpanDays + 4000;

std::unique_ptr<TrustHistory> Fold(const Events& events, View view) {
  auto history = std::make_unique<TrustHistory>("x", DefaultPolicy(), view);
  for (const Event& event : events) history->Apply(event);
  return history;
}

// Runs a property over seeds and both views until it fails; the seed is printed. The view does not follow from what
// properties make of a seed: a remainder of it by 2, 3, 4, 5 or 7.
void ForSeeds(uint32_t count, const std::function<void(uint32_t, View)>& property) {
  for (uint32_t seed = 0; seed < support::Histories(count); ++seed) {
    const View view = seed / 4 % 2 == 0 ? VIEW_HELD : VIEW_HINDSIGHT;
    SCOPED_TRACE(absl::StrCat("seed ", seed, " ", View_Name(view)));
    property(seed, view);
    if (testing::Test::HasFatalFailure()) return;
  }
}

RandomLog Random(uint32_t seed, int events, int organizations = 3) {
  RandomLog random(seed, organizations);
  random.UseMeta();
  if (seed % 5 == 1) random.UseMatters();
  if (seed % 7 == 2) random.UseForwardDays();
  random.Fill(random.Below(events + 1));
  return random;
}

// All that can be read on a day, of all directions and the whole.
std::string Everything(TrustHistory* history, Day day) {
  std::string text = history->ReadWhole(day).DebugString();
  for (const std::string& trustor : history->partners()) {
    for (const std::string& trustee : history->partners()) {
      if (trustor == trustee) continue;
      text += history->Read(trustor, trustee, day).DebugString();
      for (const Transition& change : history->Timeline(trustor, trustee, kFarAway)) text += change.DebugString();
    }
  }
  return text;
}

int64_t NamedBy(const Event& event) {
  const std::string& name = event.has_evidence_corrected()   ? event.evidence_corrected().event()
                            : event.has_evidence_retracted() ? event.evidence_retracted().event()
                                                             : event.evidence_confirmed().event();
  return ParseEventName("x", name).value_or(0);
}

bool Revises(const Event& event) { return event.has_evidence_corrected() || event.has_evidence_retracted(); }

// An event that means nothing, in the place of another.
void MeanNothing(Event* event) { event->mutable_contact_assigned(); }

// Takes out whatever revises a root.
void ForgetVersions(int64_t root, Events* events) {
  for (Event& event : *events) {
    if (Revises(event) && NamedBy(event) == root) MeanNothing(&event);
  }
}

Event& Append(Events* events, Day day) {
  Event& event = events->emplace_back();
  event.set_revision(static_cast<int64_t>(events->size()));
  *event.mutable_occur_time() = ToTimestamp(StartOf(day));
  *event.mutable_record_time() = (*events)[events->size() - 2].record_time();
  return event;
}

// What a correction makes of its root.
void Correct(const EvidenceCorrected& correction, Event* root) {
  if (root->has_evidence()) *root->mutable_evidence() = correction.replacement();
  if (correction.has_occur_time()) {
    *root->mutable_occur_time() = correction.occur_time();
    root->set_occur_time_precision(correction.occur_time_precision());
  }
  if (correction.has_observe_time()) *root->mutable_observe_time() = correction.observe_time();
}

TEST(VersionInvariantsTest, I9ACorrectedEventIsTheRightOneInItsPlace) {
  ForSeeds(4000, [](uint32_t seed, View view) {
    RandomLog random = Random(seed, 30);
    const bool of_evidence = random.meta().empty() || random.Chance(75);
    const std::vector<int64_t>& roots = of_evidence ? random.evidence() : random.meta();
    if (roots.empty()) return;
    const int64_t root = roots[static_cast<size_t>(random.Below(static_cast<int>(roots.size())))];
    Events corrected = random.log.events();
    EvidenceCorrected& correction = *Append(&corrected, kFarAway).mutable_evidence_corrected();
    random.SetCorrection(root, of_evidence, &correction);
    Events right = random.log.events();
    ForgetVersions(root, &right);
    Correct(correction, &right[static_cast<size_t>(root - 1)]);
    const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays + 300);
    ASSERT_EQ(Everything(Fold(corrected, view).get(), day), Everything(Fold(right, view).get(), day));
    // A correction of the correction changes nothing, one more correction replaces it.
    EvidenceCorrected& second = *Append(&corrected, kFarAway).mutable_evidence_corrected();
    random.SetCorrection(static_cast<int64_t>(corrected.size()) - 1, true, &second);
    ASSERT_EQ(Everything(Fold(corrected, view).get(), day), Everything(Fold(right, view).get(), day));
    random.SetCorrection(root, of_evidence, &second);
    Events other = random.log.events();
    ForgetVersions(root, &other);
    Correct(second, &other[static_cast<size_t>(root - 1)]);
    ASSERT_EQ(Everything(Fold(corrected, view).get(), day), Everything(Fold(other, view).get(), day));
  });
}

TEST(VersionInvariantsTest, I10ARetractedEventNeverWas) {
  ForSeeds(4000, [](uint32_t seed, View view) {
    RandomLog random = Random(seed, 30);
    const bool of_evidence = random.meta().empty() || random.Chance(75);
    const std::vector<int64_t>& roots = of_evidence ? random.evidence() : random.meta();
    if (roots.empty()) return;
    const int64_t root = roots[static_cast<size_t>(random.Below(static_cast<int>(roots.size())))];
    Events retracted = random.log.events();
    Append(&retracted, kFarAway).mutable_evidence_retracted()->set_event(absl::StrCat(root));
    Events without = random.log.events();
    ForgetVersions(root, &without);
    MeanNothing(&without[static_cast<size_t>(root - 1)]);
    const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays + 300);
    ASSERT_EQ(Everything(Fold(retracted, view).get(), day), Everything(Fold(without, view).get(), day));
    // A later correction brings it back.
    EvidenceCorrected& correction = *Append(&retracted, kFarAway).mutable_evidence_corrected();
    random.SetCorrection(root, of_evidence, &correction);
    Events right = random.log.events();
    ForgetVersions(root, &right);
    Correct(correction, &right[static_cast<size_t>(root - 1)]);
    ASSERT_EQ(Everything(Fold(retracted, view).get(), day), Everything(Fold(right, view).get(), day));
  });
}

TEST(VersionInvariantsTest, I1ScoresAreBoundedAndSharesSumUp) {
  ForSeeds(2000, [](uint32_t seed, View view) {
    const RandomLog random = Random(seed, 40);
    const auto history = Fold(random.log.events(), view);
    int stage = 0;
    for (const Transition& change : history->Timeline("a", "b", kFarAway)) {  // And I14: no step is skipped upwards.
      ASSERT_EQ(change.stage_before(), stage);
      ASSERT_LE(change.stage(), stage + 1);
      stage = change.stage();
    }
    for (const Event& event : random.log.events()) {
      const DirectionReading reading = history->Read("a", "b", EffectDay(event, view), false);
      for (const FacetReading& facet : reading.facets()) {
        ASSERT_GE(facet.score_bp(), 0);
        ASSERT_LE(facet.score_bp(), 10000);
        ASSERT_EQ(facet.belief_bp() + facet.disbelief_bp() + facet.uncertainty_bp(), 10000);
        ASSERT_GT(facet.uncertainty_bp(), 0);
      }
    }
  });
}

// On no day does `more` trust less than `less`, a in b, in stage or any score. Counts one in *differing when they
// differ on some day.
void ExpectNeverLess(const Events& more, const Events& less, View view, int* differing) {
  const auto one = Fold(more, view), other = Fold(less, view);
  std::set<Day> days;
  for (const auto* events : {&more, &less}) {
    for (const Event& event : *events) days.insert(EffectDay(event, view));
  }
  for (const auto* history : {&one, &other}) {
    for (const Transition& change : (*history)->Timeline("a", "b", kFarAway)) days.insert(DayOn(change.date()));
  }
  bool differs = false;
  for (const Day day : days) {
    const DirectionReading high = one->Read("a", "b", day, false), low = other->Read("a", "b", day, false);
    ASSERT_GE(high.stage(), low.stage()) << FormatDay(day);
    for (int facet = 0; facet < 4; ++facet) {
      ASSERT_GE(high.facets(facet).score_bp(), low.facets(facet).score_bp()) << FormatDay(day) << " facet " << facet;
      differs = differs || high.facets(facet).score_bp() != low.facets(facet).score_bp();
    }
    differs = differs || high.stage() != low.stage();
  }
  *differing += differs;
}

// One more event about b's conduct towards a.
Event& Add(RandomLog* random, Events* events, const std::function<void(Evidence*)>& kind) {
  Event& event = Append(events, random->RandomDay());
  Evidence& evidence = *event.mutable_evidence();
  evidence = random->RandomEvidence();
  evidence.set_actor(std::string("b"));
  evidence.clear_affected();
  evidence.add_affected(std::string("a"));
  kind(&evidence);
  return event;
}

TEST(VersionInvariantsTest, I2AGoodActNeverLowersAnything) {
  int differing = 0;
  ForSeeds(3000, [&](uint32_t seed, View view) {
    RandomLog random = Random(seed, 25);
    Events more = random.log.events();
    Add(&random, &more, [&](Evidence* evidence) { random.SetGoodKind(evidence); });
    ExpectNeverLess(more, random.log.events(), view, &differing);
  });
  EXPECT_GE(differing, support::Histories(1000));
}

TEST(VersionInvariantsTest, I3ABadActNeverRaisesAnything) {
  int differing = 0;
  ForSeeds(3000, [&](uint32_t seed, View view) {
    RandomLog random = Random(seed, 25);
    Events more = random.log.events();
    Add(&random, &more, [&](Evidence* evidence) { random.SetBadKind(evidence); });
    ExpectNeverLess(random.log.events(), more, view, &differing);
  });
  EXPECT_GE(differing, support::Histories(1000));
}

TEST(VersionInvariantsTest, AConfirmationNeverLowersAnything) {
  int differing = 0;
  ForSeeds(3000, [&](uint32_t seed, View view) {
    RandomLog random = Random(seed, 25);
    if (random.evidence().empty()) return;
    Events more = random.log.events();
    Event& confirmed = Append(&more, random.RandomDay());
    confirmed.set_recorder("a");
    const size_t which = static_cast<size_t>(random.Below(static_cast<int>(random.evidence().size())));
    confirmed.mutable_evidence_confirmed()->set_event(absl::StrCat(random.evidence()[which]));
    ExpectNeverLess(more, random.log.events(), view, &differing);
  });
  EXPECT_GE(differing, support::Histories(100));
}

TEST(VersionInvariantsTest, I5WhatTheTrustorDoesChangesNothingInItsTrust) {
  ForSeeds(3000, [](uint32_t seed, View view) {
    RandomLog random = Random(seed, 25);
    Events more = random.log.events();
    for (int i = 0; i < 4; ++i) {
      Event& event = Add(&random, &more, [&](Evidence* evidence) { random.SetKind(random.Below(39), evidence); });
      event.mutable_evidence()->set_actor(std::string("a"));
      event.mutable_evidence()->clear_affected();
      event.mutable_evidence()->add_affected(std::string("b"));
      const int64_t revision = event.revision();
      const Day day = random.RandomDay();
      Event& about = Append(&more, day);
      about.set_recorder("b");
      if (random.Chance(50)) {
        about.mutable_evidence_confirmed()->set_event(absl::StrCat(revision));
      } else {
        about.mutable_evidence_retracted()->set_event(absl::StrCat(revision));
      }
    }
    const Day day = random.first_contact() + random.Below(1600);
    const auto history = Fold(random.log.events(), view), other = Fold(more, view);
    ASSERT_EQ(history->Read("a", "b", day).DebugString(), other->Read("a", "b", day).DebugString());
    std::string one, two;
    for (const Transition& change : history->Timeline("a", "b", kFarAway)) one += change.DebugString();
    for (const Transition& change : other->Timeline("a", "b", kFarAway)) two += change.DebugString();
    ASSERT_EQ(one, two);
  });
}

// The last day on which something takes effect, in any version.
Day LastDay(const Events& events, View view) {
  Day last = 18267;
  for (const Event& event : events) {
    last = std::max(last, EffectDay(event, view));
    const EvidenceCorrected& correction = event.evidence_corrected();
    if (correction.has_occur_time()) last = std::max(last, DayOf(ToTime(correction.occur_time())) + 31);
    if (correction.has_observe_time()) last = std::max(last, DayOf(ToTime(correction.observe_time())));
  }
  return last;
}

// Replaces all references by those to the new revisions.
void Redirect(const std::map<int64_t, int64_t>& to, google::protobuf::Message* message) {
  const auto* const reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    const std::string& name = field->name();
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      Redirect(to, reflection->MutableMessage(message, field));
    } else if (name == "event" || name == "violation" || name == "conflict") {
      const auto revision = ParseEventName("x", reflection->GetString(*message, field));
      if (revision.has_value()) reflection->SetString(message, field, absl::StrCat(to.at(*revision)));
    }
  }
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

TEST(VersionInvariantsTest, I6TheOrderOfRecordingChangesNothing) {
  ForSeeds(4000, [](uint32_t seed, View view) {
    RandomLog random = Random(seed, 35);
    std::mt19937 shuffle(seed);
    Events shuffled = random.log.events();
    // Versions are chosen by when they became known: no two at the same time.
    for (Event& event : shuffled) {
      event.mutable_record_time()->set_seconds(event.record_time().seconds() + event.revision());
    }
    const auto history = Fold(shuffled, view);
    for (size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[shuffle() % i]);
    std::map<int64_t, int64_t> to, old;
    for (size_t i = 0; i < shuffled.size(); ++i) {
      const int64_t revision = static_cast<int64_t>(i) + 1;
      to[shuffled[i].revision()] = revision;
      old[revision] = shuffled[i].revision();
      shuffled[i].set_revision(revision);
    }
    for (Event& event : shuffled) Redirect(to, &event);
    const Day day = random.first_contact() + random.Below(1600);
    ASSERT_EQ(Account(history.get(), day, {}), Account(Fold(shuffled, view).get(), day, old));
  });
}

// An event matters on its effect day at the earliest, and a version of it on that of either.
TEST(VersionInvariantsTest, I8LaterEventsLeaveEarlierReadingsAlone) {
  ForSeeds(4000, [](uint32_t seed, View) {
    RandomLog random = Random(seed, 35);
    const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays);
    Events until = random.log.events();
    std::set<int64_t> revised;
    for (const Event& event : until) {
      if (Revises(event)) revised.insert(NamedBy(event));
    }
    for (Event& event : until) {
      if (HeldDay(event) > day && !Revises(event) && revised.count(event.revision()) == 0) MeanNothing(&event);
    }
    const auto history = Fold(random.log.events(), VIEW_HELD), earlier = Fold(until, VIEW_HELD);
    ASSERT_EQ(history->Read("a", "b", day).DebugString(), earlier->Read("a", "b", day).DebugString());
    std::string restricted, as_of;
    for (const Transition& change : history->Timeline("a", "b", kFarAway)) {
      if (DayOn(change.date()) <= day) restricted += change.DebugString();
    }
    for (const Transition& change : history->Timeline("a", "b", day)) as_of += change.DebugString();
    ASSERT_EQ(restricted, as_of);
  });
}

// Replaces the standing or severity of an added violation by each of the given in turn, from the mildest.
template <typename Value>
void ExpectDescending(uint32_t seed, View view, const std::vector<Value>& values,
                      void (*set)(Value, ViolationReported*), int* differing) {
  RandomLog random = Random(seed, 25);
  Events events = random.log.events();
  Add(&random, &events, [&](Evidence* evidence) {
    random.SetKind(31, evidence);
    evidence->mutable_violation_reported()->clear_violation();
  });
  Events milder;
  for (const Value value : values) {
    set(value, events.back().mutable_evidence()->mutable_violation_reported());
    if (!milder.empty()) ExpectNeverLess(milder, events, view, differing);
    milder = events;
  }
}

TEST(VersionInvariantsTest, I23TheSurerAViolationTheLessTrust) {
  int differing = 0;
  ForSeeds(1500, [&](uint32_t seed, View view) {
    ExpectDescending<Standing>(
        seed, view, {STANDING_UNFOUNDED, STANDING_DISPUTED, STANDING_ALLEGED, STANDING_SUBSTANTIATED},
        [](Standing standing, ViolationReported* report) { report->set_standing(standing); }, &differing);
  });
  EXPECT_GE(differing, support::Histories(1000));
}

TEST(VersionInvariantsTest, I24TheGraverAViolationTheLessTrust) {
  int differing = 0;
  ForSeeds(1500, [&](uint32_t seed, View view) {
    ExpectDescending<Severity>(
        seed, view, {SEVERITY_MINOR, SEVERITY_MODERATE, SEVERITY_MAJOR, SEVERITY_CRITICAL},
        [](Severity severity, ViolationReported* report) { report->set_severity(severity); }, &differing);
  });
  EXPECT_GE(differing, support::Histories(1000));
}

// Everybody's conduct towards everybody, so that ties grow.
Events ManyPartners(RandomLog* random, int organizations) {
  Events events = random->log.events();
  const size_t count = events.size();
  for (size_t i = 2; i < count; ++i) {
    if (!events[i].has_evidence() || events[i].evidence().actor() == "*" || !random->Chance(85)) continue;
    for (int actor = 0; actor < organizations; ++actor) {
      if (!random->Chance(80)) continue;
      Event& event = events.emplace_back(events[i]);
      event.set_revision(static_cast<int64_t>(events.size()));
      event.mutable_evidence()->set_actor(RandomLog::Name(actor));
      event.mutable_evidence()->clear_affected();
      for (int other = 0; other < organizations; ++other) {
        if (other != actor) event.mutable_evidence()->add_affected(RandomLog::Name(other));
      }
    }
  }
  return events;
}

TEST(VersionInvariantsTest, I19TheWeakestTieIsNoStrongerThanWhatConnects) {
  std::map<std::string, int> met;
  ForSeeds(1500, [&](uint32_t seed, View view) {
    const int organizations = 2 + static_cast<int>(seed % 4);
    RandomLog random = Random(seed, 20, organizations);
    const Events events = ManyPartners(&random, organizations);
    const auto history = Fold(events, view);
    const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays);
    const PartnershipReading whole = history->ReadWhole(day);
    int weakest = 5, highest = 0, assessed = 0;
    for (const TieReading& tie : whole.ties()) {
      const int one = history->Read(tie.organizations(0), tie.organizations(1), day).stage();
      const int other = history->Read(tie.organizations(1), tie.organizations(0), day).stage();
      ASSERT_EQ(tie.mutual(), std::min(one, other));
      ASSERT_EQ(tie.asymmetry(), std::abs(one - other));
      if (tie.forming()) continue;
      ++assessed;
      weakest = std::min<int>(weakest, tie.mutual());
      highest = std::max<int>(highest, tie.mutual());
    }
    if (assessed == 0) {
      ASSERT_EQ(whole.stage(), STAGE_UNSPECIFIED);
      return;
    }
    ASSERT_EQ(whole.stage(), weakest);
    ASSERT_LE(whole.stage(), whole.connected());
    ASSERT_LE(whole.connected(), highest);
    ASSERT_LE(whole.stage(), whole.median());
    if (whole.ties_size() == 1) {
      ASSERT_EQ(whole.stage(), whole.connected());
    }
    if (whole.connected() < STAGE_MAINTAINING_COMMITMENT) {
      ASSERT_GE(whole.faultlines_size(), 2);
    }
    ++met[absl::StrCat(organizations, " partners ", View_Name(view))];
    ++met[absl::StrCat("stage ", int{whole.stage()}, " connected ", int{whole.connected()})];
  });
  for (const View view : {VIEW_HELD, VIEW_HINDSIGHT}) {
    for (int organizations = 2; organizations <= 5; ++organizations) {
      EXPECT_GE(met[absl::StrCat(organizations, " partners ", View_Name(view))], support::Histories(20));
    }
  }
  EXPECT_GE(met["stage 1 connected 2"], support::Histories(5));
  EXPECT_GE(met["stage 2 connected 2"], support::Histories(5));
}

TEST(VersionInvariantsTest, I19MoreGoodNeverWeakensTheWholeAndOneMoreMemberNeverStrengthensIt) {
  ForSeeds(1500, [](uint32_t seed, View view) {
    const int organizations = 3 + static_cast<int>(seed % 2);
    RandomLog random = Random(seed, 20, organizations);
    Events events = ManyPartners(&random, organizations);
    for (Event& event : events) {  // Who is a member and which ties matter stays as it is.
      if (event.has_partner_joined() || event.has_partner_left() || event.has_tie_declared()) MeanNothing(&event);
    }
    Events more = events;
    Add(&random, &more, [&](Evidence* evidence) { random.SetGoodKind(evidence); });
    const auto history = Fold(events, view), better = Fold(more, view);
    Events fewer = events;
    for (Event& event : fewer) {  // Without the last founder.
      if (event.has_partnership_proposed()) event.mutable_partnership_proposed()->mutable_partners()->RemoveLast();
    }
    const auto smaller = Fold(fewer, view);
    for (Day day = random.first_contact(); day < random.first_contact() + 2000; day += 97) {
      const PartnershipReading before = history->ReadWhole(day), after = better->ReadWhole(day);
      ASSERT_GE(after.stage(), before.stage()) << FormatDay(day);
      ASSERT_GE(after.connected(), before.connected()) << FormatDay(day);
      ASSERT_LE(before.stage(), smaller->ReadWhole(day).stage()) << FormatDay(day);
    }
  });
}

TEST(VersionInvariantsTest, TheWholeHoldsUntilTheWeakestTieFalls) {
  int fell = 0;
  ForSeeds(800, [&](uint32_t seed, View view) {
    const int organizations = 2 + static_cast<int>(seed % 4);
    RandomLog random = Random(seed, 20, organizations);
    const Events events = ManyPartners(&random, organizations);
    const auto history = Fold(events, view);
    const Day last = LastDay(events, view);
    const PartnershipReading whole = history->ReadWhole(last);
    if (whole.holds_until_date().empty()) {
      if (whole.stage() > 0) {
        ASSERT_GE(history->ReadWhole(last + 40000).stage(), whole.stage());
      }
      return;
    }
    ++fell;
    const Day until = DayOn(whole.holds_until_date());
    for (Day day = last; day <= until; day += 1 + (until - last) / 20) {
      ASSERT_GE(history->ReadWhole(day).stage(), whole.stage()) << FormatDay(day);
    }
    ASSERT_GE(history->ReadWhole(until).stage(), whole.stage());
    ASSERT_LT(history->ReadWhole(until + 1).stage(), whole.stage());
  });
  EXPECT_GE(fell, support::Histories(50));
}

TEST(VersionInvariantsTest, WhatSilenceWillChangeIsFoundToTheDay) {
  std::map<std::string, int> met;
  ForSeeds(1000, [&](uint32_t seed, View view) {
    RandomLog random(seed, 2);
    if (seed % 2 == 0) random.UseMeta();
    if (seed % 3 == 1) random.UseMatters();
    random.Fill(random.Below(30));
    const auto history = Fold(random.log.events(), view);
    const Day last = LastDay(random.log.events(), view);
    // From the last day on, or from a later one.
    Day as_of = last + random.Below(2) * random.Below(900);
    for (int changes = 0; changes < 4; ++changes) {
      const auto change = history->NextChange("a", "b", as_of);
      const DirectionReading now = history->Read("a", "b", as_of, false);
      const Day until = change.has_value() ? change->day : as_of + 2500;
      for (Day day = as_of + 1; day<until; day += until - as_of> 3000 ? 7 : 1) {
        const DirectionReading then = history->Read("a", "b", day, false);
        ASSERT_EQ(then.stage(), now.stage()) << FormatDay(day);
        ASSERT_EQ(then.condition(), now.condition()) << FormatDay(day);
      }
      if (!change.has_value()) return;
      const DirectionReading then = history->Read("a", "b", change->day, false);
      ASSERT_EQ(then.stage(), change->stage);
      ASSERT_EQ(then.condition(), change->condition);
      ASSERT_TRUE(then.stage() != now.stage() || then.condition() != now.condition());
      ++met[absl::StrCat(Condition_Name(now.condition()), " ", Condition_Name(then.condition()))];
      as_of = change->day;
    }
  });
  EXPECT_GE(met["CONDITION_STEADY CONDITION_DORMANT"], support::Histories(20));
  EXPECT_GE(met["CONDITION_STRAINED CONDITION_STEADY"], support::Histories(20));
}

// What is personal stands in no reading, so that making it unreadable changes none.
TEST(VersionInvariantsTest, I18ErasingWhatIsKnownOfAPersonChangesNoReading) {
  int known = 0;
  ForSeeds(1000, [&](uint32_t seed, View view) {
    RandomLog random = Random(seed, 30);
    Events erased = random.log.events();
    std::set<std::string> contacts;
    for (const Event& event : erased) {
      for (const std::string& contact : {event.evidence().actor_contact(), event.evidence().affected_contact(),
                                         event.contact_departed().contact()}) {
        if (!contact.empty()) contacts.insert(contact);
      }
    }
    known += !contacts.empty();
    for (const std::string& contact : contacts) {
      Append(&erased, kFarAway).mutable_legal_hold_placed()->set_contact(contact);
      Append(&erased, kFarAway).mutable_legal_hold_released()->set_contact(contact);
      Append(&erased, kFarAway).mutable_personal_data_erased()->set_contact(contact);
    }
    const auto before = Fold(random.log.events(), view), after = Fold(erased, view);
    for (int i = 0; i < 3; ++i) {
      const Day day = random.first_contact() + random.Below(RandomLog::kSpanDays + 400);
      ASSERT_EQ(Everything(before.get(), day), Everything(after.get(), day));
    }
  });
  EXPECT_GE(known, support::Histories(500));
}

}  // namespace
}  // namespace projections::version_invariants_test
