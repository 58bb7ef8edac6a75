// What rule V1 of a policy keeps out: that trust comes back by silence alone, because what was done badly fades faster
// than what was done well.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "projections/policy.h"
#include "projections/policy_rules.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using ::testing::Contains;
using ::testing::StartsWith;

// Good acts hardly fade, bad ones as in the default. Breaks V1, so that Parse would refuse it.
std::shared_ptr<const Policy> Forgetful() {
  trust::v1::PolicyDocument document = Policy::Default()->document();
  document.set_version("forgetful/1");
  document.set_positive_half_life_days(20'000);
  EXPECT_THAT(BrokenRules(document), Contains(StartsWith("V1: ")));
  return std::make_shared<const Policy>(std::move(document));
}

// A good year, then promises broken one after the other.
void Disappoint(RandomLog* story) {
  story->Found();
  story->Grow();
  for (int month = 0; month < 6; ++month) story->log.On(story->first_contact() + 400 + 30 * month).Missed();
}

constexpr int kYear = 365;

int ReliabilityOf(const RandomLog& story, const std::shared_ptr<const Policy>& policy, Day day) {
  return story.log.Fold(policy)->Read("a", "b", day).facets(2).score_bp();
}

// I27, the negative half: between the two days nothing happens at all.
TEST(SilentPromotionTest, UnderAPolicyThatBreaksV1SilenceMakesReliableAgain) {
  RandomLog story(1);
  Disappoint(&story);
  const Day last = story.first_contact() + 400 + 30 * 5;
  const std::shared_ptr<const Policy> forgetful = Forgetful();
  const FacetRule& reliability = forgetful->rules().facets[kReliability];
  EXPECT_LT(ReliabilityOf(story, forgetful, last), reliability.hold_score);
  EXPECT_GE(ReliabilityOf(story, forgetful, last + 8 * kYear), reliability.enter_score)
      << "what did not hold holds again, and would even be established anew";
  // Under a sound policy it never again holds what it failed to hold.
  for (Day day = last; day < last + 12 * kYear; day += 30) {
    EXPECT_LT(ReliabilityOf(story, DefaultPolicy(), day), DefaultPolicy()->rules().facets[kReliability].hold_score);
  }
}

// The same in stages: one small act too many is no reason, years of silence are.
TEST(SilentPromotionTest, UnderAPolicyThatBreaksV1TheSameSmallActRaisesTheStageOnceSilenceHasPassed) {
  const auto stage_after_one_act = [](const std::shared_ptr<const Policy>& policy, int days_of_silence) {
    RandomLog story(1);
    Disappoint(&story);
    const Day day = story.first_contact() + 400 + 30 * 5 + days_of_silence;
    story.log.On(day).Weighing(trust::v1::MATERIALITY_LOW).Clarified();
    return static_cast<int>(story.log.Fold(policy)->Read("a", "b", day).stage());
  };
  const std::shared_ptr<const Policy> forgetful = Forgetful();
  EXPECT_GT(stage_after_one_act(forgetful, 8 * kYear), stage_after_one_act(forgetful, 1));
  EXPECT_LE(stage_after_one_act(DefaultPolicy(), 8 * kYear), stage_after_one_act(DefaultPolicy(), 1));
}

}  // namespace
}  // namespace projections
