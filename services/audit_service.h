// AuditService over gRPC: the promises stand in proto/trust/v1/audit_service.proto. Thread-safe.

#ifndef SERVICES_AUDIT_SERVICE_H_
#define SERVICES_AUDIT_SERVICE_H_

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

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_AUDIT_SERVICE_H_
