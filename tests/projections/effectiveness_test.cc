#include "projections/effectiveness.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

trust::v1::EffectivenessReading Figures(const Log& log, absl::string_view as_of, int window_days = 365,
                                        bool hindsight = false) {
  return ReadEffectiveness(log.Fold()->conduct(), DayOn(as_of), window_days, hindsight);
}

void Kept(Log& log, absl::string_view date, trust::v1::FulfilmentResult result) {
  Act act = log.On(date);
  act.evidence().mutable_commitment_fulfilled()->set_result(result);
  act.Append();
}

trust::v1::Milestone& MilestoneOn(Log& log, absl::string_view date) {
  return *log.New(DayOn(date)).mutable_milestone();
}

TEST(EffectivenessTest, NothingToCountLeavesTheFiguresOut) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const trust::v1::EffectivenessReading figures = Figures(log, "2020-12-31");
  EXPECT_FALSE(figures.has_kept_bp());
  EXPECT_FALSE(figures.has_on_time_bp());
  EXPECT_FALSE(figures.has_objectives_achieved_bp());
  EXPECT_FALSE(figures.has_resolution_days());
  EXPECT_EQ(figures.reviews_per_year_centi(), 0);
  EXPECT_EQ(figures.age_days(), 360);
  EXPECT_EQ(figures.since_date(), "2020-01-02");
  const trust::v1::EffectivenessReading before = Figures(log, "2020-01-05");
  EXPECT_FALSE(before.has_age_days());
  EXPECT_FALSE(before.has_reviews_per_year_centi());
}

TEST(EffectivenessTest, RatesAreOfWhatHasAnOutcome) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  Kept(log, "2020-02-01", trust::v1::FULFILMENT_RESULT_ON_TIME);
  Kept(log, "2020-03-01", trust::v1::FULFILMENT_RESULT_EXCEEDED);
  Kept(log, "2020-04-01", trust::v1::FULFILMENT_RESULT_LATE);
  log.On("2020-05-01").Missed();
  Act achieved = log.On("2020-06-01");
  achieved.evidence().mutable_shared_objective_achieved();
  achieved.Append();
  for (int i = 0; i < 2; ++i) {
    Act missed = log.On("2020-06-02");
    missed.evidence().mutable_shared_objective_missed();
    missed.Append();
  }
  log.On("2020-07-01").Joint().Renewed();
  const trust::v1::EffectivenessReading figures = Figures(log, "2020-12-31");
  EXPECT_EQ(figures.commitments(), 4);
  EXPECT_EQ(figures.kept_bp(), 7500);
  EXPECT_EQ(figures.on_time_bp(), 6666);
  EXPECT_EQ(figures.objectives_achieved_bp(), 3333);
  EXPECT_EQ(figures.renewals(), 1);
}

TEST(EffectivenessTest, TheWindowHoldsBothItsEnds) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  Kept(log, "2020-02-01", trust::v1::FULFILMENT_RESULT_ON_TIME);
  Kept(log, "2020-02-10", trust::v1::FULFILMENT_RESULT_ON_TIME);
  EXPECT_EQ(Figures(log, "2020-02-10", 10).commitments(), 2);
  EXPECT_EQ(Figures(log, "2020-02-10", 9).commitments(), 1);
  EXPECT_EQ(Figures(log, "2020-02-09", 10).commitments(), 1);
}

TEST(EffectivenessTest, TheLowerMedianOfTheDaysFromRaisingToResolving) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int days[] = {30, 10, 20, 40};
  for (const int length : days) {
    const int64_t conflict = log.On("2020-02-01").ConflictRaised();
    log.On(DayOn("2020-02-01") + length).Resolved(conflict, trust::v1::RESOLUTION_MODE_JOINT);
  }
  EXPECT_EQ(Figures(log, "2020-12-31").resolution_days(), 20);
  // Of those resolved in the window alone.
  EXPECT_EQ(Figures(log, "2020-03-12", 15).resolution_days(), 30);
  EXPECT_FALSE(Figures(log, "2020-02-10").has_resolution_days());
}

TEST(EffectivenessTest, TheVersionRecordedLastCounts) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t missed = log.On("2020-03-01").Missed();
  auto& correction = *log.New(DayOn("2020-04-01")).mutable_evidence_corrected();
  correction.set_event(absl::StrCat("partnerships/x/events/", missed));
  correction.mutable_replacement()->set_actor("b");
  correction.mutable_replacement()->add_affected("a");
  correction.mutable_replacement()->mutable_commitment_fulfilled();
  EXPECT_EQ(Figures(log, "2020-12-31").kept_bp(), 10000);
  EXPECT_EQ(Figures(log, "2020-03-01", 1).commitments(), 1) << "the original keeps its day";

  const auto moved = correction;
  *log.New(DayOn("2020-04-02")).mutable_evidence_corrected() = moved;
  *log.events().back().mutable_evidence_corrected()->mutable_occur_time() = ToTimestamp(StartOf(DayOn("2020-03-05")));
  EXPECT_EQ(Figures(log, "2020-03-01", 1).commitments(), 0);
  EXPECT_EQ(Figures(log, "2020-03-05", 1).commitments(), 1);

  log.New(DayOn("2020-05-01")).mutable_evidence_retracted()->set_event(absl::StrCat(missed));
  EXPECT_FALSE(Figures(log, "2020-12-31").has_kept_bp());
  *log.New(DayOn("2020-06-01")).mutable_evidence_corrected() = moved;
  EXPECT_EQ(Figures(log, "2020-12-31").kept_bp(), 10000) << "a later correction brings it back";
}

