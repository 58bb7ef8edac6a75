// What is left of columns of weights, and the bounds that stand for it.

#include "projections/weight_columns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/histories.h"

namespace projections {
namespace {

constexpr uint32_t kColumnSeeds = 2000;
constexpr int kHalfLives = 3;

const std::vector<Decay>& SomeDecays() {
  static const auto* const decays = new std::vector<Decay>{Decay(365), Decay(30), Decay(1460)};
  return *decays;
}

Weights SomeWeights(std::mt19937& random) {
  Weights weights{};
  for (uint64_t& weight : weights) weight = random() % 3 == 0 ? 0 : random() % 5000;
  return weights;
}

void ExpectBoundsAround(const WeightColumns& columns, Day day) {
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    const Mass mass = columns.MassOf(facet, day);
    MassBounds bounds;
    columns.AddBounds(facet, day, &bounds);
    ASSERT_LE(bounds.least, mass) << "facet " << facet << ", day " << day;
    ASSERT_GE(bounds.most, mass) << "facet " << facet << ", day " << day;
    // As near as a hundred-thousandth, what rounding takes off, and a thousandth of a milli-unit.
    ASSERT_LE(bounds.most - bounds.least, mass / 100'000 + 3 * columns.sums()[facet] + (1 << 20)) << "day " << day;
  }
}

TEST(WeightColumnsTest, WhatIsLeftLiesBetweenItsBoundsHoweverColumnsCameAndChanged) {
  for (uint32_t seed = 0; seed < support::Histories(kColumnSeeds); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    WeightColumns columns(&SomeDecays());
    Day day = static_cast<Day>(random() % 20'000);
    for (int step = 0; step < 60; ++step) {
      day += static_cast<Day>(random() % 5 == 0 ? random() % 3000 : random() % 40);
      const size_t column = columns.FindLast(day, static_cast<int>(random() % kHalfLives));
      columns.Replace(column, columns.weights(column), SomeWeights(random));
      const size_t other = random() % columns.size();
      if (random() % 2 == 0) columns.Replace(other, columns.weights(other), SomeWeights(random));
      if (random() % 8 == 0) columns.Truncate(columns.size() - 1);
      for (const int later : {0, 1, 29, 400, 5000, 60'000}) {
        ExpectBoundsAround(columns, day + later);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Who asks seldom finds many columns that were not taken in before, changed, inserted and taken away meanwhile.
TEST(WeightColumnsTest, TheBoundsAreRightHoweverSeldomTheyAreAskedFor) {
  for (uint32_t seed = 0; seed < support::Histories(kColumnSeeds); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    WeightColumns columns(&SomeDecays());
    const uint32_t seldom = 1 + random() % 30;
    const bool one_half_life = random() % 2 == 0;  // Then a column may be put between others.
    Day day = static_cast<Day>(10'000 + random() % 20'000);
    for (int step = 0; step < 60; ++step) {
      day += static_cast<Day>(random() % 5 == 0 ? random() % 3000 : random() % 40);
      size_t column = 0;
      if (one_half_life) {
        column = columns.FindOrInsert(random() % 3 == 0 ? day - static_cast<Day>(random() % 10'000) : day);
      } else {
        column = columns.FindLast(day, static_cast<int>(random() % kHalfLives));
      }
      columns.Replace(column, columns.weights(column), SomeWeights(random));
      const size_t other = random() % columns.size();
      if (random() % 2 == 0) columns.Replace(other, columns.weights(other), SomeWeights(random));
      if (random() % 8 == 0) columns.Truncate(columns.size() - std::min<size_t>(columns.size(), random() % 4));
      if (step < 59 && random() % seldom != 0) continue;
      for (const int later : {0, 29, 5000}) {
        ExpectBoundsAround(columns, day + later);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(WeightColumnsTest, TheSumOfWeightsIsThatOfTheColumnsAsTheyStand) {
  WeightColumns columns(&SomeDecays());
  const size_t column = columns.Append(100, 0);
  columns.Replace(column, columns.weights(column), {1000, 0, 0, 7});
  columns.Replace(column, columns.weights(column), {400, 0, 0, 7});
  EXPECT_TRUE(columns.sums()[0] == 400 && columns.sums()[3] == 7);
  columns.Truncate(0);
  EXPECT_TRUE(columns.sums() == MassSums{});
}

}  // namespace
}  // namespace projections
