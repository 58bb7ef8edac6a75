// What the disk alone takes to make a few bytes durable: the part of a write's latency that no service can save.

#ifndef TESTS_BENCHMARK_DISK_FLUSH_H_
#define TESTS_BENCHMARK_DISK_FLUSH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/benchmark/latencies.h"

namespace benchmark {

inline constexpr int kFlushBytes = 512;

// Appends kFlushBytes to a file of its own in the directory and flushes it with fdatasync, again and again until the
// time is over; the file is removed. Blocks. Errors: UNKNOWN when the system refuses.
absl::StatusOr<Latencies> MeasureDiskFlush(const std::string& directory, absl::Duration time);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_DISK_FLUSH_H_
