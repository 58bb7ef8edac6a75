// Numbers that are raised where things happen and read now and then by whoever watches the server. To raise one is a
// relaxed atomic addition: no lock, no allocation. A reading is of no one moment: what is raised meanwhile is in it or
// not, and never lost. Thread-safe.

#ifndef SERVICES_METERS_H_
#define SERVICES_METERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace services {

// On a line of its own, so that threads that raise different counters do not wait for each other.
class alignas(64) Counter {
 public:
  void Add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// How often values came up to each bound.
struct HistogramReading {
  std::vector<uint64_t> bounds;  // Ascending; a value belongs to the first that is not below it.
  std::vector<uint64_t> counts;  // One a bound, and one for the values beyond the last. Not cumulative.
  uint64_t sum = 0;              // Of all values.
};

inline constexpr size_t kBoundsMax = 16;

class Histogram {
 public:
  // bounds has at most kBoundsMax numbers, ascending, and lives as long as the program.
  explicit Histogram(absl::Span<const uint64_t> bounds) : bounds_(bounds) {}

  void Observe(uint64_t value) {
    counts_[BucketOf(bounds_, value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  HistogramReading Read() const {
    HistogramReading reading;
    reading.bounds.assign(bounds_.begin(), bounds_.end());
    for (size_t i = 0; i <= bounds_.size(); ++i) reading.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    reading.sum = sum_.load(std::memory_order_relaxed);
    return reading;
  }

  // Where a value is counted: the index of its bound, or their number.
  static size_t BucketOf(absl::Span<const uint64_t> bounds, uint64_t value) {
    size_t bucket = 0;
    while (bucket < bounds.size() && value > bounds[bucket]) ++bucket;
    return bucket;
  }

 private:
  const absl::Span<const uint64_t> bounds_;
  std::array<std::atomic<uint64_t>, kBoundsMax + 1> counts_{};
  std::atomic<uint64_t> sum_{0};
};

// The bounds of durations, in nanoseconds: 100 microseconds to 10 seconds.
inline constexpr std::array<uint64_t, kBoundsMax> kDurationBoundsNs = {
    100'000,    250'000,     500'000,     1'000'000,   2'500'000,     5'000'000,     10'000'000,    25'000'000,
    50'000'000, 100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

// A duration as these count it; one below zero, of a clock that a test turns back, counts as none.
inline uint64_t Nanoseconds(absl::Duration duration) {
  return duration < absl::ZeroDuration() ? 0 : static_cast<uint64_t>(absl::ToInt64Nanoseconds(duration));
}

}  // namespace services

#endif  // SERVICES_METERS_H_
