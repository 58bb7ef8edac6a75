// Explanations: what they say adds up, and what they say would happen happens. (Specification, sections 7.7 and 9,
// I20.)

#include "projections/explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "projections/contributions.h"
#include "projections/event_name.h"
#include "projections/plain_words.h"
#include "projections/suggestion.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

std::unique_ptr<TrustHistory> FoldIn(View view, const std::vector<Event>& events,
                                     const std::shared_ptr<const Policy>& policy = DefaultPolicy()) {
  auto history = std::make_unique<TrustHistory>("x", policy, view);
  for (const Event& event : events) history->Apply(event);
  return history;
}

ExplainTrustResponse Explained(const Log& log, Day as_of, int contributions_max = 10,
                               const std::shared_ptr<const Policy>& policy = DefaultPolicy(), View view = VIEW_HELD) {
  ExplainTrustResponse response;
  Explain(*FoldIn(view, log.events(), policy), "a", "b", as_of, contributions_max, &response);
  return response;
}

Mass MassOf(const std::string& digits) {
  Mass mass = 0;
  for (const char digit : digits) mass = mass * 10 + static_cast<Mass>(digit - '0');
  return mass;
}

constexpr Day kLongAfter = 18267 + RandomLog::kSpanDays + 4000;

// People behind what happens between people; and confirmations, departures, corrections of what happened and
// retractions, among earlier events.
void AddEventsAboutEvidence(RandomLog* random) {
  const char* const people[] = {"p", "q", "r"};
  std::vector<int64_t> evidence;
  for (Event& event : random->log.events()) {
    if (!event.has_evidence()) continue;
    evidence.push_back(event.revision());
    if (event.evidence().level() != LEVEL_INTERPERSONAL) continue;
    event.mutable_evidence()->set_actor_contact(std::string(people[random->Below(3)]));
    event.mutable_evidence()->set_affected_contact(std::string(people[random->Below(3)]));
  }
  for (int i = random->Below(10); i > 0 && !evidence.empty(); --i) {
    const std::string name =
        EventName("x", evidence[static_cast<size_t>(random->Below(static_cast<int>(evidence.size())))]);
    Event& event = random->log.New(random->RandomDay());
    event.set_recorder(RandomLog::Name(random->Below(3)));
    switch (random->Below(8)) {
      case 0:
        event.mutable_contact_departed()->set_contact(std::string(people[random->Below(3)]));
        break;
      case 1:
        event.mutable_evidence_retracted()->set_event(name);
        break;
      case 2:
        event.mutable_evidence_corrected()->set_event(name);
        *event.mutable_evidence_corrected()->mutable_replacement() = random->RandomEvidence();
        random->SetGoodKind(event.mutable_evidence_corrected()->mutable_replacement());
        break;
      default:
        event.mutable_evidence_confirmed()->set_event(name);
        break;
    }
  }
}

// A random history with a day of reading that is mostly inside it.
struct Case {
  explicit Case(uint32_t seed) : random(seed, 3) {
    if (seed % 3 == 1) random.UseMatters();
    if (seed % 3 == 2) random.UseForwardDays();
    random.Fill(5 + random.Below(30));
    if (seed % 2 == 1) AddEventsAboutEvidence(&random);
    view = seed % 4 < 2 ? VIEW_HELD : VIEW_HINDSIGHT;
    const std::vector<Event>& events = random.log.events();
    const Day some = HeldDay(events[static_cast<size_t>(random.Below(static_cast<int>(events.size())))]);
    as_of = random.Chance(30) ? some : random.first_contact() - 5 + random.Below(RandomLog::kSpanDays + 800);
  }

  RandomLog random;
  Day as_of;
  View view = VIEW_HELD;
};

// ---- Contributions

