#include "services/event_poll.h"

#include "services/event_tail.h"
#include "services/rpc/status.h"

namespace services {

EventPoll::EventPoll(const ServiceParts& parts, grpc::CallbackServerContext* context,
                     const trust::v1::ListEventsRequest* request, trust::v1::ListEventsResponse* response,
                     const AccessGate& gate)
    : parts_(parts),
      context_(context),
      response_(response),
      list_(parts.store, parts.personal, request),
      until_(parts.clock->Now() + absl::Milliseconds(request->wait_ms())) {
  if (const absl::Status entered = parts_.watches->Enter(this); !entered.ok()) {
    Finish(rpc::ToGrpcStatus(entered));
    return;
  }
  parts_.tail->Enter();
  Pass(gate, [this](const absl::Status& recorded) {
    if (!recorded.ok()) return Close(rpc::ToGrpcStatus(recorded));
    Park(/*at_once=*/true);
  });
}

void EventPoll::OnDone() { delete this; }

void EventPoll::OnCancel() { parts_.watches->Wake(this); }

void EventPoll::Park(bool at_once) {
  if (!parts_.watches->Park(this, until_, at_once)) End();
}

void EventPoll::Continue(bool late) {
  if (!late && list_.begun() && !context_->IsCancelled()) {
    list_.cursor().PassOver(*parts_.tail);
    if (!IsBehind()) return Park(/*at_once=*/false);
  }
  if (!parts_.followers->Post([this, late] { Read(late); })) Read(late);
}

void EventPoll::Read(bool late) {
  if (context_->IsCancelled()) return Close(rpc::NobodyWaits());
  bool ended = false;
  const absl::Status read = list_.Read(response_, &ended);
  // A long scan parks to go on at once, so that the hub does not see how late it is.
  late = late || parts_.clock->Now() >= until_;
  if (!read.ok() || late || !response_->events().empty()) return Answer(read);
  // What was passed over so far need not be looked at again, neither here nor by the caller.
  Park(/*at_once=*/!ended);
}

void EventPoll::Answer(const absl::Status& status) {
  if (status.ok()) response_->set_next_page_token(list_.NextPageToken());
  Close(rpc::ToGrpcStatus(status));
}

void EventPoll::End() { Close(rpc::ToGrpcStatus(WatchEnded())); }

void EventPoll::Close(const grpc::Status& status) {
  parts_.tail->Leave();
  parts_.watches->Leave(this);
  Finish(status);
}

}  // namespace services
