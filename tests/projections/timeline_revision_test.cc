// Where two stage paths differ: by example, and against a comparison day by day.

#include "projections/timeline_revision.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections {
namespace {

std::string Text(const std::vector<trust::v1::RevisedInterval>& intervals) {
  std::string text;
  for (const auto& interval : intervals) {
    absl::StrAppend(&text, interval.first_date(), "..", interval.last_date(), " ", int{interval.stage_before()}, ">",
                    int{interval.stage()}, "; ");
  }
  return text;
}

TEST(RevisedIntervalsTest, EqualPathsHaveNone) {
  const std::vector<StageStep> path = {{100, 1}, {200, 2}};
  EXPECT_TRUE(RevisedIntervals("a", "b", path, path, 1000).empty());
  EXPECT_TRUE(RevisedIntervals("a", "b", {}, {}, 1000).empty());
}

TEST(RevisedIntervalsTest, AStageReachedLaterIsOneIntervalWithAnEnd) {
  const auto intervals = RevisedIntervals("a", "b", {{0, 1}, {10, 2}}, {{0, 1}, {20, 2}}, 100);
  EXPECT_EQ(Text(intervals), "1970-01-11..1970-01-20 2>1; ");
  EXPECT_EQ(intervals[0].trustor(), "a");
  EXPECT_EQ(intervals[0].trustee(), "b");
}

TEST(RevisedIntervalsTest, ADifferenceThatLastsHasNoEnd) {
  EXPECT_EQ(Text(RevisedIntervals("a", "b", {{0, 1}, {10, 2}}, {{0, 1}}, 100)), "1970-01-11.. 2>1; ");
}

TEST(RevisedIntervalsTest, WhatHappensOnTheDayOfReadingIsNoRevision) {
  EXPECT_TRUE(RevisedIntervals("a", "b", {{0, 1}}, {{0, 1}, {100, 2}}, 100).empty());
  EXPECT_EQ(Text(RevisedIntervals("a", "b", {{0, 1}}, {{0, 1}, {99, 2}}, 100)), "1970-04-10.. 1>2; ");
}

TEST(RevisedIntervalsTest, RandomPathsDifferExactlyInTheirIntervals) {
  for (uint32_t seed = 0; seed < support::Histories(2000u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    std::vector<StageStep> paths[2];
    for (auto& path : paths) {
      for (Day day = static_cast<Day>(random() % 5); day < 60; day += 1 + static_cast<Day>(random() % 15)) {
        path.push_back({day, 1 + static_cast<int>(random() % 3)});
      }
    }
    const auto stage = [](const std::vector<StageStep>& path, Day day) {
      int found = 0;
      for (const StageStep& step : path) {
        if (step.day <= day) found = step.stage;
      }
      return found;
    };
    const Day as_of = 20 + static_cast<Day>(random() % 50);
    std::string expected;
    for (Day day = 0; day < as_of; ++day) {
      if (stage(paths[0], day) == stage(paths[1], day)) continue;
      absl::StrAppend(&expected, FormatDay(day), "..");
      const int before = stage(paths[0], day), after = stage(paths[1], day);
      Day last = day;
      while (last <= as_of && stage(paths[0], last) != stage(paths[1], last)) ++last;
      absl::StrAppend(&expected, last <= as_of ? FormatDay(last - 1) : "", " ", before, ">", after, "; ");
      day = last;
    }
    ASSERT_EQ(Text(RevisedIntervals("a", "b", paths[0], paths[1], as_of)), expected);
  }
}

TEST(RevisedIntervalsTest, LateEvidenceRevisesWhatCouldBeRead) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").CredibilitySupported();
  log.On("2020-01-27").IntentionsAligned();
  log.On("2020-03-01").OpenCommunication();
  const auto history = log.Fold();
  const Day as_of = DayOn("2020-06-01");
  const auto before = history->StagePath("a", "b", as_of);
  log.On("2020-02-10").SharedExperience();
  history->Apply(log.events().back());
  EXPECT_EQ(Text(RevisedIntervals("a", "b", before, history->StagePath("a", "b", as_of), as_of)),
            "2020-02-10..2020-02-29 1>2; ");
}

}  // namespace
}  // namespace projections
