// EvidenceService over gRPC: the promises stand in proto/trust/v1/evidence_service.proto. Thread-safe.

#ifndef SERVICES_EVIDENCE_SERVICE_H_
#define SERVICES_EVIDENCE_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/evidence_service.grpc.pb.h"

namespace services {

class EvidenceService final : public trust::v1::EvidenceService::CallbackService {
 public:
  // parts outlives the service.
  explicit EvidenceService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* RecordEvidence(grpc::CallbackServerContext* context,
                                           const trust::v1::RecordEvidenceRequest* request,
                                           trust::v1::RecordEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* BatchRecordEvidence(grpc::CallbackServerContext* context,
                                                const trust::v1::BatchRecordEvidenceRequest* request,
                                                trust::v1::BatchRecordEvidenceResponse* response) override;
  grpc::ServerBidiReactor<trust::v1::ImportHistoryRequest, trust::v1::ImportHistoryResponse>* ImportHistory(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* CorrectEvidence(grpc::CallbackServerContext* context,
                                            const trust::v1::CorrectEvidenceRequest* request,
                                            trust::v1::CorrectEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* RetractEvidence(grpc::CallbackServerContext* context,
                                            const trust::v1::RetractEvidenceRequest* request,
                                            trust::v1::RetractEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* ConfirmEvidence(grpc::CallbackServerContext* context,
                                            const trust::v1::ConfirmEvidenceRequest* request,
                                            trust::v1::ConfirmEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* ContestEvidence(grpc::CallbackServerContext* context,
                                            const trust::v1::ContestEvidenceRequest* request,
                                            trust::v1::ContestEvidenceResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_EVIDENCE_SERVICE_H_
