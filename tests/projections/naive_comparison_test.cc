// The evaluator against a slow transcription of the specification, over random histories: every field of every reading
// and every change of stage, on days past, present and to come.

#include <gtest/gtest.h>

#include <random>

#include "tests/projections/naive_assessment.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"

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

void Compare(const RandomLog& random, TrustHistory* history, absl::string_view trustor, absl::string_view trustee,
             Day as_of) {
  NaiveAssessment naive("x", random.log.events(), std::string(trustor), std::string(trustee), as_of);
  const auto reading = history->Read(trustor, trustee, as_of);
  ASSERT_EQ(reading.DebugString(), naive.reading.DebugString()) << "as of " << FormatDay(as_of) << "\n"
                                                                << Describe(random.log.events());
  ASSERT_EQ(Text(history->Timeline(trustor, trustee, as_of)), Text(naive.timeline))
      << "as of " << FormatDay(as_of) << "\n"
      << Describe(random.log.events());
}

TEST(NaiveComparisonTest, EveryReadingOfARandomHistoryIsThatOfTheSpecification) {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomLog random(seed);
    random.Fill(5 + random.Below(40));
    const auto history = random.log.Fold();
    for (int i = 0; i < 4; ++i) {
      const Day as_of = random.first_contact() - 50 + random.Below(RandomLog::kSpanDays + 900);
      const std::string trustor = i == 3 ? random.Name(random.Below(3)) : "a";
      const std::string trustee = trustor == "b" ? "a" : "b";
      Compare(random, history.get(), trustor, trustee, as_of);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace projections
