#include "projections/event_name.h"

#include "gtest/gtest.h"

namespace projections {
namespace {

TEST(EventNameTest, ANameLeadsBackToItsRevision) {
  EXPECT_EQ(EventName("moon", 17), "partnerships/moon/events/17");
  EXPECT_EQ(ParseEventName("moon", EventName("moon", 17)), 17);
  EXPECT_EQ(ParseEventName("moon", "17"), 17);
  EXPECT_EQ(ParseEventName("moon", "9223372036854775807"), INT64_MAX);
}

TEST(EventNameTest, ANameOfAnotherPartnershipNamesNothingHere) {
  EXPECT_EQ(ParseEventName("moon", "partnerships/sun/events/17"), std::nullopt);
  EXPECT_EQ(ParseEventName("", "partnerships/sun/events/17"), 17);
}

TEST(EventNameTest, OtherTextsNameNothing) {
  for (const char* const text :
       {"", "0", "-1", "+1", "017", " 17", "17 ", "1.5", "x", "9223372036854775808", "events/17", "partnerships/moon",
        "partnerships/moon/17", "partnerships//events/17", "partnerships/moon/events/", "partnerships/moon/events/0",
        "partnerships/moon/events/17/x", "partnerships/moon/x/events/17"}) {
    EXPECT_EQ(ParseEventName("moon", text), std::nullopt) << text;
    EXPECT_EQ(ParseEventName("", text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace projections
