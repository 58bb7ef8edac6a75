#include "services/domain/evidence_reference.h"

#include "absl/strings/str_cat.h"
#include "projections/event_name.h"
#include "services/domain/field_checks.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Evidence;

void SetReference(Evidence& evidence, absl::string_view field, std::string value) {
  using google::protobuf::Message;
  const auto& reflection = *evidence.GetReflection();
  const auto* const kind = Evidence::descriptor()->FindFieldByNumber(evidence.kind_case());
  Message* const message = reflection.MutableMessage(&evidence, kind);
  const auto* const reference = message->GetDescriptor()->FindFieldByName(std::string(field));
  message->GetReflection()->SetString(message, reference, std::move(value));
}

}  // namespace

Reference ReferenceOf(const Evidence& evidence) {
  switch (evidence.kind_case()) {
    case Evidence::kMisunderstandingClarified:
      return {Referent::kMisunderstanding, false, evidence.misunderstanding_clarified().misunderstanding()};

    case Evidence::kCommitmentFulfilled:
      return {Referent::kCommitment, false, evidence.commitment_fulfilled().commitment()};
    case Evidence::kCommitmentMissed:
      return {Referent::kCommitment, false, evidence.commitment_missed().commitment()};
    case Evidence::kCommitmentRenegotiated:
      return {Referent::kCommitment, true, evidence.commitment_renegotiated().commitment()};
    case Evidence::kCommitmentWaived:
      return {Referent::kCommitment, true, evidence.commitment_waived().commitment()};

    case Evidence::kSharedObjectiveAchieved:
      return {Referent::kObjective, false, evidence.shared_objective_achieved().objective()};
    case Evidence::kSharedObjectiveMissed:
      return {Referent::kObjective, false, evidence.shared_objective_missed().objective()};

    case Evidence::kConflictEscalated:
      return {Referent::kConflict, false, evidence.conflict_escalated().conflict()};
    case Evidence::kFormalDisputeOpened:
      return {Referent::kConflict, false, evidence.formal_dispute_opened().conflict()};
    case Evidence::kConflictResolved:
      return {Referent::kConflict, true, evidence.conflict_resolved().conflict()};

    case Evidence::kViolationReported:
      return {Referent::kViolation, false, evidence.violation_reported().violation()};
    case Evidence::kViolationDisputed:
      return {Referent::kViolation, true, evidence.violation_disputed().violation()};
    case Evidence::kViolationAcknowledged:
      return {Referent::kViolation, true, evidence.violation_acknowledged().violation()};
    case Evidence::kAllegationWithdrawn:
      return {Referent::kViolation, true, evidence.allegation_withdrawn().violation()};
    case Evidence::kFindingIssued:
      return {Referent::kViolation, true, evidence.finding_issued().violation()};
    case Evidence::kExplanationProvided:
      return {Referent::kViolation, true, evidence.explanation_provided().violation()};
    case Evidence::kApologyIssued:
      return {Referent::kViolation, true, evidence.apology_issued().violation()};
    case Evidence::kRemediationCommitted:
      return {Referent::kViolation, true, evidence.remediation_committed().violation()};
    case Evidence::kRemediationCompleted:
      return {Referent::kViolation, true, evidence.remediation_completed().violation()};
    case Evidence::kRemediationVerified:
      return {Referent::kViolation, true, evidence.remediation_verified().violation()};
    case Evidence::kCompensationPaid:
      return {Referent::kViolation, true, evidence.compensation_paid().violation()};
    case Evidence::kViolationClosed:
      return {Referent::kViolation, true, evidence.violation_closed().violation()};

    case Evidence::kCredibilityAssessed:
    case Evidence::kCredentialsVerified:
    case Evidence::kIntentionsAssessed:
    case Evidence::kConfidentialityAgreementSigned:
    case Evidence::kPriorTieAttested:
    case Evidence::kReputationReferenceReceived:
    case Evidence::kIntentionsDeclared:
    case Evidence::kCredentialsPresented:
    case Evidence::kSharedExperienceHeld:
    case Evidence::kOpenCommunicationObserved:
    case Evidence::kMutualUnderstandingConfirmed:
    case Evidence::kInformationWithheld:
    case Evidence::kMisunderstandingReported:
    case Evidence::kCommitmentMade:
    case Evidence::kPartnerGoalSupported:
    case Evidence::kConsistencyObserved:
    case Evidence::kInconsistencyObserved:
    case Evidence::kSharedObjectiveAgreed:
    case Evidence::kTransparencyDemonstrated:
    case Evidence::kFeedbackRequested:
    case Evidence::kFeedbackGiven:
    case Evidence::kFeedbackActedOn:
    case Evidence::kFeedbackIgnored:
    case Evidence::kChangeInCircumstancesNotified:
    case Evidence::kAdaptationMade:
    case Evidence::kAdaptationRefused:
    case Evidence::kRelationshipInvestmentMade:
    case Evidence::kPartnershipRenewed:
    case Evidence::kConflictRaised:
    case Evidence::kInterpersonalTrustAttested:
    case Evidence::KIND_NOT_SET:
      return {};
  }
  return {};
}

