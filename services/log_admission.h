// The look at a log before it is served: whether it still holds what was marked outside it, which a cut WAL, a restored
// older copy or a rewritten record would belie. Blocks on the disk; for the start alone.

#ifndef SERVICES_LOG_ADMISSION_H_
#define SERVICES_LOG_ADMISSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "eventstore/event_store.h"
#include "eventstore/watermark.h"
#include "services/clock.h"

namespace services {

// The row by which a log knows that it is marked, so that a mark taken away is missed.
inline constexpr char kWatermarkTable[] = "watermark";

struct LogAdmission {
  std::string watermark_directory;  // Made when it is missing.
  // Why a log that contradicts its mark is to be served all the same; empty refuses it.
  std::string accept_rollback;
  std::string origin;        // The name of the signing key; empty without one.
  std::string verifier_key;  // What checks its signatures, as text; empty without one.
};

// Compares the log with its marks, and marks it as it is now. A log without any mark is taken as it is, with a warning
// when it is not empty, unless it knows that it had one. One that contradicts its marks is taken only with a reason: an
// event of the stream $overrides then records it, durably, and the marks begin anew, the old ones being kept aside. The
// log also knows which key signed its checkpoints last: a warning tells when it is another now, or none.
// Errors, which say in words what is wrong and what to do:
//   FAILED_PRECONDITION: the log is shorter than its newest mark, has another root at a marked size, or its marks are
//   gone. DATA_LOSS: the marks or the log are damaged. PERMISSION_DENIED: the marks cannot be read or written. Those of
//   EventStore::Write.
absl::StatusOr<eventstore::WatermarkFile> AdmitLog(const LogAdmission& admission, eventstore::EventStore* store,
                                                   const Clock& clock);

}  // namespace services

#endif  // SERVICES_LOG_ADMISSION_H_
