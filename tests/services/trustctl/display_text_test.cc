#include "services/trustctl/display_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trustctl {
namespace {

using ::testing::ElementsAre;

TEST(DisplayTextTest, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(DisplayWidth("Northwest"), 9);
  EXPECT_EQ(DisplayWidth("Zürich"), 6);
  EXPECT_EQ(DisplayWidth("スズキ"), 6);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // An e and a combining accent.
}

TEST(DisplayTextTest, StoredTextCannotSteerTheTerminal) {
  EXPECT_EQ(Printable("a\033[31mb"), "a\xEF\xBF\xBD[31mb");
  EXPECT_EQ(Printable("a\r\nb\tc"), "a\xEF\xBF\xBD b c");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "\xEF\xBF\xBD"
            "31m");  // The one-character form of ESC [.
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "abc"),
            "\xEF\xBF\xBD"
            "abc");  // Right-to-left override.
}

TEST(DisplayTextTest, BytesThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(Printable("a\xFF\xFE"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Printable("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(Printable("\xE0\x80\x8A"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // A line feed, too long.
  EXPECT_EQ(Printable("Zürich"), "Zürich");
}

TEST(DisplayTextTest, WrapBreaksAtSpacesAndWithinLongWords) {
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("a abcdefgh b", 3), ElementsAre("a", "abc", "def", "gh", "b"));
  EXPECT_THAT(Wrap("スズキ", 3), ElementsAre("ス", "ズ", "キ"));
  EXPECT_THAT(Wrap("the icc-arbitration", 12), ElementsAre("the", "icc-", "arbitration"));
  EXPECT_THAT(Wrap("", 5), ElementsAre(""));
}

TEST(DisplayTextTest, LargeNumbersHaveSeparators) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(999), "999");
  EXPECT_EQ(WithSeparators(1000), "1,000");
  EXPECT_EQ(WithSeparators(1234567), "1,234,567");
  EXPECT_EQ(WithSeparators(-123456), "-123,456");
}

}  // namespace
}  // namespace trustctl
