#include "services/event_stream.h"

#include "services/rpc/status.h"

namespace services {
EventStream::EventStream(const ServiceParts& parts, grpc::CallbackServerContext* context,
                         const trust::v1::WatchEventsRequest& request, const AccessGate& gate)
    : parts_(parts),
      context_(context),
      request_(request),
      watch_({}, parts.store, parts.tail, request, parts.personal),
      quiet_since_(parts.clock->Now()),
      place_(watch_.place()) {
  if (const absl::Status entered = parts_.watches->Enter(this); !entered.ok()) {
    Finish(rpc::ToGrpcStatus(entered));
    return;
  }
  parts_.tail->Enter();
  parts_.follower_places->Enter(&place_);
  Pass(gate, [this](const absl::Status& recorded) {
    if (!recorded.ok()) return Close(rpc::ToGrpcStatus(recorded));
    Park(/*at_once=*/true);
  });
}

void EventStream::OnDone() { delete this; }

void EventStream::OnCancel() { parts_.watches->Wake(this); }

void EventStream::Park(bool at_once) {
  place_.store(watch_.place(), std::memory_order_relaxed);
  if (!parts_.watches->Park(this, quiet_since_ + parts_.watches->heartbeat(), at_once)) End();
}

void EventStream::Continue(bool late) {
  if (context_->IsCancelled()) return Close(rpc::NobodyWaits());
  if (!late && watch_.PassOver()) return Park(/*at_once=*/false);
  // With the followers' queue full, the hub itself waits for the disk: so nobody is refused in the middle of a watch.
  if (!parts_.followers->Post([this, late] { Tell(late); })) Tell(late);
}

void EventStream::Tell(bool quiet) {
  if (context_->IsCancelled()) return Close(rpc::NobodyWaits());
  // A grant may end while a watch is under way.
  if (const absl::Status admitted = Admit(parts_, context_, request_).status(); !admitted.ok()) {
    return Close(rpc::ToGrpcStatus(admitted));
  }
  place_.store(watch_.place(), std::memory_order_relaxed);
  const absl::Status told = watch_.Next(quiet, &piece_);
  if (!told.ok()) return Close(rpc::ToGrpcStatus(told));
  if (piece_.empty()) return Park(/*at_once=*/false);
  quiet_since_ = parts_.clock->Now();
  StartWrite(&piece_.front());
}

void EventStream::OnWriteDone(bool ok) {
  if (!ok) return Close(rpc::NobodyWaits());
  piece_.pop_front();
  if (piece_.empty()) return Park(/*at_once=*/false);
  StartWrite(&piece_.front());
}

void EventStream::End() { Close(rpc::ToGrpcStatus(WatchEnded())); }

void EventStream::Close(const grpc::Status& status) {
  parts_.follower_places->Leave(&place_);
  parts_.tail->Leave();
  parts_.watches->Leave(this);
  Finish(status);
}

}  // namespace services
