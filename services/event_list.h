// A page of events, of one partnership or of the log. Free of any transport. Blocks on the disk: for the pool alone.

#ifndef SERVICES_EVENT_LIST_H_
#define SERVICES_EVENT_LIST_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "services/event_cursor.h"
#include "trust/v1/history_service.pb.h"

namespace services {

inline constexpr int kListWaitMsMax = 30'000;

// The shape of the request: every wrong field at once.
absl::Status Check(const trust::v1::ListEventsRequest& request);

// A page that is read, perhaps again and again until there is something in it. One thread at a time, but for IsBehind.
class EventList {
 public:
  // All outlive the list. REQUIRES: Check found nothing wrong.
  EventList(const eventstore::EventStore* store, const PersonalData* personal,
            const trust::v1::ListEventsRequest* request);

  // Reads on where the last Read ended, until the page is full or the budget of a scan is used up; *ended tells that
  // nothing more is there for now. Errors: INVALID_PAGE_TOKEN, INVALID_POSITION, PARTNERSHIP_NOT_FOUND, LOG_DAMAGED,
  // INTERNAL.
  absl::Status Read(trust::v1::ListEventsResponse* response, bool* ended);

  // The token to go on with, from where Read ended.
  std::string NextPageToken() const;

  // Whether Read was ever called with success.
  bool begun() const { return begun_; }
  EventCursor& cursor() { return cursor_; }
  const EventCursor& cursor() const { return cursor_; }

 private:
  absl::Status Begin();
  bool of_partnership() const { return !cursor_.partnership().empty(); }

  const eventstore::EventStore* const store_;
  const trust::v1::ListEventsRequest* const request_;
  EventCursor cursor_;
  std::string arguments_;
  bool begun_ = false;
};

// Answers a request without wait_ms. personal opens what is sealed, null leaves it out. Errors: KEYS_UNAVAILABLE,
// INVALID_FIELD, INVALID_PAGE_TOKEN, INVALID_POSITION,
// PARTNERSHIP_NOT_FOUND, LOG_DAMAGED, INTERNAL.
absl::Status ListEventsNow(const eventstore::EventStore& store, const trust::v1::ListEventsRequest& request,
                           trust::v1::ListEventsResponse* response, const PersonalData* personal = nullptr);

}  // namespace services

#endif  // SERVICES_EVENT_LIST_H_
