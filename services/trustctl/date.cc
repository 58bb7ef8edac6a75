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

// The start of the period after the one that text names: of the next year for 1993. False when text is no such date.
bool ParseEndOfPeriod(absl::string_view text, absl::Time* end) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  int year = 0, month = 1, day = 1;
  if (parts.size() > 3 || !ParseDigits(parts[0], 4, &year) || year < 1) return false;
  if (parts.size() > 1 && (!ParseDigits(parts[1], 2, &month) || month < 1 || month > 12)) return false;
  if (parts.size() > 2 && !ParseDigits(parts[2], 2, &day)) return false;
  const absl::CivilDay first(year, month, day);
  if (first.month() != month || first.day() != day) return false;  // 30 February would become a day of March.
  if (parts.size() == 1) {
    *end = StartOf(absl::CivilDay(absl::CivilYear(first) + 1));
  } else if (parts.size() == 2) {
    *end = StartOf(absl::CivilDay(absl::CivilMonth(first) + 1));
  } else {
    *end = StartOf(first + 1);
  }
  return true;
}

}  // namespace

absl::StatusOr<google::protobuf::Timestamp> ParseLastInstant(absl::string_view text) {
  absl::Time end;
  if (ParseEndOfPeriod(text, &end)) return ToProto(end - absl::Nanoseconds(1));
  absl::Time instant;
  std::string error;
  // Abseil's own "infinite-future" and the like would pass too.
  if (text.size() > 10 && absl::ascii_isdigit(text[0]) && absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) {
    return ToProto(instant);
  }
  return UsageError(
      absl::StrCat("\"", text, "\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)"));
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
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", instant, utc);
}

std::string FormatDay(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%E4Y-%m-%d", FromProto(time), absl::UTCTimeZone());
}

}  // namespace trustctl