absl::string_view FieldNameOf(Referent referent) {
  switch (referent) {
    case Referent::kNothing:
      return "";
    case Referent::kCommitment:
      return "commitment";
    case Referent::kConflict:
      return "conflict";
    case Referent::kViolation:
      return "violation";
    case Referent::kMisunderstanding:
      return "misunderstanding";
    case Referent::kObjective:
      return "objective";
  }
  return "";
}

std::string KindName(const Evidence& evidence) {
  const auto* const kind = Evidence::descriptor()->FindFieldByNumber(evidence.kind_case());
  return kind == nullptr ? std::string() : kind->name();
}

std::string KindFieldPath(absl::string_view path, const Evidence& evidence, absl::string_view field) {
  return absl::StrCat(path, ".", KindName(evidence), ".", field);
}

Referent ReferentOf(Evidence::KindCase kind) {
  if (kind == Evidence::kCommitmentMade) return Referent::kCommitment;
  if (kind == Evidence::kConflictRaised || kind == Evidence::kConflictEscalated ||
      kind == Evidence::kFormalDisputeOpened) {
    return Referent::kConflict;
  }
  if (kind == Evidence::kViolationReported) return Referent::kViolation;
  if (kind == Evidence::kMisunderstandingReported) return Referent::kMisunderstanding;
  return kind == Evidence::kSharedObjectiveAgreed ? Referent::kObjective : Referent::kNothing;
}

absl::string_view WantedKind(Referent referent) {
  switch (referent) {
    case Referent::kNothing:
      return "";
    case Referent::kCommitment:
      return "CommitmentMade";
    case Referent::kConflict:
      return "ConflictRaised, ConflictEscalated or FormalDisputeOpened";
    case Referent::kViolation:
      return "ViolationReported";
    case Referent::kMisunderstanding:
      return "MisunderstandingReported";
    case Referent::kObjective:
      return "SharedObjectiveAgreed";
  }
  return "";
}

absl::StatusOr<int64_t> ResolveEvent(const Partnership& state, absl::string_view partnership, Names other_names,
                                     absl::string_view path, absl::string_view text) {
  std::optional<int64_t> revision = projections::ParseEventName(partnership, text);
  if (!revision) revision = other_names(text);
  if (revision && *revision <= state.revision) return *revision;
  const std::string name = revision ? projections::EventName(partnership, *revision) : std::string(text);
  return NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", name,
                  absl::StrCat(path, ": the history of ", partnership, " holds no event ", Quoted(name),
                               "; its events are numbered 1 to ", state.revision),
                  {{"field", std::string(path)}, {"revision", absl::StrCat(state.revision)}});
}

absl::StatusOr<Resolved> ResolveReference(const Partnership& state, absl::string_view partnership, Names other_names,
                                          absl::string_view path, Evidence& evidence) {
  const Reference reference = ReferenceOf(evidence);
  if (reference.text.empty()) return Resolved();
  const absl::string_view field_name = FieldNameOf(reference.to);
  const std::string field = KindFieldPath(path, evidence, field_name);
  const absl::StatusOr<int64_t> revision = ResolveEvent(state, partnership, other_names, field, reference.text);
  if (!revision.ok()) return revision.status();
  const projections::EvidenceRecord* const named = projections::FindEvidence(state, *revision);
  const auto fits = [&](uint8_t kind) { return ReferentOf(static_cast<Evidence::KindCase>(kind)) == reference.to; };
  if (named == nullptr || (!fits(named->kind_in_force) && !fits(named->kind))) {
    const std::string name = projections::EventName(partnership, *revision);
    return FailedPrecondition(trust::v1::ERROR_REASON_WRONG_EVENT_KIND, name,
                              absl::StrCat(field, ": ", name, " is not of the kind ", WantedKind(reference.to),
                                           ", which a ", field_name, " must be"),
                              {{"event", name}, {"field", field}, {"wanted", std::string(WantedKind(reference.to))}});
  }
  const bool in_force = fits(named->kind_in_force);
  const Resolved resolved = {in_force ? named->matter : *revision, in_force};
  SetReference(evidence, field_name, projections::EventName(partnership, resolved.key));
  return resolved;
}

}  // namespace domain
