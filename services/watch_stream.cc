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
  const absl::Status entered = parts_.watches->Enter();
  entered_ = entered.ok();
  if (entered_) {
    Pass(gate, [this](const absl::Status& recorded) {
      if (!recorded.ok()) return FinishWith(recorded);
      Park(/*at_once=*/true);
    });
  } else {
    FinishWith(entered);
  }
}

void WatchStream::OnDone() {
  if (entered_) parts_.watches->Leave(this);
  delete this;
}

void WatchStream::OnCancel() {
  if (entered_) parts_.watches->Wake(this);
}

void WatchStream::Park(bool at_once) {
  if (!parts_.watches->Park(this, quiet_since_ + parts_.watches->heartbeat(), at_once)) End();
}

void WatchStream::Continue(bool late) {
  if (context_->IsCancelled()) return Finish(rpc::NobodyWaits());
  // A grant may end while a watch is under way.
  if (const absl::Status admitted = Admit(parts_, context_, request_).status(); !admitted.ok()) {
    return FinishWith(admitted);
  }
  const absl::Status told = watch_.Next(kPieceMessagesMax, /*heartbeat=*/late, &piece_);
  if (!told.ok()) return FinishWith(told);
  if (piece_.empty()) return Park(watch_.HasMore());
  quiet_since_ = parts_.clock->Now();
  StartWrite(&piece_.front());
}

void WatchStream::OnWriteDone(bool ok) {
  if (!ok) return Finish(rpc::NobodyWaits());
  piece_.pop_front();
  if (piece_.empty()) return Park(watch_.HasMore());
  StartWrite(&piece_.front());
}

void WatchStream::End() { FinishWith(WatchEnded()); }

void WatchStream::FinishWith(const absl::Status& status) { Finish(rpc::ToGrpcStatus(status)); }

}  // namespace services
