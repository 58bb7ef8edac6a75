// How long calls took: every one is kept, so that percentiles are exact. A plain value; not synchronised.

#ifndef TESTS_BENCHMARK_LATENCIES_H_
#define TESTS_BENCHMARK_LATENCIES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace benchmark {

class Latencies {
 public:
  void Reserve(size_t count) { nanoseconds_.reserve(count); }
  void Add(absl::Duration latency) { nanoseconds_.push_back(absl::ToInt64Nanoseconds(latency)); }
  void Add(const Latencies& others);
  size_t size() const { return nanoseconds_.size(); }

  // The smallest latency that at least so many of 1000 calls did not exceed: 500 is the median, 1000 the maximum. Zero
  // when there are none.
  absl::Duration Permille(int permille) const;

 private:
  std::vector<int64_t> nanoseconds_;
};

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_LATENCIES_H_
