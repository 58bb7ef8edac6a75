// AdminService over gRPC: the promises stand in proto/trust/v1/admin_service.proto. Thread-safe.

#ifndef SERVICES_ADMIN_SERVICE_H_
#define SERVICES_ADMIN_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/admin_service.grpc.pb.h"

namespace services {

class AdminService final : public trust::v1::AdminService::CallbackService {
 public:
  // parts outlives the service.
  explicit AdminService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* EraseContact(grpc::CallbackServerContext* context,
                                         const trust::v1::EraseContactRequest* request,
                                         trust::v1::EraseContactResponse* response) override;
  grpc::ServerUnaryReactor* PlaceLegalHold(grpc::CallbackServerContext* context,
                                           const trust::v1::PlaceLegalHoldRequest* request,
                                           trust::v1::PlaceLegalHoldResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseLegalHold(grpc::CallbackServerContext* context,
                                             const trust::v1::ReleaseLegalHoldRequest* request,
                                             trust::v1::ReleaseLegalHoldResponse* response) override;
  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context,
                                         const trust::v1::CreateBackupRequest* request,
                                         trust::v1::CreateBackupResponse* response) override;
  grpc::ServerUnaryReactor* GetServerStatus(grpc::CallbackServerContext* context,
                                            const trust::v1::GetServerStatusRequest* request,
                                            trust::v1::GetServerStatusResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_ADMIN_SERVICE_H_
