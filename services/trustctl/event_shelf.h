// Events of one partnership, fetched when they are first asked for, many at a time, so that what is only mentioned in
// an answer can be described. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_EVENT_SHELF_H_
#define SERVICES_TRUSTCTL_EVENT_SHELF_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trust/v1/history_service.pb.h"

namespace trustctl {

class EventShelf {
 public:
  using ListEvents = std::function<absl::StatusOr<trust::v1::ListEventsResponse>(const trust::v1::ListEventsRequest&)>;

  EventShelf(std::string partnership, ListEvents list_events)
      : partnership_(std::move(partnership)), list_events_(std::move(list_events)) {}

  // Fetches those of the revisions that are not there yet, with few calls. A revision that the history does not have
  // stays missing. Errors: of the calls.
  absl::Status Fetch(const std::set<int64_t>& revisions);

  // The event, or null when it was not fetched. Lives until the next Fetch.
  const trust::v1::Event* Find(int64_t revision) const;

 private:
  const std::string partnership_;
  const ListEvents list_events_;
  std::map<int64_t, trust::v1::Event> events_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EVENT_SHELF_H_
