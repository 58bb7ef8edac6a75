#include "services/watch_stream.h"

#include "services/rpc/status.h"

namespace services {
namespace {

constexpr size_t kPieceMessagesMax = 64;

}  // namespace

WatchStream::WatchStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
                         const trust::v1::WatchTrustRequest& request, const AccessGate& gate)
    : parts_(parts),
      context_(context),
      request_(request),
      watch_(parts.index, parts.store, request),
      quiet_since_(parts.clock->Now()) {
  if (const absl::Status entered = parts_.watches->Enter(this); !entered.ok()) {
    Finish(rpc::ToGrpcStatus(entered));
    return;
  }
  Pass(gate, [this](const absl::Status& recorded) {
    if (!recorded.ok()) return Close(rpc::ToGrpcStatus(recorded));
    Park(/*at_once=*/true);
  });
}

void WatchStream::OnDone() { delete this; }

void WatchStream::OnCancel() { parts_.watches->Wake(this); }

void WatchStream::Park(bool at_once) {
  if (!parts_.watches->Park(this, quiet_since_ + parts_.watches->heartbeat(), at_once)) End();
}

void WatchStream::Continue(bool late) {
  if (context_->IsCancelled()) return Close(rpc::NobodyWaits());
  // A grant may end while a watch is under way.
  if (const absl::Status admitted = Admit(parts_, context_, request_).status(); !admitted.ok()) {
    return Close(rpc::ToGrpcStatus(admitted));
  }
  const absl::Status told = watch_.Next(kPieceMessagesMax, /*heartbeat=*/late, &piece_);
  if (!told.ok()) return Close(rpc::ToGrpcStatus(told));
  if (piece_.empty()) return Park(watch_.HasMore());
  quiet_since_ = parts_.clock->Now();
  StartWrite(&piece_.front());
}

void WatchStream::OnWriteDone(bool ok) {
  if (!ok) return Close(rpc::NobodyWaits());
  piece_.pop_front();
  if (piece_.empty()) return Park(watch_.HasMore());
  StartWrite(&piece_.front());
}

void WatchStream::End() { Close(rpc::ToGrpcStatus(WatchEnded())); }

void WatchStream::Close(const grpc::Status& status) {
  parts_.watches->Leave(this);
  Finish(status);
}

}  // namespace services