TEST(ExplanationTest, I20ContributionsSumExactlyToTheMassesOfTheReading) {
  for (uint32_t seed = 0; seed < support::Histories(1500u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const int listed = a_case.random.Below(4) == 0 ? 2 : 100;
    const ExplainTrustResponse response =
        Explained(a_case.random.log, a_case.as_of, listed, DefaultPolicy(), a_case.view);
    const FacetMasses masses = FoldIn(a_case.view, a_case.random.log.events())->ReadMasses("a", "b", a_case.as_of);
    ASSERT_EQ(response.facets_size(), kFacetCount);
    for (int i = 0; i < kFacetCount; ++i) {
      const FacetExplanation& facet = response.facets(i);
      SCOPED_TRACE(Facet_Name(facet.facet()));
      const auto check = [&](const auto& contributions, const std::string& others, const std::string& mass) {
        Mass sum = MassOf(others);
        int32_t shares = 0;
        for (int k = 0; k < contributions.size(); ++k) {
          sum += MassOf(contributions[k].mass());
          shares += contributions[k].share_bp();
          ASSERT_GT(MassOf(contributions[k].mass()), Mass{0});
          if (k > 0) {
            ASSERT_LE(MassOf(contributions[k].mass()), MassOf(contributions[k - 1].mass()));
          }
        }
        ASSERT_EQ(DecimalOf(sum), mass);
        ASSERT_LE(contributions.size(), listed);
        if (others == "0") {
          ASSERT_EQ(shares, mass == "0" ? 0 : 10000);
        } else {
          ASSERT_LE(shares, 10000);
        }
      };
      check(facet.positive(), facet.other_positive_mass(), facet.positive_mass());
      check(facet.negative(), facet.other_negative_mass(), facet.negative_mass());
      const FacetMass& expected = masses[static_cast<size_t>(i)];
      ASSERT_EQ(facet.positive_mass(), DecimalOf(expected.positive));
      ASSERT_EQ(facet.negative_mass(), DecimalOf(expected.negative));
      int32_t sources = 0;
      for (const SourceShare& share : facet.sources()) sources += share.share_bp();
      ASSERT_EQ(sources, expected.positive == 0 ? 0 : 10000);
    }
  }
}

TEST(ExplanationTest, AnEffectIsTheScoreLessTheScoreIfTheEventHadNeverBeenRecorded) {
  for (uint32_t seed = 0; seed < support::Histories(250u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const ExplainTrustResponse response = Explained(a_case.random.log, a_case.as_of, 5, DefaultPolicy(), a_case.view);
    for (int i = 0; i < response.facets_size(); ++i) {
      for (const auto* const side : {&response.facets(i).positive(), &response.facets(i).negative()}) {
        for (const Contribution& contribution : *side) {
          TrustHistory without("x", DefaultPolicy(), a_case.view);
          for (const Event& event : a_case.random.log.events()) {
            if (EventName("x", event.revision()) != contribution.event()) without.Apply(event);
          }
          const int32_t score = without.Read("a", "b", a_case.as_of, false).facets(i).score_bp();
          ASSERT_EQ(contribution.effect_bp(), response.reading().facets(i).score_bp() - score) << contribution.event();
        }
      }
    }
  }
}

TEST(ExplanationTest, SharesSumTo10000ByLargestRemainder) {
  EXPECT_EQ(SharesOf({}), std::vector<int32_t>());
  EXPECT_EQ(SharesOf({0, 0}), (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(SharesOf({1, 1, 1}), (std::vector<int32_t>{3334, 3333, 3333}));
  EXPECT_EQ(SharesOf({2, 4, 1}), (std::vector<int32_t>{2857, 5714, 1429}));
  EXPECT_EQ(SharesOf({5, 0}), (std::vector<int32_t>{10000, 0}));
}

TEST(ExplanationTest, AContributionTellsItsEventKindDayAndSource) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-02-01").CredibilitySupported();
  log.On("2020-03-01").Self().Fulfilled();
  log.On("2020-03-01").From(SOURCE_THIRD_PARTY).Missed();
  const FacetExplanation facet = Explained(log, DayOn("2020-03-01")).facets(0);
  ASSERT_EQ(facet.positive_size(), 2);
  EXPECT_EQ(facet.positive(0).event(), "partnerships/x/events/3");
  EXPECT_EQ(facet.positive(0).kind(), "credibility_assessed");
  EXPECT_EQ(facet.positive(0).date(), "2020-02-01");
  EXPECT_GT(facet.positive(0).effect_bp(), 0);
  EXPECT_EQ(facet.positive(1).mass(), DecimalOf(ToMass(125)));
  ASSERT_EQ(facet.negative_size(), 1);
  EXPECT_EQ(facet.negative(0).kind(), "commitment_missed");
  EXPECT_EQ(facet.negative(0).share_bp(), 10000);
  EXPECT_LT(facet.negative(0).effect_bp(), 0);
  ASSERT_EQ(facet.sources_size(), 2);
  EXPECT_EQ(facet.sources(0).source(), SOURCE_SELF);
  EXPECT_EQ(facet.sources(1).source(), SOURCE_COUNTERPART);
  EXPECT_EQ(facet.sources(0).share_bp() + facet.sources(1).share_bp(), 10000);
}

TEST(ExplanationTest, TheEffectOfAViolationIncludesThatItMakesALaterOneARepetition) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2021-01-01").Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  log.On("2021-06-01").Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  Log second_only;
  second_only.Partnership("a", "b", "2020-01-06");
  second_only.On("2021-06-01").Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  const Day day = DayOn("2021-06-01");
  const FacetExplanation facet = Explained(log, day).facets(kReliability);
  ASSERT_EQ(facet.negative_size(), 2);
  ASSERT_EQ(facet.negative(1).event(), "partnerships/x/events/3");
  EXPECT_EQ(facet.negative(1).effect_bp(), log.Fold()->Read("a", "b", day).facets(kReliability).score_bp() -
                                               second_only.Fold()->Read("a", "b", day).facets(kReliability).score_bp());
}

// ---- What is missing

// The default policy with two acts that make a day eligible and add next to nothing, a thousandth of an ordinary act,
// one to nurture and one to credibility.
const std::shared_ptr<const Policy>& PolicyWithTrifles() {
  static const auto* const policy = [] {
    PolicyDocument document = DefaultPolicy()->document();
    PositiveRow& nurture = *document.add_positive_rows();
    nurture.set_kind("feedback_requested");
    nurture.mutable_weights()->set_nurture_milli(1);
    nurture.set_home(FACET_NURTURE);
    nurture.set_basis(BASIS_BENEVOLENCE);
    PositiveRow& credibility = *document.add_positive_rows();
    credibility.set_kind("credentials_presented");
    credibility.mutable_weights()->set_credibility_milli(1);
    credibility.set_home(FACET_CREDIBILITY);
    credibility.set_basis(BASIS_ABILITY);
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(document, &json).ok());
    const auto parsed = Policy::Parse(json);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return new std::shared_ptr<const Policy>(*parsed);
  }();
  return *policy;
}

// Whether one more good act on a day would raise the stage above `stage` by the day being eligible alone: with either
// trifle, since one of them might just tip the scales of its own facet.
bool WouldRise(const Log& log, Day day, Stage stage) {
  Log one = log, other = log;
  Act to_nurture = one.On(day), to_credibility = other.On(day);
  to_nurture.evidence().mutable_feedback_requested();
  to_nurture.Append();
  to_credibility.evidence().mutable_credentials_presented();
  to_credibility.Append();
  return one.Fold(PolicyWithTrifles())->Read("a", "b", day).stage() > stage &&
         other.Fold(PolicyWithTrifles())->Read("a", "b", day).stage() > stage;
}

TEST(ExplanationTest, I20NothingIsMissingIffAnotherGoodActWouldRaiseTheStage) {
  int missing = 0, nothing_missing = 0;
  for (uint32_t seed = 0; seed < support::Histories(4000u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const Log& log = a_case.random.log;
    // A stage is due mostly where one was reached a moment ago.
    std::vector<Day> days = {a_case.as_of};
    for (const Transition& change : log.Fold(PolicyWithTrifles())->Timeline("a", "b", kLongAfter)) {
      days.push_back(DayOn(change.date()) + 1);
    }
    for (const Day as_of : days) {
      const ExplainTrustResponse response = Explained(log, as_of, 0, PolicyWithTrifles());
      const Stage stage = response.reading().stage();
      if (stage == STAGE_UNSPECIFIED || stage == STAGE_MAINTAINING_COMMITMENT ||
          response.reading().condition() == CONDITION_ENDED) {
        ASSERT_EQ(response.missing_size(), 0);
        continue;
      }
      // Where the stage has risen on that very day, it does not rise again.
      const Transition& last = response.transitions(response.transitions_size() - 1);
      if (last.date() == FormatDay(as_of)) continue;
      const bool rises = WouldRise(log, as_of, stage);
      ASSERT_EQ(response.missing_size() == 0, rises) << FormatDay(as_of) << " " << response.summary();
      ++(rises ? nothing_missing : missing);
    }
  }
  EXPECT_GT(missing, support::Histories(1000));
  EXPECT_GT(nothing_missing, support::Histories(50));
}

TEST(ExplanationTest, AMissingConditionTellsHowMuchThereIsAndHowMuchThereMustBe) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").CredibilitySupported();
  const ExplainTrustResponse response = Explained(log, DayOn("2020-01-20"));
  std::vector<std::string> texts;
  for (const MissingCondition& missing : response.missing()) {
    EXPECT_EQ(missing.stage(), STAGE_BUILDING_RAPPORT);
    EXPECT_NE(missing.facet(), FACET_UNSPECIFIED);
    texts.push_back(missing.text());
  }
  EXPECT_EQ(texts,
            (std::vector<std::string>{
                "credibility: good evidence weighs 1.000 units, needed 2.000",
                "credibility: no confirmed act that counts yet, of the kinds intentions, goal support, adaptation, "
                "renewal",
                "rapport: the practice has not begun, good evidence weighs 0.000 units, needed 0.500",
            }));
  EXPECT_EQ(response.missing(0).condition(), STAGE_CONDITION_MASS);
  EXPECT_EQ(response.missing(0).present(), 1000);
  EXPECT_EQ(response.missing(0).needed(), 2000);
}

TEST(ExplanationTest, ACeilingIsMissingWithTheEventsThatSetItAndNothingIsSuggested) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t breach =
      log.On("2020-09-01").Violation(VIOLATION_TYPE_CONTRACT_BREACH, SEVERITY_CRITICAL, STANDING_ACKNOWLEDGED);
  const ExplainTrustResponse response = Explained(log, DayOn("2020-09-01"));
  ASSERT_GT(response.missing_size(), 1);
  const MissingCondition& ceiling = response.missing(0);
  EXPECT_EQ(ceiling.condition(), STAGE_CONDITION_CEILING);
  EXPECT_EQ(ceiling.facet(), FACET_UNSPECIFIED);
  EXPECT_EQ(ceiling.present(), 1);
  EXPECT_EQ(ceiling.needed(), 2);
  ASSERT_EQ(ceiling.events_size(), 1);
  EXPECT_EQ(ceiling.events(0), EventName("x", breach));
  const auto recovery = std::find_if(response.missing().begin(), response.missing().end(), [](const auto& missing) {
    return missing.condition() == STAGE_CONDITION_RECOVERY;
  });
  ASSERT_NE(recovery, response.missing().end());
  EXPECT_EQ(recovery->events(0), EventName("x", breach));
  EXPECT_EQ(response.suggestions_size(), 0);
}

