#include "services/trust_service.h"

#include "services/explain_query.h"
#include "services/trust_query.h"
#include "services/unary_call.h"

namespace services {
namespace {

using projections::TrustHistory;

// Whether a question may be answered on a network thread.
enum class Effort { kQuick, kLong };

// Answers a question about a history: at once where it is folded and nothing is to be waited for and the effort is
// quick, on the pool otherwise.
template <class Request, class Response>
grpc::ServerUnaryReactor* AnswerReading(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        absl::Status (*answer)(TrustHistory&, const Request&, projections::Day,
                                                               Response*),
                                        Effort effort = Effort::kQuick) {
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
  if (effort == Effort::kQuick && !request->has_known_time() &&
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

grpc::ServerUnaryReactor* TrustService::ExplainTrust(grpc::CallbackServerContext* context,
                                                     const trust::v1::ExplainTrustRequest* request,
                                                     trust::v1::ExplainTrustResponse* response) {
  return AnswerReading(parts_, context, request, response, &Explain, Effort::kLong);
}

}  // namespace services
