// Places in the log and in a stream found by halving: what is asked of a record holds up to some place and not behind
// it. Each call reads some dozens of records, however long the log is. Blocks on the disk; thread-safe.

#ifndef SERVICES_HISTORY_SEARCH_H_
#define SERVICES_HISTORY_SEARCH_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "trust/v1/history_service.pb.h"

namespace services {

using RecordTest = absl::FunctionRef<bool(const eventstore::RecordedEvent&)>;

// The last position whose record passes; 0 when none does. REQUIRES: behind one that fails, all fail.
// Errors: LOG_DAMAGED, INTERNAL.
absl::StatusOr<uint64_t> LastPosition(const eventstore::EventStore& store, RecordTest test);

// The same of the revisions of a stream.
absl::StatusOr<uint64_t> LastRevision(const eventstore::EventStore& store, absl::string_view stream, RecordTest test);

// Answers ResolveTime. Errors: INVALID_FIELD, INVALID_POSITION, PARTNERSHIP_NOT_FOUND, LOG_DAMAGED, INTERNAL.
absl::Status ResolveTimeNow(const eventstore::EventStore& store, const trust::v1::ResolveTimeRequest& request,
                            trust::v1::ResolveTimeResponse* response);

}  // namespace services

#endif  // SERVICES_HISTORY_SEARCH_H_
