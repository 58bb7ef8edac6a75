#include "tests/benchmark/latencies.h"

#include <algorithm>

namespace benchmark {

void Latencies::Add(const Latencies& others) {
  nanoseconds_.insert(nanoseconds_.end(), others.nanoseconds_.begin(), others.nanoseconds_.end());
}

absl::Duration Latencies::Permille(int permille) const {
  if (nanoseconds_.empty()) return absl::ZeroDuration();
  const size_t rank = (nanoseconds_.size() * static_cast<size_t>(permille) + 999) / 1000;  // From 1.
  std::vector<int64_t> sorted = nanoseconds_;
  const auto nth = sorted.begin() + static_cast<ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(sorted.begin(), nth, sorted.end());
  return absl::Nanoseconds(*nth);
}

}  // namespace benchmark
