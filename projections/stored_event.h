// An event as a record of the log holds it: the payload, completed by what the record itself says. Takes what is in
// clear alone, and so depends on no key. Pure; thread-safe.

#ifndef PROJECTIONS_STORED_EVENT_H_
#define PROJECTIONS_STORED_EVENT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "trust/v1/events.pb.h"

namespace projections {

// Reads a payload into *event and fills in the stream as partnership, the revision and the record time, in microseconds
// since the epoch; no log_position. False when the payload is not an event; *event is then of no use.
[[nodiscard]] bool ReadStoredEvent(absl::string_view stream, uint64_t revision, int64_t record_time_us,
                                   absl::string_view payload, trust::v1::Event* event);

}  // namespace projections

#endif  // PROJECTIONS_STORED_EVENT_H_
