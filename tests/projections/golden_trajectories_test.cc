// The worked histories of the specification, section 8.2, to the number.

#include <gtest/gtest.h>

#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

// A year of getting to know each other, ended by the first practices of maintenance.
Log G() {
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
  return log;
}

void Routine(int from, int to, Log* log) {
  for (int year = from; year <= to; ++year) {
    for (const char* month : {"01", "04", "07", "10"}) log->On(absl::StrCat(year, "-", month, "-15")).Fulfilled();
    log->On(absl::StrCat(year, "-02-20")).Transparency();
    log->On(absl::StrCat(year, "-08-20")).FeedbackActedOn();
  }
}

Log M(int to = 2023) {
  Log log = G();
  Routine(2021, to, &log);
  return log;
}

const char kGrowth[] = "1 @2020-01-06, 2 @2020-02-10, 3 @2020-04-15, 4 @2020-10-05";

std::string Path(const Log& log, absl::string_view date) { return PathOf(log.Fold().get(), "a", "b", DayOn(date)); }

std::string Scores(const Log& log, absl::string_view date) { return ScoresOf(log.Fold().get(), "a", "b", DayOn(date)); }

TEST(GoldenTrajectoriesTest, G1GrowsThroughEveryStage) {
  EXPECT_EQ(Path(G(), "2020-12-31"), kGrowth);
  EXPECT_EQ(Scores(G(), "2020-12-31"), "8630/2739 8484/3030 8613/2773 7327/5345");
}

TEST(GoldenTrajectoriesTest, G1rNobodyRecordedTheOthersConduct) {
  const auto history = G().Fold();
  EXPECT_EQ(PathOf(history.get(), "b", "a", DayOn("2020-12-31")), "1 @2020-01-06");
  EXPECT_EQ(ScoresOf(history.get(), "b", "a", DayOn("2020-12-31")), "6265/7469 7297/5404 5000/10000 5000/10000");
}

TEST(GoldenTrajectoriesTest, G3RoutineHolds) {
  EXPECT_EQ(Path(M(), "2023-12-31"), kGrowth);
  EXPECT_EQ(Scores(M(), "2023-12-31"), "8220/3559 7969/4061 8648/2702 7797/4404");
}

