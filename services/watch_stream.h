// One WatchTrust call: messages are made as the caller takes them, so that a slow caller holds no thread and no more
// than one piece.

#ifndef SERVICES_WATCH_STREAM_H_
#define SERVICES_WATCH_STREAM_H_

#include <deque>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/service_parts.h"
#include "services/trust_watch.h"
#include "services/watch_hub.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

class WatchStream final : public grpc::ServerWriteReactor<trust::v1::WatchTrustResponse>, public Watcher {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then.
  WatchStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
              const trust::v1::WatchTrustRequest& request, const AccessGate& gate);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  bool IsBehind() const override { return watch_.HasMore(); }
  void Continue(bool late) override;
  void End() override;

 private:
  // Waits for the hub. Nothing of the stream may be touched afterwards.
  void Park(bool at_once);
  // Gives its place back and ends it. REQUIRES: it has entered and is not parked.
  void Close(const grpc::Status& status);

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  const trust::v1::WatchTrustRequest& request_;  // gRPC keeps it as long as the call.
  // One thread at a time: the hub's while no write is under way, gRPC's while one is.
  TrustWatch watch_;
  absl::Time quiet_since_;
  std::deque<trust::v1::WatchTrustResponse> piece_;
};

}  // namespace services

#endif  // SERVICES_WATCH_STREAM_H_
