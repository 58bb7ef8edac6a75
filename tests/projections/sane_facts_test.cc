// What must hold of trust under any acceptable policy, as stories about a and b. (Specification, section 8.1.)

#include <gtest/gtest.h>

#include "projections/explanation.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

// b earns a's trust in 2020 and keeps it up to a year.
Log Mature(int to_year = 2023) {
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
  for (int year = 2021; year <= to_year; ++year) {
    for (const char* day : {"-01-15", "-04-15", "-07-15", "-10-15"}) log.On(absl::StrCat(year, day)).Fulfilled();
    log.On(absl::StrCat(year, "-02-20")).Transparency();
    log.On(absl::StrCat(year, "-08-20")).FeedbackActedOn();
  }
  return log;
}

// As above, with experiences shared and goals supported every year, which coming back after a grave violation takes.
Log Rich(int to_year) {
  Log log = Mature(to_year);
  for (int year = 2021; year <= to_year; ++year) {
    log.On(absl::StrCat(year, "-03-10")).GoalSupported();
    log.On(absl::StrCat(year, "-06-10")).Joint().SharedExperience();
  }
  return log;
}

int StageOf(const Log& log, absl::string_view date, absl::string_view trustor = "a", absl::string_view trustee = "b") {
  return log.Fold()->Read(trustor, trustee, DayOn(date)).stage();
}

// The first day after `from` on which a's trust is back at the highest stage; years later if never.
std::string BackAtTheTop(const Log& log, absl::string_view from) {
  const auto history = log.Fold();
  for (const Transition& change : history->Timeline("a", "b", DayOn("2045-01-01"))) {
    if (change.date() > std::string(from) && change.stage() == STAGE_MAINTAINING_COMMITMENT) return change.date();
  }
  return "never";
}

// The evidence about which a's trust in b is asked, as scores.
std::vector<int> ScoresOn(const Log& log, absl::string_view date) {
  std::vector<int> scores;
  const DirectionReading reading = log.Fold()->Read("a", "b", DayOn(date));
  for (const FacetReading& facet : reading.facets()) scores.push_back(facet.score_bp());
  return scores;
}

TEST(SaneFactsTest, F1WithoutEvidenceThereIsInitialContactAndNothingIsKnown) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const auto reading = log.Fold()->Read("a", "b", DayOn("2020-06-01"));
  EXPECT_EQ(reading.stage(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(reading.condition(), CONDITION_STEADY);
  for (const FacetReading& facet : reading.facets()) EXPECT_EQ(facet.uncertainty_bp(), 10000);
  ExplainTrustResponse explained;
  Explain(*log.Fold(), "a", "b", DayOn("2020-06-01"), 10, &explained);
  for (const FacetExplanation& facet : explained.facets()) {
    EXPECT_EQ(facet.positive_size() + facet.negative_size(), 0);
  }
}

TEST(SaneFactsTest, F2DueDiligenceAloneNeverMakesReliable) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  for (int i = 0; i < 400; ++i) {
    const Day day = DayOn("2020-01-07") + i;
    log.On(day).CredibilitySupported();
    log.On(day).IntentionsAligned();
    log.On(day).CredentialsVerified();
  }
  EXPECT_EQ(StageOf(log, "2021-02-01"), 1);
  EXPECT_EQ(log.Fold()->Read("a", "b", DayOn("2021-02-01")).facets(kReliability).uncertainty_bp(), 10000);
}

TEST(SaneFactsTest, F3SteadyGoodConductMovesOnlyTheTrustInWhoeverShowedIt) {
  Log log = Mature();
  EXPECT_EQ(StageOf(log, "2023-12-31", "a", "b"), 4);
  EXPECT_EQ(StageOf(log, "2023-12-31", "b", "a"), 1);
}

TEST(SaneFactsTest, F4OneMissIsForgivenSeveralInARowAreNot) {
  Log one = Mature(2024);
  one.On("2024-02-01").Missed();
  EXPECT_EQ(StageOf(one, "2024-12-31"), 4);
  Log several = one;
  several.On("2024-03-01").Missed();
  several.On("2024-04-01").Missed();
  EXPECT_LT(StageOf(several, "2024-04-01"), 4);
}

