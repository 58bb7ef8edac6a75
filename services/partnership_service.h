// PartnershipService over gRPC: the promises stand in proto/trust/v1/partnership_service.proto. Thread-safe.

#ifndef SERVICES_PARTNERSHIP_SERVICE_H_
#define SERVICES_PARTNERSHIP_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/partnership_service.grpc.pb.h"

namespace services {

class PartnershipService final : public trust::v1::PartnershipService::CallbackService {
 public:
  // parts outlives the service.
  explicit PartnershipService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* CreatePartnership(grpc::CallbackServerContext* context,
                                              const trust::v1::CreatePartnershipRequest* request,
                                              trust::v1::CreatePartnershipResponse* response) override;
  grpc::ServerUnaryReactor* GetPartnership(grpc::CallbackServerContext* context,
                                           const trust::v1::GetPartnershipRequest* request,
                                           trust::v1::GetPartnershipResponse* response) override;
  grpc::ServerUnaryReactor* ListPartnerships(grpc::CallbackServerContext* context,
                                             const trust::v1::ListPartnershipsRequest* request,
                                             trust::v1::ListPartnershipsResponse* response) override;
  grpc::ServerUnaryReactor* RecordMilestone(grpc::CallbackServerContext* context,
                                            const trust::v1::RecordMilestoneRequest* request,
                                            trust::v1::RecordMilestoneResponse* response) override;
  grpc::ServerUnaryReactor* SuspendPartnership(grpc::CallbackServerContext* context,
                                               const trust::v1::SuspendPartnershipRequest* request,
                                               trust::v1::SuspendPartnershipResponse* response) override;
  grpc::ServerUnaryReactor* ResumePartnership(grpc::CallbackServerContext* context,
                                              const trust::v1::ResumePartnershipRequest* request,
                                              trust::v1::ResumePartnershipResponse* response) override;
  grpc::ServerUnaryReactor* TerminatePartnership(grpc::CallbackServerContext* context,
                                                 const trust::v1::TerminatePartnershipRequest* request,
                                                 trust::v1::TerminatePartnershipResponse* response) override;
  grpc::ServerUnaryReactor* AddPartner(grpc::CallbackServerContext* context,
                                       const trust::v1::AddPartnerRequest* request,
                                       trust::v1::AddPartnerResponse* response) override;
  grpc::ServerUnaryReactor* RemovePartner(grpc::CallbackServerContext* context,
                                          const trust::v1::RemovePartnerRequest* request,
                                          trust::v1::RemovePartnerResponse* response) override;
  grpc::ServerUnaryReactor* DeclareTie(grpc::CallbackServerContext* context,
                                       const trust::v1::DeclareTieRequest* request,
                                       trust::v1::DeclareTieResponse* response) override;
  grpc::ServerUnaryReactor* AssignContact(grpc::CallbackServerContext* context,
                                          const trust::v1::AssignContactRequest* request,
                                          trust::v1::AssignContactResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseContact(grpc::CallbackServerContext* context,
                                           const trust::v1::ReleaseContactRequest* request,
                                           trust::v1::ReleaseContactResponse* response) override;
  grpc::ServerUnaryReactor* GetContact(grpc::CallbackServerContext* context,
                                       const trust::v1::GetContactRequest* request,
                                       trust::v1::GetContactResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_PARTNERSHIP_SERVICE_H_
