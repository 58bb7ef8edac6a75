#include "services/trust_service.h"

#include "services/attention_query.h"
#include "services/standing_index.h"
#include "services/trust_query.h"
#include "services/unary_call.h"
#include "services/watch_stream.h"

namespace services {
namespace {

using projections::TrustHistory;

// Answers a question about a history: at once where it is folded and nothing is to be waited for, on the pool
// otherwise.
template <class Request, class Response>
grpc::ServerUnaryReactor* AnswerReading(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        absl::Status (*answer)(TrustHistory&, const Request&, projections::Day,
                                                               Response*)) {
  const absl::Status shape = Check(*request);
  if (!shape.ok()) return Answer(context, shape);
  const absl::Status position = CheckMinPosition(*parts.store, request->min_position());
  if (!position.ok()) return Answer(context, position);
  const projections::Day as_of =
      projections::DayOf(request->has_as_of_time() ? projections::ToTime(request->as_of_time()) : parts.clock->Now());
  const auto read = [&parts, request, response, answer, as_of](TrustHistory& history) {
    const absl::Status answered = answer(history, *request, as_of, response);
    response->set_policy_version(parts.readings->policy().version());
    response->set_policy_sha256(parts.policy_sha256);
    return answered;
  };
  absl::Status answered;
  if (!request->has_known_time() &&
      parts.readings->TryRead(request->partnership(), [&](TrustHistory& history) { answered = read(history); })) {
    return Answer(context, answered);
  }
  return AnswerFromPool(context, parts.pool, [&parts, request, read] {
    absl::Status answered;
    const auto reader = [&](TrustHistory& history) { answered = read(history); };
    const absl::Status found =
        request->has_known_time()
            ? parts.readings->ReadAsKnown(request->partnership(), projections::ToTime(request->known_time()), reader)
            : parts.readings->Read(request->partnership(), reader);
    return found.ok() ? answered : found;
  });
}

}  // namespace

grpc::ServerUnaryReactor* TrustService::AssessTrust(grpc::CallbackServerContext* context,
                                                    const trust::v1::AssessTrustRequest* request,
                                                    trust::v1::AssessTrustResponse* response) {
  return AnswerReading(parts_, context, request, response, &Assess);
}

grpc::ServerUnaryReactor* TrustService::GetTrustTimeline(grpc::CallbackServerContext* context,
                                                         const trust::v1::GetTrustTimelineRequest* request,
                                                         trust::v1::GetTrustTimelineResponse* response) {
  return AnswerReading(parts_, context, request, response, &ReadTimeline);
}

grpc::ServerWriteReactor<trust::v1::WatchTrustResponse>* TrustService::WatchTrust(
    grpc::CallbackServerContext* context, const trust::v1::WatchTrustRequest* request) {
  return new WatchStream(parts_, context, *request);
}

grpc::ServerUnaryReactor* TrustService::ListAttention(grpc::CallbackServerContext* context,
                                                      const trust::v1::ListAttentionRequest* request,
                                                      trust::v1::ListAttentionResponse* response) {
  const absl::Status shape = Check(*request);
  if (!shape.ok()) return Answer(context, shape);
  return AnswerFromIndex(context, parts_, request->min_position(), [this, request, response] {
    return ListAttentionNow(*parts_.store, parts_.index->state().day, *request, response);
  });
}

}  // namespace services
