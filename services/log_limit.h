// Keeps a flood of one kind of line from filling the disk of the server's log: so many lines of a kind an interval, and
// the next that is written says how many were left out. Thread-safe; for what is rare, since it takes a lock.

#ifndef SERVICES_LOG_LIMIT_H_
#define SERVICES_LOG_LIMIT_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/clock.h"

namespace services {

class LogLimit {
 public:
  struct Config {
    int lines_max = 10;  // Of a kind, in an interval.
    absl::Duration interval = absl::Minutes(1);
    size_t kinds_max = 256;  // All further kinds are one.
  };

  // clock outlives the limit.
  LogLimit(const Config& config, const Clock* clock) : config_(config), clock_(*clock) {}

  // Whether a line of a kind is to be written now: how many before it were left out, or nothing when it is itself.
  std::optional<uint64_t> Admit(absl::string_view kind) {
    const absl::Duration now = clock_.Monotonic();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (windows_.size() >= config_.kinds_max && !windows_.contains(kind)) kind = "";
    Window& window = windows_[std::string(kind)];
    if (!window.since.has_value() || now - *window.since >= config_.interval) {
      window.since = now;
      window.lines = 0;
    }
    if (window.lines >= config_.lines_max) {
      ++window.left_out;
      return std::nullopt;
    }
    ++window.lines;
    return std::exchange(window.left_out, 0);
  }

 private:
  struct Window {
    std::optional<absl::Duration> since;
    int lines = 0;
    uint64_t left_out = 0;
  };

  const Config config_;
  const Clock& clock_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Window> windows_;  // Guarded by mutex_.
};

}  // namespace services

#endif  // SERVICES_LOG_LIMIT_H_
