// The three ways in which a unary call is served: at once, on the pool, or by the lane. gRPC's threads never wait.

#ifndef SERVICES_UNARY_CALL_H_
#define SERVICES_UNARY_CALL_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/admission.h"
#include "services/decided_command.h"
#include "services/domain/decider.h"
#include "services/domain/policy_decider.h"
#include "services/log_position.h"
#include "services/personal_data.h"
#include "services/personal_request.h"
#include "services/rpc/status.h"
#include "services/service_parts.h"

namespace services {

// Answers a call now.
inline grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpcStatus(status));
  return reactor;
}

// Answers a call that was admitted with what work returns, on the pool; with OVERLOADED when the pool is full.
inline void FinishFromPool(grpc::CallbackServerContext* context, grpc::ServerUnaryReactor* reactor, Executor* pool,
                           std::function<absl::Status()> work) {
  const bool posted = pool->Post([context, reactor, work = std::move(work)] {
    if (context->IsCancelled()) return reactor->Finish(rpc::NobodyWaits());
    reactor->Finish(rpc::ToGrpcStatus(work()));
  });
  if (!posted) reactor->Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
}

inline grpc::ServerUnaryReactor* AnswerFromPool(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                                const google::protobuf::Message& request,
                                                std::function<absl::Status()> work) {
  if (const absl::Status admitted = Admit(parts, context, request).status(); !admitted.ok()) {
    return Answer(context, admitted);
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  FinishFromPool(context, reactor, parts.pool, std::move(work));
  return reactor;
}

// As above, once the standing index can answer for min_position.
inline grpc::ServerUnaryReactor* AnswerFromIndex(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                                 const google::protobuf::Message& request,
                                                 absl::string_view min_position, std::function<absl::Status()> work) {
  if (const absl::Status admitted = Admit(parts, context, request).status(); !admitted.ok()) {
    return Answer(context, admitted);
  }
  const absl::Status position = CheckMinPosition(*parts.store, min_position);
  if (!position.ok()) return Answer(context, position);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  WhenIndexed(parts, min_position,
              [context, reactor, pool = parts.pool, work = std::move(work)](const absl::Status& indexed) {
                if (!indexed.ok()) return reactor->Finish(rpc::ToGrpcStatus(indexed));
                FinishFromPool(context, reactor, pool, work);
              });
  return reactor;
}

// Fetches the keys of persons on the thread for keys, and hands them on there; with OVERLOADED when too much waits.
inline void WithKeys(const ServiceParts& parts, std::vector<std::string> persons,
                     std::function<void(absl::StatusOr<PersonalKeys>)> then) {
  // Shared between the task and the refusal of a full queue, one of which is called.
  const auto shared_then = std::make_shared<std::function<void(absl::StatusOr<PersonalKeys>)>>(std::move(then));
  const bool posted = parts.key_pool->Post([personal = parts.personal, persons = std::move(persons), shared_then] {
    PersonalKeys keys;
    for (const std::string& person : persons) {
      absl::StatusOr<std::shared_ptr<const SecretKey>> key = personal->Obtain(person);
      if (!key.ok()) return (*shared_then)(key.status());
      if (*key != nullptr) keys.emplace_back(person, *std::move(key));
    }
    (*shared_then)(std::move(keys));
  });
  if (!posted) (*shared_then)(ReadsOverloaded());
}

// Has the lane decide a command whose shape is right. done is called once with the outcome, on any thread; decide
// says how, where that takes more than the state.
template <class Request>
void SubmitCommand(const ServiceParts& parts, Caller caller, const Request* request, absl::string_view method,
                   CommandDone done,
                   typename DecidedCommand<Request>::Decider decide = DecidedCommand<Request>::DecideByState,
                   PersonalKeys keys = {}) {
  parts.lane->Submit(std::make_unique<DecidedCommand<Request>>(
      request, method, Recall{parts.store, parts.pool, parts.personal}, std::move(caller), std::move(done),
      std::move(decide), std::move(keys)));
}

// Hands on the receipt of a command's last event; a repeated command has one too, one that recorded nothing has none.
template <class Response>
void SetReceipt(const ServiceParts& parts, const CommandOutcome& outcome, Response* response) {
  if (!outcome.receipt.has_value()) return;
  *response->mutable_receipt() = *outcome.receipt;
  response->mutable_receipt()->set_checkpoint_size(static_cast<int64_t>(parts.checkpointer->NewestSize()));
}

// Answers a command: checks its shape here, has the lane decide it, and fills the response with what all commands
// answer. also is called with the outcome before the events are moved into the response; it may be empty.
template <class Request, class Response>
grpc::ServerUnaryReactor* AnswerCommand(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                        const Request* request, Response* response, absl::string_view method,
                                        std::function<void(const CommandOutcome&)> also = nullptr) {
  absl::StatusOr<Caller> caller = Admit(parts, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  domain::Context surroundings;
  surroundings.now = parts.clock->Now();
  const absl::Status shape = domain::Validate(*request, surroundings);
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  CommandDone done = [&parts, reactor, response, also = std::move(also)](absl::StatusOr<CommandOutcome> outcome) {
    if (!outcome.ok()) return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
    if (also) also(*outcome);
    SetReceipt(parts, *outcome, response);
    response->set_revision(outcome->revision);
    response->set_log_position(outcome->log_position);
    response->mutable_events()->Reserve(static_cast<int>(outcome->events.size()));
    for (trust::v1::Event& event : outcome->events) *response->add_events() = std::move(event);
    reactor->Finish(grpc::Status::OK);
  };
  std::vector<std::string> persons = PersonsIn(*request);
  if (persons.empty() || request->validate_only()) {
    SubmitCommand<Request>(parts, *std::move(caller), request, method, std::move(done));
    return reactor;
  }
  WithKeys(parts, std::move(persons),
           [&parts, caller = *std::move(caller), request, method = std::string(method),
            done = std::move(done)](absl::StatusOr<PersonalKeys> keys) mutable {
             if (!keys.ok()) return done(keys.status());
             SubmitCommand<Request>(parts, std::move(caller), request, method, std::move(done),
                                    DecidedCommand<Request>::DecideByState, *std::move(keys));
           });
  return reactor;
}

}  // namespace services

#endif  // SERVICES_UNARY_CALL_H_
