// What was recorded last, in a word each: which stream, which kind. Lets a watch that has caught up pass over what is
// not for it without reading the disk, so that thousands of them cost the store nothing. Holds no payload. Bounded;
// empty while nobody watches. Thread-safe.

#ifndef SERVICES_EVENT_TAIL_H_
#define SERVICES_EVENT_TAIL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "services/command_lane.h"

namespace services {

class EventTail : public Publisher {
 public:
  explicit EventTail(size_t events_max = 8192) : events_max_(events_max) {}

  void Publish(const std::string& stream, absl::Span<const trust::v1::Event> events) override;

  // Tells that a watch begins, or has ended.
  void Enter() { watch_count_.fetch_add(1, std::memory_order_relaxed); }
  void Leave() { watch_count_.fetch_sub(1, std::memory_order_relaxed); }

  // The last position from a position on up to which no event may pass, as far as is known here: the position itself
  // when the next may, or is not known. may_pass must not call back.
  uint64_t PassOver(uint64_t position,
                    absl::FunctionRef<bool(absl::string_view stream, absl::string_view type)> may_pass) const;

 private:
  struct Entry {
    std::string stream;
    std::string type;
  };

  const size_t events_max_;
  std::atomic<int> watch_count_{0};
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // Guarded by mutex_, as is below.
  uint64_t last_ = 0;          // The position of the last entry.
};

}  // namespace services

#endif  // SERVICES_EVENT_TAIL_H_
