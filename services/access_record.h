// The access record: who read which history when, as events of the system stream $access. An access is durable before
// an answer is made, and where it cannot be recorded nothing is read. What reads history, and is recorded, is every
// method that tells events (ListEvents, WatchEvents, ReplayHistory, GetInclusionProof, ExportAudit, GetContact) or the
// course of trust that they made (GetTrustTimeline, ExplainTrust, SimulatePolicy, ListRestatements, WatchTrust).

#ifndef SERVICES_ACCESS_RECORD_H_
#define SERVICES_ACCESS_RECORD_H_

#include <functional>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "services/clock.h"
#include "services/command_lane.h"
#include "services/decided_command.h"
#include "trust/v1/events.pb.h"

namespace services {

// Of one recorded access.
inline constexpr size_t kReaderSizeMax = 256;  // As a reader names itself; a principal may be longer.
inline constexpr size_t kPurposeSizeMax = 500;
inline constexpr size_t kQuestionSizeMax = 64 << 10;

// Thread-safe.
class AccessRecord {
 public:
  // lane outlives the record.
  AccessRecord(bool on, CommandLane* lane) : on_(on), lane_(*lane) {}

  // Whether accesses are recorded at all; fixed for the life of the server.
  bool on() const { return on_; }

  // Records an access on the lane, and then calls then once with OK, on the lane's thread: then must not block. Errors,
  // with which then is called on any thread, and nothing may be read: READER_MISSING, INVALID_FIELD,
  // ACCESS_NOT_RECORDED; OVERLOADED, SHUTTING_DOWN and DEADLINE_PASSED as of every command. REQUIRES: on().
  void Record(trust::v1::HistoryAccessed access, Caller caller, std::function<void(absl::Status)> then);

 private:
  const bool on_;
  CommandLane& lane_;
};

// Records that accesses are recorded from here on, or no more, when the log says otherwise. Called before anything is
// served: so that the record shows where it has gaps. A log that never had the record switched on says nothing. Errors:
// those of EventStore::GetRow and Write.
absl::Status RecordAccessSwitch(bool on, const Clock& clock, eventstore::EventStore* store);

}  // namespace services

#endif  // SERVICES_ACCESS_RECORD_H_
