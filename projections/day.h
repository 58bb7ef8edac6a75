// Civil days in UTC, as the policy speaks of them, and the times they come from. Pure.

#ifndef PROJECTIONS_DAY_H_
#define PROJECTIONS_DAY_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// Days since 1970-01-01 in UTC.
using Day = int32_t;

// Later than any day.
inline constexpr Day kNever = std::numeric_limits<Day>::max();

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);  // Outside the years 1 to 9999: the nearest in them.
google::protobuf::Timestamp ToTimestamp(absl::Time time);         // Rounded down to microseconds.
// Makes *timestamp what ToTimestamp gives.
void SetTimestamp(absl::Time time, google::protobuf::Timestamp* timestamp);

Day DayOf(absl::Time time);
absl::Time StartOf(Day day);
std::string FormatDay(Day day);  // YYYY-MM-DD

// The precision meant by UNSPECIFIED: DAY for a midnight, INSTANT otherwise; any other value is returned as it is.
trust::v1::TimePrecision EffectivePrecision(absl::Time time, trust::v1::TimePrecision precision);

// The first instant of the period that (time, precision) names: of the day, the month or the year that holds time.
absl::Time StartOfPeriod(absl::Time time, trust::v1::TimePrecision precision);

// The day the policy reckons with: that of the instant, the day, the 15th of the month, 1 July of the year; for a month
// or a year never later than the day it was recorded, but never before the period began. (Specification, "As of".)
Day RepresentativeDay(absl::Time time, trust::v1::TimePrecision precision, Day recorded);

// When an event became known: its original record time if it was imported, else its record time.
absl::Time KnownTime(const trust::v1::Event& event);

// The representative day of occur_time: the effect day in hindsight.
Day OccurDay(const trust::v1::Event& event);

// The effect day in the held view: the day of observe_time, or OccurDay when that is absent.
Day HeldDay(const trust::v1::Event& event);

// The days of an event, from which a correction of its times starts.
struct EventDays {
  Day occur = 0;
  Day observe = kNever;  // kNever: not said, so that it is that of occur.
  Day known = 0;

  Day held() const { return observe == kNever ? occur : observe; }
};
EventDays DaysOf(const trust::v1::Event& event);

// The days of an event as corrected. A correction lies over the event as it was recorded: what it leaves out is kept, a
// precision counts beside a new time alone, and a coarse new time is held back to the day on which the event became
// known. (Specification, C4.)
EventDays Corrected(const EventDays& recorded, const trust::v1::EvidenceCorrected& correction);

// Whether a correction corrects times alone: without a replacement the evidence stays what was recorded, whatever an
// earlier version made of it. One with a replacement of a kind that this program does not know leaves nothing that
// counts.
inline bool CorrectsTimesAlone(const trust::v1::EvidenceCorrected& correction) { return !correction.has_replacement(); }

// The day on which an event takes effect in a view; UNSPECIFIED is HELD.
Day EffectDay(const trust::v1::Event& event, trust::v1::View view);

}  // namespace projections

#endif  // PROJECTIONS_DAY_H_
