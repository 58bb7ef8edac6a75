#include "tests/benchmark/latencies.h"

#include "gtest/gtest.h"

namespace benchmark {
namespace {

Latencies Of(int first, int last) {
  Latencies latencies;
  for (int i = last; i >= first; --i) latencies.Add(absl::Microseconds(i));
  return latencies;
}

TEST(LatenciesTest, APercentileIsALatencyThatWasSeen) {
  const Latencies latencies = Of(1, 1000);
  EXPECT_EQ(latencies.Permille(500), absl::Microseconds(500));
  EXPECT_EQ(latencies.Permille(990), absl::Microseconds(990));
  EXPECT_EQ(latencies.Permille(999), absl::Microseconds(999));
  EXPECT_EQ(latencies.Permille(1000), absl::Microseconds(1000));
}

TEST(LatenciesTest, FewCallsRoundUp) {
  EXPECT_EQ(Of(7, 7).Permille(1), absl::Microseconds(7));
  EXPECT_EQ(Of(1, 3).Permille(500), absl::Microseconds(2));
  EXPECT_EQ(Of(1, 3).Permille(999), absl::Microseconds(3));
}

TEST(LatenciesTest, RoundsAddUp) {
  Latencies latencies = Of(1, 10);
  latencies.Add(Of(11, 20));
  EXPECT_EQ(latencies.size(), 20u);
  EXPECT_EQ(latencies.Permille(500), absl::Microseconds(10));
}

TEST(LatenciesTest, NoCallsTakeNoTime) { EXPECT_EQ(Latencies().Permille(500), absl::ZeroDuration()); }

}  // namespace
}  // namespace benchmark
