#include "services/trustctl/stopwatch.h"

#include "grpc/support/time.h"

namespace trustctl {
namespace {

// gRPC's monotonic clock, which the deadlines of calls go by too.
absl::Duration MonotonicTime() {
  const gpr_timespec now = gpr_now(GPR_CLOCK_MONOTONIC);
  return absl::Seconds(now.tv_sec) + absl::Nanoseconds(now.tv_nsec);
}

}  // namespace

Stopwatch::Stopwatch() : start_(MonotonicTime()) {}

absl::Duration Stopwatch::Elapsed() const { return MonotonicTime() - start_; }

}  // namespace trustctl
