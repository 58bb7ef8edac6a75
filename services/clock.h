// The time as the service reads it. The one place where a clock is read is clock.cc; everything else is handed a Clock,
// so that tests and simulations choose the time. Thread-safe.

#ifndef SERVICES_CLOCK_H_
#define SERVICES_CLOCK_H_

#include "absl/time/time.h"

namespace services {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time; may go backwards. Data only: never for timeouts.
  virtual absl::Time Now() const = 0;

  // Time since some instant that stays the same; never goes back. For durations alone.
  virtual absl::Duration Monotonic() const = 0;
};

// The machine's clock.
class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
};

}  // namespace services

#endif  // SERVICES_CLOCK_H_
