// The check of the whole log for VerifyLog, in pieces: what eventstore::LogVerifier finds, how far it is, and whether
// the log still has the root of its newest checkpoint. Free of any transport. Not thread-safe; blocks on the disk.

#ifndef SERVICES_LOG_VERIFICATION_H_
#define SERVICES_LOG_VERIFICATION_H_

#include <cstddef>
#include <deque>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "eventstore/log_verifier.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "trust/v1/log_verification.pb.h"

namespace services {

class LogVerification {
 public:
  using Messages = std::deque<trust::v1::VerifyLogResponse>;

  // All outlive the verification, which is of what the log holds now.
  LogVerification(const eventstore::EventStore* store, const Checkpointer* checkpointer, const Clock* clock);

  // Goes on a little and adds what there is to tell, which may be nothing. bytes_max is of no concern: a piece finds
  // few things. Errors: INTERNAL when the store cannot be read for another reason than its bytes.
  absl::Status Next(size_t bytes_max, Messages* messages);

  // True when the end was handed out.
  bool ended() const { return ended_; }

 private:
  absl::Status End(Messages* messages);
  void TellProgress(Messages* messages);

  const eventstore::EventStore& store_;
  const Clock& clock_;
  const Checkpointer::Made checkpoint_;  // The newest when it began; may be null.
  eventstore::LogVerifier verifier_;
  size_t told_ = 0;  // Of the verifier's findings.
  absl::Time progress_due_ = absl::InfinitePast();
  bool ended_ = false;
};

}  // namespace services

#endif  // SERVICES_LOG_VERIFICATION_H_
