// The edges of the rules: the last day on which something counts, and the first on which it does not.

#include <gtest/gtest.h>

#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

constexpr Day kMet = 18267;  // 2020-01-06

Log Met() {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  return log;
}

DirectionReading Read(const Log& log, Day day) { return log.Fold()->Read("a", "b", day); }

int64_t Negative(const Log& log, int facet, Day day) { return Read(log, day).facets(facet).negative_milli(); }

bool Established(const Log& log, int facet, Day day) { return Read(log, day).facets(facet).established(); }

TEST(BoundariesTest, AViolationIsEarlyForTheFirst180Days) {
  const auto weight = [](int day) {
    Log log = Met();
    log.On(kMet + day).Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MODERATE, STANDING_SUBSTANTIATED);
    return Negative(log, kReliability, std::max(kMet, kMet + day));
  };
  EXPECT_GT(weight(-1), 2990);
  EXPECT_EQ(weight(0), 3000);
  EXPECT_EQ(weight(179), 3000);
  EXPECT_EQ(weight(180), 2000);
}

TEST(BoundariesTest, AViolationIsRepeatedFor1460DaysButNotOnTheSameDay) {
  const auto weight = [](int days) {
    Log log = Met();
    const Day later = kMet + 2000;
    log.On(later - days).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR, STANDING_SUBSTANTIATED);
    const int64_t one = Negative(log, kCredibility, later);
    log.On(later).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR, STANDING_SUBSTANTIATED);
    return Negative(log, kCredibility, later) - one;
  };
  EXPECT_EQ(weight(0), 1500);
  EXPECT_EQ(weight(1), 2250);
  EXPECT_EQ(weight(1460), 2250);
  EXPECT_EQ(weight(1461), 1500);
}

TEST(BoundariesTest, RepetitionIsPerBasisAndEndsWithTheEarlierViolationsStanding) {
  Log log = Met();
  const int64_t first = log.On(kMet + 300).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR);
  log.On(kMet + 310).Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MINOR, STANDING_SUBSTANTIATED);
  EXPECT_EQ(Negative(log, kReliability, kMet + 310) / 100, (1000 + 375) / 100);
  log.On(kMet + 320).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR, STANDING_SUBSTANTIATED);
  log.On(kMet + 330).From(SOURCE_THIRD_PARTY).Finding(first, FINDING_RESULT_UNFOUNDED);
  // 3000 halved, once repeated and once no more.
  const int64_t repeated = Negative(log, kNurture, kMet + 329), no_more = Negative(log, kNurture, kMet + 330);
  EXPECT_NEAR(repeated, 562 + 1125, 30);
  EXPECT_NEAR(no_more, 750, 10);
}

TEST(BoundariesTest, AVerifiedDeceptionIsWatchedFor1825Days) {
  Log log = Met();
  const int64_t violation =
      log.On(kMet + 300).Violation(VIOLATION_TYPE_DECEPTION, SEVERITY_MAJOR, STANDING_SUBSTANTIATED);
  EXPECT_EQ(Read(log, kMet + 300).ceiling(), STAGE_BUILDING_RAPPORT);
  log.On(kMet + 400).By("a").To({"b"}).Verified(violation);
  EXPECT_EQ(Read(log, kMet + 399).ceiling(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(Read(log, kMet + 399).condition(), CONDITION_BREACHED);
  EXPECT_EQ(Read(log, kMet + 400).ceiling(), STAGE_ESTABLISHING_RELIABILITY);
  EXPECT_EQ(Read(log, kMet + 400).condition(), CONDITION_REPAIRING);
  EXPECT_EQ(Read(log, kMet + 400 + 1824).ceiling(), STAGE_ESTABLISHING_RELIABILITY);
  EXPECT_EQ(Read(log, kMet + 400 + 1825).ceiling(), STAGE_MAINTAINING_COMMITMENT);
}

TEST(BoundariesTest, NobodyVerifiesHisOwnRemedy) {
  for (const Source source : {SOURCE_SELF, SOURCE_SYSTEM, SOURCE_THIRD_PARTY}) {
    Log log = Met();
    const int64_t violation = log.On(kMet + 300).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MAJOR);
    log.On(kMet + 310).From(source).Verified(violation);
    EXPECT_EQ(Read(log, kMet + 310).ceiling(),
              source == SOURCE_THIRD_PARTY ? STAGE_MAINTAINING_COMMITMENT : STAGE_BUILDING_RAPPORT);
  }
}

TEST(BoundariesTest, AcknowledgingNeverCosts) {
  for (const Standing standing : {STANDING_ALLEGED, STANDING_DISPUTED}) {
    Log log = Met();
    const int64_t violation = log.On(kMet + 300).Violation(VIOLATION_TYPE_CONTRACT_BREACH, SEVERITY_MODERATE, standing);
    const int64_t before = Negative(log, kReliability, kMet + 300);
    log.On(kMet + 300).Acknowledged(violation);
    EXPECT_EQ(Negative(log, kReliability, kMet + 300), before);
    // Acknowledged is no longer open to withdrawal; a finding always counts.
    log.On(kMet + 300).From(SOURCE_THIRD_PARTY).Finding(violation, FINDING_RESULT_SUBSTANTIATED);
    EXPECT_EQ(Negative(log, kReliability, kMet + 300), 3000);
  }
}

TEST(BoundariesTest, CoverageStartsTheDayAfterAGraveViolation) {
  const auto established = [](int days) {
    Log log = Met();
    log.On(kMet + 400).Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MAJOR, STANDING_SUBSTANTIATED);
    log.On(kMet + 400 + days).IntentionsAligned();
    for (int i = 1; i < 20; ++i) log.On(kMet + 400 + i).CredibilitySupported();
    return Established(log, kCredibility, kMet + 420);
  };
  EXPECT_FALSE(established(0));
  EXPECT_TRUE(established(1));
}