TEST(GoldenTrajectoriesTest, G4AnUnrepairedBreachEndsItAtOnce) {
  Log log = M(2025);
  log.On("2024-02-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL, STANDING_ACKNOWLEDGED);
  EXPECT_EQ(Path(log, "2025-12-31"), absl::StrCat(kGrowth, ", 1 @2024-02-01"));
  EXPECT_EQ(Scores(log, "2025-12-31"), "2822/1272 3351/1790 6426/2002 3712/2048");
  const auto reading = log.Fold()->Read("a", "b", DayOn("2025-12-31"));
  EXPECT_EQ(reading.ceiling(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(reading.condition(), CONDITION_BREACHED);
  ASSERT_EQ(reading.ceiling_events_size(), 1);
  EXPECT_EQ(reading.ceiling_events(0), absl::StrCat("partnerships/x/events/", log.events().size()));
}

TEST(GoldenTrajectoriesTest, G5RepairLiftsTheCeilingAndLeavesTheMark) {
  Log log = M(2026);
  const int64_t breach =
      log.On("2024-02-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL, STANDING_ACKNOWLEDGED);
  log.On("2024-02-05").Acknowledged(breach);
  log.On("2024-02-10").Apology(breach);
  log.On("2024-05-01").Remediated(breach);
  log.On("2024-07-01").By("a").To({"b"}).Verified(breach);
  EXPECT_EQ(Path(log, "2026-12-31"), absl::StrCat(kGrowth, ", 1 @2024-02-01"));
  EXPECT_EQ(Scores(log, "2026-12-31"), "4277/1941 4777/2572 7428/2312 5135/2821");
  const auto history = log.Fold();
  EXPECT_EQ(history->Read("a", "b", DayOn("2024-06-30")).ceiling(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(history->Read("a", "b", DayOn("2024-06-30")).condition(), CONDITION_REPAIRING);
  EXPECT_EQ(history->Read("a", "b", DayOn("2024-07-01")).ceiling(), STAGE_MAINTAINING_COMMITMENT);
}

TEST(GoldenTrajectoriesTest, G7AMisunderstandingCostsLittle) {
  Log log = M(2024);
  log.On("2024-03-01").Misunderstanding();
  EXPECT_EQ(Path(log, "2024-12-31"), kGrowth);
  EXPECT_EQ(Scores(log, "2024-12-31"), "8179/3640 7480/3936 8650/2699 7823/4352");
}

TEST(GoldenTrajectoriesTest, G8aOneMissIsForgiven) {
  Log log = M(2025);
  log.On("2024-02-01").Missed();
  EXPECT_EQ(Path(log, "2025-12-31"), kGrowth);
  EXPECT_EQ(Scores(log, "2025-12-31"), "7865/3546 7725/4128 7795/2428 7837/4324");
}

TEST(GoldenTrajectoriesTest, G8bThreeMissesAreNot) {
  Log log = M(2025);
  for (const char* date : {"2024-02-01", "2024-03-01", "2024-04-01"}) log.On(date).Missed();
  EXPECT_EQ(Path(log, "2025-12-31"), absl::StrCat(kGrowth, ", 3 @2024-03-01"));
  EXPECT_EQ(Scores(log, "2025-12-31"), "7306/3294 7395/3952 6443/2007 7837/4324");
  const auto reading = log.Fold()->Read("a", "b", DayOn("2025-12-31"));
  EXPECT_EQ(reading.holds_until_date(), "2027-11-13");
  EXPECT_EQ(reading.stage_after(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(reading.since_date(), "2024-03-01");
}

TEST(GoldenTrajectoriesTest, G9lALateModerateViolationStrains) {
  Log log = M();
  log.On("2023-06-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MODERATE, STANDING_ACKNOWLEDGED);
  EXPECT_EQ(Path(log, "2023-12-31"), kGrowth);
  EXPECT_EQ(Scores(log, "2023-12-31"), "5723/2478 5983/3049 7789/2433 6140/3468");
  EXPECT_EQ(log.Fold()->Read("a", "b", DayOn("2023-12-31")).condition(), CONDITION_STRAINED);
}

TEST(GoldenTrajectoriesTest, G10PraiseOfOneselfAloneMovesNoStage) {
  Log log = M();
  for (Event& event : log.events()) {
    if (event.has_evidence()) event.mutable_evidence()->set_source(SOURCE_SELF);
  }
  EXPECT_EQ(Path(log, "2023-12-31"), "1 @2020-01-06");
  EXPECT_EQ(Scores(log, "2023-12-31"), "6555/6889 6334/7330 7015/5969 6205/7589");
}

TEST(GoldenTrajectoriesTest, G11ATransactionalPartnershipStaysAtRapport) {
  const Log mature = M();
  Log log;
  for (const Event& event : mature.events()) {
    const Evidence& evidence = event.evidence();
    if (event.has_evidence() && !evidence.has_confidentiality_agreement_signed() &&
        !evidence.has_credibility_assessed() && !evidence.has_credentials_verified() &&
        !evidence.has_intentions_assessed() && !evidence.has_commitment_fulfilled()) {
      continue;
    }
    log.events().push_back(event);
    log.events().back().set_revision(static_cast<int64_t>(log.events().size()));
  }
  EXPECT_EQ(Path(log, "2023-12-31"), "1 @2020-01-06, 2 @2020-07-15");
  EXPECT_EQ(Scores(log, "2023-12-31"), "7946/4107 6996/6007 8633/2733 5000/10000");
}

// One commitment every 36 days for six years beside the yearly care, the last ones of each cycle missed.
std::string LongRun(int kept, int missed) {
  Log log = G();
  const Day first = DayOn("2021-01-01");
  for (int year = 2021; year <= 2026; ++year) {
    log.On(absl::StrCat(year, "-02-20")).Transparency();
    log.On(absl::StrCat(year, "-08-20")).FeedbackActedOn();
  }
  for (int i = 0; i * 36 < 6 * 365; ++i) {
    Act act = log.On(first + i * 36);
    i % (kept + missed) < kept ? act.Fulfilled() : act.Missed();
  }
  return Path(log, "2026-12-31");
}

TEST(GoldenTrajectoriesTest, NineteenOrNineKeptForOneMissedHoldTheHighestStage) {
  EXPECT_EQ(LongRun(19, 1), kGrowth);
  EXPECT_EQ(LongRun(9, 1), kGrowth);
}

TEST(GoldenTrajectoriesTest, EightKeptForTwoMissedFallAfterTwentyTwoMonthsAndTouchTheHighestStageOnceMore) {
  EXPECT_EQ(LongRun(8, 2), absl::StrCat(kGrowth, ", 3 @2022-11-16, 4 @2023-08-31, 3 @2023-11-11"));
}

TEST(GoldenTrajectoriesTest, SevenKeptForThreeMissedFallAfterElevenMonthsForGood) {
  EXPECT_EQ(LongRun(7, 3), absl::StrCat(kGrowth, ", 3 @2021-11-21"));
}

}  // namespace
}  // namespace projections
