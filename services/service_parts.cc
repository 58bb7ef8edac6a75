#include "services/service_parts.h"

#include <utility>

#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/standing_index.h"

namespace services {

absl::Status ReadsOverloaded() {
  return domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_OVERLOADED,
                       "too many reads wait; repeat after the time given", {}, 100);
}

void WhenIndexed(const ServiceParts& parts, absl::string_view min_position, std::function<void(absl::Status)> then) {
  if (const absl::Status ready = parts.index->CheckReady(); !ready.ok()) return then(ready);
  if (min_position.empty()) return then(absl::OkStatus());
  const absl::StatusOr<uint64_t> position = ParseLogPosition(min_position);
  if (!position.ok()) return then(position.status());
  parts.index->WhenAt(*position, std::move(then));
}

}  // namespace services
