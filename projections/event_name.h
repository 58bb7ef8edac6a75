// The names of events: partnerships/x/events/17, or 17 alone inside its partnership. Pure text; says nothing about
// whether such an event exists.

#ifndef PROJECTIONS_EVENT_NAME_H_
#define PROJECTIONS_EVENT_NAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace projections {

// The full name of an event.
std::string EventName(absl::string_view partnership, int64_t revision);

// The revision that reference names, from 1 on: the full name of an event of this partnership, or a revision in decimal
// digits without leading zeros. An empty partnership accepts a full name of any. Nothing for every other text.
std::optional<int64_t> ParseEventName(absl::string_view partnership, absl::string_view reference);

}  // namespace projections

#endif  // PROJECTIONS_EVENT_NAME_H_
