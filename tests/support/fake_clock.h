// A clock that stands where the test puts it; durations pass apart from that. Thread-safe.

#ifndef TESTS_SUPPORT_FAKE_CLOCK_H_
#define TESTS_SUPPORT_FAKE_CLOCK_H_

#include <mutex>

#include "absl/time/time.h"
#include "services/clock.h"

namespace support {

class FakeClock : public services::Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }

  absl::Duration Monotonic() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return passed_;
  }

  void Pass(absl::Duration duration) {
    const std::lock_guard<std::mutex> lock(mutex_);
    passed_ += duration;
  }

  void Set(absl::Time now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
  absl::Duration passed_;
};

}  // namespace support

#endif  // TESTS_SUPPORT_FAKE_CLOCK_H_
