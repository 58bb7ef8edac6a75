// TrustService over gRPC: the promises stand in proto/trust/v1/trust_service.proto. Thread-safe.

#ifndef SERVICES_TRUST_SERVICE_H_
#define SERVICES_TRUST_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace services {

class TrustService final : public trust::v1::TrustService::CallbackService {
 public:
  // parts outlives the service.
  explicit TrustService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* AssessTrust(grpc::CallbackServerContext* context,
                                        const trust::v1::AssessTrustRequest* request,
                                        trust::v1::AssessTrustResponse* response) override;
  grpc::ServerUnaryReactor* GetTrustTimeline(grpc::CallbackServerContext* context,
                                             const trust::v1::GetTrustTimelineRequest* request,
                                             trust::v1::GetTrustTimelineResponse* response) override;
  grpc::ServerUnaryReactor* ExplainTrust(grpc::CallbackServerContext* context,
                                         const trust::v1::ExplainTrustRequest* request,
                                         trust::v1::ExplainTrustResponse* response) override;
  grpc::ServerWriteReactor<trust::v1::SimulatePolicyResponse>* SimulatePolicy(
      grpc::CallbackServerContext* context, const trust::v1::SimulatePolicyRequest* request) override;
  grpc::ServerUnaryReactor* IssueAssessment(grpc::CallbackServerContext* context,
                                            const trust::v1::IssueAssessmentRequest* request,
                                            trust::v1::IssueAssessmentResponse* response) override;
  grpc::ServerUnaryReactor* VerifyAssessment(grpc::CallbackServerContext* context,
                                             const trust::v1::VerifyAssessmentRequest* request,
                                             trust::v1::VerifyAssessmentResponse* response) override;
  grpc::ServerUnaryReactor* ListRestatements(grpc::CallbackServerContext* context,
                                             const trust::v1::ListRestatementsRequest* request,
                                             trust::v1::ListRestatementsResponse* response) override;
  grpc::ServerWriteReactor<trust::v1::WatchTrustResponse>* WatchTrust(
      grpc::CallbackServerContext* context, const trust::v1::WatchTrustRequest* request) override;
  grpc::ServerUnaryReactor* ListAttention(grpc::CallbackServerContext* context,
                                          const trust::v1::ListAttentionRequest* request,
                                          trust::v1::ListAttentionResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_TRUST_SERVICE_H_
