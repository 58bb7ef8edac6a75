// What the store's failures mean to a caller. Internals of the store (paths, its own messages) stay in the server's
// log. Pure, but for that log.

#ifndef SERVICES_STORE_FAULT_H_
#define SERVICES_STORE_FAULT_H_

#include "absl/status/status.h"
#include "services/log_limit.h"

namespace services {

// The status to answer for a failed write: STORAGE_FULL (nothing stored), OUTCOME_UNKNOWN, NOT_READY for a store that
// has failed before, INTERNAL for the rest. limit, where there is one, bounds what comes to the log. REQUIRES:
// !status.ok().
absl::Status WriteFault(const absl::Status& status, LogLimit* limit = nullptr);

// The status to answer for a failed read: LOG_DAMAGED for DATA_LOSS, INTERNAL for the rest. limit bounds what comes to
// the log; without one, that of the process does. REQUIRES: !status.ok().
absl::Status ReadFault(const absl::Status& status, LogLimit* limit = nullptr);

}  // namespace services

#endif  // SERVICES_STORE_FAULT_H_
