#include "services/trustctl/date.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

google::protobuf::Timestamp ToProto(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // Rounds towards the past, so the nanoseconds are never negative.
  google::protobuf::Timestamp result;
  result.set_seconds(seconds);
  result.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return result;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

bool ParseDigits(absl::string_view text, size_t length, int* value) {
  if (text.size() != length) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return absl::SimpleAtoi(text, value);
}

// A period that a date names: the year 1993.
struct Period {
  absl::Time begin;
  absl::Time end;  // The beginning of the next one.
  trust::v1::TimePrecision precision = trust::v1::TIME_PRECISION_DAY;
};

// False when text is no such date.
bool ParsePeriod(absl::string_view text, Period* period) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  int year = 0, month = 1, day = 1;
  if (parts.size() > 3 || !ParseDigits(parts[0], 4, &year) || year < 1) return false;
  if (parts.size() > 1 && (!ParseDigits(parts[1], 2, &month) || month < 1 || month > 12)) return false;
  if (parts.size() > 2 && !ParseDigits(parts[2], 2, &day)) return false;
  const absl::CivilDay first(year, month, day);
  if (first.month() != month || first.day() != day) return false;  // 30 February would become a day of March.
  period->begin = StartOf(first);
  if (parts.size() == 1) {
    period->end = StartOf(absl::CivilDay(absl::CivilYear(first) + 1));
    period->precision = trust::v1::TIME_PRECISION_YEAR;
  } else if (parts.size() == 2) {
    period->end = StartOf(absl::CivilDay(absl::CivilMonth(first) + 1));
    period->precision = trust::v1::TIME_PRECISION_MONTH;
  } else {
    period->end = StartOf(first + 1);
  }
  return true;
}

absl::StatusOr<google::protobuf::Timestamp> ParseInstant(absl::string_view text) {
  absl::Time instant;
  std::string error;
  // Abseil's own "infinite-future" and the like would pass too.
  if (text.size() > 10 && absl::ascii_isdigit(text[0]) && absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) {
    return ToProto(instant);
  }
  constexpr size_t kShownMax = 60;
  const std::string shown =
      text.size() <= kShownMax ? std::string(text) : absl::StrCat(text.substr(0, kShownMax), "...");
  return UsageError(
      absl::StrCat("\"", shown, "\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)"));
}

}  // namespace

absl::StatusOr<google::protobuf::Timestamp> ParseLastInstant(absl::string_view text) {
  Period period;
  if (ParsePeriod(text, &period)) return ToProto(period.end - absl::Nanoseconds(1));
  return ParseInstant(text);
}

absl::StatusOr<DatedTime> ParseDate(absl::string_view text) {
  Period period;
  if (ParsePeriod(text, &period)) return DatedTime{ToProto(period.begin), period.precision};
  const absl::StatusOr<google::protobuf::Timestamp> instant = ParseInstant(text);
  if (!instant.ok()) return instant.status();
  return DatedTime{*instant, trust::v1::TIME_PRECISION_INSTANT};
}

absl::StatusOr<google::protobuf::Timestamp> ParseLastDay(absl::string_view text) {
  Period period;
  if (ParsePeriod(text, &period)) return ToProto(period.end - absl::Hours(24));
  return ParseInstant(text);
}

std::string FormatTime(const google::protobuf::Timestamp& time, trust::v1::TimePrecision precision) {
  const absl::Time instant = FromProto(time);
  const absl::TimeZone utc = absl::UTCTimeZone();
  switch (precision) {
    case trust::v1::TIME_PRECISION_YEAR:
      return absl::FormatTime("%E4Y", instant, utc);
    case trust::v1::TIME_PRECISION_MONTH:
      return absl::FormatTime("%E4Y-%m", instant, utc);
    case trust::v1::TIME_PRECISION_DAY:
      return FormatDay(time);
    case trust::v1::TIME_PRECISION_UNSPECIFIED:
      if (instant == StartOf(absl::ToCivilDay(instant, utc))) return FormatDay(time);
      break;
    case trust::v1::TIME_PRECISION_INSTANT:
    case trust::v1::TimePrecision_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::TimePrecision_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", instant, utc);
}

std::string FormatExactTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", FromProto(time), absl::UTCTimeZone());
}

std::string FormatDay(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%E4Y-%m-%d", FromProto(time), absl::UTCTimeZone());
}

}  // namespace trustctl
