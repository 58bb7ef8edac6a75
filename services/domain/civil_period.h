// The far ends of the periods that coarse times name, so that a rule about before and after refuses only what is
// certainly on the wrong side. Pure; the near ends are projections::StartOfPeriod.

#ifndef SERVICES_DOMAIN_CIVIL_PERIOD_H_
#define SERVICES_DOMAIN_CIVIL_PERIOD_H_

#include "absl/time/time.h"
#include "trust/v1/events.pb.h"

namespace domain {

// The first instant after the day, month or year that (time, precision) names; for an instant the next microsecond.
absl::Time EndOfPeriod(absl::Time time, trust::v1::TimePrecision precision);

// The first instant at which something due at due_time is late. A midnight stands for its whole day.
absl::Time EndOfDue(absl::Time due_time);

}  // namespace domain

#endif  // SERVICES_DOMAIN_CIVIL_PERIOD_H_
