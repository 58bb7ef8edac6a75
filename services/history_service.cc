#include "services/history_service.h"

#include "services/event_list.h"
#include "services/replay_stream.h"
#include "services/unary_call.h"

namespace services {

grpc::ServerUnaryReactor* HistoryService::ListEvents(grpc::CallbackServerContext* context,
                                                     const trust::v1::ListEventsRequest* request,
                                                     trust::v1::ListEventsResponse* response) {
  return AnswerFromPool(context, parts_.pool, [this, request, response] {
    return ListEventsNow(*parts_.store, *request, response, parts_.personal);
  });
}

grpc::ServerWriteReactor<trust::v1::ReplayHistoryResponse>* HistoryService::ReplayHistory(
    grpc::CallbackServerContext* context, const trust::v1::ReplayHistoryRequest* request) {
  return new ReplayStream(parts_, context, *request);
}

}  // namespace services