TEST(BoundariesTest, RecoveryCountsFromTheDayAfterAModerateViolation) {
  const auto established = [](int days) {
    Log log = Met();
    log.On(kMet + 400).Violation(VIOLATION_TYPE_QUALITY_FAILURE, SEVERITY_MODERATE, STANDING_SUBSTANTIATED);
    for (int i = 0; i < 10; ++i) {
      log.On(kMet + 400 + days).IntentionsAligned();
      log.On(kMet + 400 + days).CredibilitySupported();
    }
    log.On(kMet + 402).ConfidentialityAgreement();
    return Established(log, kCredibility, kMet + 402);
  };
  EXPECT_FALSE(established(0));
  EXPECT_TRUE(established(1));
}

TEST(BoundariesTest, RecoveryTakesTheBestCreditAfterTheViolationOfThoseOfOneConflict) {
  const auto established = [](int days) {
    Log log = Met();
    for (int i = 0; i < 20; ++i) {
      log.On(kMet + 200 + 3 * i).SharedExperience();
      log.On(kMet + 200 + 3 * i).OpenCommunication();
    }
    const int64_t conflict = log.On(kMet + 390).Weighing(MATERIALITY_CRITICAL).ConflictRaised();
    // Enough against rapport to end it, and by the last day enough for it again.
    log.On(kMet + 399).Weighing(MATERIALITY_CRITICAL).DisputeOpened();
    log.On(kMet + 400).Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MODERATE, STANDING_SUBSTANTIATED);
    log.On(kMet + 402).Joint().Resolved(log.events().back().revision() - 1, RESOLUTION_MODE_COMPROMISE);
    const auto resolve = [&](int day, Materiality materiality) {
      log.On(kMet + day).Joint().From(SOURCE_JOINT).Weighing(materiality).Resolved(conflict, RESOLUTION_MODE_JOINT);
    };
    resolve(400 + days, MATERIALITY_CRITICAL);
    resolve(420, MATERIALITY_LOW);
    const FacetReading before = Read(log, kMet + 400).facets(kRapport), after = Read(log, kMet + 420).facets(kRapport);
    EXPECT_FALSE(before.established());
    EXPECT_GT(after.score_bp(), 6500);
    return after.established();
  };
  EXPECT_FALSE(established(0));
  EXPECT_TRUE(established(1));
}

TEST(BoundariesTest, RapportTakesThreeDaysOverThirty) {
  const auto established = [](int first, int second, int third) {
    Log log = Met();
    for (int i = 0; i < 4; ++i) log.On(kMet + first).SharedExperience();
    log.On(kMet + second).OpenCommunication();
    log.On(kMet + third).OpenCommunication();
    return Established(log, kRapport, kMet + third);
  };
  EXPECT_TRUE(established(10, 20, 40));
  EXPECT_FALSE(established(10, 20, 39));
  EXPECT_FALSE(established(10, 10, 40));
  EXPECT_FALSE(established(10, 40, 40));
}

TEST(BoundariesTest, ReliabilityTakesThreeKeptPromisesOverNinetyDaysAndAGoalSupported) {
  const auto established = [](int first, int last, bool goal, bool late) {
    Log log = Met();
    for (int i = 0; i < 5; ++i) log.On(kMet + first).Fulfilled();
    if (goal) log.On(kMet + first).GoalSupported();
    Act act = log.On(kMet + last);
    act.evidence().mutable_commitment_fulfilled()->set_result(late ? FULFILMENT_RESULT_LATE
                                                                   : FULFILMENT_RESULT_ON_TIME);
    act.Append();
    return Established(log, kReliability, kMet + last);
  };
  EXPECT_TRUE(established(10, 100, true, false));
  EXPECT_FALSE(established(10, 99, true, false));
  EXPECT_FALSE(established(10, 100, false, false));
  EXPECT_FALSE(established(10, 100, true, true));
}

