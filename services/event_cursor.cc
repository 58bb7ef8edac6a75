#include "services/event_cursor.h"

#include <algorithm>
#include <utility>

#include "services/event_codec.h"
#include "services/personal_data.h"
#include "services/store_fault.h"

namespace services {

EventCursor::EventCursor(const eventstore::EventStore* store, std::string partnership, EventFilter filter,
                         const PersonalData* personal)
    : store_(store), personal_(personal), partnership_(std::move(partnership)), filter_(std::move(filter)) {}

absl::Status EventCursor::Read(const ReadBudget& budget, google::protobuf::RepeatedPtrField<trust::v1::Event>* events,
                               bool* ended) {
  const uint64_t log_size = store_->LogSize();  // Before the read, which sees at least so much.
  const int events_before = events->size();
  size_t bytes = 0;
  uint64_t records = 0;
  absl::Status decoded, revealed;
  const auto reveal = [&](const eventstore::RecordedEvent& record, trust::v1::Event* event) {
    if (personal_ != nullptr) revealed = personal_->Reveal(record, event);
    bytes += record.stored.size();
  };
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
        trust::v1::Event* const event = events->Add();
        decoded = Decode(record, true, event);
        if (decoded.ok()) reveal(record, event);
      } else {
        decoded = Decode(record, true, &event_);
        if (decoded.ok() && filter_.Passes(event_)) {
          reveal(record, &event_);
          events->Add()->Swap(&event_);
        }
      }
      if (!decoded.ok() || !revealed.ok()) return false;
    }
    position_ = record.position;
    revision_ = record.revision;
    return true;
  };
  const absl::Status read =
      partnership_.empty() ? store_->ReadLog(position_, visit) : store_->ReadStream(partnership_, revision_, visit);
  if (!decoded.ok()) return ReadFault(decoded);
  if (!revealed.ok()) return revealed;
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
