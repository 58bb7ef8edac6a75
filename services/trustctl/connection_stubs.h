// What the sources of Connection share: its stubs, and what every call of theirs begins and ends with. For them alone.

#ifndef SERVICES_TRUSTCTL_CONNECTION_STUBS_H_
#define SERVICES_TRUSTCTL_CONNECTION_STUBS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/trustctl/connection.h"
#include "trust/v1/admin_service.grpc.pb.h"
#include "trust/v1/audit_service.grpc.pb.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/policy_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace trustctl {

struct Connection::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : partnerships(channel),
        evidence(channel),
        trust(channel),
        history(channel),
        audit(channel),
        policies(channel),
        admin(channel),
        health(channel),
        any(channel) {}

  trust::v1::PartnershipService::Stub partnerships;
  trust::v1::EvidenceService::Stub evidence;
  trust::v1::TrustService::Stub trust;
  trust::v1::HistoryService::Stub history;
  trust::v1::AuditService::Stub audit;
  trust::v1::PolicyService::Stub policies;
  trust::v1::AdminService::Stub admin;
  grpc::TemplatedGenericStub<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse> health;
  grpc::GenericStub any;

  absl::Mutex mutex;
  grpc::ClientContext* watching ABSL_GUARDED_BY(mutex) = nullptr;
  bool stopped ABSL_GUARDED_BY(mutex) = false;
};

namespace wire {

void SetDeadline(grpc::ClientContext* context, absl::Duration timeout);

// Shows the server a token; nothing when it is empty.
void Show(const std::string& token, grpc::ClientContext* context);

// Tells the server who reads, and for what.
void Tell(const Reader& reader, grpc::ClientContext* context);

// What the end of a call means. patience is how long was waited at most; silent says that this was why it ended.
absl::Status FromGrpc(const grpc::Status& status, const std::string& server, absl::Duration patience,
                      bool silent = false);

}  // namespace wire
}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONNECTION_STUBS_H_
