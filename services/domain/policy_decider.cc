#include "services/domain/policy_decider.h"

#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "projections/canonical_text.h"
#include "projections/day.h"
#include "projections/policy_rules.h"
#include "services/domain/event_draft.h"
#include "services/domain/field_checks.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;

using Events = std::vector<Event>;

constexpr absl::string_view kDocument = "document";

// An event of now.
Event NowEvent(const std::string& request_id, const Context& context) {
  Event event;
  event.set_principal(context.principal);
  event.set_request_id(request_id);
  *event.mutable_occur_time() = projections::ToTimestamp(context.now);
  event.set_occur_time_precision(trust::v1::TIME_PRECISION_INSTANT);
  return event;
}

template <typename Request>
Event NowEventOf(const Request& request, const Context& context) {
  Event event = NowEvent(request.request_id(), context);
  event.set_recorder(request.recorder());
  event.set_correlation_id(request.correlation_id());
  event.set_causation_id(request.causation_id());
  return event;
}

// A request without correlation and causation ids.
struct BareCommand {
  const std::string& request_id() const { return request_id_; }
  std::string correlation_id() const { return {}; }
  std::string causation_id() const { return {}; }
  std::string request_id_;
};

absl::Status PolicyInForce(absl::string_view subject, absl::string_view sentence) {
  return FailedPrecondition(trust::v1::ERROR_REASON_POLICY_IN_FORCE, subject, sentence);
}

}  // namespace

absl::Status CheckDocument(const trust::v1::PolicyDocument& document) {
  if (document.algorithm() > 0 && document.algorithm() != projections::kAlgorithmVersion) {
    return FailedPrecondition(
        trust::v1::ERROR_REASON_ALGORITHM_UNKNOWN, Quoted(document.version()),
        absl::StrCat("the policy is for version ", document.algorithm(), " of the algorithm, and this program has ",
                     projections::kAlgorithmVersion, "; use a newer program"));
  }
  std::vector<std::string> broken = projections::BrokenRules(document);
  if (!document.version().empty() && !IsPolicyLabel(document.version())) {
    broken.push_back(
        absl::StrCat("document: version ", Quoted(document.version()),
                     " is no label; write 1 to 63 lower-case letters, digits, '.', '/', '_' and '-', beginning ",
                     "with a letter and ending with a letter or a digit, as trust-stages/1.0.0"));
  }
  if (projections::CanonicalText(document).size() > kPolicyTextSizeMax) {
    broken.push_back(absl::StrCat("document: its canonical text has more than ", kPolicyTextSizeMax, " bytes"));
  }
  if (broken.empty()) return absl::OkStatus();
  // A refusal has room for some thirty sentences: each rule is named before any second sentence about one.
  std::vector<FieldViolation> violations, further;
  std::set<std::string> named;
  for (std::string& sentence : broken) {
    const std::string rule = sentence.substr(0, sentence.find(':'));
    const bool first = named.insert(rule).second;
    // What breaks none of the numbered rules is said of the field, which is named already.
    if (rule == kDocument) sentence.erase(0, rule.size() + 2);
    (first ? violations : further).push_back({std::string(kDocument), std::move(sentence)});
  }
  violations.insert(violations.end(), further.begin(), further.end());
  return InvalidFields(violations, trust::v1::ERROR_REASON_INVALID_POLICY);
}

absl::Status Validate(const trust::v1::PublishPolicyRequest& request, const Context&) {
  FieldChecks checks;
  checks.Command(BareCommand{request.request_id()});
  if (!request.has_document()) checks.Wrong(kDocument, "is required");
  const absl::Status shape = checks.Verdict();
  return shape.ok() ? CheckDocument(request.document()) : shape;
}

