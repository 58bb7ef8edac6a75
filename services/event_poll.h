// One ListEvents call that waits: until there is something to list, or its time is over. Holds no thread meanwhile.

#ifndef SERVICES_EVENT_POLL_H_
#define SERVICES_EVENT_POLL_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/event_list.h"
#include "services/service_parts.h"
#include "services/watch_hub.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class EventPoll final : public grpc::ServerUnaryReactor, public Watcher {
 public:
  // request and response are gRPC's and live as long as the call. Lives until gRPC says that the call is done, and
  // deletes itself then. REQUIRES: Check found nothing wrong with the request.
  EventPoll(const ServiceParts& parts, grpc::CallbackServerContext* context,
            const trust::v1::ListEventsRequest* request, trust::v1::ListEventsResponse* response,
            const AccessGate& gate);

  void OnCancel() override;
  void OnDone() override;

  bool IsBehind() const override { return list_.cursor().IsBehind(); }
  void Continue(bool late) override;
  void End() override;

 private:
  void Park(bool at_once);
  void Read(bool late);
  void Answer(const absl::Status& status);
  // Gives its place back and ends it. REQUIRES: it has entered and is not parked.
  void Close(const grpc::Status& status);

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  trust::v1::ListEventsResponse* const response_;
  EventList list_;
  const absl::Time until_;
};

}  // namespace services

#endif  // SERVICES_EVENT_POLL_H_
