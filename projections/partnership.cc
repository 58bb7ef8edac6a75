#include "projections/partnership.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/escaping.h"
#include "projections/event_name.h"

namespace projections {
namespace {

using trust::v1::Event;
using trust::v1::Evidence;

using Organizations = google::protobuf::RepeatedPtrField<std::string>;

// Adds to a sorted set.
void Add(std::vector<std::string>& set, const std::string& organization) {
  const auto place = std::lower_bound(set.begin(), set.end(), organization);
  if (place == set.end() || *place != organization) set.insert(place, organization);
}

void AddAll(std::vector<std::string>& set, const Organizations& organizations) {
  for (const std::string& organization : organizations) Add(set, organization);
}

// The entry that a reference names; null when it names none.
template <typename Map>
auto* Find(Map& map, const Partnership& partnership, absl::string_view reference) {
  const std::optional<int64_t> key = ParseEventName(partnership.id, reference);
  const auto found = key ? map.find(*key) : map.end();
  return found == map.end() ? nullptr : &found->second;
}

void AddPartner(Partnership& partnership, const trust::v1::Partner& partner, Day day) {
  const std::string& name = partner.display_name().empty() ? partner.organization() : partner.display_name();
  for (Partner& known : partnership.partners) {
    if (known.organization != partner.organization()) continue;
    if (known.leave_day) {  // It came back.
      known.leave_day.reset();
      known.display_name = name;
    }
    return;
  }
  partnership.partners.push_back({partner.organization(), name, day, std::nullopt});
}

// ---------------------------------------------------------------------------------------------------------------
// Commitments.

void Resolve(Partnership& partnership, absl::string_view reference, int64_t revision) {
  Commitment* const commitment = Find(partnership.commitments, partnership, reference);
  if (commitment != nullptr && commitment->outcome == 0) commitment->outcome = revision;
}

void Make(Partnership& partnership, const Evidence& evidence, int64_t revision) {
  Commitment commitment;
  commitment.promisor = evidence.actor();
  commitment.beneficiaries.assign(evidence.affected().begin(), evidence.affected().end());
  if (evidence.commitment_made().has_due_time()) {
    commitment.due_time = ToTime(evidence.commitment_made().due_time());
  }
  partnership.commitments.insert_or_assign(revision, std::move(commitment));
}

void Renegotiate(Partnership& partnership, const trust::v1::CommitmentRenegotiated& change) {
  Commitment* const commitment = Find(partnership.commitments, partnership, change.commitment());
  if (commitment == nullptr) return;
  commitment->due_time.reset();
  if (change.has_due_time()) commitment->due_time = ToTime(change.due_time());
}

// ---------------------------------------------------------------------------------------------------------------
// Conflicts.

void ContinueConflict(Partnership& partnership, absl::string_view reference, int64_t revision, Day day, bool dispute) {
  int64_t key = revision;
  if (!reference.empty()) {
    key = ParseEventName(partnership.id, reference).value_or(revision);
    if (key != revision) partnership.conflict_events[revision] = key;
  }
  const auto [entry, is_new] = partnership.conflicts.try_emplace(key);
  Conflict& conflict = entry->second;
  conflict.first_day = is_new ? day : std::min(conflict.first_day, day);
  conflict.last_day = is_new ? day : std::max(conflict.last_day, day);
  if (dispute) conflict.last_dispute_day = std::max(conflict.last_dispute_day.value_or(day), day);
}

void ResolveConflict(Partnership& partnership, absl::string_view reference, Day day) {
  Conflict* const conflict = Find(partnership.conflicts, partnership, reference);
  if (conflict != nullptr) conflict->resolved_day = std::max(conflict->resolved_day.value_or(day), day);
}

// ---------------------------------------------------------------------------------------------------------------
// Violations.

// Specification, C6: a dispute counts only against an allegation, an acknowledgement or a withdrawal only while neither
// was found on; a finding always counts.
trust::v1::Standing FoldStanding(const Violation& violation) {
  using namespace trust::v1;  // NOLINT: a dozen enum values of one proto.
  Standing standing = violation.initial;
  for (const StandingChange& change : violation.changes) {
    const bool alleged = standing == STANDING_ALLEGED;
    const bool open = alleged || standing == STANDING_DISPUTED;
    const bool finding =
        change.to == STANDING_SUBSTANTIATED || change.to == STANDING_PARTLY || change.to == STANDING_UNFOUNDED;
    if (finding || (change.to == STANDING_DISPUTED ? alleged : open)) standing = change.to;
  }
  return standing;
}

void Report(Partnership& partnership, const Event& event, int64_t revision, Day day) {
  const Evidence& evidence = event.evidence();
  const trust::v1::ViolationReported& report = evidence.violation_reported();
  int64_t key = revision;
  if (!report.violation().empty()) {
    key = ParseEventName(partnership.id, report.violation()).value_or(revision);
    if (key != revision) partnership.violation_reports[revision] = key;
  }
  const auto [entry, is_new] = partnership.violations.try_emplace(key);
  Violation& violation = entry->second;
  if (is_new) {
    violation.day = day;
    if (report.standing() != trust::v1::STANDING_UNSPECIFIED) violation.initial = report.standing();
    violation.standing = violation.initial;
  }
  if (evidence.actor() == "*") {
    AddAll(violation.accused, evidence.affected());
  } else {
    Add(violation.accused, evidence.actor());
  }
  AddAll(violation.affected, evidence.affected());
  AddAll(violation.witnesses, evidence.witnesses());
  if (!event.recorder().empty()) Add(violation.accusers, event.recorder());
}

void ChangeStanding(Violation* violation, Day own_day, int rank, trust::v1::Standing to) {
  if (violation == nullptr) return;
  const StandingChange change = {std::max(own_day, violation->day), own_day, rank, to};
  const auto order = [](const StandingChange& a, const StandingChange& b) {
    return std::tie(a.day, a.own_day, a.rank) < std::tie(b.day, b.own_day, b.rank);
  };
  const auto place = std::upper_bound(violation->changes.begin(), violation->changes.end(), change, order);
  violation->changes.insert(place, change);
  violation->standing = FoldStanding(*violation);
}

void ApplyFinding(Violation* violation, Day day, trust::v1::FindingResult result) {
  switch (result) {
    case trust::v1::FINDING_RESULT_UNFOUNDED:
      return ChangeStanding(violation, day, 3, trust::v1::STANDING_UNFOUNDED);
    case trust::v1::FINDING_RESULT_PARTLY:
      return ChangeStanding(violation, day, 4, trust::v1::STANDING_PARTLY);
    case trust::v1::FINDING_RESULT_SUBSTANTIATED:
      return ChangeStanding(violation, day, 5, trust::v1::STANDING_SUBSTANTIATED);
    default:
      return;  // An unknown result finds nothing.
  }
}

// What an event does that concerns a violation already reported.
void EvolveViolation(Partnership& partnership, const Evidence& evidence, Day day) {
  auto named = [&](absl::string_view reference) { return Find(partnership.violations, partnership, reference); };
  Violation* violation = nullptr;
  if (evidence.has_violation_disputed()) {
    ChangeStanding(named(evidence.violation_disputed().violation()), day, 0, trust::v1::STANDING_DISPUTED);
  } else if (evidence.has_violation_acknowledged()) {
    violation = named(evidence.violation_acknowledged().violation());
    ChangeStanding(violation, day, 1, trust::v1::STANDING_ACKNOWLEDGED);
    if (violation != nullptr) violation->acknowledged = true;
  } else if (evidence.has_allegation_withdrawn()) {
    ChangeStanding(named(evidence.allegation_withdrawn().violation()), day, 2, trust::v1::STANDING_WITHDRAWN);
  } else if (evidence.has_finding_issued()) {
    ApplyFinding(named(evidence.finding_issued().violation()), day, evidence.finding_issued().result());
  } else if (evidence.has_apology_issued()) {
    violation = named(evidence.apology_issued().violation());
    if (violation != nullptr) violation->apologized = true;
  } else if (evidence.has_remediation_completed()) {
    violation = named(evidence.remediation_completed().violation());
    if (violation != nullptr) violation->remediation_completed = true;
  } else if (evidence.has_remediation_verified()) {
    const bool is_void = evidence.source() == trust::v1::SOURCE_SELF || evidence.source() == trust::v1::SOURCE_SYSTEM;
    violation = named(evidence.remediation_verified().violation());
    if (violation != nullptr && !is_void) violation->remediation_verified = true;
  }
}

void EvolveEvidence(Partnership& partnership, const Event& event, int64_t revision) {
  const Evidence& evidence = event.evidence();
  const Day day = HeldDay(event);
  switch (evidence.kind_case()) {
    case Evidence::kMisunderstandingReported:
      partnership.misunderstandings.insert(revision);
      return;
    case Evidence::kSharedObjectiveAgreed:
      partnership.objectives.insert(revision);
      return;

    case Evidence::kCommitmentMade:
      return Make(partnership, evidence, revision);
    case Evidence::kCommitmentFulfilled:
      return Resolve(partnership, evidence.commitment_fulfilled().commitment(), revision);
    case Evidence::kCommitmentMissed:
      return Resolve(partnership, evidence.commitment_missed().commitment(), revision);
    case Evidence::kCommitmentWaived:
      return Resolve(partnership, evidence.commitment_waived().commitment(), revision);
    case Evidence::kCommitmentRenegotiated:
      return Renegotiate(partnership, evidence.commitment_renegotiated());

    case Evidence::kConflictRaised:
      return ContinueConflict(partnership, "", revision, day, false);
    case Evidence::kConflictEscalated:
      return ContinueConflict(partnership, evidence.conflict_escalated().conflict(), revision, day, false);
    case Evidence::kFormalDisputeOpened:
      return ContinueConflict(partnership, evidence.formal_dispute_opened().conflict(), revision, day, true);
    case Evidence::kConflictResolved:
      return ResolveConflict(partnership, evidence.conflict_resolved().conflict(), day);

    case Evidence::kViolationReported:
      return Report(partnership, event, revision, day);
    case Evidence::kViolationDisputed:
    case Evidence::kViolationAcknowledged:
    case Evidence::kAllegationWithdrawn:
    case Evidence::kFindingIssued:
    case Evidence::kApologyIssued:
    case Evidence::kRemediationCompleted:
    case Evidence::kRemediationVerified:
      return EvolveViolation(partnership, evidence, day);

    // These leave nothing behind that a later command is judged by.
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
    case Evidence::kMisunderstandingClarified:
    case Evidence::kPartnerGoalSupported:
    case Evidence::kConsistencyObserved:
    case Evidence::kInconsistencyObserved:
    case Evidence::kSharedObjectiveAchieved:
    case Evidence::kSharedObjectiveMissed:
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
    case Evidence::kExplanationProvided:
    case Evidence::kRemediationCommitted:
    case Evidence::kCompensationPaid:
    case Evidence::kViolationClosed:
    case Evidence::kInterpersonalTrustAttested:
    case Evidence::KIND_NOT_SET:
      return;
  }
}

void End(Partnership& partnership, const Event& event) {
  partnership.state = trust::v1::PARTNERSHIP_STATE_ENDED;
  const Day day = HeldDay(event);
  if (partnership.end_day && *partnership.end_day <= day) return;
  partnership.end_day = day;
  partnership.end_time = ToTime(event.occur_time());
}

void MoveTo(Partnership& partnership, trust::v1::PartnershipState state) {
  if (partnership.state != trust::v1::PARTNERSHIP_STATE_ENDED) partnership.state = state;
}

void EvolveBody(Partnership& partnership, const Event& event, int64_t revision) {
  switch (event.body_case()) {
    case Event::kPartnershipProposed:
      partnership.display_name = event.partnership_proposed().display_name();
      for (const trust::v1::Partner& partner : event.partnership_proposed().partners()) {
        AddPartner(partnership, partner, HeldDay(event));
      }
      if (partnership.state == trust::v1::PARTNERSHIP_STATE_UNSPECIFIED) {
        partnership.state = trust::v1::PARTNERSHIP_STATE_ACTIVE;
      }
      return;
    case Event::kInitialContactMade:
      if (partnership.initial_contact_time) return;  // Later ones are those of later partners.
      partnership.initial_contact_time = ToTime(event.occur_time());
      partnership.initial_contact_time_precision = event.occur_time_precision();
      return;
    case Event::kPartnerJoined:
      return AddPartner(partnership, event.partner_joined().partner(), HeldDay(event));
    case Event::kPartnerLeft:
      for (Partner& partner : partnership.partners) {
        if (partner.organization == event.partner_left().organization()) partner.leave_day = HeldDay(event);
      }
      return;
    case Event::kPartnershipSuspended:
      return MoveTo(partnership, trust::v1::PARTNERSHIP_STATE_SUSPENDED);
    case Event::kPartnershipResumed:
      return MoveTo(partnership, trust::v1::PARTNERSHIP_STATE_ACTIVE);
    case Event::kPartnershipTerminated:
      return End(partnership, event);
    case Event::kEvidence:
      return EvolveEvidence(partnership, event, revision);

    case Event::kAssessmentIssued:
      partnership.assessments.insert(event.assessment_issued().assessment());
      return;
    case Event::kPolicyPinned:
      partnership.policy_sha256 = event.policy_pinned().policy_sha256();
      return;
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
      return Evolve(partnership.policies, event);

    // No command is judged by these.
    case Event::kTieDeclared:
    case Event::kContactAssigned:
    case Event::kContactDeparted:
    case Event::kMilestone:
    case Event::kEvidenceConfirmed:
    case Event::kEvidenceContested:
    case Event::kEvidenceCorrected:
    case Event::kEvidenceRetracted:
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kPersonalDataErased:
    case Event::BODY_NOT_SET:
      return;
  }
}

size_t Bytes(const std::string& text) { return sizeof(text) + text.capacity(); }

size_t Bytes(const std::vector<std::string>& set) {
  size_t bytes = 0;
  for (const std::string& text : set) bytes += Bytes(text);
  return bytes;
}

}  // namespace

void Evolve(Partnership& partnership, const Event& event) {
  if (partnership.id.empty()) partnership.id = event.partnership();
  const int64_t revision = event.revision() > 0 ? event.revision() : partnership.revision + 1;
  partnership.revision = std::max(partnership.revision, revision);
  if (!event.has_import_origin()) {
    partnership.imported_only = false;
  } else if (event.import_origin().has_original_record_time()) {
    const absl::Time time = ToTime(event.import_origin().original_record_time());
    partnership.latest_original_record_time = std::max(partnership.latest_original_record_time.value_or(time), time);
  }
  EvolveBody(partnership, event, revision);
}

const Partner* FindPartner(const Partnership& partnership, absl::string_view organization) {
  for (const Partner& partner : partnership.partners) {
    if (partner.organization == organization) return &partner;
  }
  return nullptr;
}

trust::v1::Partnership Render(const Partnership& partnership) {
  trust::v1::Partnership rendered;
  rendered.set_partnership(partnership.id);
  rendered.set_display_name(partnership.display_name);
  for (const Partner& partner : partnership.partners) {
    if (partner.leave_day) continue;
    trust::v1::Partner& shown = *rendered.add_partners();
    shown.set_organization(partner.organization);
    shown.set_display_name(partner.display_name);
  }
  if (partnership.initial_contact_time) {
    *rendered.mutable_initial_contact_time() = ToTimestamp(*partnership.initial_contact_time);
  }
  rendered.set_state(partnership.state);
  if (partnership.end_time) *rendered.mutable_end_time() = ToTimestamp(*partnership.end_time);
  rendered.set_revision(partnership.revision);
  rendered.set_imported(partnership.revision > 0 && partnership.imported_only);
  rendered.set_policy_sha256(absl::BytesToHexString(partnership.policy_sha256));
  return rendered;
}

size_t MemoryBytes(const Partnership& partnership) {
  size_t bytes = sizeof(Partnership) + partnership.id.capacity() + partnership.display_name.capacity();
  for (const Partner& partner : partnership.partners) {
    bytes += sizeof(Partner) + partner.organization.capacity() + partner.display_name.capacity();
  }
  for (const auto& [key, commitment] : partnership.commitments) {
    bytes += sizeof(key) + sizeof(commitment) + commitment.promisor.capacity() + Bytes(commitment.beneficiaries);
  }
  bytes += MemoryBytes(partnership.policies) + partnership.policy_sha256.capacity();
  for (const std::string& assessment : partnership.assessments) bytes += Bytes(assessment);
  bytes += partnership.conflicts.size() * (sizeof(int64_t) + sizeof(Conflict));
  for (const auto& [key, violation] : partnership.violations) {
    bytes += sizeof(key) + sizeof(violation) + Bytes(violation.accused) + Bytes(violation.affected) +
             Bytes(violation.witnesses) + Bytes(violation.accusers) +
             violation.changes.capacity() * sizeof(StandingChange);
  }
  const size_t numbers = partnership.misunderstandings.size() + partnership.objectives.size() +
                         2 * partnership.conflict_events.size() + 2 * partnership.violation_reports.size();
  return bytes + numbers * sizeof(int64_t);
}

}  // namespace projections