absl::Status Validate(const trust::v1::ActivatePolicyRequest& request, const Context&) {
  FieldChecks checks;
  checks.Command(BareCommand{request.request_id()});
  if (request.policy().empty()) checks.Wrong("policy", "is required; name a policy by its version label or SHA-256");
  checks.PolicyName("policy", request.policy());
  if (request.approver().empty()) checks.Wrong("approver", "is required; say who approved it");
  checks.DisplayText("approver", request.approver(), kApproverSizeMax);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::PinPolicyRequest& request, const Context&) {
  FieldChecks checks;
  checks.Id("partnership", request.partnership());
  checks.Id("recorder", request.recorder());
  checks.Command(request);
  checks.PolicyName("policy", request.policy());
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::IssueAssessmentRequest& request, const Context& context) {
  FieldChecks checks;
  checks.Id("partnership", request.partnership());
  checks.Id("recorder", request.recorder());
  checks.Command(request);
  checks.Id("assessment", request.assessment());
  if (!request.trustor().empty() || !request.trustee().empty()) {
    checks.Id("trustor", request.trustor());
    checks.Id("trustee", request.trustee());
    if (request.trustor() == request.trustee()) {
      checks.Wrong("trustee", "is the trustor itself; name another partner, or leave out both for the whole");
    }
  }
  if (request.has_as_of_time() && checks.Timestamp("as_of_time", request.as_of_time()) &&
      projections::DayOf(projections::ToTime(request.as_of_time())) > projections::DayOf(context.now)) {
    checks.Wrong("as_of_time", "lies in the future; only what was is reported");
  }
  checks.PolicyName("policy", request.policy());
  return checks.Verdict();
}

absl::StatusOr<Events> DecidePublication(const Partnership& state, const trust::v1::PublishPolicyRequest& request,
                                         const PolicyText& policy, const PolicyText& built_in, const Context& context) {
  const auto& published = state.policies.published;
  const auto found = published.find(policy.version);
  const bool is_built_in = policy.version == built_in.version;
  if (is_built_in || found != published.end()) {
    if ((is_built_in ? built_in.sha256 : found->second) == policy.sha256) return Events{};
    return AlreadyExists(trust::v1::ERROR_REASON_POLICY_EXISTS, "policy", policy.version,
                         absl::StrCat("another document was published as ", policy.version,
                                      "; publish this one under a label of its own"));
  }
  if (published.size() >= kPoliciesMax) {
    return Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_TOO_MANY_POLICIES,
                 absl::StrCat("the log holds ", published.size(), " policies, and no more are taken in"),
                 {{"limit", absl::StrCat(kPoliciesMax)}});
  }
  Event event = NowEvent(request.request_id(), context);
  event.mutable_policy_published()->set_document(policy.canonical_text);
  event.mutable_policy_published()->set_sha256(policy.sha256);
  return Events{std::move(event)};
}

absl::StatusOr<Events> DecideActivation(const Partnership& state, const trust::v1::ActivatePolicyRequest& request,
                                        const std::string& sha256, const std::string& built_in_sha256,
                                        const Context& context) {
  if ((state.policies.in_force.empty() ? built_in_sha256 : state.policies.in_force) == sha256) {
    return PolicyInForce(request.policy(), absl::StrCat(request.policy(), " is in force already"));
  }
  Event event = NowEvent(request.request_id(), context);
  event.mutable_policy_activated()->set_policy_sha256(sha256);
  event.mutable_policy_activated()->set_approver(request.approver());
  return Events{std::move(event)};
}

absl::StatusOr<Events> DecidePin(const Partnership& state, const trust::v1::PinPolicyRequest& request,
                                 const std::string& sha256, const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  if (state.policy_sha256 == sha256) {
    return PolicyInForce(absl::StrCat("partnerships/", request.partnership()),
                         sha256.empty() ? absl::StrCat(request.partnership(), " is tied to no policy")
                                        : absl::StrCat(request.partnership(), " is tied to this policy already"));
  }
  Event event = NowEventOf(request, context);
  event.mutable_policy_pinned()->set_policy_sha256(sha256);
  return Events{std::move(event)};
}

absl::StatusOr<Events> DecideAssessment(const Partnership& state, const trust::v1::IssueAssessmentRequest& request,
                                        const trust::v1::AssessmentIssued& assessment, const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  if (state.assessments.contains(request.assessment())) {
    return AlreadyExists(
        trust::v1::ERROR_REASON_ASSESSMENT_EXISTS, "assessment", request.assessment(),
        absl::StrCat(request.partnership(), " has an assessment ", request.assessment(), "; choose another id"));
  }
  Event event = NowEventOf(request, context);
  *event.mutable_assessment_issued() = assessment;
  return Events{std::move(event)};
}

}  // namespace domain
