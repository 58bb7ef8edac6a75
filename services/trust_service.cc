#include "services/trust_service.h"

#include "services/trust_query.h"
#include "services/trust_question.h"
#include "services/unary_call.h"

namespace services {
namespace {

using projections::TrustHistory;

// Whether the cache's own history answers a question: the held view, with everything known, under the policy that
// applies.
bool IsPlain(const TrustQuestion& question) {
  return question.KnowsEverything() && question.view == trust::v1::VIEW_HELD && question.policy.empty();
}

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
  const absl::StatusOr<TrustQuestion> question = QuestionOf(*request, *parts.store, parts.clock->Now());
  if (!question.ok()) return Answer(context, question.status());
  const auto read = [&parts, request, response, answer, view = question->view](TrustHistory& history,
                                                                               projections::Day as_of) {
    const absl::Status answered = answer(history, *request, as_of, response);
    response->set_policy_version(history.policy()->version());
    response->set_policy_sha256(parts.policies->Sha256Of(*history.policy()));
    response->set_view(view);
    return answered;
  };
  if (IsPlain(*question)) {
    const projections::Day as_of = *question->as_of;
    absl::Status answered;
    if (parts.readings->TryRead(request->partnership(),
                                [&](TrustHistory& history) { answered = read(history, as_of); })) {
      return Answer(context, answered);
    }
    return AnswerFromPool(context, parts.pool, [&parts, request, read, as_of] {
      absl::Status answered;
      const absl::Status found =
          parts.readings->Read(request->partnership(), [&](TrustHistory& history) { answered = read(history, as_of); });
      return found.ok() ? answered : found;
    });
  }
  return AnswerFromPool(context, parts.pool, [&parts, question = *question, read] {
    const absl::StatusOr<TrustFold> fold = Fold(question, *parts.store, *parts.policies);
    return fold.ok() ? read(*fold->history, fold->as_of) : fold.status();
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

}  // namespace services