TEST(EffectivenessTest, ACorrectionOfACorrectionChangesNothing) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t missed = log.On("2020-03-01").Missed();
  auto& correction = *log.New(DayOn("2020-04-01")).mutable_evidence_corrected();
  correction.set_event(absl::StrCat(missed));
  correction.mutable_replacement()->mutable_commitment_missed();
  const int64_t first = log.events().back().revision();
  auto& second = *log.New(DayOn("2020-04-02")).mutable_evidence_corrected();
  second.set_event(absl::StrCat(first));
  second.mutable_replacement()->mutable_commitment_fulfilled();
  EXPECT_EQ(Figures(log, "2020-12-31").kept_bp(), 0);
  EXPECT_EQ(Figures(log, "2020-12-31").commitments(), 1);
}

TEST(EffectivenessTest, ACorrectionWithoutAReplacementMovesWhatWasRecorded) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t missed = log.On("2020-03-01").Missed();
  auto& replaced = *log.New(DayOn("2020-04-01")).mutable_evidence_corrected();
  replaced.set_event(absl::StrCat(missed));
  replaced.mutable_replacement()->mutable_commitment_fulfilled();
  EXPECT_EQ(Figures(log, "2020-12-31").kept_bp(), 10000);
  auto& moved = *log.New(DayOn("2020-04-02")).mutable_evidence_corrected();
  moved.set_event(absl::StrCat(missed));
  *moved.mutable_occur_time() = ToTimestamp(StartOf(DayOn("2020-02-01")));
  EXPECT_EQ(Figures(log, "2020-12-31").kept_bp(), 0) << "it lies over the original, not over the first correction";
  EXPECT_EQ(Figures(log, "2020-02-01", 1).commitments(), 1);
  EXPECT_EQ(Figures(log, "2020-03-01", 1).commitments(), 0);
  log.New(DayOn("2020-05-01")).mutable_evidence_retracted()->set_event(absl::StrCat(missed));
  EXPECT_EQ(Figures(log, "2020-12-31").commitments(), 0);
  log.New(DayOn("2020-06-01")).mutable_evidence_corrected()->set_event(absl::StrCat(missed));
  EXPECT_EQ(Figures(log, "2020-03-01", 1).commitments(), 1) << "and it brings back what was retracted";
}

TEST(EffectivenessTest, OfReviewsOfEffectivenessTheLatestDayCountsAndOfOneDayTheOneRecordedLast) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const auto review = [&log](absl::string_view date, int value) {
    MilestoneOn(log, date).mutable_effectiveness_reviewed()->add_figures()->set_value_basis_points(value);
  };
  review("2020-03-01", 1);
  review("2020-05-01", 2);
  review("2020-05-01", 3);
  review("2020-04-01", 4);
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2020-06-01")));
  EXPECT_EQ(Figures(log, "2020-02-01").reported_size(), 0);
  EXPECT_EQ(Figures(log, "2020-04-30").reported(0).value_bp(), 1);
  EXPECT_EQ(Figures(log, "2020-04-30", 365, /*hindsight=*/true).reported(0).value_bp(), 4);
  EXPECT_EQ(Figures(log, "2020-05-31").reported(0).value_bp(), 3);
  EXPECT_EQ(Figures(log, "2020-06-01").reported(0).value_bp(), 4);
}

TEST(EffectivenessTest, ARetractionOfAMilestoneChangesNothing) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  MilestoneOn(log, "2020-03-01").mutable_review_held();
  const int64_t review = log.events().back().revision();
  log.New(DayOn("2020-04-01")).mutable_evidence_retracted()->set_event(absl::StrCat(review));
  EXPECT_EQ(Figures(log, "2020-12-31").reviews_per_year_centi(), 100);
}

TEST(EffectivenessTest, HindsightCountsByTheDayItHappened) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-03-01").Missed();
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2020-06-01")));
  EXPECT_EQ(Figures(log, "2020-04-01").commitments(), 0);
  EXPECT_EQ(Figures(log, "2020-04-01", 365, /*hindsight=*/true).commitments(), 1);
}

TEST(EffectivenessTest, ReviewsAYearAndTheFiguresReportedLast) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  MilestoneOn(log, "2020-03-01").mutable_review_held();
  MilestoneOn(log, "2020-09-01").mutable_review_held();
  auto& old = *MilestoneOn(log, "2020-03-02").mutable_effectiveness_reviewed()->add_figures();
  old.set_name("output");
  old.set_value_basis_points(9000);
  auto& late = *MilestoneOn(log, "2020-09-02").mutable_effectiveness_reviewed()->add_figures();
  late.set_name("output");
  late.set_value_basis_points(8000);
  const trust::v1::EffectivenessReading figures = Figures(log, "2020-12-31", 730);
  EXPECT_EQ(figures.reviews_per_year_centi(), 100);
  ASSERT_EQ(figures.reported_size(), 1);
  EXPECT_EQ(figures.reported(0).value_bp(), 8000);
  EXPECT_EQ(figures.reported(0).event(), "partnerships/x/events/6");
  EXPECT_EQ(Figures(log, "2020-09-01").reported(0).value_bp(), 9000);
}

