// The evaluator against a slow transcription of the specification, over random histories: every field of every reading
// and every change of stage, on days past, present and to come.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/projections/naive_assessment.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections {
namespace {

std::string Describe(const std::vector<trust::v1::Event>& events) {
  std::string text;
  for (const trust::v1::Event& event : events) {
    absl::StrAppend(&text, FormatDay(HeldDay(event)), " ", event.ShortDebugString(), "\n");
  }
  return text;
}

std::string Text(const std::vector<trust::v1::Transition>& timeline) {
  std::string text;
  for (const trust::v1::Transition& change : timeline) absl::StrAppend(&text, change.ShortDebugString(), "\n");
  return text;
}

// How often what was met, so that the comparison is known to have compared something.
struct Variety {
  std::map<std::string, int> met;

  void Count(const trust::v1::DirectionReading& reading, const std::vector<trust::v1::Transition>& timeline) {
    ++met[trust::v1::Stage_Name(reading.stage())];
    ++met[trust::v1::Condition_Name(reading.condition())];
    ++met[absl::StrCat("ceiling ", trust::v1::Stage_Name(reading.ceiling()))];
    if (!reading.holds_until_date().empty()) ++met["holds until"];
    for (const trust::v1::Transition& change : timeline) {
      ++met[absl::StrCat(trust::v1::TransitionCause_Name(change.cause()), " ", int{change.stage_before()}, " to ",
                         int{change.stage()})];
    }
  }
};

void Compare(const RandomLog& random, TrustHistory* history, absl::string_view trustor, absl::string_view trustee,
             Day as_of, Variety* variety) {
  NaiveAssessment naive("x", random.log.events(), std::string(trustor), std::string(trustee), as_of);
  const auto reading = history->Read(trustor, trustee, as_of);
  ASSERT_EQ(reading.DebugString(), naive.reading.DebugString()) << "as of " << FormatDay(as_of) << "\n"
                                                                << Describe(random.log.events());
  variety->Count(reading, naive.timeline);
  ASSERT_EQ(Text(history->Timeline(trustor, trustee, as_of)), Text(naive.timeline))
      << "as of " << FormatDay(as_of) << "\n"
      << Describe(random.log.events());
}

constexpr uint32_t kSeeds = 4000;
constexpr uint32_t kLongSeeds = 60;

TEST(NaiveComparisonTest, EveryReadingOfARandomHistoryIsThatOfTheSpecification) {
  Variety variety;
  for (uint32_t seed = 0; seed < support::Histories(kSeeds); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomLog random(seed);
    if (seed % 4 == 1) random.UseAlignedDays();
    if (seed % 4 >= 2) random.UseMatters();
    random.Fill(5 + random.Below(40));
    const auto history = random.log.Fold();
    for (int i = 0; i < 4; ++i) {
      const Day as_of = random.first_contact() - 50 + random.Below(RandomLog::kSpanDays + 900);
      const std::string trustor = i == 3 ? random.Name(random.Below(3)) : "a";
      const std::string trustee = trustor == "b" ? "a" : "b";
      Compare(random, history.get(), trustor, trustee, as_of, &variety);
      if (HasFatalFailure()) return;
    }
  }
  for (const char* what :
       {"CONDITION_STEADY", "CONDITION_DORMANT", "CONDITION_STRAINED", "CONDITION_BREACHED", "CONDITION_REPAIRING",
        "CONDITION_ENDED", "ceiling STAGE_INITIAL_CONTACT", "ceiling STAGE_BUILDING_RAPPORT",
        "ceiling STAGE_ESTABLISHING_RELIABILITY", "STAGE_MAINTAINING_COMMITMENT", "holds until",
        "TRANSITION_CAUSE_EVENT 3 to 4", "TRANSITION_CAUSE_EVENT 4 to 1", "TRANSITION_CAUSE_EVENT 4 to 2",
        "TRANSITION_CAUSE_EVENT 4 to 3", "TRANSITION_CAUSE_SILENCE 4 to 3", "TRANSITION_CAUSE_SILENCE 4 to 1",
        "TRANSITION_CAUSE_SILENCE 2 to 1"}) {
    EXPECT_GE(variety.met[what], support::Histories(20)) << what;
  }
}

// Of long histories only what bounds leave open is reckoned to the last unit.
TEST(NaiveComparisonTest, EveryReadingOfALongHistoryIsThatOfTheSpecification) {
  Variety variety;
  for (uint32_t seed = 0; seed < support::Histories(kLongSeeds); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomLog random(seed, 2);
    if (seed % 4 == 1) random.UseAlignedDays();
    if (seed % 4 == 2) random.UseMatters();
    if (seed % 4 != 2) random.UseGoodConduct();
    random.Fill(300 + random.Below(300));
    const auto history = random.log.Fold();
    for (int i = 0; i < 3; ++i) {
      const Day as_of = random.first_contact() + random.Below(RandomLog::kSpanDays + 900);
      Compare(random, history.get(), i == 0 ? "b" : "a", i == 0 ? "a" : "b", as_of, &variety);
      if (HasFatalFailure()) return;
    }
  }
  for (const char* what : {"CONDITION_STRAINED", "CONDITION_BREACHED", "STAGE_MAINTAINING_COMMITMENT", "holds until"}) {
    EXPECT_GE(variety.met[what], support::Histories(1)) << what;
  }
}

}  // namespace
}  // namespace projections
