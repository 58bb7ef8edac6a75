#include "services/trust_service.h"

#include <memory>
#include <utility>

#include "services/access_gate.h"
#include "services/assessment.h"
#include "services/attention_query.h"
#include "services/domain/policy_decider.h"
#include "services/explain_query.h"
#include "services/log_position.h"
#include "services/simulation_stream.h"
#include "services/standing_index.h"
#include "services/trust_query.h"
#include "services/trust_question.h"
#include "services/unary_call.h"
#include "services/watch_stream.h"

namespace services {
namespace {

using projections::TrustHistory;

// Whether the cache's own history answers a question: the held view, with everything known, under the policy that
// applies.
bool IsPlain(const TrustQuestion& question) {
  return question.KnowsEverything() && question.view == trust::v1::VIEW_HELD && question.policy.empty();
}

// Whether an answer costs about a reading, or many times as much.
enum class Effort { kQuick, kLong };

// Answers a question about a history: at once where it is folded and nothing is to be waited for, on the pool
// otherwise. One that takes long gets a history of its own, so that readers of the cache's do not wait for it. What is
// to be recorded passes the gate first.
template <class Request, class Response>
grpc::ServerUnaryReactor* AnswerReading(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                        const Request* request, Response* response,
                                        absl::Status (*answer)(TrustHistory&, const Request&, projections::Day,
                                                               Response*),
                                        Effort effort = Effort::kQuick, const AccessGate& gate = nullptr) {
  if (const absl::Status admitted = Admit(parts, context, *request).status(); !admitted.ok()) {
    return Answer(context, admitted);
  }
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
  if (effort == Effort::kQuick && IsPlain(*question)) {
    const projections::Day as_of = *question->as_of;
    absl::Status answered;
    if (gate == nullptr && parts.readings->TryRead(request->partnership(),
                                                   [&](TrustHistory& history) { answered = read(history, as_of); })) {
      return Answer(context, answered);
    }
    return AnswerRecorded(context, parts.pool, gate, [&parts, request, read, as_of] {
      absl::Status answered;
      const absl::Status found =
          parts.readings->Read(request->partnership(), [&](TrustHistory& history) { answered = read(history, as_of); });
      return found.ok() ? answered : found;
    });
  }
  return AnswerRecorded(context, parts.pool, gate, [&parts, question = *question, read] {
    const absl::StatusOr<TrustFold> fold = Fold(question, *parts.store, *parts.policies);
    return fold.ok() ? read(*fold->history, fold->as_of) : fold.status();
  });
}

// The part of a report behind the lane: the reading that stands behind the event, which is another one than was just
// made where the request is a repetition.
void AnswerAssessment(const ServiceParts& parts, const trust::v1::IssueAssessmentRequest* request,
                      trust::v1::IssueAssessmentResponse* response, grpc::ServerUnaryReactor* reactor,
                      const std::shared_ptr<PinnedReading>& made, absl::StatusOr<CommandOutcome> outcome) {
  if (!outcome.ok()) return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
  response->set_revision(outcome->revision);
  response->set_log_position(outcome->log_position);
  SetReceipt(parts, *outcome, response);
  const trust::v1::AssessmentIssued issued = outcome->events.front().assessment_issued();
  for (trust::v1::Event& event : outcome->events) *response->add_events() = std::move(event);
  if (issued.log_size() == made->assessment.log_size() && issued.digest() == made->assessment.digest()) {
    *response->mutable_reading() = std::move(made->reading);
    return reactor->Finish(grpc::Status::OK);
  }
  const bool posted = parts.pool->Post([&parts, request, response, reactor, issued] {
    absl::StatusOr<PinnedReading> again =
        RecomputeAssessment(request->partnership(), issued, *parts.store, *parts.policies);
    if (again.ok()) *response->mutable_reading() = std::move(again->reading);
    reactor->Finish(rpc::ToGrpcStatus(again.status()));
  });
  if (!posted) reactor->Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
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
  return AnswerReading(parts_, context, request, response, &ReadTimeline, Effort::kQuick,
                       GateOf(parts_, context, *request, "TrustService/GetTrustTimeline"));
}

grpc::ServerUnaryReactor* TrustService::ExplainTrust(grpc::CallbackServerContext* context,
                                                     const trust::v1::ExplainTrustRequest* request,
                                                     trust::v1::ExplainTrustResponse* response) {
  return AnswerReading(parts_, context, request, response, &Explain, Effort::kLong,
                       GateOf(parts_, context, *request, "TrustService/ExplainTrust"));
}

grpc::ServerWriteReactor<trust::v1::SimulatePolicyResponse>* TrustService::SimulatePolicy(
    grpc::CallbackServerContext* context, const trust::v1::SimulatePolicyRequest* request) {
  return SimulationStream::Begin(parts_, *request, GateOf(parts_, context, *request, "TrustService/SimulatePolicy"));
}

grpc::ServerUnaryReactor* TrustService::IssueAssessment(grpc::CallbackServerContext* context,
                                                        const trust::v1::IssueAssessmentRequest* request,
                                                        trust::v1::IssueAssessmentResponse* response) {
  absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  domain::Context surroundings;
  surroundings.now = parts_.clock->Now();
  const absl::Status shape = domain::Validate(*request, surroundings);
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  // The reading is made beside the lane; only what it came to enters the lane. What is recorded meanwhile lies behind
  // the place in the log that is pinned.
  const bool posted = parts_.pool->Post([this, context, caller = *std::move(caller), request, response, reactor,
                                         now = surroundings.now] {
    if (context->IsCancelled()) return reactor->Finish(rpc::NobodyWaits());
    absl::StatusOr<PinnedReading> reading = MakeAssessment(*request, *parts_.store, *parts_.policies, now);
    if (!reading.ok()) return reactor->Finish(rpc::ToGrpcStatus(reading.status()));
    const auto made = std::make_shared<PinnedReading>(*std::move(reading));
    SubmitCommand(
        parts_, caller, request, "IssueAssessment",
        [this, request, response, reactor, made](absl::StatusOr<CommandOutcome> outcome) {
          AnswerAssessment(parts_, request, response, reactor, made, std::move(outcome));
        },
        [made](const projections::Partnership& state, const trust::v1::IssueAssessmentRequest& command,
               const domain::Context& at) { return domain::DecideAssessment(state, command, made->assessment, at); });
  });
  if (!posted) reactor->Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
  return reactor;
}

grpc::ServerUnaryReactor* TrustService::VerifyAssessment(grpc::CallbackServerContext* context,
                                                         const trust::v1::VerifyAssessmentRequest* request,
                                                         trust::v1::VerifyAssessmentResponse* response) {
  return AnswerFromPool(parts_, context, *request, [this, request, response] {
    return VerifyAssessmentNow(*parts_.store, *parts_.policies, *request, response);
  });
}

grpc::ServerUnaryReactor* TrustService::ListRestatements(grpc::CallbackServerContext* context,
                                                         const trust::v1::ListRestatementsRequest* request,
                                                         trust::v1::ListRestatementsResponse* response) {
  const AccessGate gate = GateOf(parts_, context, *request, "TrustService/ListRestatements");
  return AnswerRecorded(context, parts_.pool, gate, [this, context, request, response] {
    return ListRestatementsNow(
        *parts_.store, *parts_.policies, *request, [context] { return context->IsCancelled(); }, response);
  });
}

grpc::ServerWriteReactor<trust::v1::WatchTrustResponse>* TrustService::WatchTrust(
    grpc::CallbackServerContext* context, const trust::v1::WatchTrustRequest* request) {
  return new WatchStream(parts_, context, *request, GateOf(parts_, context, *request, "TrustService/WatchTrust"));
}

grpc::ServerUnaryReactor* TrustService::ListAttention(grpc::CallbackServerContext* context,
                                                      const trust::v1::ListAttentionRequest* request,
                                                      trust::v1::ListAttentionResponse* response) {
  const absl::Status shape = Check(*request);
  if (!shape.ok()) return Answer(context, shape);
  return AnswerFromIndex(parts_, context, *request, request->min_position(), [this, request, response] {
    return ListAttentionNow(*parts_.store, parts_.index->state().day, *request, response);
  });
}

}  // namespace services
