// Dates as people write and read them: 1993, 1993-01, 1993-01-20 or an instant, always in UTC. Pure.

#ifndef SERVICES_TRUSTCTL_DATE_H_
#define SERVICES_TRUSTCTL_DATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "trust/v1/events.pb.h"

namespace trustctl {

// Reads YYYY, YYYY-MM, YYYY-MM-DD or RFC 3339 and returns the last instant meant: for 1993 the last nanosecond of that
// year. So a coarse date stands for its last day. Errors: a UsageError that shows what would be right.
absl::StatusOr<google::protobuf::Timestamp> ParseLastInstant(absl::string_view text);

// A time and how exactly it is known.
struct DatedTime {
  google::protobuf::Timestamp time;
  trust::v1::TimePrecision precision;
};

// Reads the same as ParseLastInstant and returns the first instant meant: for 1993 the beginning of that year, known to
// the year.
absl::StatusOr<DatedTime> ParseDate(absl::string_view text);

// Reads the same and returns the beginning of the last day meant, or the instant: what is due in 1993 is due by its
// end.
absl::StatusOr<google::protobuf::Timestamp> ParseLastDay(absl::string_view text);

// The time as exactly as it is known: 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z. Unspecified precision means
// DAY at a midnight and INSTANT otherwise. Of an instant no more than the seconds are shown, so that a column of them
// is even.
std::string FormatTime(const google::protobuf::Timestamp& time, trust::v1::TimePrecision precision);

// The instant with all the digits that it has; ParseLastInstant reads the same back.
std::string FormatExactTime(const google::protobuf::Timestamp& time);

// The first ten characters of the time: its day.
std::string FormatDay(const google::protobuf::Timestamp& time);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_DATE_H_
