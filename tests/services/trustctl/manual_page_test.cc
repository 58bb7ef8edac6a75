#include "services/trustctl/manual_page.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/settings.h"
#include "services/trustctl/verb.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

TEST(ManualPageTest, EveryVerbFlagVariableAndExitCodeIsInIt) {
  const std::string page = ManualPage(AllVerbSyntax(), "1.2.3");
  EXPECT_THAT(page, HasSubstr(".TH TRUSTCTL 1 \"\" \"trustctl 1.2.3\""));
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n.SS ", verb.name))) << verb.name;
    for (const Flag& flag : verb.flags) {
      EXPECT_THAT(page,
                  HasSubstr(absl::StrCat("\n\\fB", RoffText(FlagInHelp(flag)), "\\fR\n", RoffText(flag.meaning))));
    }
    for (const std::string& example : verb.examples) EXPECT_THAT(page, HasSubstr(RoffText(example)));
  }
  for (const Flag& flag : GlobalFlags()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n\\fB", RoffText(FlagInHelp(flag)), "\\fR\n")));
  }
  for (const SettingName& setting : SettingNames()) EXPECT_THAT(page, HasSubstr(setting.variable));
  for (const std::string& meaning : ExitCodeMeanings()) EXPECT_THAT(page, HasSubstr(RoffText(meaning)));
}

TEST(ManualPageTest, TextIsPrintedToTheLetter) {
  EXPECT_EQ(RoffText("a-b \\n 'x'"), "a\\-b \\en \\(aqx\\(aq");
  EXPECT_EQ(RoffText(".br"), "\\&.br");
  EXPECT_EQ(RoffText("a\n.br"), "a\n\\&.br");
}

}  // namespace
}  // namespace trustctl
