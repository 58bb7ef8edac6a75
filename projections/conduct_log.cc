#include "projections/conduct_log.h"

#include <algorithm>
#include <utility>

#include "projections/event_name.h"

namespace projections {
namespace {

using trust::v1::Event;
using trust::v1::Evidence;

void Earliest(Day day, std::optional<Day>* earliest) { *earliest = std::min(earliest->value_or(day), day); }

}  // namespace

void ConductLog::Apply(const Event& event) {
  const Day held = HeldDay(event);
  latest_day_ = std::max(latest_day_, held);
  switch (event.body_case()) {
    case Event::kPartnershipProposed:
      for (const trust::v1::Partner& partner : event.partnership_proposed().partners()) {
        present_.insert(partner.organization());
      }
      return;
    case Event::kPartnerJoined:
      present_.insert(event.partner_joined().partner().organization());
      return;
    case Event::kPartnerLeft:
      present_.erase(event.partner_left().organization());
      return;
    case Event::kInitialContactMade:
      return Earliest(OccurDay(event), &first_contact_);
    case Event::kPartnershipTerminated:
      Earliest(held, &end_[0]);
      return Earliest(OccurDay(event), &end_[1]);
    case Event::kMilestone:
      return ApplyMilestone(event);
    case Event::kEvidence:
      return ApplyEvidence(event);
    case Event::kEvidenceCorrected:
      return Correct(event.evidence_corrected());
    case Event::kEvidenceRetracted:
      return Retract(event.evidence_retracted());
    // Nothing of these is counted.
    case Event::kTieDeclared:
    case Event::kContactAssigned:
    case Event::kContactDeparted:
    case Event::kPartnershipSuspended:
    case Event::kPartnershipResumed:
    case Event::kEvidenceConfirmed:
    case Event::kEvidenceContested:
    case Event::kAssessmentIssued:
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
    case Event::kPolicyPinned:
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kPersonalDataErased:
    case Event::kLogOverrideRecorded:
    case Event::BODY_NOT_SET:
      return;
  }
}

void ConductLog::ApplyMilestone(const Event& event) {
  Conduct act;
  act.revision = event.revision();
  act.held_day = HeldDay(event);
  act.occur_day = OccurDay(event);
  switch (event.milestone().kind_case()) {
    case trust::v1::Milestone::kReviewHeld:
      act.kind = ConductKind::kReview;
      break;
    case trust::v1::Milestone::kHealthCheckCompleted:
      act.kind = ConductKind::kHealthCheck;
      TakeHealthCheck(event.milestone().health_check_completed(), act);
      break;
    case trust::v1::Milestone::kEffectivenessReviewed:
      act.kind = ConductKind::kFiguresReview;
      if (figures_reviews_.emplace(act.revision, event.milestone().effectiveness_reviewed()).second) {
        figures_bytes_ += event.milestone().effectiveness_reviewed().SpaceUsedLong();
      }
      break;
    case trust::v1::Milestone::kPartnershipRenewed:
      act.kind = ConductKind::kRenewal;
      break;
    case trust::v1::Milestone::kAgreementSigned:
    case trust::v1::Milestone::kGovernanceBodyEstablished:
    case trust::v1::Milestone::KIND_NOT_SET:
      return;
  }
  Put(act);
}

// Of several rows about one direction the last counts.
void ConductLog::TakeHealthCheck(const trust::v1::HealthCheckCompleted& check, const Conduct& act) {
  for (const trust::v1::StatedTrust& row : check.stated_trust()) {
    const int16_t trustor = Number(row.trustor());
    const int16_t trustee = Number(row.trustee());
    if (trustor < 0 || trustee < 0) continue;
    for (const bool hindsight : {false, true}) {
      stated_[hindsight ? 1 : 0].insert_or_assign({trustor, trustee, act.day(hindsight), act.revision},
                                                  row.trust_basis_points());
    }
  }
}

std::optional<ConductLog::Stated> ConductLog::LastStated(absl::string_view trustor, absl::string_view trustee,
                                                         Day as_of, bool hindsight) const {
  const auto one = numbers_.find(trustor);
  const auto other = numbers_.find(trustee);
  if (one == numbers_.end() || other == numbers_.end()) return std::nullopt;
  const auto& stated = stated_[hindsight ? 1 : 0];
  auto found = stated.upper_bound({one->second, other->second, as_of, std::numeric_limits<int64_t>::max()});
  if (found == stated.begin()) return std::nullopt;
  const auto& [key, basis_points] = *--found;
  if (std::get<0>(key) != one->second || std::get<1>(key) != other->second) return std::nullopt;
  return Stated{std::get<2>(key), std::get<3>(key), basis_points};
}

void ConductLog::ApplyEvidence(const Event& event) {
  const EventDays days = DaysOf(event);
  record_days_.push_back({event.revision(), days});
  Conduct act;
  act.revision = event.revision();
  act.held_day = days.held();
  act.occur_day = days.occur;
  Classify(event.evidence(), &act);
  if (act.kind != ConductKind::kNone) Put(act);
}

// A correction of a correction, or of what is no evidence, finds no record and changes nothing.
void ConductLog::Correct(const trust::v1::EvidenceCorrected& correction) {
  const RecordDays* const record = FindRecord(Reference(correction.event()));
  if (record == nullptr) return;
  const EventDays days = Corrected(record->days, correction);
  Conduct act;
  act.revision = record->revision;
  act.held_day = days.held();
  act.occur_day = days.occur;
  latest_day_ = std::max(latest_day_, act.held_day);
  Classify(correction.replacement(), &act);
  Put(act);
}

// Milestones cannot be retracted; what else can is not counted here.
void ConductLog::Retract(const trust::v1::EvidenceRetracted& retraction) {
  Conduct act;
  act.revision = Reference(retraction.event());
  if (FindRecord(act.revision) != nullptr && Find(act.revision) != nullptr) Put(act);
}

// ---- What counts as what

const ConductLog::RecordDays* ConductLog::FindRecord(int64_t revision) const {
  const auto found = std::lower_bound(record_days_.begin(), record_days_.end(), revision,
                                      [](const RecordDays& entry, int64_t wanted) { return entry.revision < wanted; });
  return found == record_days_.end() || found->revision != revision ? nullptr : &*found;
}

int64_t ConductLog::Reference(absl::string_view reference) const {
  return ParseEventName(partnership_, reference).value_or(0);
}

void ConductLog::Classify(const Evidence& evidence, Conduct* act) {
  act->actor = evidence.actor() == "*" ? int16_t{-1} : Number(evidence.actor());
  act->affected = evidence.affected_size() == 1 ? Number(evidence.affected(0)) : int16_t{-1};
  const auto belongs = [&](ConductKind kind, absl::string_view reference) {
    act->kind = kind;
    act->matter = Reference(reference);
  };
  const auto continues = [&](ConductKind kind, absl::string_view reference) {
    act->kind = kind;
    act->matter = reference.empty() ? act->revision : Reference(reference);
  };
  const auto rules = [&](Verdict verdict, absl::string_view violation) {
    belongs(ConductKind::kVerdict, violation);
    act->verdict = verdict;
  };
  switch (evidence.kind_case()) {
    case Evidence::kCommitmentMade:
      continues(ConductKind::kPromise, "");
      act->due_day = evidence.commitment_made().has_due_time() ? DayOf(ToTime(evidence.commitment_made().due_time()))
                                                               : Conduct::kNoDay;
      return;
    case Evidence::kCommitmentRenegotiated:
      belongs(ConductKind::kRenegotiation, evidence.commitment_renegotiated().commitment());
      act->due_day = evidence.commitment_renegotiated().has_due_time()
                         ? DayOf(ToTime(evidence.commitment_renegotiated().due_time()))
                         : Conduct::kNoDay;
      return;
    case Evidence::kCommitmentFulfilled:
      return belongs(evidence.commitment_fulfilled().result() == trust::v1::FULFILMENT_RESULT_LATE
                         ? ConductKind::kKeptLate
                         : ConductKind::kKeptOnTime,
                     evidence.commitment_fulfilled().commitment());
    case Evidence::kCommitmentMissed:
      return belongs(ConductKind::kMissed, evidence.commitment_missed().commitment());
    case Evidence::kCommitmentWaived:
      return belongs(ConductKind::kWaiver, evidence.commitment_waived().commitment());
    case Evidence::kSharedObjectiveAchieved:
      return belongs(ConductKind::kObjectiveAchieved, evidence.shared_objective_achieved().objective());
    case Evidence::kSharedObjectiveMissed:
      return belongs(ConductKind::kObjectiveMissed, evidence.shared_objective_missed().objective());
    case Evidence::kPartnershipRenewed:
      return belongs(ConductKind::kRenewal, "");

    case Evidence::kConflictRaised:
      return continues(ConductKind::kConflict, "");
    case Evidence::kConflictEscalated:
      return continues(ConductKind::kConflict, evidence.conflict_escalated().conflict());
    case Evidence::kFormalDisputeOpened:
      return continues(ConductKind::kDispute, evidence.formal_dispute_opened().conflict());
    case Evidence::kConflictResolved:
      return belongs(ConductKind::kResolution, evidence.conflict_resolved().conflict());

    case Evidence::kViolationReported:
      if (evidence.violation_reported().type() == trust::v1::VIOLATION_TYPE_UNSPECIFIED) return;  // Weighs nothing.
      continues(ConductKind::kViolation, evidence.violation_reported().violation());
      act->standing = static_cast<uint8_t>(evidence.violation_reported().standing() == trust::v1::STANDING_UNSPECIFIED
                                               ? trust::v1::STANDING_ALLEGED
                                               : evidence.violation_reported().standing());
      return;
    case Evidence::kViolationDisputed:
      return rules(Verdict::kDisputed, evidence.violation_disputed().violation());
    case Evidence::kViolationAcknowledged:
      return rules(Verdict::kAcknowledged, evidence.violation_acknowledged().violation());
    case Evidence::kAllegationWithdrawn:
      return rules(Verdict::kWithdrawn, evidence.allegation_withdrawn().violation());
    case Evidence::kFindingIssued: {
      const trust::v1::FindingIssued& finding = evidence.finding_issued();
      if (finding.result() == trust::v1::FINDING_RESULT_SUBSTANTIATED)
        return rules(Verdict::kSubstantiated, finding.violation());
      if (finding.result() == trust::v1::FINDING_RESULT_PARTLY) return rules(Verdict::kPartly, finding.violation());
      if (finding.result() == trust::v1::FINDING_RESULT_UNFOUNDED)
        return rules(Verdict::kUnfounded, finding.violation());
      return;  // Finds nothing.
    }
    case Evidence::kRemediationVerified:
      // The word of the accused itself, or of a system, verifies nothing.
      if (evidence.source() == trust::v1::SOURCE_SELF || evidence.source() == trust::v1::SOURCE_SYSTEM) return;
      return belongs(ConductKind::kVerification, evidence.remediation_verified().violation());

    // Weighed, not counted.
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
    case Evidence::kMisunderstandingClarified:
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
    case Evidence::kExplanationProvided:
    case Evidence::kApologyIssued:
    case Evidence::kRemediationCommitted:
    case Evidence::kRemediationCompleted:
    case Evidence::kCompensationPaid:
    case Evidence::kViolationClosed:
    case Evidence::kInterpersonalTrustAttested:
    case Evidence::KIND_NOT_SET:
      return;
  }
}

// ---- Keeping count

void ConductLog::Count(const Conduct& act, int sign) {
  for (const bool hindsight : {false, true}) {
    const auto count = [&](int32_t ConductTally::*field) {
      tallies_[hindsight ? 1 : 0][act.day(hindsight)].*field += sign;
    };
    switch (act.kind) {
      case ConductKind::kKeptOnTime:
        count(&ConductTally::kept_on_time);
        break;
      case ConductKind::kKeptLate:
        count(&ConductTally::kept_late);
        break;
      case ConductKind::kMissed:
        count(&ConductTally::missed);
        break;
      case ConductKind::kObjectiveAchieved:
        count(&ConductTally::objectives_achieved);
        break;
      case ConductKind::kObjectiveMissed:
        count(&ConductTally::objectives_missed);
        break;
      case ConductKind::kReview:
        count(&ConductTally::reviews);
        break;
      case ConductKind::kRenewal:
        count(&ConductTally::renewals);
        break;
      case ConductKind::kNone:
      case ConductKind::kPromise:
      case ConductKind::kRenegotiation:
      case ConductKind::kWaiver:
      case ConductKind::kConflict:
      case ConductKind::kDispute:
      case ConductKind::kResolution:
      case ConductKind::kViolation:
      case ConductKind::kVerdict:
      case ConductKind::kVerification:
      case ConductKind::kHealthCheck:
      case ConductKind::kFiguresReview:
        break;
    }
  }
  if (act.kind == ConductKind::kConflict || act.kind == ConductKind::kDispute || act.kind == ConductKind::kResolution) {
    if (sign > 0) {
      conflict_acts_.insert(act.revision);
    } else {
      conflict_acts_.erase(act.revision);
    }
  }
}

void ConductLog::Put(const Conduct& act) {
  const auto place = std::lower_bound(acts_.begin(), acts_.end(), act.revision,
                                      [](const Conduct& entry, int64_t revision) { return entry.revision < revision; });
  if (place != acts_.end() && place->revision == act.revision) {
    Count(*place, -1);
    *place = act;
  } else {
    acts_.insert(place, act);
  }
  Count(act, +1);
}

const Conduct* ConductLog::Find(int64_t revision) const {
  const auto place = std::lower_bound(acts_.begin(), acts_.end(), revision,
                                      [](const Conduct& entry, int64_t wanted) { return entry.revision < wanted; });
  const bool found = place != acts_.end() && place->revision == revision && place->kind != ConductKind::kNone;
  return found ? &*place : nullptr;
}

int16_t ConductLog::Number(absl::string_view organization) {
  const auto [entry, is_new] = numbers_.try_emplace(organization, static_cast<int16_t>(organizations_.size()));
  if (is_new) {
    // More than anyone has: what is beyond stands for nobody.
    if (organizations_.size() >= 32000) return entry->second = -1;
    organizations_.emplace_back(organization);
  }
  return entry->second;
}

const std::string& ConductLog::Organization(int number) const {
  static const std::string nobody;
  return number < 0 ? nobody : organizations_[static_cast<size_t>(number)];
}

size_t ConductLog::memory_bytes() const {
  return sizeof(*this) + acts_.capacity() * sizeof(Conduct) + record_days_.capacity() * sizeof(RecordDays) +
         conflict_acts_.size() * 16 + (tallies_[0].size() + tallies_[1].size()) * (sizeof(ConductTally) + 8) +
         figures_reviews_.size() * 16 + figures_bytes_ + (stated_[0].size() + stated_[1].size()) * 32 +
         organizations_.size() * 128 + present_.size() * 48;
}

}  // namespace projections
