// One WatchEvents call: the next piece is read when the caller has taken the one before, so that a slow caller holds no
// thread and no more than one piece.

#ifndef SERVICES_EVENT_STREAM_H_
#define SERVICES_EVENT_STREAM_H_

#include <deque>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/event_watch.h"
#include "services/follower_places.h"
#include "services/service_parts.h"
#include "services/watch_hub.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class EventStream final : public grpc::ServerWriteReactor<trust::v1::WatchEventsResponse>, public Watcher {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then.
  EventStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
              const trust::v1::WatchEventsRequest& request, const AccessGate& gate);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  bool IsBehind() const override { return watch_.IsBehind(); }
  void Continue(bool late) override;
  void End() override;

 private:
  // Waits for the hub. Nothing of the stream may be touched afterwards.
  void Park(bool at_once);
  void Tell(bool quiet);
  // Gives its place back and ends it. REQUIRES: it has entered and is not parked.
  void Close(const grpc::Status& status);

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  const trust::v1::WatchEventsRequest& request_;  // gRPC keeps it as long as the call.
  // One thread at a time: the hub's, then the followers', while no write is under way; gRPC's while one is.
  EventWatch watch_;
  absl::Time quiet_since_;
  std::deque<trust::v1::WatchEventsResponse> piece_;
  FollowerPlace place_;  // Behind what the caller has taken.
};

}  // namespace services

#endif  // SERVICES_EVENT_STREAM_H_
