#include "services/event_tail.h"

#include "services/event_codec.h"
#include "services/log_position.h"

namespace services {

void EventTail::Publish(const std::string& stream, absl::Span<const trust::v1::Event> events) {
  if (events.empty()) return;
  if (watch_count_.load(std::memory_order_relaxed) == 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    entries_.clear();
    return;
  }
  // The events of one call follow each other in the log.
  const absl::StatusOr<uint64_t> first = ParseLogPosition(events.front().log_position());
  const std::lock_guard<std::mutex> lock(mutex_);
  // What others have written in between is not known: begin anew behind it.
  if (!first.ok() || *first != last_ + 1) entries_.clear();
  if (!first.ok()) return;
  for (const trust::v1::Event& event : events) {
    entries_.push_back({stream, EventType(event)});
    if (entries_.size() > events_max_) entries_.pop_front();
  }
  last_ = *first + events.size() - 1;
}

uint64_t EventTail::PassOver(uint64_t position,
                             absl::FunctionRef<bool(absl::string_view stream, absl::string_view type)> may_pass) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (position >= last_ || last_ - position > entries_.size()) return position;
  for (size_t i = entries_.size() - static_cast<size_t>(last_ - position); i < entries_.size(); ++i, ++position) {
    if (may_pass(entries_[i].stream, entries_[i].type)) return position;
  }
  return position;
}

}  // namespace services
