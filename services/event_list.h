// A page of events, of one partnership or of the log. Blocks on the disk: for the pool alone.

#ifndef SERVICES_EVENT_LIST_H_
#define SERVICES_EVENT_LIST_H_

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class PersonalData;

// personal opens what is sealed; null leaves it out. Errors: KEYS_UNAVAILABLE, INVALID_FIELD, INVALID_PAGE_TOKEN,
// INVALID_POSITION, PARTNERSHIP_NOT_FOUND, LOG_DAMAGED, INTERNAL.
absl::Status ListEventsNow(const eventstore::EventStore& store, const trust::v1::ListEventsRequest& request,
                           trust::v1::ListEventsResponse* response, const PersonalData* personal = nullptr);

}  // namespace services

#endif  // SERVICES_EVENT_LIST_H_
