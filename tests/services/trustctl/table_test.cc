#include "services/trustctl/table.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace trustctl {
namespace {

class TableTest : public ::testing::Test {
 protected:
  std::string Printed(Table* table, int width = 0, bool color = false) {
    std::ostringstream out, err;
    Console console{out, err, false, color, width, false};
    table->Print(console);
    return out.str();
  }
};

TEST_F(TableTest, ColumnsAreAlignedAndLinesEndWithoutSpaces) {
  Table table({{"name"}, {.heading = "count", .right = true}, {"note"}});
  table.Add({"klm", "7", "x"});
  table.Add({"northwest", "1,234"});
  EXPECT_EQ(Printed(&table),
            "name       count  note\n"
            "klm            7  x\n"
            "northwest  1,234\n");
}

TEST_F(TableTest, WidthIsThatOfCharacters) {
  Table table({{"a"}, {"b"}});
  table.Add({"Zürich", "1"});
  table.Add({"スズキ", "2"});
  table.Add({"Geneva", "3"});
  EXPECT_EQ(Printed(&table),
            "a       b\n"
            "Zürich  1\n"
            "スズキ  2\n"
            "Geneva  3\n");
}

TEST_F(TableTest, ColumnsInWhichNothingStandsAreLeftOut) {
  Table table({{"a"}, {"empty"}, {"b"}});
  table.Add({"1", "", "2"});
  EXPECT_EQ(Printed(&table), "a  b\n1  2\n");
}

TEST_F(TableTest, OnANarrowTerminalTheColumnsThatMayWrapDo) {
  Table table({{"id"}, {.heading = "text", .wraps = true}});
  table.Add({"1", "one two three four five"});
  EXPECT_EQ(Printed(&table, 18),
            "id  text\n"
            "1   one two three\n"
            "    four five\n");
}

TEST_F(TableTest, ElsewhereARowIsOneLine) {
  Table table({{.heading = "text", .wraps = true}});
  table.Add({std::string(300, 'x')});
  EXPECT_EQ(Printed(&table), "text\n" + std::string(300, 'x') + "\n");
}

TEST_F(TableTest, AColumnThatMayNotWrapKeepsItsWidth) {
  Table table({{"id"}, {.heading = "text", .wraps = true}});
  table.Add({"abcdefghijklmnopqrstuvwxyz", "one two three"});
  EXPECT_EQ(Printed(&table, 20),
            "id                          text\n"
            "abcdefghijklmnopqrstuvwxyz  one two\n"
            "                            three\n");
}

TEST_F(TableTest, ColoursStandAroundTheTextAndNotAroundThePadding) {
  Table table({{"a"}, {"b"}});
  table.Add({Cell("x", Style::kBad), "y"});
  EXPECT_EQ(Printed(&table, 0, true),
            "\033[1ma\033[0m  \033[1mb\033[0m\n"
            "\033[31mx\033[0m  y\n");
}

TEST_F(TableTest, ALongTableIsPrintedInPartsUnderOneHeading) {
  Table table({{"a"}, {"b"}, {"c"}});
  table.Add({"wide cell", "1"});
  EXPECT_EQ(Printed(&table), "a          b\nwide cell  1\n");
  EXPECT_EQ(Printed(&table), "");
  table.Add({"x", "2"});
  EXPECT_EQ(Printed(&table), "x          2\n");
  table.Add({"y", "3", "new"});
  EXPECT_EQ(Printed(&table), "a          b  c\ny          3  new\n");
}

TEST_F(TableTest, ANoteStandsBelowItsRow) {
  Table table({{"a"}, {"b"}});
  table.Add({"1", "2"});
  table.AddNote("one two three four");
  EXPECT_EQ(Printed(&table, 20), "a  b\n1  2\n      one two three\n      four\n");
  table.AddNote("one two three four");
  EXPECT_EQ(Printed(&table), "      one two three four\n");
}

TEST_F(TableTest, OnANarrowTerminalAColumnThatSpillsStandsBelowItsRow) {
  Table table({{"a"}, {.heading = "b", .spills = true}, {"c"}, {.heading = "d", .spills = true}});
  table.Add({"1", "two", "3", "four"});
  EXPECT_EQ(Printed(&table, 15), "a  b    c  d\n1  two  3  four\n");
  table.Add({"1", "two", "3", "four"});
  EXPECT_EQ(Printed(&table, 14), "a  b    c\n1  two  3\n      d: four\n");
  table.Add({"1", "two", "3", "four"});
  EXPECT_EQ(Printed(&table, 8), "a  c\n1  3\n      b: two; d:\n      four\n");
}

TEST_F(TableTest, CellsAreMadePrintable) {
  Table table({{"a"}});
  table.Add({"\033]0;owned\a"});
  EXPECT_EQ(Printed(&table), "a\n\xEF\xBF\xBD]0;owned\xEF\xBF\xBD\n");
}

}  // namespace
}  // namespace trustctl