// ---- What would do

TEST(ExplanationTest, ASuggestionWhenGivenRaisesTheStageOnItsLastDay) {
  int given = 0, none = 0;
  for (uint32_t seed = 0; seed < support::Histories(1200u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const ExplainTrustResponse response = Explained(a_case.random.log, a_case.as_of, 0);
    if (response.missing_size() == 0) {
      ASSERT_EQ(response.suggestions_size(), 0);
      continue;
    }
    if (response.suggestions_size() == 0) {
      ++none;
      continue;
    }
    ++given;
    ASSERT_LE(response.suggestions_size(), kPlannedActsMax);
    TrustHistory history("x", DefaultPolicy());
    for (const Event& event : a_case.random.log.events()) {
      // As if nothing more happened than what was known to have by the day of the reading.
      const bool takes_effect = event.has_evidence() || event.has_evidence_confirmed() || event.has_contact_departed();
      if (HeldDay(event) <= a_case.as_of || !takes_effect) history.Apply(event);
    }
    const bool ends_later = history.Read("a", "b", a_case.as_of + kPlannedDaysMax).condition() == CONDITION_ENDED;
    if (ends_later) continue;
    int64_t revision = 1000;
    std::string date = FormatDay(a_case.as_of);
    for (const SuggestedAct& act : response.suggestions()) {
      ASSERT_GT(act.date(), date);
      date = act.date();
      Event event;
      event.set_revision(++revision);
      *event.mutable_occur_time() = ToTimestamp(StartOf(DayOn(act.date())));
      *event.mutable_record_time() = event.occur_time();
      event.mutable_evidence()->set_actor(std::string("b"));
      event.mutable_evidence()->add_affected(std::string("a"));
      const auto* const field = Evidence::descriptor()->FindFieldByName(act.kind());
      ASSERT_NE(field, nullptr) << act.kind();
      Evidence::GetReflection()->MutableMessage(event.mutable_evidence(), field);
      history.Apply(event);
    }
    ASSERT_LE(DayOn(date), a_case.as_of + kPlannedDaysMax);
    ASSERT_LE(history.Read("a", "b", DayOn(date) - 1).stage(), response.reading().stage());
    ASSERT_EQ(history.Read("a", "b", DayOn(date)).stage(), response.reading().stage() + 1);
  }
  EXPECT_GT(given, support::Histories(500));
  EXPECT_GT(none, 10);
  EXPECT_GT(given, 5 * none / 2);
}

TEST(ExplanationTest, FromTheFirstDayAWayToEveryStageIsSuggested) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  Day today = DayOn("2020-01-06");
  std::string plans;
  for (int stage = 2; stage <= kHighestStage; ++stage) {
    const ExplainTrustResponse response = Explained(log, today);
    ASSERT_GT(response.suggestions_size(), 0);
    for (const SuggestedAct& suggested : response.suggestions()) {
      absl::StrAppend(&plans, suggested.date(), " ", suggested.kind(), "\n");
      today = DayOn(suggested.date());
      Act act = log.On(today);
      Evidence::GetReflection()->MutableMessage(&act.evidence(),
                                                Evidence::descriptor()->FindFieldByName(suggested.kind()));
      act.Append();
    }
    EXPECT_EQ(log.Fold()->Read("a", "b", today).stage(), stage);
    absl::StrAppend(&plans, "= ", stage, "\n");
  }
  EXPECT_EQ(plans,
            "2020-01-07 credibility_assessed\n2020-01-14 intentions_assessed\n2020-01-28 shared_experience_held\n= 2\n"
            "2020-01-29 open_communication_observed\n2020-02-19 commitment_fulfilled\n2020-02-27 "
            "shared_experience_held\n= 3\n"
            "2020-02-28 partner_goal_supported\n2020-03-06 commitment_fulfilled\n2020-03-13 commitment_fulfilled\n"
            "2020-03-20 commitment_fulfilled\n2020-04-03 transparency_demonstrated\n2020-05-19 commitment_fulfilled\n"
            "= 4\n");
}

