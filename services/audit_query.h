// Checkpoints and proofs for AuditService. Blocks on the disk: for the pool alone. Thread-safe.

#ifndef SERVICES_AUDIT_QUERY_H_
#define SERVICES_AUDIT_QUERY_H_

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "services/checkpointer.h"
#include "trust/v1/audit_service.pb.h"

namespace services {

// Errors: INVALID_FIELD, INVALID_POSITION, SIGNING_KEY_MISSING, SIZE_BEYOND_LOG, CHECKPOINT_NOT_MADE, LOG_DAMAGED.
absl::Status GetCheckpointNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                              const trust::v1::GetCheckpointRequest& request,
                              trust::v1::GetCheckpointResponse* response);

// Errors: INVALID_FIELD, PARTNERSHIP_NOT_FOUND, EVENT_NOT_FOUND, SIZE_BEYOND_LOG, RECORD_NOT_COVERED,
// CHECKPOINT_NOT_MADE, LOG_DAMAGED.
absl::Status GetInclusionProofNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                                  const trust::v1::GetInclusionProofRequest& request,
                                  trust::v1::GetInclusionProofResponse* response);

// Errors: INVALID_FIELD, SIZE_BEYOND_LOG, CHECKPOINT_NOT_MADE, LOG_DAMAGED.
absl::Status GetConsistencyProofNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                                    const trust::v1::GetConsistencyProofRequest& request,
                                    trust::v1::GetConsistencyProofResponse* response);

}  // namespace services

#endif  // SERVICES_AUDIT_QUERY_H_
