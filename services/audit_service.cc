#include "services/audit_service.h"

#include <memory>

#include "services/access_gate.h"
#include "services/audit_export.h"
#include "services/audit_query.h"
#include "services/log_verification.h"
#include "services/unary_call.h"

namespace services {

grpc::ServerUnaryReactor* AuditService::GetCheckpoint(grpc::CallbackServerContext* context,
                                                      const trust::v1::GetCheckpointRequest* request,
                                                      trust::v1::GetCheckpointResponse* response) {
  return AnswerFromPool(parts_, context, *request, [this, request, response] {
    return GetCheckpointNow(*parts_.store, *parts_.checkpointer, *request, response);
  });
}

grpc::ServerUnaryReactor* AuditService::GetInclusionProof(grpc::CallbackServerContext* context,
                                                          const trust::v1::GetInclusionProofRequest* request,
                                                          trust::v1::GetInclusionProofResponse* response) {
  // It hands out the record itself.
  const AccessGate gate = GateOf(parts_, context, *request, "AuditService/GetInclusionProof");
  return AnswerRecorded(context, parts_.pool, gate, [this, request, response] {
    return GetInclusionProofNow(*parts_.store, *parts_.checkpointer, *request, response);
  });
}

grpc::ServerUnaryReactor* AuditService::GetConsistencyProof(grpc::CallbackServerContext* context,
                                                            const trust::v1::GetConsistencyProofRequest* request,
                                                            trust::v1::GetConsistencyProofResponse* response) {
  return AnswerFromPool(parts_, context, *request, [this, request, response] {
    return GetConsistencyProofNow(*parts_.store, *parts_.checkpointer, *request, response);
  });
}

grpc::ServerWriteReactor<trust::v1::VerifyLogResponse>* AuditService::VerifyLog(
    grpc::CallbackServerContext* context, const trust::v1::VerifyLogRequest* request) {
  return new PieceStream<LogVerification, trust::v1::VerifyLogResponse>(
      parts_.pool, &verifications_, context,
      std::make_unique<LogVerification>(parts_.store, parts_.checkpointer, parts_.clock),
      AdmissionGateOf(parts_, context, *request));
}

grpc::ServerWriteReactor<trust::v1::ExportAuditResponse>* AuditService::ExportAudit(
    grpc::CallbackServerContext* context, const trust::v1::ExportAuditRequest* request) {
  return new PieceStream<AuditExport, trust::v1::ExportAuditResponse>(
      parts_.pool, &exports_, context,
      std::make_unique<AuditExport>(parts_.store, parts_.checkpointer, parts_.policies, parts_.clock, *request),
      GateOf(parts_, context, *request, "AuditService/ExportAudit"));
}

}  // namespace services