TEST(EffectivenessTest, AgeEndsWithThePartnership) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.Terminated("2020-02-05");
  EXPECT_EQ(Figures(log, "2020-01-16").age_days(), 10);
  EXPECT_EQ(Figures(log, "2021-01-16").age_days(), 30);
}

TEST(EffectivenessTest, AgeIsFromTheDayTheyMetHoweverLateThatBecameKnown) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2020-06-01")));
  EXPECT_EQ(Figures(log, "2020-01-16").age_days(), 10);
  EXPECT_EQ(Figures(log, "2020-01-16", 365, /*hindsight=*/true).age_days(), 10);
}

TEST(EffectivenessTest, StatedTrustIsThatOfTheLatestDayThatStatesIt) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const auto check = [&log](absl::string_view date, const std::string& trustor, std::vector<int> stated) {
    trust::v1::Milestone& milestone = MilestoneOn(log, date);
    for (const int basis_points : stated) {
      auto& row = *milestone.mutable_health_check_completed()->add_stated_trust();
      row.set_trustor(trustor);
      row.set_trustee(trustor == "a" ? "b" : "a");
      row.set_trust_basis_points(basis_points);
    }
  };
  check("2020-05-01", "a", {1000, 2000});
  check("2020-03-01", "a", {3000});
  check("2020-05-01", "a", {4000, 5000});
  check("2020-07-01", "b", {6000});
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2020-09-01")));
  const std::unique_ptr<TrustHistory> history = log.Fold();
  const auto stated = [&](const std::string& trustor, absl::string_view date, bool hindsight = false) {
    trust::v1::DirectionReading reading;
    reading.set_trustor(trustor);
    reading.set_trustee(trustor == "a" ? "b" : "a");
    ReadStatedTrust(history->conduct(), DayOn(date), hindsight, &reading);
    return reading.has_stated() ? reading.stated().stated_bp() : 0;
  };
  EXPECT_EQ(stated("a", "2020-02-29"), 0);
  EXPECT_EQ(stated("a", "2020-04-30"), 3000);
  EXPECT_EQ(stated("a", "2020-05-01"), 5000);
  EXPECT_EQ(stated("a", "2020-12-31"), 5000) << "a check that asked others says nothing of it";
  EXPECT_EQ(stated("b", "2020-08-01"), 0);
  EXPECT_EQ(stated("b", "2020-08-01", true), 6000);
}

TEST(EffectivenessTest, MemoryGrowsWithWhatHealthChecksState) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const size_t before = log.Fold()->conduct().memory_bytes();
  trust::v1::Milestone& milestone = MilestoneOn(log, "2020-05-01");
  for (int i = 0; i < 50; ++i) {
    for (int k = 0; k < 50; ++k) {
      if (i == k) continue;
      auto& row = *milestone.mutable_health_check_completed()->add_stated_trust();
      row.set_trustor(absl::StrCat("p-", i));
      row.set_trustee(absl::StrCat("p-", k));
    }
  }
  EXPECT_GT(log.Fold()->conduct().memory_bytes(), before + 2450 * 32);
}

TEST(EffectivenessTest, StatedTrustStandsBesideTheMeanOfTheScores) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  for (const auto& [date, stated] : {std::pair("2020-03-01", 9000), std::pair("2020-05-01", 4000)}) {
    auto& row = *MilestoneOn(log, date).mutable_health_check_completed()->add_stated_trust();
    row.set_trustor("a");
    row.set_trustee("b");
    row.set_trust_basis_points(stated);
  }
  const std::unique_ptr<TrustHistory> history = log.Fold();
  const auto read = [&](absl::string_view trustor, absl::string_view trustee, absl::string_view date) {
    trust::v1::DirectionReading reading = history->Read(trustor, trustee, DayOn(date));
    ReadStatedTrust(history->conduct(), DayOn(date), false, &reading);
    return reading;
  };
  EXPECT_FALSE(read("a", "b", "2020-02-29").has_stated());
  EXPECT_FALSE(read("b", "a", "2020-12-31").has_stated()) << "nobody was asked";
  const trust::v1::StatedTrustReading first = read("a", "b", "2020-03-01").stated();
  EXPECT_EQ(first.stated_bp(), 9000);
  EXPECT_EQ(first.evidenced_bp(), 5000) << "nothing is known: all four scores are the prior's";
  EXPECT_EQ(first.gap_bp(), 4000);
  EXPECT_EQ(first.date(), "2020-03-01");
  EXPECT_EQ(first.event(), "partnerships/x/events/3");
  EXPECT_EQ(read("a", "b", "2020-05-01").stated().gap_bp(), -1000);
}

}  // namespace
}  // namespace projections
