#include "services/replay_stream.h"

#include "services/rpc/status.h"

namespace services {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

}  // namespace

ReplayStream::ReplayStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
                           const trust::v1::ReplayHistoryRequest& request, const AccessGate& gate)
    : parts_(parts), context_(context), replay_(parts.store, parts.policies, request, parts.personal) {
  Pass(gate, [this](const absl::Status& recorded) {
    if (!recorded.ok()) return Finish(rpc::ToGrpcStatus(recorded));
    Fold();
  });
}

void ReplayStream::OnDone() { delete this; }

void ReplayStream::Fold() {
  const bool posted = parts_.pool->Post([this] {
    if (context_->IsCancelled()) return Finish(rpc::NobodyWaits());
    const absl::Status folded = replay_.Next(kPieceBytes, &piece_);
    if (!folded.ok()) return Finish(rpc::ToGrpcStatus(folded));
    Write();
  });
  if (!posted) Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
}

void ReplayStream::Write() { StartWrite(&piece_.front()); }

void ReplayStream::OnWriteDone(bool ok) {
  if (!ok) return Finish(rpc::NobodyWaits());
  piece_.pop_front();
  if (!piece_.empty()) return Write();
  if (replay_.ended()) return Finish(grpc::Status::OK);
  Fold();
}

}  // namespace services
