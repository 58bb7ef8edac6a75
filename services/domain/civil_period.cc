#include "services/domain/civil_period.h"

#include "absl/time/civil_time.h"
#include "projections/day.h"

namespace domain {

absl::Time EndOfPeriod(absl::Time time, trust::v1::TimePrecision precision) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay day = absl::ToCivilDay(time, utc);
  switch (projections::EffectivePrecision(time, precision)) {
    case trust::v1::TIME_PRECISION_DAY:
      return absl::FromCivil(day + 1, utc);
    case trust::v1::TIME_PRECISION_MONTH:
      return absl::FromCivil(absl::CivilMonth(day) + 1, utc);
    case trust::v1::TIME_PRECISION_YEAR:
      return absl::FromCivil(absl::CivilYear(day) + 1, utc);
    default:
      return time + absl::Microseconds(1);
  }
}

absl::Time EndOfDue(absl::Time due_time) {
  const bool whole_day =
      projections::EffectivePrecision(due_time, trust::v1::TIME_PRECISION_UNSPECIFIED) == trust::v1::TIME_PRECISION_DAY;
  return whole_day ? EndOfPeriod(due_time, trust::v1::TIME_PRECISION_DAY) : due_time;
}

}  // namespace domain
