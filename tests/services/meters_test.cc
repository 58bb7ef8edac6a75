#include "services/meters.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/follower_places.h"
#include "services/log_limit.h"
#include "services/reason_counts.h"
#include "services/store_fault.h"
#include "tests/support/fake_clock.h"

namespace services::meters_tests {

using testing::ElementsAre;

constexpr std::array<uint64_t, 3> kBounds = {10, 20, 40};

TEST(HistogramTest, AValueCountsAtTheFirstBoundThatIsNotBelowIt) {
  Histogram histogram(kBounds);
  for (const uint64_t value : {0, 10, 11, 20, 21, 40, 41, 1'000'000}) histogram.Observe(value);
  const HistogramReading reading = histogram.Read();
  EXPECT_THAT(reading.bounds, ElementsAre(10, 20, 40));
  EXPECT_THAT(reading.counts, ElementsAre(2, 2, 2, 2));
  EXPECT_EQ(reading.sum, 1'000'143u);
}

TEST(HistogramTest, NothingThatThreadsCountAtOnceIsLost) {
  Histogram histogram(kBounds);
  Counter counter;
  constexpr uint64_t kTimes = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (uint64_t n = 0; n < kTimes; ++n) {
        histogram.Observe(n % 50);
        counter.Add(2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const HistogramReading reading = histogram.Read();
  EXPECT_EQ(reading.counts[0] + reading.counts[1] + reading.counts[2] + reading.counts[3], 4 * kTimes);
  EXPECT_EQ(counter.value(), 8 * kTimes);
}

TEST(HistogramTest, ADurationBelowZeroCountsAsNone) {
  EXPECT_EQ(Nanoseconds(absl::Milliseconds(-5)), 0u);
  EXPECT_EQ(Nanoseconds(absl::Microseconds(7)), 7'000u);
}

TEST(ReasonCountsTest, EachReasonIsCountedByItsNameAndWhatIsUnknownByNone) {
  ReasonCounts counts;
  counts.Add(trust::v1::ERROR_REASON_OVERLOADED);
  counts.Add(trust::v1::ERROR_REASON_OVERLOADED);
  counts.Add(static_cast<trust::v1::ErrorReason>(1'000'000));
  counts.Add(static_cast<trust::v1::ErrorReason>(-1));
  uint64_t others = 0;
  for (const auto& [reason, count] : counts.Read()) {
    if (reason == "OVERLOADED") {
      EXPECT_EQ(count, 2u);
    } else if (reason == "UNSPECIFIED") {
      EXPECT_EQ(count, 2u);
    } else {
      others += count;
    }
  }
  EXPECT_EQ(others, 0u);
  EXPECT_GT(counts.Read().size(), 20u);
}

class LogLimitTest : public testing::Test {
 protected:
  support::FakeClock clock_{absl::UnixEpoch()};
  LogLimit limit_{{3, absl::Minutes(1), 2}, &clock_};
};

TEST_F(LogLimitTest, AFloodOfOneKindGetsSoManyLinesAndTheNextSaysHowManyWereLeftOut) {
  int lines = 0;
  for (int i = 0; i < 1'000; ++i) lines += limit_.Admit("UNAUTHENTICATED").has_value() ? 1 : 0;
  EXPECT_EQ(lines, 3);
  clock_.Pass(absl::Seconds(61));
  EXPECT_EQ(limit_.Admit("UNAUTHENTICATED"), 997u);
  EXPECT_EQ(limit_.Admit("UNAUTHENTICATED"), 0u);
}

TEST_F(LogLimitTest, AFloodOfOneKindSilencesNoOther) {
  for (int i = 0; i < 1'000; ++i) (void)limit_.Admit("UNAUTHENTICATED");
  EXPECT_EQ(limit_.Admit("INTERNAL"), 0u);
}

TEST_F(LogLimitTest, KindsBeyondTheBoundAreOne) {
  int lines = 0;
  for (int i = 0; i < 1'000; ++i) lines += limit_.Admit(std::to_string(i)).has_value() ? 1 : 0;
  EXPECT_EQ(lines, 2 + 3);
}

TEST_F(LogLimitTest, AFloodOfFailedReadsDoesNotFillTheLog) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1'000; ++i)
    EXPECT_FALSE(ReadFault(absl::DataLossError("the record at position 7"), &limit_).ok());
  clock_.Pass(absl::Seconds(61));
  EXPECT_FALSE(ReadFault(absl::DataLossError("the record at position 9"), &limit_).ok());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3 + 1) << log;
  EXPECT_NE(log.find("\"detail\":\"the record at position 9\",\"left_out\":\"997\""), std::string::npos) << log;
}

TEST_F(LogLimitTest, FailedReadsThatNameNoLimitShareThatOfTheProcess) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(ReadFault(absl::UnavailableError("the disk is gone")).ok());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_GE(std::count(log.begin(), log.end(), '\n'), 1);
  EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 100) << "ten a minute, and this takes no minute";
}

TEST(FollowerPlacesTest, TheLastOfAllFollowersIsFound) {
  FollowerPlaces followers;
  std::vector<FollowerPlace> places(100);
  for (size_t i = 0; i < places.size(); ++i) {
    places[i] = 1'000 + i;
    followers.Enter(&places[i]);
  }
  EXPECT_EQ(followers.Behind(1'100).followers, 100u);
  EXPECT_EQ(followers.Behind(1'100).positions_max, 100u);
  EXPECT_EQ(followers.Behind(900).positions_max, 0u);
  places[7] = 50;
  EXPECT_EQ(followers.Behind(1'100).positions_max, 1'050u);
  for (const FollowerPlace& place : places) followers.Leave(&place);
  EXPECT_EQ(followers.Behind(1'100).followers, 0u);
  EXPECT_EQ(followers.Behind(1'100).positions_max, 0u);
}

}  // namespace services::meters_tests
