#include "services/clock.h"

#include "absl/time/clock.h"

namespace services {

absl::Time SystemClock::Now() const { return absl::Now(); }

}  // namespace services
