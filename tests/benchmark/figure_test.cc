#include "tests/benchmark/figure.h"

#include "gtest/gtest.h"

namespace benchmark {
namespace {

TEST(FigureTest, AFigureIsOneJsonObject) {
  Figure figure("write.rate", 15000.4, "calls/s");
  figure.Against("empty.rate", 20000).Goal(0.7).With("in_flight", int64_t{64}).With("rounds", {1.5, 2000});
  EXPECT_EQ(
      figure.ToJson(),
      R"({"name": "write.rate", "value": 15000, "unit": "calls/s", "baseline": "empty.rate", "baseline_value": 20000, )"
      R"("ratio": 0.7500, "goal": 0.7000, "in_flight": 64, "rounds": [1.5000, 2000]})");
}

TEST(FigureTest, TextsAreEscaped) {
  EXPECT_EQ(Figure("a\"b\\c\n", 0, "").ToJson(), R"({"name": "a\"b\\c ", "value": 0.0000, "unit": ""})");
}

}  // namespace
}  // namespace benchmark
