// The answer of GetTrustTimeline as a table, a row for each change of stage and a line for each event that is shown
// with it. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_TIMELINE_TABLE_H_
#define SERVICES_TRUSTCTL_TIMELINE_TABLE_H_

#include <cstdint>
#include <set>
#include <string>

#include "services/trustctl/console.h"
#include "services/trustctl/event_shelf.h"
#include "services/trustctl/table.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// "events of the day".
std::string CauseInWords(trust::v1::TransitionCause cause);

class TimelineTable {
 public:
  // shelf describes the events and must outlive the table.
  explicit TimelineTable(const EventShelf* shelf);

  // The revisions of the events that Add will describe.
  static std::set<int64_t> ShownEvents(const trust::v1::GetTrustTimelineResponse& page);

  // Adds the page's transitions.
  void Add(const trust::v1::GetTrustTimelineResponse& page);

  // Prints what was added since the last call.
  void Print(const Console& console) { table_.Print(console); }

 private:
  const EventShelf* const shelf_;
  Table table_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_TIMELINE_TABLE_H_
