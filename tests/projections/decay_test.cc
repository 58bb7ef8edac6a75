#include "projections/decay.h"

#include <gtest/gtest.h>

namespace projections {
namespace {

TEST(DecayTest, ItIsThatOfTheSpecification) {
  for (const int half_life : {1, 2, 365, 540, 730, 1095, 1460, 36500}) {
    EXPECT_EQ(Decay(half_life).At(0), 1073741824u) << half_life;
  }
  EXPECT_EQ(Decay(365).At(1), 1071704687u);
  EXPECT_EQ(Decay(365).At(30), 1014279571u);
  EXPECT_EQ(Decay(365).At(90), 905051506u);
  EXPECT_EQ(Decay(365).At(365), 536870912u);
  EXPECT_EQ(Decay(540).At(200), 830629361u);
  EXPECT_EQ(Decay(540).At(365), 672087613u);
  EXPECT_EQ(Decay(1095).At(1000), 570146722u);
  EXPECT_EQ(Decay(1460).At(4000), 160753395u);
}

TEST(DecayTest, EveryAgeOfSmallHalfLivesIsThatOfTheDefinition) {
  for (int half_life = 1; half_life <= 120; ++half_life) {
    const Decay decay(half_life);
    for (int age = 0; age < half_life; ++age) {
      ASSERT_EQ(decay.At(age), DecayByDefinition(half_life, age)) << half_life << " " << age;
    }
  }
}

TEST(DecayTest, AgesOfThePolicysHalfLivesAreThoseOfTheDefinition) {
  for (const int half_life : {365, 540, 730, 1095, 1460}) {
    const Decay decay(half_life);
    for (int age = 1; age < half_life; age += half_life / 13) {
      ASSERT_EQ(decay.At(age), DecayByDefinition(half_life, age)) << half_life << " " << age;
    }
  }
}

TEST(DecayTest, AHalfLifeOnItIsHalfRoundedDownAndItNeverGrows) {
  for (const int half_life : {1, 3, 365, 1460, 36500}) {
    const Decay decay(half_life);
    for (int64_t age = 1; age <= decay.lifetime_days() + 1; ++age) {
      ASSERT_LE(decay.At(age), decay.At(age - 1));
      if (age >= half_life) {
        ASSERT_EQ(decay.At(age), decay.At(age - half_life) / 2);
      }
    }
  }
}

TEST(DecayTest, NothingIsLeftAtTheEndOfItsLifetime) {
  const Decay decay(365);
  EXPECT_EQ(decay.At(decay.lifetime_days() - 1), 1u);
  EXPECT_EQ(decay.At(decay.lifetime_days()), 0u);
  EXPECT_EQ(decay.At(int64_t{1} << 40), 0u);
}

}  // namespace
}  // namespace projections
