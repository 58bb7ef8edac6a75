#include "projections/day.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace projections {
namespace {

absl::CivilDay CivilDayOf(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }

// The years 1 to 9999.
constexpr int64_t kSecondsMin = -62'135'596'800;
constexpr int64_t kSecondsMax = 253'402'300'799;

Day NumberOf(absl::CivilDay day) { return static_cast<Day>(day - absl::CivilDay(1970, 1, 1)); }

// known: the day on which the event became known.
Day OccurDayOf(const trust::v1::Event& event, Day known) {
  return RepresentativeDay(ToTime(event.occur_time()), event.occur_time_precision(), known);
}

}  // namespace

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(std::clamp(timestamp.seconds(), kSecondsMin, kSecondsMax)) +
         absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  SetTimestamp(time, &timestamp);
  return timestamp;
}

void SetTimestamp(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  timestamp->Clear();
  timestamp->set_seconds(seconds);
  timestamp->set_nanos(static_cast<int32_t>(rest * 1'000));
}

Day DayOf(absl::Time time) {
  // Floor division: days before 1970 are negative.
  const int64_t seconds = absl::ToUnixSeconds(time);
  return static_cast<Day>(seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0));
}

absl::Time StartOf(Day day) { return absl::FromUnixSeconds(int64_t{day} * 86400); }

std::string FormatDay(Day day) {
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + day;
  return absl::StrCat(absl::Dec(date.year(), absl::kZeroPad4), "-", absl::Dec(date.month(), absl::kZeroPad2), "-",
                      absl::Dec(date.day(), absl::kZeroPad2));
}

trust::v1::TimePrecision EffectivePrecision(absl::Time time, trust::v1::TimePrecision precision) {
  if (precision != trust::v1::TIME_PRECISION_UNSPECIFIED) return precision;
  return time == StartOf(DayOf(time)) ? trust::v1::TIME_PRECISION_DAY : trust::v1::TIME_PRECISION_INSTANT;
}

absl::Time StartOfPeriod(absl::Time time, trust::v1::TimePrecision precision) {
  switch (EffectivePrecision(time, precision)) {
    case trust::v1::TIME_PRECISION_DAY:
      return StartOf(DayOf(time));
    case trust::v1::TIME_PRECISION_MONTH:
      return StartOf(NumberOf(absl::CivilDay(absl::CivilMonth(CivilDayOf(time)))));
    case trust::v1::TIME_PRECISION_YEAR:
      return StartOf(NumberOf(absl::CivilDay(absl::CivilYear(CivilDayOf(time)))));
    default:
      return time;
  }
}

Day RepresentativeDay(absl::Time time, trust::v1::TimePrecision precision, Day recorded) {
  if (precision != trust::v1::TIME_PRECISION_MONTH && precision != trust::v1::TIME_PRECISION_YEAR) return DayOf(time);
  const Day begin = DayOf(StartOfPeriod(time, precision));
  const Day middle = precision == trust::v1::TIME_PRECISION_MONTH
                         ? begin + 14
                         : NumberOf(absl::CivilDay(CivilDayOf(time).year(), 7, 1));
  return std::max(begin, std::min(middle, recorded));
}

absl::Time KnownTime(const trust::v1::Event& event) {
  return event.has_import_origin() && event.import_origin().has_original_record_time()
             ? ToTime(event.import_origin().original_record_time())
             : ToTime(event.record_time());
}

Day OccurDay(const trust::v1::Event& event) { return OccurDayOf(event, DayOf(KnownTime(event))); }

Day HeldDay(const trust::v1::Event& event) {
  return event.has_observe_time() ? DayOf(ToTime(event.observe_time())) : OccurDay(event);
}

EventDays DaysOf(const trust::v1::Event& event) {
  EventDays days;
  days.known = DayOf(KnownTime(event));
  days.occur = OccurDayOf(event, days.known);
  if (event.has_observe_time()) days.observe = DayOf(ToTime(event.observe_time()));
  return days;
}

EventDays Corrected(const EventDays& recorded, const trust::v1::EvidenceCorrected& correction) {
  EventDays days = recorded;
  if (correction.has_occur_time()) {
    days.occur = RepresentativeDay(ToTime(correction.occur_time()), correction.occur_time_precision(), recorded.known);
  }
  if (correction.has_observe_time()) days.observe = DayOf(ToTime(correction.observe_time()));
  return days;
}

Day EffectDay(const trust::v1::Event& event, trust::v1::View view) {
  return view == trust::v1::VIEW_HINDSIGHT ? OccurDay(event) : HeldDay(event);
}

}  // namespace projections
