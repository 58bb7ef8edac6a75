// One ReplayHistory call: pieces are folded on the pool as the caller takes them, so that a slow caller holds no thread
// and no more than one piece.

#ifndef SERVICES_REPLAY_STREAM_H_
#define SERVICES_REPLAY_STREAM_H_

#include <deque>

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/replay.h"
#include "services/service_parts.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class ReplayStream final : public grpc::ServerWriteReactor<trust::v1::ReplayHistoryResponse> {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then.
  ReplayStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
               const trust::v1::ReplayHistoryRequest& request, const AccessGate& gate);

  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void Fold();   // Has the pool make the next piece and write its first message.
  void Write();  // Writes the first message of the piece. REQUIRES: there is one.

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  // One thread at a time: the pool folds only while no write is under way.
  Replay replay_;
  std::deque<trust::v1::ReplayHistoryResponse> piece_;
};

}  // namespace services

#endif  // SERVICES_REPLAY_STREAM_H_
