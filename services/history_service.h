// HistoryService over gRPC: the promises stand in proto/trust/v1/history_service.proto. Thread-safe.

#ifndef SERVICES_HISTORY_SERVICE_H_
#define SERVICES_HISTORY_SERVICE_H_

#include "services/service_parts.h"
#include "trust/v1/history_service.grpc.pb.h"

namespace services {

class HistoryService final : public trust::v1::HistoryService::CallbackService {
 public:
  // parts outlives the service.
  explicit HistoryService(const ServiceParts* parts) : parts_(*parts) {}

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const trust::v1::ListEventsRequest* request,
                                       trust::v1::ListEventsResponse* response) override;
  grpc::ServerWriteReactor<trust::v1::ReplayHistoryResponse>* ReplayHistory(
      grpc::CallbackServerContext* context, const trust::v1::ReplayHistoryRequest* request) override;
  grpc::ServerWriteReactor<trust::v1::WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const trust::v1::WatchEventsRequest* request) override;
  grpc::ServerUnaryReactor* ResolveTime(grpc::CallbackServerContext* context,
                                        const trust::v1::ResolveTimeRequest* request,
                                        trust::v1::ResolveTimeResponse* response) override;

 private:
  const ServiceParts& parts_;
};

}  // namespace services

#endif  // SERVICES_HISTORY_SERVICE_H_
