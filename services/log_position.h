// The opaque token that names a place in the log. Callers may compare tokens for equality and hand them back, nothing
// else. Pure, but for the length of a log.

#ifndef SERVICES_LOG_POSITION_H_
#define SERVICES_LOG_POSITION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"

namespace services {

// The token of a position; of 0 for the place before the first event.
std::string LogPositionToken(uint64_t position);

// The position that a token names, of this program or of an earlier one. Errors: INVALID_ARGUMENT / INVALID_POSITION
// when none made it.
absl::StatusOr<uint64_t> ParseLogPosition(absl::string_view token);

// Checks that the log is at least as long as a min_position asks; an empty one asks nothing. field: what the caller
// calls it. Errors: INVALID_POSITION.
absl::Status CheckMinPosition(const eventstore::EventStore& store, absl::string_view min_position,
                              absl::string_view field = "min_position");

// The token of a page: where it goes on, bound to the arguments of its list by a fingerprint.
std::string PageToken(absl::string_view place, absl::string_view arguments);

// The place that a page token names; empty for an empty token. Errors: INVALID_ARGUMENT / INVALID_PAGE_TOKEN when it
// was not made by PageToken with the same arguments.
absl::StatusOr<std::string> ParsePageToken(absl::string_view token, absl::string_view arguments);

// The refusal of a page token that holds no place of its list.
absl::Status InvalidPageToken();

}  // namespace services

#endif  // SERVICES_LOG_POSITION_H_
