#include "projections/day.h"

#include <limits>

#include "gtest/gtest.h"

namespace projections {
namespace {

google::protobuf::Timestamp At(int64_t seconds, int32_t nanos = 0) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

TEST(DayTest, ADayBeginsAtMidnightAlsoBefore1970) {
  EXPECT_EQ(DayOf(ToTime(At(0))), 0);
  EXPECT_EQ(DayOf(ToTime(At(86'399, 999'999'999))), 0);
  EXPECT_EQ(DayOf(ToTime(At(86'400))), 1);
  EXPECT_EQ(DayOf(ToTime(At(-1))), -1);
  EXPECT_EQ(DayOf(ToTime(At(-86'400))), -1);
  EXPECT_EQ(DayOf(ToTime(At(-86'401))), -2);
}

// No command takes such times; a forged bundle or a damaged log can hold them.
TEST(DayTest, ATimeOutsideTheYearsOfTimestampsIsOfTheirFirstOrLastDay) {
  EXPECT_EQ(FormatDay(DayOf(ToTime(At(std::numeric_limits<int64_t>::min())))), "0001-01-01");
  EXPECT_EQ(FormatDay(DayOf(ToTime(At(-62'135'596'801)))), "0001-01-01");
  EXPECT_EQ(FormatDay(DayOf(ToTime(At(253'402'300'800)))), "9999-12-31");
  EXPECT_EQ(FormatDay(DayOf(ToTime(At(std::numeric_limits<int64_t>::max())))), "9999-12-31");
}

}  // namespace
}  // namespace projections
