#include "services/service_parts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/standing_index.h"

namespace services {

absl::Status ReadsOverloaded() {
  return domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_OVERLOADED,
                       "too many reads wait; repeat after the time given", {}, 100);
}

absl::Status CheckMinPosition(const eventstore::EventStore& store, absl::string_view min_position,
                              absl::string_view field) {
  if (min_position.empty()) return absl::OkStatus();
  const absl::StatusOr<uint64_t> position = ParseLogPosition(min_position);
  if (!position.ok()) return position.status();
  if (*position > store.LogSize()) {
    return domain::InvalidArgument(
        trust::v1::ERROR_REASON_INVALID_POSITION,
        absl::StrCat(field, " lies beyond the end of this log; was it made by another server?"));
  }
  return absl::OkStatus();
}

void WhenIndexed(const ServiceParts& parts, absl::string_view min_position, std::function<void(absl::Status)> then) {
  if (const absl::Status ready = parts.index->CheckReady(); !ready.ok()) return then(ready);
  if (min_position.empty()) return then(absl::OkStatus());
  const absl::StatusOr<uint64_t> position = ParseLogPosition(min_position);
  if (!position.ok()) return then(position.status());
  parts.index->WhenAt(*position, std::move(then));
}

}  // namespace services
