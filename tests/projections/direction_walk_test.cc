#include "projections/direction_walk.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <random>

#include "gtest/gtest.h"
#include "tests/support/test_seed.h"

namespace projections {
namespace {

// What holds until a day and never again, and how often that was asked.
struct Fading {
  Day last_good;
  mutable int asked = 0;

  bool operator()(Day day) const {
    ++asked;
    return day <= last_good;
  }
};

TEST(FirstFailureTest, AGuessFindsTheDayThatTheSearchWithoutOneFinds) {
  const uint32_t seed = support::AnySeed();
  std::mt19937_64 random(seed);
  const std::shared_ptr<const Policy> policy = Policy::Default();
  const auto any = [&](int64_t below) { return static_cast<Day>(random() % static_cast<uint64_t>(below)); };
  for (int i = 0; i < 20'000; ++i) {
    const Day last = any(40'000) - 20'000;
    const Fading searched{last + any(i % 2 == 0 ? 100'000 : 50)}, guessed{searched.last_good};
    const Day guess = last - 10 + any(i % 3 == 0 ? 100'000 : 60);
    const std::optional<Day> failure = FirstFailureAfter(last, *policy, searched);
    ASSERT_EQ(FirstFailureNear(guess, last, *policy, guessed), failure)
        << "TRUSTD_TEST_SEED=" << seed << " last " << last << " good " << searched.last_good << " guess " << guess;
  }
}

TEST(FirstFailureTest, ARightGuessIsAskedForTwoDaysAlone) {
  const Fading fading{12'345};
  EXPECT_EQ(FirstFailureNear(12'346, 10'000, *Policy::Default(), fading), 12'346);
  EXPECT_EQ(fading.asked, 2);
  const Fading at_once{10'000};
  EXPECT_EQ(FirstFailureNear(10'001, 10'000, *Policy::Default(), at_once), 10'001);
  EXPECT_EQ(at_once.asked, 1);
}

TEST(FirstFailureTest, WhatNeverFailsHasNoDay) {
  for (const Day guess : {0, 11'000, 2'000'000}) {
    EXPECT_EQ(FirstFailureNear(guess, 10'000, *Policy::Default(), [](Day) { return true; }), std::nullopt) << guess;
  }
}

}  // namespace
}  // namespace projections
