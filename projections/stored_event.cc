#include "projections/stored_event.h"

#include "absl/time/time.h"
#include "projections/day.h"

namespace projections {

bool ReadStoredEvent(absl::string_view stream, uint64_t revision, int64_t record_time_us, absl::string_view payload,
                     trust::v1::Event* event) {
  if (!event->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return false;
  event->set_partnership(stream.data(), stream.size());
  event->set_revision(static_cast<int64_t>(revision));
  *event->mutable_record_time() = ToTimestamp(absl::FromUnixMicros(record_time_us));
  return true;
}

}  // namespace projections
