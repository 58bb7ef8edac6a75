#include "services/trustctl/stage_plot.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

using trust::v1::Transition;

Transition Change(const std::string& date, trust::v1::Stage stage, const std::string& trustor = "klm") {
  Transition transition;
  transition.set_trustor(trustor);
  transition.set_trustee(trustor == "klm" ? "northwest" : "klm");
  transition.set_date(date);
  transition.set_stage(stage);
  return transition;
}

const std::vector<Transition>& Course() {
  static const auto* const kCourse = new std::vector<Transition>{
      Change("1990-01-01", trust::v1::STAGE_INITIAL_CONTACT), Change("1992-01-01", trust::v1::STAGE_BUILDING_RAPPORT),
      Change("1994-01-01", trust::v1::STAGE_MAINTAINING_COMMITMENT),
      Change("1998-01-01", trust::v1::STAGE_INITIAL_CONTACT)};
  return *kCourse;
}

TEST(StagePlotTest, StagesAreStepsOverTheYears) {
  EXPECT_EQ(PlotStages(Course(), "2000-01-01", StagePlotForm{.width = 70, .utf8 = true}),
            "klm -> northwest\n"
            "maintaining commitment   │                 ┏━━━━━━━━━━━━━━━━┓\n"
            "establishing reliability │                 ┃                ┃\n"
            "building rapport         │        ┏━━━━━━━━┛                ┃\n"
            "initial contact          │━━━━━━━━┛                         ┗━━━━━━━━━\n"
            "                         └────┴────────────────┴────────────────┴─────\n"
            "                              1991             1995             1999\n");
}

TEST(StagePlotTest, WhereTheLocaleHasNoLinesTheyAreAscii) {
  const std::string plain = PlotStages(Course(), "2000-01-01", StagePlotForm{.width = 70, .utf8 = false});
  EXPECT_EQ(plain,
            "klm -> northwest\n"
            "maintaining commitment   |                 +================+\n"
            "establishing reliability |                 |                |\n"
            "building rapport         |        +========+                |\n"
            "initial contact          |========+                         +=========\n"
            "                         +----+----------------+----------------+-----\n"
            "                              1991             1995             1999\n");
}

TEST(StagePlotTest, EachDirectionHasItsOwnAndAllShareTheTime) {
  std::vector<Transition> both = Course();
  both.push_back(Change("1995-01-01", trust::v1::STAGE_BUILDING_RAPPORT, "northwest"));
  const std::string text = PlotStages(both, "2000-01-01", StagePlotForm{.width = 70, .utf8 = true});
  EXPECT_THAT(text, testing::HasSubstr("\n\nnorthwest -> klm\n"));
  EXPECT_THAT(text, testing::HasSubstr("building rapport         │                     ━━━━━━━━━━━━━━━━━━━━━━━\n"));
}

TEST(StagePlotTest, NoLineIsWiderThanTheTerminal) {
  for (int width : {50, 61, 80, 133, 400}) {
    for (const std::string last : {"1998-01-01", "1998-01-02", "2000-01-01", "2090-01-01"}) {
      const std::string text = PlotStages(Course(), last, StagePlotForm{.width = width, .utf8 = true});
      for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n')))
        EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(StagePlotTest, AShortTimeHasDatesAndANoTimeIsDrawnToo) {
  const std::vector<Transition> met = {Change("2024-01-08", trust::v1::STAGE_INITIAL_CONTACT)};
  EXPECT_THAT(PlotStages(met, "2024-06-08", StagePlotForm{.width = 80}), testing::HasSubstr(" 2024-01-08"));
  EXPECT_THAT(PlotStages(met, "2024-01-08", StagePlotForm{.width = 80}),
              testing::HasSubstr("initial contact          |==="));
}

TEST(StagePlotTest, NothingIsDrawnOfNothing) {
  EXPECT_EQ(PlotStages({}, "2000-01-01", StagePlotForm{}), "");
  EXPECT_EQ(PlotStages(Course(), "", StagePlotForm{}), "");
}

}  // namespace
}  // namespace trustctl