TEST(BoundariesTest, AConflictIsDischargedByResolutionsFromItsOwnDayOn) {
  Log log = Met();
  for (int i = 0; i < 10; ++i) log.On(kMet + 90).OpenCommunication();
  const int64_t conflict = log.On(kMet + 100).ConflictRaised();
  const auto resolve = [&](int day, ResolutionMode mode) { log.On(kMet + day).Joint().Resolved(conflict, mode); };
  resolve(100, RESOLUTION_MODE_ADJUDICATED);
  EXPECT_EQ(Negative(log, kRapport, kMet + 100), 250);
  EXPECT_NE(Read(log, kMet + 100).condition(), CONDITION_STRAINED);
  Act escalation = log.On(kMet + 101);
  escalation.evidence().mutable_conflict_escalated()->set_conflict(absl::StrCat(conflict));
  escalation.Append();
  EXPECT_EQ(Read(log, kMet + 101).condition(), CONDITION_STRAINED);
  resolve(102, RESOLUTION_MODE_IMPOSED);
  EXPECT_NE(Read(log, kMet + 102).condition(), CONDITION_STRAINED);
  EXPECT_GT(Negative(log, kRapport, kMet + 102), 1240);
  resolve(103, RESOLUTION_MODE_COMPROMISE);
  EXPECT_EQ(Negative(log, kRapport, kMet + 103), 0);
}

TEST(BoundariesTest, CreditForAConflictNeedsBothSidesAndIsNoMoreThanTheConflictWasWorth) {
  const auto credit = [](Source source, ResolutionMode mode, Materiality materiality) {
    Log log = Met();
    const int64_t conflict = log.On(kMet + 100).ConflictRaised();
    log.On(kMet + 110).Joint().From(source).Weighing(materiality).Resolved(conflict, mode);
    return Read(log, kMet + 110).facets(kRapport).positive_milli();
  };
  EXPECT_EQ(credit(SOURCE_JOINT, RESOLUTION_MODE_JOINT, MATERIALITY_CRITICAL), 500);
  EXPECT_EQ(credit(SOURCE_JOINT, RESOLUTION_MODE_JOINT, MATERIALITY_LOW), 250);
  EXPECT_EQ(credit(SOURCE_COUNTERPART, RESOLUTION_MODE_JOINT, MATERIALITY_MEDIUM), 0);
  EXPECT_EQ(credit(SOURCE_SELF, RESOLUTION_MODE_JOINT, MATERIALITY_MEDIUM), 0);
  EXPECT_EQ(credit(SOURCE_JOINT, RESOLUTION_MODE_COMPROMISE, MATERIALITY_MEDIUM), 0);
}

TEST(BoundariesTest, MassesThatMeetExactlyLapseOnOneDayWhoeverAsks) {
  // Good of 1000 and bad of half that, a half-life later and of the same half-life: equal for ever, but for the
  // rounding of decay, by which one or the other is larger from day to day. The practice lapses once, on the same day
  // for every reader.
  Log log = Met();
  log.On(kMet).Transparency();
  Act escalation = log.On(kMet + 365);
  escalation.evidence().mutable_conflict_escalated();
  escalation.Append();
  const auto history = log.Fold();
  ASSERT_TRUE(history->Read("a", "b", kMet + 365).facets(kNurture).begun());
  for (Day day = kMet + 366; day < kMet + 500; ++day) {
    ASSERT_FALSE(history->Read("a", "b", day).facets(kNurture).begun()) << day - kMet;
  }
}

TEST(BoundariesTest, InterpersonalEvidenceWeighsHalfInCredibilityAndRapportAlone) {
  Log log = Met();
  log.On(kMet).Interpersonal().Fulfilled();
  const DirectionReading reading = Read(log, kMet);
  EXPECT_EQ(reading.facets(kCredibility).positive_milli(), 250);
  EXPECT_EQ(reading.facets(kRapport).positive_milli(), 125);
  EXPECT_EQ(reading.facets(kReliability).positive_milli(), 0);
}

TEST(BoundariesTest, WitnessesCountAQuarterAlsoBetweenPeopleAndOfHearsay) {
  Log log = Met();
  log.On(kMet).To({"c"}).Seen({"a"}).Interpersonal().CredibilitySupported();
  EXPECT_EQ(Read(log, kMet).facets(kCredibility).positive_milli(), 250);
  Act reference = log.On(kMet);
  reference.evidence().mutable_reputation_reference_received();
  reference.Append();
  EXPECT_EQ(Read(log, kMet).facets(kCredibility).positive_milli(), 500);
}

TEST(BoundariesTest, AnAttestationSharesItsWeightOut) {
  const auto attested = [](int reliability, int integrity) {
    Log log = Met();
    Act act = log.On(kMet);
    act.evidence().mutable_interpersonal_trust_attested()->set_reliability(reliability);
    act.evidence().mutable_interpersonal_trust_attested()->set_integrity(integrity);
    act.Append();
    const FacetReading facet = Read(log, kMet).facets(kCredibility);
    return std::pair(facet.positive_milli(), facet.negative_milli());
  };
  EXPECT_EQ(attested(5, 5), (std::pair<int64_t, int64_t>(500, 0)));
  EXPECT_EQ(attested(1, 1), (std::pair<int64_t, int64_t>(0, 500)));
  EXPECT_EQ(attested(4, 3), (std::pair<int64_t, int64_t>(312, 187)));
  EXPECT_EQ(attested(9, 0), attested(5, 1));
}

}  // namespace
}  // namespace projections
