#include "services/trustctl/date.h"

#include <string>

#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using google::protobuf::util::TimeUtil;

std::string Parsed(const std::string& text) {
  const auto time = ParseLastInstant(text);
  return time.ok() ? TimeUtil::ToString(*time) : std::string(time.status().message());
}

google::protobuf::Timestamp Time(const std::string& text) {
  google::protobuf::Timestamp time;
  EXPECT_TRUE(TimeUtil::FromString(text, &time)) << text;
  return time;
}

TEST(DateTest, ACoarseDateMeansItsLastInstant) {
  EXPECT_EQ(Parsed("1993"), "1993-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Parsed("1993-02"), "1993-02-28T23:59:59.999999999Z");
  EXPECT_EQ(Parsed("1992-02"), "1992-02-29T23:59:59.999999999Z");
  EXPECT_EQ(Parsed("1993-12"), "1993-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Parsed("1993-01-20"), "1993-01-20T23:59:59.999999999Z");
  EXPECT_EQ(Parsed("1962-05-01"), "1962-05-01T23:59:59.999999999Z");  // Before 1970.
  EXPECT_EQ(Parsed("9999"), "9999-12-31T23:59:59.999999999Z");
}

TEST(DateTest, AnInstantMeansItself) {
  EXPECT_EQ(Parsed("1993-01-20T14:05:00Z"), "1993-01-20T14:05:00Z");
  EXPECT_EQ(Parsed("1993-01-20T14:05:00.25+01:00"), "1993-01-20T13:05:00.250Z");
  EXPECT_EQ(Parsed("1962-01-01T00:00:00.5Z"), "1962-01-01T00:00:00.500Z");
}

TEST(DateTest, ADateOfSomethingIsItsBeginningAndHowExactlyItIsKnown) {
  const auto said = [](const std::string& text) {
    const auto date = ParseDate(text);
    return date.ok() ? TimeUtil::ToString(date->time) + " " + trust::v1::TimePrecision_Name(date->precision)
                     : std::string(date.status().message());
  };
  EXPECT_EQ(said("1993"), "1993-01-01T00:00:00Z TIME_PRECISION_YEAR");
  EXPECT_EQ(said("1992-02"), "1992-02-01T00:00:00Z TIME_PRECISION_MONTH");
  EXPECT_EQ(said("1962-05-17"), "1962-05-17T00:00:00Z TIME_PRECISION_DAY");
  EXPECT_EQ(said("1993-01-20T14:05:00Z"), "1993-01-20T14:05:00Z TIME_PRECISION_INSTANT");
  EXPECT_EQ(said("1993-13"), "\"1993-13\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)");
}

TEST(DateTest, WhatIsNoDateIsAnsweredWithWhatIs) {
  for (const std::string text :
       {"", "93", "1993-", "1993-1", "1993-13", "1993-00", "1993-02-30", "1993-01-20T", "0000", "20.1.1993", "-001",
        "1993-01-20 14:05", "infinite-future", "yesterday", "1993-01-20-05", "19 3", "+993"}) {
    const auto time = ParseLastInstant(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(ExitCodeOf(time.status()), ExitCode::kUsage);
    EXPECT_EQ(time.status().message(),
              "\"" + text + "\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)");
  }
}

TEST(DateTest, ATimeIsShownAsExactlyAsItIsKnown) {
  using trust::v1::TimePrecision;
  const auto midnight = Time("1993-01-20T00:00:00Z");
  EXPECT_EQ(FormatTime(midnight, TimePrecision::TIME_PRECISION_YEAR), "1993");
  EXPECT_EQ(FormatTime(midnight, TimePrecision::TIME_PRECISION_MONTH), "1993-01");
  EXPECT_EQ(FormatTime(midnight, TimePrecision::TIME_PRECISION_DAY), "1993-01-20");
  EXPECT_EQ(FormatTime(midnight, TimePrecision::TIME_PRECISION_INSTANT), "1993-01-20T00:00:00Z");
  EXPECT_EQ(FormatTime(midnight, TimePrecision::TIME_PRECISION_UNSPECIFIED), "1993-01-20");
  EXPECT_EQ(FormatTime(Time("1993-01-20T14:05:00Z"), TimePrecision::TIME_PRECISION_UNSPECIFIED),
            "1993-01-20T14:05:00Z");
  EXPECT_EQ(FormatTime(Time("1993-01-20T14:05:00.17Z"), TimePrecision::TIME_PRECISION_INSTANT), "1993-01-20T14:05:00Z");
}

TEST(DateTest, AnExactTimeHasAllItsDigitsAndIsReadBack) {
  for (const std::string text : {"1993-01-20T14:05:00.170634Z", "1993-01-20T14:05:00Z", "1962-01-01T00:00:00.5Z"})
    EXPECT_EQ(FormatExactTime(Time(text)), text);
}

TEST(DateTest, ARefusalShowsTheBeginningOfALongText) {
  const auto refused = ParseLastInstant(std::string(100'000, '9'));
  ASSERT_FALSE(refused.ok());
  EXPECT_LT(refused.status().message().size(), 200u);
  EXPECT_NE(std::string(refused.status().message()).find("999...\" is no date; write 1993"), std::string::npos)
      << refused.status();
}

}  // namespace
}  // namespace trustctl
