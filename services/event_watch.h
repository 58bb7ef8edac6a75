// One watch of events: a place in the log, and the messages that follow. It holds no more than the piece being told,
// however slowly it is read. Free of any transport. Blocks on the disk where not said otherwise; one thread at a time,
// but for IsBehind.

#ifndef SERVICES_EVENT_WATCH_H_
#define SERVICES_EVENT_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "services/event_cursor.h"
#include "services/event_tail.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class EventWatch {
 public:
  struct Config {
    size_t batch_events_max = 1000;
    size_t batch_bytes_max = 128 << 10;
    uint64_t scanned_records_max = kScannedRecordsMax;  // Passed over without a word.
  };

  // store, tail and personal outlive the watch; personal opens what is sealed, null leaves it out.
  EventWatch(const Config& config, const eventstore::EventStore* store, const EventTail* tail,
             const trust::v1::WatchEventsRequest& request, const PersonalData* personal = nullptr);

  // Adds the next messages, at most one batch and what is to be said of it; none when nothing is new. quiet: it is time
  // for a sign of life. Errors: INVALID_FIELD, INVALID_POSITION, PARTNERSHIP_NOT_FOUND, LOG_DAMAGED, INTERNAL; nothing
  // more comes after one.
  absl::Status Next(bool quiet, std::deque<trust::v1::WatchEventsResponse>* messages);

  // Passes over what is not to be told, without the disk. True when Next would then have nothing to say.
  bool PassOver();

  // Up to where everything was told or passed over; the end of the log before anything was.
  uint64_t place() const { return begun_ ? cursor_.position() : store_->LogSize(); }

  // Whether there may be something to tell at once.
  bool IsBehind() const { return !caught_up_ || cursor_.IsBehind(); }

 private:
  absl::Status Begin();
  absl::StatusOr<uint64_t> StartPosition();
  trust::v1::WatchEventsResponse& Tell(std::deque<trust::v1::WatchEventsResponse>* messages);

  const Config config_;
  const eventstore::EventStore* const store_;
  const EventTail* const tail_;
  trust::v1::WatchEventsRequest request_;  // Cleared once it is read.
  absl::Status shape_;
  EventCursor cursor_;
  bool begun_ = false;
  bool caught_up_ = false;
  uint64_t told_ = 0;  // The place that the last message named.
};

}  // namespace services

#endif  // SERVICES_EVENT_WATCH_H_
