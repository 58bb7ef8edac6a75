#include "services/history_service.h"

#include "services/access_gate.h"
#include "services/event_list.h"
#include "services/event_poll.h"
#include "services/event_stream.h"
#include "services/history_search.h"
#include "services/replay_stream.h"
#include "services/unary_call.h"

namespace services {

grpc::ServerUnaryReactor* HistoryService::ListEvents(grpc::CallbackServerContext* context,
                                                     const trust::v1::ListEventsRequest* request,
                                                     trust::v1::ListEventsResponse* response) {
  const AccessGate gate = GateOf(parts_, context, *request, "HistoryService/ListEvents");
  if (request->wait_ms() > 0) {
    if (const absl::Status shape = Check(*request); !shape.ok()) return Answer(context, shape);
    return new EventPoll(parts_, context, request, response, gate);
  }
  return AnswerRecorded(context, parts_.pool, gate, [this, request, response] {
    return ListEventsNow(*parts_.store, *request, response, parts_.personal);
  });
}

grpc::ServerWriteReactor<trust::v1::ReplayHistoryResponse>* HistoryService::ReplayHistory(
    grpc::CallbackServerContext* context, const trust::v1::ReplayHistoryRequest* request) {
  return new ReplayStream(parts_, context, *request, GateOf(parts_, context, *request, "HistoryService/ReplayHistory"));
}

grpc::ServerWriteReactor<trust::v1::WatchEventsResponse>* HistoryService::WatchEvents(
    grpc::CallbackServerContext* context, const trust::v1::WatchEventsRequest* request) {
  return new EventStream(parts_, context, *request, GateOf(parts_, context, *request, "HistoryService/WatchEvents"));
}

grpc::ServerUnaryReactor* HistoryService::ResolveTime(grpc::CallbackServerContext* context,
                                                      const trust::v1::ResolveTimeRequest* request,
                                                      trust::v1::ResolveTimeResponse* response) {
  return AnswerFromPool(parts_, context, *request,
                        [this, request, response] { return ResolveTimeNow(*parts_.store, *request, response); });
}

}  // namespace services
