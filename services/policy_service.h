// PolicyService over gRPC: the promises stand in proto/trust/v1/policy_service.proto. Thread-safe.

#ifndef SERVICES_POLICY_SERVICE_H_
#define SERVICES_POLICY_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/policy_service.grpc.pb.h"

namespace services {

class PolicyService final : public trust::v1::PolicyService::CallbackService {
 public:
  // parts outlives the service.
  explicit PolicyService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* PublishPolicy(grpc::CallbackServerContext* context,
                                          const trust::v1::PublishPolicyRequest* request,
                                          trust::v1::PublishPolicyResponse* response) override;
  grpc::ServerUnaryReactor* ActivatePolicy(grpc::CallbackServerContext* context,
                                           const trust::v1::ActivatePolicyRequest* request,
                                           trust::v1::ActivatePolicyResponse* response) override;
  grpc::ServerUnaryReactor* PinPolicy(grpc::CallbackServerContext* context, const trust::v1::PinPolicyRequest* request,
                                      trust::v1::PinPolicyResponse* response) override;
  grpc::ServerUnaryReactor* GetPolicy(grpc::CallbackServerContext* context, const trust::v1::GetPolicyRequest* request,
                                      trust::v1::GetPolicyResponse* response) override;
  grpc::ServerUnaryReactor* ListPolicies(grpc::CallbackServerContext* context,
                                         const trust::v1::ListPoliciesRequest* request,
                                         trust::v1::ListPoliciesResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_POLICY_SERVICE_H_
