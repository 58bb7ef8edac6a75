// A place in the log, or in one partnership, and what is to be read behind it: the events that pass a filter, a bounded
// piece at a time. Not thread-safe, but that IsBehind may be asked by another thread than the one that used it last.

#ifndef SERVICES_EVENT_CURSOR_H_
#define SERVICES_EVENT_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "google/protobuf/repeated_field.h"
#include "services/event_filter.h"
#include "services/event_tail.h"
#include "trust/v1/events.pb.h"

namespace services {

// How much of the log is looked at before a reader hears of it although nothing passed.
inline constexpr uint64_t kScannedRecordsMax = 10'000;

class PersonalData;

// After which a piece ends.
struct ReadBudget {
  size_t events_max = 1000;
  size_t bytes_max = 1 << 20;  // Of payloads; exceeded by at most one event.
  uint64_t records_max = kScannedRecordsMax;
};

class EventCursor {
 public:
  // Of a partnership, or of the log where it is empty. store and personal outlive the cursor; personal opens what is
  // sealed, null leaves it out.
  EventCursor(const eventstore::EventStore* store, std::string partnership, EventFilter filter,
              const PersonalData* personal);

  // Sets the place: up to a position of the log, or up to a revision of the partnership.
  void GoTo(uint64_t position, uint64_t revision) {
    position_ = position;
    revision_ = revision;
  }

  // Adds the next events. *ended tells that nothing more is there for now; otherwise the budget is used up. Blocks on
  // the disk. Errors: LOG_DAMAGED, INTERNAL.
  absl::Status Read(const ReadBudget& budget, google::protobuf::RepeatedPtrField<trust::v1::Event>* events,
                    bool* ended);

  // Goes on over what cannot pass, as far as that is known without the disk.
  void PassOver(const EventTail& tail);

  // Whether the log has grown beyond the place.
  bool IsBehind() const { return store_->LogSize() > position_; }

  const std::string& partnership() const { return partnership_; }
  const EventFilter& filter() const { return filter_; }
  // Everything up to this place of the log was looked at. Of a partnership: 0 until it was read, where only the
  // revision was given.
  uint64_t position() const { return position_; }
  // The last revision looked at; of a partnership only.
  uint64_t revision() const { return revision_; }

 private:
  const eventstore::EventStore* const store_;
  const PersonalData* const personal_;
  const std::string partnership_;
  const EventFilter filter_;
  uint64_t position_ = 0;
  uint64_t revision_ = 0;
  trust::v1::Event event_;  // Reused where the payload decides.
};

}  // namespace services

#endif  // SERVICES_EVENT_CURSOR_H_
