#include "services/trustctl/html.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlTest, TextIsNeverMarkup) {
  EXPECT_EQ(HtmlText("</script><img src=x onerror='a()'>&\"").markup(),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&quot;");
  EXPECT_EQ(HtmlText("a\x01"
                     "b\xFF")
                .markup(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(HtmlTest, AnAttributeEndsWhereItShould) {
  EXPECT_EQ(HtmlElement("a", {{"href", "#x\" onclick=\"a()"}}, "<b>").markup(),
            "<a href=\"#x&quot; onclick=&quot;a()\">&lt;b&gt;</a>");
}

TEST(HtmlTest, LinesKeepTheirEnds) {
  EXPECT_EQ(HtmlLines("one\n\n<two>\n").markup(), "one\n\n&lt;two&gt;\n");
  EXPECT_EQ(HtmlText("one\ntwo").markup(), "one two");
}

TEST(HtmlTest, ElementsWithoutContentHaveNoEnd) {
  EXPECT_EQ(HtmlElement("meta", {{"charset", "utf-8"}}, "").markup(), "<meta charset=\"utf-8\">");
}

TEST(HtmlTest, ATableHasACaptionAndHeadingsOfRowsAndLacksEmptyColumns) {
  const std::string table =
      HtmlTable("Of <all>", {"a", "empty", "b"}, {{HtmlText("1"), HtmlText(""), HtmlText("2")}, {HtmlText("3")}})
          .markup();
  EXPECT_THAT(table, HasSubstr("<caption>Of &lt;all&gt;</caption>"));
  EXPECT_THAT(table, HasSubstr("<tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr>"));
  EXPECT_THAT(table, HasSubstr("<tr><th scope=\"row\" class=\"short\">1</th><td class=\"short\">2</td></tr>"));
  EXPECT_THAT(table, HasSubstr("<tr><th scope=\"row\" class=\"short\">3</th><td></td></tr>"));
  EXPECT_THAT(table, HasSubstr("tabindex=\"0\""));
  EXPECT_THAT(table, Not(HasSubstr("empty")));
  EXPECT_TRUE(HtmlTable("none", {"a"}, {}).empty());
}

TEST(HtmlTest, JsonCannotEndTheScriptThatHoldsIt) {
  EXPECT_EQ(JsonForScript("{\"a\":\"</script><!--&\xE2\x80\xA8\"}"),
            "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\"}");
}

}  // namespace
}  // namespace trustctl
