// AuditService over gRPC: the promises stand in proto/trust/v1/audit_service.proto. Thread-safe.

#ifndef SERVICES_AUDIT_SERVICE_H_
#define SERVICES_AUDIT_SERVICE_H_

#include "services/piece_stream.h"
#include "services/service_parts.h"
#include "trust/v1/audit_service.grpc.pb.h"

namespace services {

class AuditService final : public trust::v1::AuditService::CallbackService {
 public:
  // parts outlives the service.
  explicit AuditService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const trust::v1::GetCheckpointRequest* request,
                                          trust::v1::GetCheckpointResponse* response) override;
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const trust::v1::GetInclusionProofRequest* request,
                                              trust::v1::GetInclusionProofResponse* response) override;
  grpc::ServerUnaryReactor* GetConsistencyProof(grpc::CallbackServerContext* context,
                                                const trust::v1::GetConsistencyProofRequest* request,
                                                trust::v1::GetConsistencyProofResponse* response) override;
  grpc::ServerWriteReactor<trust::v1::VerifyLogResponse>* VerifyLog(
      grpc::CallbackServerContext* context, const trust::v1::VerifyLogRequest* request) override;
  grpc::ServerWriteReactor<trust::v1::ExportAuditResponse>* ExportAudit(
      grpc::CallbackServerContext* context, const trust::v1::ExportAuditRequest* request) override;

 private:
  static constexpr int kVerificationsMax = 2;
  static constexpr int kExportsMax = 4;

  const ServiceParts& parts_;
  CallSlots verifications_{kVerificationsMax};
  CallSlots exports_{kExportsMax};
};

}  // namespace services

#endif  // SERVICES_AUDIT_SERVICE_H_
