// The decisions about policies and reported assessments. What they need beyond the state (digests, the policy that a
// name stands for, the reading reported) is found out before and passed in. Pure.

#ifndef SERVICES_DOMAIN_POLICY_DECIDER_H_
#define SERVICES_DOMAIN_POLICY_DECIDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/policy.pb.h"
#include "trust/v1/policy_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace domain {

// A policy document as it is published. Digests are 32 bytes here.
struct PolicyText {
  std::string version;
  std::string canonical_text;
  std::string sha256;
};

// Judges a document: for the algorithm of this program, not too large, sound.
// Errors: INVALID_ARGUMENT / INVALID_POLICY naming every broken rule, each rule before any second sentence about one;
// FAILED_PRECONDITION / ALGORITHM_UNKNOWN.
absl::Status CheckDocument(const trust::v1::PolicyDocument& document);

// The shape of the commands. Errors: INVALID_ARGUMENT / INVALID_FIELD; those of CheckDocument.
absl::Status Validate(const trust::v1::PublishPolicyRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ActivatePolicyRequest& request, const Context& context);
absl::Status Validate(const trust::v1::PinPolicyRequest& request, const Context& context);
absl::Status Validate(const trust::v1::IssueAssessmentRequest& request, const Context& context);

// Decides a publication on the state of the policies' stream; no events when the document is there already. built_in is
// the policy that the program comes with. Errors: ALREADY_EXISTS / POLICY_EXISTS; RESOURCE_EXHAUSTED /
// TOO_MANY_POLICIES.
absl::StatusOr<std::vector<trust::v1::Event>> DecidePublication(const projections::Partnership& state,
                                                                const trust::v1::PublishPolicyRequest& request,
                                                                const PolicyText& policy, const PolicyText& built_in,
                                                                const Context& context);

// Decides an activation on the state of the policies' stream. sha256 is that of the policy named, built_in_sha256 what
// is in force before any activation. Errors: FAILED_PRECONDITION / POLICY_IN_FORCE.
absl::StatusOr<std::vector<trust::v1::Event>> DecideActivation(const projections::Partnership& state,
                                                               const trust::v1::ActivatePolicyRequest& request,
                                                               const std::string& sha256,
                                                               const std::string& built_in_sha256,
                                                               const Context& context);

// Decides a tie to a policy; an empty sha256 unties. Errors: NOT_FOUND / PARTNERSHIP_NOT_FOUND; FAILED_PRECONDITION /
// POLICY_IN_FORCE.
absl::StatusOr<std::vector<trust::v1::Event>> DecidePin(const projections::Partnership& state,
                                                        const trust::v1::PinPolicyRequest& request,
                                                        const std::string& sha256, const Context& context);

// Decides a report of a reading made before. Errors: NOT_FOUND / PARTNERSHIP_NOT_FOUND; ALREADY_EXISTS /
// ASSESSMENT_EXISTS.
absl::StatusOr<std::vector<trust::v1::Event>> DecideAssessment(const projections::Partnership& state,
                                                               const trust::v1::IssueAssessmentRequest& request,
                                                               const trust::v1::AssessmentIssued& assessment,
                                                               const Context& context);

}  // namespace domain

#endif  // SERVICES_DOMAIN_POLICY_DECIDER_H_
