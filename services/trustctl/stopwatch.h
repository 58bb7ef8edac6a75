// The time that passes while trustctl works: for progress, patience and nothing else. The one place where trustctl
// reads a clock.

#ifndef SERVICES_TRUSTCTL_STOPWATCH_H_
#define SERVICES_TRUSTCTL_STOPWATCH_H_

#include "absl/time/time.h"

namespace trustctl {

// Thread-safe once it is made.
class Stopwatch {
 public:
  // Starts at zero.
  Stopwatch();
  // Since it was made; never goes backwards.
  absl::Duration Elapsed() const;

 private:
  absl::Duration start_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_STOPWATCH_H_
