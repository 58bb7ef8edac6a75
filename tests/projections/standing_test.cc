#include "projections/standing.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "tests/projections/random_log.h"
#include "tests/support/test_seed.h"

namespace projections {
namespace {

using trust::v1::StandingRow;

StandingRow WithoutDays(StandingRow row) {
  row.clear_day();
  row.clear_next_day();
  return row;
}

TEST(StandingTest, ARowReadsTheSameUntilItsNextDay) {
  int looked_again = 0, changed = 0;
  const uint32_t first_seed = support::AskedSeed().value_or(1);
  for (uint32_t seed = first_seed; seed < first_seed + 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    RandomLog random(seed);
    random.Fill(40);
    const std::unique_ptr<TrustHistory> history = random.log.Fold();
    Day today = random.first_contact() + random.Below(2200);
    for (int step = 0; step < 25; ++step) {
      const StandingRow row = ReadStanding(*history, today);
      if (row.next_day() == 0) break;
      ASSERT_GT(row.next_day(), today);
      // The days nearest to both ends, and some between.
      std::set<Day> days;
      const Day length = row.next_day() - today;
      for (Day i = 1; i <= std::min<Day>(4, length - 1); ++i) {
        days.insert({today + i, row.next_day() - i, today + 1 + random.Below(length - 1)});
      }
      for (const Day day : days) {
        ASSERT_EQ(WithoutDays(ReadStanding(*history, day)).SerializeAsString(), WithoutDays(row).SerializeAsString())
            << FormatDay(today) << " and " << FormatDay(day);
      }
      today = row.next_day();
      const StandingRow next = ReadStanding(*history, today);
      ++(WithoutDays(next).SerializeAsString() == WithoutDays(row).SerializeAsString() ? looked_again : changed);
    }
  }
  EXPECT_GT(changed, 10);
  EXPECT_GT(looked_again, 10);
}

TEST(StandingTest, EachDirectionIsComparedWithItselfWhicheverElseCameOrWent) {
  const auto row = [](std::vector<std::tuple<std::string, std::string, trust::v1::Stage>> directions) {
    StandingRow made;
    for (const auto& [trustor, trustee, stage] : directions) {
      trust::v1::StandingDirection& direction = *made.add_directions();
      direction.set_trustor(trustor);
      direction.set_trustee(trustee);
      direction.set_stage(stage);
      direction.add_timeline()->set_stage(stage);
    }
    return made;
  };
  constexpr auto kFirst = trust::v1::STAGE_INITIAL_CONTACT, kSecond = trust::v1::STAGE_BUILDING_RAPPORT;
  const StandingRow before = row({{"a", "b", kFirst}, {"b", "a", kFirst}, {"b", "d", kFirst}});
  const StandingRow after = row({{"a", "b", kFirst}, {"a", "c", kFirst}, {"b", "a", kSecond}, {"c", "a", kFirst}});
  std::vector<std::string> told;
  for (const trust::v1::WatchTrustResponse& message : DiffStanding("x", before, after, StandingCause::kEvents)) {
    if (!message.has_change()) continue;
    const trust::v1::TrustChange& change = message.change();
    told.push_back(absl::StrCat(change.trustor(), ">", change.trustee(), " ", change.stage_before(), change.stage()));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"a>c 01", "b>a 12", "c>a 01"}));
}

TEST(StandingTest, AChangeByEventsAndOneBySilenceAreToldAsSuch) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const Day met = DayOn("2020-01-06");
  const StandingRow first = ReadStanding(*log.Fold(), met);
  const auto started = DiffStanding("x", StandingRow(), first, StandingCause::kEvents);
  ASSERT_EQ(started.size(), 2U);
  EXPECT_EQ(started[0].change().cause(), trust::v1::TRANSITION_CAUSE_START);
  EXPECT_EQ(started[0].change().stage(), trust::v1::STAGE_INITIAL_CONTACT);
  EXPECT_EQ(started[0].change().condition_before(), trust::v1::CONDITION_UNSPECIFIED);

  log.On("2020-02-01").ConflictRaised();
  const StandingRow strained = ReadStanding(*log.Fold(), DayOn("2020-02-01"));
  const auto told = DiffStanding("x", first, strained, StandingCause::kEvents);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change().trustor(), "a");
  EXPECT_EQ(told[0].change().condition(), trust::v1::CONDITION_STRAINED);
  EXPECT_EQ(told[0].change().cause(), trust::v1::TRANSITION_CAUSE_EVENT);
  EXPECT_EQ(told[0].change().date(), "2020-02-01");
  EXPECT_EQ(told[0].change().revision(), 3);
}

TEST(StandingTest, TheTrusteesOwnWordAloneIsOneSided) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-02-01").Self().Fulfilled();
  StandingRow row = ReadStanding(*log.Fold(), DayOn("2020-02-01"));
  ASSERT_EQ(row.attention_size(), 1);
  EXPECT_EQ(row.attention(0).kind(), trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE);
  EXPECT_EQ(row.attention(0).trustor(), "a");
  EXPECT_NE(row.attention(0).text().find("credibility, rapport, reliability"), std::string::npos);
  log.On("2020-02-01").Fulfilled();
  row = ReadStanding(*log.Fold(), DayOn("2020-02-01"));
  EXPECT_EQ(row.attention_size(), 0);
}

}  // namespace
}  // namespace projections