TEST(SaneFactsTest, F5AMisunderstandingClarifiedOrNotDoesNotLoseAMatureStage) {
  Log log = Mature(2024);
  log.On("2024-03-01").Misunderstanding();
  EXPECT_EQ(StageOf(log, "2024-03-01"), 4);
  EXPECT_EQ(StageOf(log, "2024-12-31"), 4);
  log.On("2024-03-10").Clarified();
  EXPECT_EQ(StageOf(log, "2024-12-31"), 4);
}

TEST(SaneFactsTest, F6ACriticalBreachEndsItHoweverLongTheHistory) {
  Log log = Mature(2030);
  log.On("2030-06-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL, STANDING_ACKNOWLEDGED);
  EXPECT_EQ(StageOf(log, "2030-05-31"), 4);
  EXPECT_EQ(StageOf(log, "2030-06-01"), 1);
}

TEST(SaneFactsTest, F7RepairRecoversSoonerAndNeverEndsAboveNoBreachAtAll) {
  const Log none = Rich(2040);
  Log bare = none;
  const int64_t breach =
      bare.On("2024-02-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL, STANDING_ACKNOWLEDGED);
  Log repaired = bare;
  repaired.On("2024-02-10").Apology(breach);
  repaired.On("2024-05-01").Remediated(breach);
  repaired.On("2024-07-01").By("a").To({"b"}).Verified(breach);
  EXPECT_EQ(BackAtTheTop(bare, "2024-02-01"), "never");
  EXPECT_NE(BackAtTheTop(repaired, "2024-02-01"), "never");
  for (const char* date : {"2024-08-01", "2026-01-01", "2030-01-01", "2039-01-01"}) {
    for (size_t facet = 0; facet < 4; ++facet) {
      EXPECT_LE(ScoresOn(bare, date)[facet], ScoresOn(repaired, date)[facet]);
      EXPECT_LE(ScoresOn(repaired, date)[facet], ScoresOn(none, date)[facet]);
    }
  }
}

TEST(SaneFactsTest, F8AFailureOfAbilityIsRecoveredSoonerThanOneOfIntegrity) {
  const auto recovery = [](ViolationType type) {
    Log log = Rich(2035);
    const int64_t violation = log.On("2024-02-01").Violation(type, SEVERITY_MAJOR, STANDING_ACKNOWLEDGED);
    log.On("2024-05-01").Remediated(violation);
    log.On("2024-07-01").By("a").To({"b"}).Verified(violation);
    return BackAtTheTop(log, "2024-02-01");
  };
  const std::string ability = recovery(VIOLATION_TYPE_QUALITY_FAILURE);
  const std::string integrity = recovery(VIOLATION_TYPE_CONTRACT_BREACH);
  EXPECT_NE(ability, "never");
  EXPECT_LT(ability, integrity);
}

TEST(SaneFactsTest, F9TheSameViolationHurtsLongerEarlyThanLate) {
  // As long after the violation, with as much routine in between.
  Log early = Mature(2026);
  early.On("2020-05-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  Log late = Mature(2026);
  late.On("2023-05-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  for (int days = 0; days < 800; days += 50) {
    const auto negative = [days](const Log& log, const char* from) {
      return log.Fold()->Read("a", "b", DayOn(from) + days).facets(0).negative_milli();
    };
    EXPECT_GT(negative(early, "2020-05-01"), negative(late, "2023-05-01"));
  }
  EXPECT_LT(StageOf(early, "2020-12-31"), 4);
  EXPECT_EQ(StageOf(late, "2023-12-31"), 4);
}

TEST(SaneFactsTest, F10SilenceLowersTheStageAndNeverRaisesIt) {
  const auto timeline = Mature().Fold()->Timeline("a", "b", DayOn("2045-01-01"));
  int before = 4;
  for (const Transition& change : timeline) {
    if (change.date() < "2024") continue;
    EXPECT_EQ(change.cause(), TRANSITION_CAUSE_SILENCE);
    EXPECT_EQ(change.events_size(), 0);
    EXPECT_LT(change.stage(), before);
    before = change.stage();
  }
  EXPECT_EQ(before, 1);
}

TEST(SaneFactsTest, F11PraiseOfOneselfAloneChangesNothingMaterial) {
  Log log = Mature();
  for (Event& event : log.events()) {
    if (event.has_evidence()) event.mutable_evidence()->set_source(SOURCE_SELF);
  }
  EXPECT_EQ(StageOf(log, "2023-12-31"), 1);
}

TEST(SaneFactsTest, F12AnUnfoundedAllegationLeavesNoMarkAndTheStageReturnsWithTheNextGoodActs) {
  const Log none = Mature(2024);
  Log log = none;
  const int64_t allegation = log.On("2024-02-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL);
  log.On("2024-06-01").From(SOURCE_THIRD_PARTY).Finding(allegation, FINDING_RESULT_UNFOUNDED);
  EXPECT_EQ(StageOf(log, "2024-05-31"), 1);
  EXPECT_EQ(ScoresOn(log, "2024-06-01"), ScoresOn(none, "2024-06-01"));
  // One step a day of good conduct: 15 July, 20 August, 15 October.
  EXPECT_EQ(BackAtTheTop(log, "2024-02-01"), "2024-10-15");
}

TEST(SaneFactsTest, F13CheatingAndRepairingNeedsMoreGoodConductEachTime) {
  Log log = Mature(2020);
  Day day = DayOn("2021-01-10");
  std::vector<int> acts_needed;
  for (int cycle = 0; cycle < 4; ++cycle) {
    const int64_t violation = log.On(day).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MAJOR, STANDING_ACKNOWLEDGED);
    log.On(day + 1).Apology(violation);
    log.On(day + 1).Remediated(violation);
    log.On(day + 1).By("a").To({"b"}).Verified(violation);
    int acts = 0;
    auto history = log.Fold();
    ASSERT_LT(history->Read("a", "b", day + 1, false).stage(), STAGE_MAINTAINING_COMMITMENT);
    while (history->Read("a", "b", day + 1, false).stage() < STAGE_MAINTAINING_COMMITMENT && acts < 400) {
      day += 10;
      // One of each kind in turn, so that nothing but quantity is missing.
      switch (acts++ % 4) {
        case 0:
          log.On(day).Fulfilled();
          break;
        case 1:
          log.On(day).GoalSupported();
          break;
        case 2:
          log.On(day).SharedExperience();
          break;
        default:
          log.On(day).Transparency();
          break;
      }
      history->Apply(log.events().back());
    }
    acts_needed.push_back(acts);
    day += 10;
  }
  for (size_t cycle = 1; cycle < acts_needed.size(); ++cycle) {
    EXPECT_GE(acts_needed[cycle], acts_needed[cycle - 1]) << "cycle " << cycle;
  }
  EXPECT_GT(acts_needed.back(), acts_needed.front());
}

TEST(SaneFactsTest, F14WhatIsLearnedLateLeavesTheEarlierReadingsAsTheyWere) {
  const Log none = Mature();
  Log log = none;
  Act concealed = log.On("2022-03-01");
  auto* const report = concealed.evidence().mutable_violation_reported();
  report->set_type(VIOLATION_TYPE_DECEPTION);
  report->set_severity(SEVERITY_MAJOR);
  report->set_deception(true);
  concealed.Append();
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2023-06-01")));
  EXPECT_EQ(ScoresOn(log, "2023-05-31"), ScoresOn(none, "2023-05-31"));
  EXPECT_EQ(StageOf(log, "2023-05-31"), 4);
  EXPECT_LT(StageOf(log, "2023-06-01"), 4);
}

TEST(SaneFactsTest, F15AContractualEndDoesNotLowerTrust) {
  Log log = Mature();
  log.Terminated("2023-12-31");
  const auto reading = log.Fold()->Read("a", "b", DayOn("2040-01-01"));
  EXPECT_EQ(reading.stage(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(reading.condition(), CONDITION_ENDED);
  EXPECT_EQ(reading.holds_until_date(), "");
  EXPECT_EQ(ScoresOn(log, "2040-01-01"), ScoresOn(Mature(), "2023-12-31"));
}

}  // namespace
}  // namespace projections
