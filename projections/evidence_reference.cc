#include "projections/evidence_reference.h"

namespace projections {

using trust::v1::Evidence;

Reference ReferenceOf(const Evidence& evidence) {
  switch (evidence.kind_case()) {
    case Evidence::kMisunderstandingClarified:
      return {Referent::kMisunderstanding, evidence.misunderstanding_clarified().misunderstanding()};

    case Evidence::kCommitmentFulfilled:
      return {Referent::kCommitment, evidence.commitment_fulfilled().commitment()};
    case Evidence::kCommitmentMissed:
      return {Referent::kCommitment, evidence.commitment_missed().commitment()};
    case Evidence::kCommitmentRenegotiated:
      return {Referent::kCommitment, evidence.commitment_renegotiated().commitment()};
    case Evidence::kCommitmentWaived:
      return {Referent::kCommitment, evidence.commitment_waived().commitment()};

    case Evidence::kSharedObjectiveAchieved:
      return {Referent::kObjective, evidence.shared_objective_achieved().objective()};
    case Evidence::kSharedObjectiveMissed:
      return {Referent::kObjective, evidence.shared_objective_missed().objective()};

    case Evidence::kConflictEscalated:
      return {Referent::kConflict, evidence.conflict_escalated().conflict()};
    case Evidence::kFormalDisputeOpened:
      return {Referent::kConflict, evidence.formal_dispute_opened().conflict()};
    case Evidence::kConflictResolved:
      return {Referent::kConflict, evidence.conflict_resolved().conflict()};

    case Evidence::kViolationReported:
      return {Referent::kViolation, evidence.violation_reported().violation()};
    case Evidence::kViolationDisputed:
      return {Referent::kViolation, evidence.violation_disputed().violation()};
    case Evidence::kViolationAcknowledged:
      return {Referent::kViolation, evidence.violation_acknowledged().violation()};
    case Evidence::kAllegationWithdrawn:
      return {Referent::kViolation, evidence.allegation_withdrawn().violation()};
    case Evidence::kFindingIssued:
      return {Referent::kViolation, evidence.finding_issued().violation()};
    case Evidence::kExplanationProvided:
      return {Referent::kViolation, evidence.explanation_provided().violation()};
    case Evidence::kApologyIssued:
      return {Referent::kViolation, evidence.apology_issued().violation()};
    case Evidence::kRemediationCommitted:
      return {Referent::kViolation, evidence.remediation_committed().violation()};
    case Evidence::kRemediationCompleted:
      return {Referent::kViolation, evidence.remediation_completed().violation()};
    case Evidence::kRemediationVerified:
      return {Referent::kViolation, evidence.remediation_verified().violation()};
    case Evidence::kCompensationPaid:
      return {Referent::kViolation, evidence.compensation_paid().violation()};
    case Evidence::kViolationClosed:
      return {Referent::kViolation, evidence.violation_closed().violation()};

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

}  // namespace projections
