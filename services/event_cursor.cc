#include "services/event_cursor.h"

#include <algorithm>
#include <utility>

#include "services/event_codec.h"
#include "services/store_fault.h"

namespace services {

EventCursor::EventCursor(const eventstore::EventStore* store, std::string partnership, EventFilter filter)
    : store_(store), partnership_(std::move(partnership)), filter_(std::move(filter)) {}

absl::Status EventCursor::Read(const ReadBudget& budget, google::protobuf::RepeatedPtrField<trust::v1::Event>* events,
                               bool* ended) {
  const uint64_t log_size = store_->LogSize();  // Before the read, which sees at least so much.
  const int events_before = events->size();
  size_t bytes = 0;
  uint64_t records = 0;
  absl::Status decoded;
  *ended = true;
  const auto visit = [&](const eventstore::RecordedEvent& record) {
    if (static_cast<size_t>(events->size() - events_before) >= budget.events_max || bytes >= budget.bytes_max ||
        records >= budget.records_max) {
      *ended = false;
      return false;
    }
    ++records;
    if (filter_.MayPass(record.stream, record.type)) {
      if (filter_.GoesByRecord()) {
        decoded = Decode(record, true, events->Add());
        bytes += record.data.size();
      } else {
        decoded = Decode(record, true, &event_);
        if (decoded.ok() && filter_.Passes(event_)) {
          events->Add()->Swap(&event_);
          bytes += record.data.size();
        }
      }
      if (!decoded.ok()) return false;
    }
    position_ = record.position;
    revision_ = record.revision;
    return true;
  };
  const absl::Status read =
      partnership_.empty() ? store_->ReadLog(position_, visit) : store_->ReadStream(partnership_, revision_, visit);
  if (!decoded.ok()) return ReadFault(decoded);
  if (!read.ok()) return ReadFault(read);
  if (*ended) position_ = std::max(position_, log_size);
  return absl::OkStatus();
}

void EventCursor::PassOver(const EventTail& tail) {
  position_ = tail.PassOver(position_, [this](absl::string_view stream, absl::string_view type) {
    return (partnership_.empty() || stream == partnership_) && filter_.MayPass(stream, type);
  });
}

}  // namespace services