// ---- What is at risk

TEST(ExplanationTest, TheNearestRiskIsTheDayUntilWhichTheStageHolds) {
  int at_risk = 0;
  for (uint32_t seed = 0; seed < support::Histories(2000u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const ExplainTrustResponse response = Explained(a_case.random.log, a_case.as_of, 0);
    if (response.reading().stage() <= STAGE_INITIAL_CONTACT || response.reading().condition() == CONDITION_ENDED) {
      ASSERT_EQ(response.at_risk_size(), 0);
      continue;
    }
    ++at_risk;
    ASSERT_EQ(response.at_risk_size(),
              3 * (response.reading().stage() - 1) + (response.reading().stage() == 4 ? 1 : 0));
    ASSERT_EQ(response.at_risk(0).holds_until_date(), response.reading().holds_until_date());
    for (int i = 0; i < response.at_risk_size(); ++i) {
      const RiskedCondition& risk = response.at_risk(i);
      ASSERT_GE(risk.present(), risk.needed()) << risk.text();
      ASSERT_LE(risk.stage(), response.reading().stage());
      if (i > 0 && !risk.holds_until_date().empty()) {
        ASSERT_GE(risk.holds_until_date(), response.at_risk(i - 1).holds_until_date());
      }
    }
  }
  EXPECT_GT(at_risk, support::Histories(400));
}

// ---- Since when, and in words

TEST(ExplanationTest, FacetsTellSinceWhenTheyAreEstablishedAndBegun) {
  RandomLog random(1, 2);
  random.Found();
  random.Grow();
  const Log& log = random.log;
  const Day end = log.events().empty() ? 0 : HeldDay(log.events().back());
  const ExplainTrustResponse response = Explained(log, end);
  for (int facet = 0; facet < kFacetCount; ++facet) {
    const auto since = [&](bool (FacetReading::*flag)() const) {
      std::string date;
      bool before = false;
      for (Day day = random.first_contact(); day <= end; ++day) {
        const bool now = (log.Fold()->Read("a", "b", day, false).facets(facet).*flag)();
        if (now && !before) date = FormatDay(day);
        if (!now) date.clear();
        before = now;
      }
      return date;
    };
    EXPECT_EQ(response.facets(facet).established_since_date(), since(&FacetReading::established)) << facet;
    EXPECT_EQ(response.facets(facet).begun_since_date(), since(&FacetReading::begun)) << facet;
  }
}

TEST(ExplanationTest, ItExplainsTheReadingItCarriesAndTheTimeline) {
  for (uint32_t seed = 0; seed < support::Histories(300u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Case a_case(seed);
    const ExplainTrustResponse response = Explained(a_case.random.log, a_case.as_of, 1);
    const auto history = a_case.random.log.Fold();
    ASSERT_EQ(response.reading().SerializeAsString(), history->Read("a", "b", a_case.as_of).SerializeAsString());
    const auto timeline = history->Timeline("a", "b", a_case.as_of);
    ASSERT_EQ(response.transitions_size(), static_cast<int>(timeline.size()));
    for (size_t i = 0; i < timeline.size(); ++i) {
      ASSERT_EQ(response.transitions(static_cast<int>(i)).SerializeAsString(), timeline[i].SerializeAsString());
    }
    ASSERT_FALSE(response.summary().empty());
  }
}

TEST(ExplanationTest, BeforeTheFirstContactThereIsNothingToExplain) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const ExplainTrustResponse response = Explained(log, DayOn("2020-01-05"));
  EXPECT_EQ(response.summary(), "a and b had not met by then, so there is no stage to explain.");
  EXPECT_EQ(response.reading().stage(), STAGE_UNSPECIFIED);
  EXPECT_EQ(response.missing_size() + response.suggestions_size() + response.at_risk_size(), 0);
  ASSERT_EQ(response.facets_size(), kFacetCount);
  EXPECT_EQ(response.facets(0).positive_mass(), "0");
}

// The worked history of section 7.7.
TEST(ExplanationTest, TheSummaryTellsWhereTrustStandsWhyWhatIsMissingAndHowLongItHolds) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-06").Joint().ConfidentialityAgreement();
  log.On("2020-01-20").CredibilitySupported();
  log.On("2020-01-27").IntentionsAligned();
  log.On("2020-02-03").CredentialsVerified();
  log.On("2020-02-10").Joint().SharedExperience();
  log.On("2020-02-24").OpenCommunication();
  log.On("2020-03-09").Joint().MutualUnderstanding();
  log.On("2020-03-30").Joint().SharedExperience();
  for (const char* date : {"2020-04-15", "2020-05-15", "2020-07-15", "2020-08-17", "2020-09-15", "2020-12-07"}) {
    log.On(date).Fulfilled();
  }
  log.On("2020-06-15").GoalSupported();
  log.On("2020-10-05").Transparency();
  log.On("2020-11-02").FeedbackActedOn();
  for (int year = 2021; year <= 2025; ++year) {
    for (const char* day : {"-01-15", "-04-15", "-07-15", "-10-15"}) log.On(absl::StrCat(year, day)).Fulfilled();
    log.On(absl::StrCat(year, "-02-20")).Transparency();
    log.On(absl::StrCat(year, "-08-20")).FeedbackActedOn();
  }
  for (const char* date : {"2024-02-01", "2024-03-01", "2024-04-01"}) log.On(date).Missed();
  const ExplainTrustResponse response = Explained(log, DayOn("2025-12-31"));
  EXPECT_EQ(
      response.summary(),
      "The trust of a in b has been at establishing reliability since 2024-03-01 (down from maintaining commitment by "
      "event 51). It is strained: much speaks against the trustee in reliability. Missing for maintaining "
      "commitment: reliability: the score is 64.43 %, needed 70.00 %. For example commitment fulfilled (2 times), the "
      "last on 2026-01-08, would bring it. If nothing happens it holds until 2027-11-13, then comes building rapport. "
      "This is what the policy trust-stages/1.0.0 makes of the record: policy, not measurement.");
  EXPECT_EQ(response.at_risk(0).text(),
            "establishing reliability needs 0.750 units of good evidence in rapport; there are 2.742 now; in "
            "silence that lasts until 2027-11-13");
}

}  // namespace
}  // namespace projections
