#include "projections/conduct_log.h"

#include <algorithm>
#include <utility>

#include "projections/event_name.h"

namespace projections {
namespace {

using trust::v1::Event;
using trust::v1::Evidence;

void Earliest(Day day, std::optional<Day>* earliest) { *earliest = std::min(earliest->value_or(day), day); }

// What acts are to their matter.
enum Part : int { kNoPart, kPromised, kRenegotiated, kSettled, kInConflict, kResolved, kReported, kJudged, kVerified };

Part PartOf(ConductKind kind) {
  switch (kind) {
    case ConductKind::kPromise:
      return kPromised;
    case ConductKind::kRenegotiation:
      return kRenegotiated;
    case ConductKind::kWaiver:
    case ConductKind::kKeptOnTime:
    case ConductKind::kKeptLate:
    case ConductKind::kMissed:
      return kSettled;
    case ConductKind::kConflict:
    case ConductKind::kDispute:
      return kInConflict;
    case ConductKind::kResolution:
      return kResolved;
    case ConductKind::kViolation:
      return kReported;
    case ConductKind::kVerdict:
      return kJudged;
    case ConductKind::kVerification:
      return kVerified;
    case ConductKind::kNone:
    case ConductKind::kObjectiveAchieved:
    case ConductKind::kObjectiveMissed:
    case ConductKind::kRenewal:
    case ConductKind::kReview:
    case ConductKind::kHealthCheck:
    case ConductKind::kFiguresReview:
      break;
  }
  return kNoPart;
}

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
    case Event::kHistoryAccessed:
    case Event::kAccessRecordSwitched:
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
      review_days_.insert(act.held_day);
      break;
    case trust::v1::Milestone::kHealthCheckCompleted:
      act.kind = ConductKind::kHealthCheck;
      TakeHealthCheck(event.milestone().health_check_completed(), act);
      break;
    case trust::v1::Milestone::kEffectivenessReviewed:
      act.kind = ConductKind::kFiguresReview;
      if (figures_reviews_.emplace(act.revision, event.milestone().effectiveness_reviewed()).second) {
        figures_bytes_ += event.milestone().effectiveness_reviewed().SpaceUsedLong();
        for (const bool hindsight : {false, true}) {
          figures_days_[hindsight ? 1 : 0].emplace(act.day(hindsight), act.revision);
        }
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
  const auto& stated = stated_[hindsight ? 1 : 0];
  if (stated.empty()) return std::nullopt;  // As mostly: nobody has stated anything.
  const auto one = numbers_.find(trustor);
  const auto other = numbers_.find(trustee);
  if (one == numbers_.end() || other == numbers_.end()) return std::nullopt;
  auto found = stated.upper_bound({one->second, other->second, as_of, std::numeric_limits<int64_t>::max()});
  if (found == stated.begin()) return std::nullopt;
  const auto& [key, basis_points] = *--found;
  if (std::get<0>(key) != one->second || std::get<1>(key) != other->second) return std::nullopt;
  return Stated{std::get<2>(key), std::get<3>(key), basis_points};
}

std::pair<int64_t, const trust::v1::EffectivenessReviewed*> ConductLog::LastFiguresReview(Day as_of,
                                                                                          bool hindsight) const {
  const auto& days = figures_days_[hindsight ? 1 : 0];
  auto found = days.upper_bound({as_of, std::numeric_limits<int64_t>::max()});
  if (found == days.begin()) return {0, nullptr};
  --found;
  return {found->second, &figures_reviews_.at(found->second)};
}

std::optional<Day> ConductLog::LastReview(Day as_of) const {
  auto found = review_days_.upper_bound(as_of);
  return found == review_days_.begin() ? std::nullopt : std::make_optional(*--found);
}

void ConductLog::ApplyEvidence(const Event& event) {
  const EventDays days = DaysOf(event);
  Conduct act;
  act.revision = event.revision();
  act.held_day = days.held();
  act.occur_day = days.occur;
  Classify(event.evidence(), &act);
  if (act.kind != ConductKind::kNone) Put(act);
}

// A correction of a correction, or of what is no evidence, finds no record and changes nothing.
void ConductLog::Correct(const trust::v1::EvidenceCorrected& correction) {
  const int64_t revision = Reference(correction.event());
  const std::optional<EventDays> recorded = evidence_.DaysAsRecorded(revision);
  if (!recorded.has_value()) return;
  const EventDays days = Corrected(*recorded, correction);
  const Conduct& root = RootOf(revision);
  Conduct act;
  if (CorrectsTimesAlone(correction)) act = root;
  act.revision = revision;
  act.held_day = days.held();
  act.occur_day = days.occur;
  latest_day_ = std::max(latest_day_, act.held_day);
  if (!CorrectsTimesAlone(correction)) Classify(correction.replacement(), &act);
  Put(act);
}

// Milestones cannot be retracted; what else can is not counted here.
void ConductLog::Retract(const trust::v1::EvidenceRetracted& retraction) {
  Conduct act;
  act.revision = Reference(retraction.event());
  if (!evidence_.DaysAsRecorded(act.revision).has_value() || Find(act.revision) == nullptr) return;
  RootOf(act.revision);
  Put(act);
}

const Conduct& ConductLog::RootOf(int64_t revision) {
  const auto [entry, is_new] = roots_.try_emplace(revision);
  const Conduct* const recorded = is_new ? Find(revision) : nullptr;
  if (recorded != nullptr) entry->second = *recorded;
  return entry->second;
}

// ---- What counts as what

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
      // Weighs nothing.
      if (ViolationTypeOf(evidence.violation_reported()) == trust::v1::VIOLATION_TYPE_UNSPECIFIED) return;
      continues(ConductKind::kViolation, evidence.violation_reported().violation());
      act->standing = static_cast<uint8_t>(FirstStandingOf(evidence.violation_reported()));
      return;
    case Evidence::kViolationDisputed:
      return rules(Verdict::kDisputed, evidence.violation_disputed().violation());
    case Evidence::kViolationAcknowledged:
      return rules(Verdict::kAcknowledged, evidence.violation_acknowledged().violation());
    case Evidence::kAllegationWithdrawn:
      return rules(Verdict::kWithdrawn, evidence.allegation_withdrawn().violation());
    case Evidence::kFindingIssued: {
      const std::optional<Verdict> verdict = VerdictOf(evidence.finding_issued());
      if (verdict.has_value()) rules(*verdict, evidence.finding_issued().violation());
      return;
    }
    case Evidence::kRemediationVerified:
      if (IsVoidVerification(evidence)) return;
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
  File(act, sign);
  if (act.kind == ConductKind::kConflict || act.kind == ConductKind::kDispute || act.kind == ConductKind::kResolution) {
    if (sign > 0) {
      conflict_acts_.insert(act.revision);
    } else {
      conflict_acts_.erase(act.revision);
    }
  }
}

void ConductLog::File(const Conduct& act, int sign) const {
  if (!filed_ || PartOf(act.kind) == kNoPart || act.matter == 0) return;
  Matter& matter = matters_[act.matter];
  if (sign > 0) {
    matter.acts.push_back(act.revision);
  } else {
    matter.acts.erase(std::find(matter.acts.begin(), matter.acts.end(), act.revision));
  }
  if (!matter.touched) touched_.push_back(act.matter);
  matter.touched = true;
}

Day ConductLog::SettledFrom(const Matter& matter) const {
  std::array<std::optional<Day>, kVerified + 1> last_of;
  Day last = std::numeric_limits<Day>::min();
  for (const int64_t revision : matter.acts) {
    const Conduct& act = *Find(revision);
    std::optional<Day>& of_part = last_of[PartOf(act.kind)];
    of_part = std::max(of_part.value_or(act.held_day), act.held_day);
    last = std::max(last, act.held_day);
  }
  const std::optional<Day> conflict = last_of[kInConflict], resolved = last_of[kResolved];
  const bool settled = (!last_of[kPromised] || last_of[kSettled]) &&
                       (!conflict || (resolved && *resolved >= *conflict)) &&
                       (!last_of[kReported] || last_of[kVerified]);
  return settled ? last : kNever;
}

void ConductLog::ReckonTouched() const {
  if (!filed_) {
    filed_ = true;
    for (const Conduct& act : acts_) File(act, +1);
  }
  for (const int64_t name : touched_) {
    Matter& matter = matters_.at(name);
    matter.touched = false;
    if (matter.settled_from.has_value()) by_settling_.erase({*matter.settled_from, name});
    matter.settled_from = SettledFrom(matter);
    by_settling_.emplace(*matter.settled_from, name);
  }
  touched_.clear();
}

std::vector<const Conduct*> ConductLog::ActsOfOpenMatters(Day day) const {
  ReckonTouched();
  std::vector<const Conduct*> acts;
  auto open = by_settling_.upper_bound({day, std::numeric_limits<int64_t>::max()});
  for (; open != by_settling_.end(); ++open) {
    for (const int64_t revision : matters_.at(open->second).acts) acts.push_back(Find(revision));
  }
  std::sort(acts.begin(), acts.end(), [](const Conduct* a, const Conduct* b) { return a->revision < b->revision; });
  return acts;
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
  return sizeof(*this) + acts_.capacity() * sizeof(Conduct) + conflict_acts_.size() * 16 +
         (tallies_[0].size() + tallies_[1].size()) * (sizeof(ConductTally) + 8) + figures_reviews_.size() * 16 +
         figures_bytes_ + (stated_[0].size() + stated_[1].size()) * 32 +
         (figures_days_[0].size() + figures_days_[1].size()) * 20 + review_days_.size() * 8 +
         matters_.size() * (sizeof(Matter) + 8) + acts_.size() * 8 + touched_.capacity() * 8 +
         by_settling_.size() * 20 + roots_.size() * (sizeof(Conduct) + 16) + organizations_.size() * 128 +
         present_.size() * 48;
}

}  // namespace projections
