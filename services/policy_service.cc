#include "services/policy_service.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"
#include "google/protobuf/util/json_util.h"
#include "projections/canonical_text.h"
#include "services/domain/policy_decider.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/store_fault.h"
#include "services/unary_call.h"

namespace services {
namespace {

template <class Response>
void MoveEvents(const ServiceParts& parts, CommandOutcome& outcome, Response* response) {
  SetReceipt(parts, outcome, response);
  response->set_log_position(outcome.log_position);
  for (trust::v1::Event& event : outcome.events) *response->add_events() = std::move(event);
}

domain::Context Surroundings(const ServiceParts& parts) {
  domain::Context context;
  context.now = parts.clock->Now();
  return context;
}

domain::PolicyText TextOf(const RegisteredPolicy& policy) {
  return {policy.version, policy.canonical_text, eventstore::BytesOfHex(policy.sha256)};
}

// The policy as a publication left it, which a repeated request returns again; as it stands now when nothing was
// recorded.
trust::v1::Policy Published(const PolicyRegistry& policies, const domain::PolicyText& text,
                            const std::vector<trust::v1::Event>& events) {
  if (events.empty()) {
    const absl::StatusOr<PolicyRegistry::Registered> registered = policies.Find(absl::BytesToHexString(text.sha256));
    if (registered.ok()) return policies.Describe(**registered);
  }
  trust::v1::Policy policy;
  policy.set_version(text.version);
  policy.set_sha256(absl::BytesToHexString(text.sha256));
  if (!events.empty()) *policy.mutable_publish_time() = events.front().record_time();
  return policy;
}

}  // namespace

grpc::ServerUnaryReactor* PolicyService::PublishPolicy(grpc::CallbackServerContext* context,
                                                       const trust::v1::PublishPolicyRequest* request,
                                                       trust::v1::PublishPolicyResponse* response) {
  absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = domain::Validate(*request, Surroundings(parts_));
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  domain::PolicyText text;
  text.version = request->document().version();
  text.canonical_text = projections::CanonicalText(request->document());
  text.sha256 = eventstore::BytesOf(eventstore::Sha256(text.canonical_text));
  CommandDone done = [this, reactor, response, text](absl::StatusOr<CommandOutcome> outcome) {
    if (!outcome.ok()) return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
    *response->mutable_policy() = Published(*parts_.policies, text, outcome->events);
    response->set_canonical_text(text.canonical_text);
    MoveEvents(parts_, *outcome, response);
    reactor->Finish(grpc::Status::OK);
  };
  SubmitCommand(parts_, *std::move(caller), request, "PublishPolicy", std::move(done),
                [text, built_in = TextOf(*parts_.policies->built_in())](const projections::Partnership& state,
                                                                        const trust::v1::PublishPolicyRequest& command,
                                                                        const domain::Context& surroundings) {
                  return domain::DecidePublication(state, command, text, built_in, surroundings);
                });
  return reactor;
}

grpc::ServerUnaryReactor* PolicyService::ActivatePolicy(grpc::CallbackServerContext* context,
                                                        const trust::v1::ActivatePolicyRequest* request,
                                                        trust::v1::ActivatePolicyResponse* response) {
  absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = domain::Validate(*request, Surroundings(parts_));
  if (!shape.ok()) return Answer(context, shape);
  const absl::StatusOr<PolicyRegistry::Registered> policy = parts_.policies->Find(request->policy());
  if (!policy.ok()) return Answer(context, policy.status());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  CommandDone done = [this, reactor, response, policy = *policy](absl::StatusOr<CommandOutcome> outcome) {
    if (!outcome.ok()) return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
    // As the activation left it, which a repeated request returns again.
    *response->mutable_policy() = parts_.policies->Describe(*policy);
    response->mutable_policy()->set_active(true);
    *response->mutable_policy()->mutable_activate_time() = outcome->events.front().record_time();
    response->mutable_policy()->set_approver(outcome->events.front().policy_activated().approver());
    MoveEvents(parts_, *outcome, response);
    reactor->Finish(grpc::Status::OK);
  };
  SubmitCommand(parts_, *std::move(caller), request, "ActivatePolicy", std::move(done),
                [sha256 = TextOf(**policy).sha256, built_in = TextOf(*parts_.policies->built_in()).sha256](
                    const projections::Partnership& state, const trust::v1::ActivatePolicyRequest& command,
                    const domain::Context& surroundings) {
                  return domain::DecideActivation(state, command, sha256, built_in, surroundings);
                });
  return reactor;
}

grpc::ServerUnaryReactor* PolicyService::PinPolicy(grpc::CallbackServerContext* context,
                                                   const trust::v1::PinPolicyRequest* request,
                                                   trust::v1::PinPolicyResponse* response) {
  absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = domain::Validate(*request, Surroundings(parts_));
  if (!shape.ok()) return Answer(context, shape);
  std::string sha256;
  if (!request->policy().empty()) {
    const absl::StatusOr<PolicyRegistry::Registered> policy = parts_.policies->Find(request->policy());
    if (!policy.ok()) return Answer(context, policy.status());
    sha256 = TextOf(**policy).sha256;
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  CommandDone done = [this, reactor, response](absl::StatusOr<CommandOutcome> outcome) {
    if (!outcome.ok()) return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
    response->set_revision(outcome->revision);
    MoveEvents(parts_, *outcome, response);
    reactor->Finish(grpc::Status::OK);
  };
  SubmitCommand(parts_, *std::move(caller), request, "PinPolicy", std::move(done),
                [sha256](const projections::Partnership& state, const trust::v1::PinPolicyRequest& command,
                         const domain::Context& surroundings) {
                  return domain::DecidePin(state, command, sha256, surroundings);
                });
  return reactor;
}

grpc::ServerUnaryReactor* PolicyService::GetPolicy(grpc::CallbackServerContext* context,
                                                   const trust::v1::GetPolicyRequest* request,
                                                   trust::v1::GetPolicyResponse* response) {
  if (const absl::Status admitted = Admit(parts_, context, *request).status(); !admitted.ok()) {
    return Answer(context, admitted);
  }
  QueryChecks checks;
  checks.PolicyName("policy", request->policy());
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return Answer(context, shape);
  const absl::StatusOr<PolicyRegistry::Registered> policy =
      request->policy().empty() ? parts_.policies->InForce() : parts_.policies->Find(request->policy());
  if (!policy.ok()) return Answer(context, policy.status());
  // Parsing a document takes a while.
  return AnswerFromPool(parts_, context, *request, [this, response, policy = *policy] {
    if (!google::protobuf::util::JsonStringToMessage(policy->canonical_text, response->mutable_document()).ok()) {
      return ReadFault(absl::DataLossError("a published policy is no document"));
    }
    *response->mutable_policy() = parts_.policies->Describe(*policy);
    response->set_canonical_text(policy->canonical_text);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* PolicyService::ListPolicies(grpc::CallbackServerContext* context,
                                                      const trust::v1::ListPoliciesRequest* request,
                                                      trust::v1::ListPoliciesResponse* response) {
  if (const absl::Status admitted = Admit(parts_, context, *request).status(); !admitted.ok()) {
    return Answer(context, admitted);
  }
  QueryChecks checks;
  const auto page_size = static_cast<size_t>(checks.PageSize(request->page_size()));
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return Answer(context, shape);
  const absl::StatusOr<std::string> place = ParsePageToken(request->page_token(), "ListPolicies");
  if (!place.ok()) return Answer(context, place.status());
  size_t after = 0;
  if (!place->empty() && !absl::SimpleAtoi(*place, &after)) return Answer(context, InvalidPageToken());
  const std::vector<PolicyRegistry::Registered> policies = parts_.policies->List(after, page_size + 1);
  const size_t shown = std::min(policies.size(), page_size);
  for (size_t i = 0; i < shown; ++i) *response->add_policies() = parts_.policies->Describe(*policies[i]);
  if (policies.size() > shown) response->set_next_page_token(PageToken(absl::StrCat(after + shown), "ListPolicies"));
  return Answer(context, absl::OkStatus());
}

}  // namespace services
