#include "services/domain/evidence_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/domain/civil_period.h"
#include "services/domain/evidence_reference.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Commitment;
using projections::Conflict;
using projections::EventName;
using projections::Violation;
using trust::v1::Evidence;

using Broken = std::vector<absl::Status>;

bool Contains(const std::vector<std::string>& set, absl::string_view organization) {
  return std::find(set.begin(), set.end(), organization) != set.end();
}

std::string DayText(absl::Time time) { return projections::FormatDay(projections::DayOf(time)); }

// Whether evidence of this kind is new conduct, which an ended partnership has none of. The rest settles what was:
// standing, findings, repairs, resolutions, and the waiver of a claim.
bool IsConduct(Evidence::KindCase kind) {
  switch (kind) {
    case Evidence::kCommitmentWaived:
    case Evidence::kConflictResolved:
    case Evidence::kViolationDisputed:
    case Evidence::kViolationAcknowledged:
    case Evidence::kAllegationWithdrawn:
    case Evidence::kFindingIssued:
    case Evidence::kExplanationProvided:
    case Evidence::kApologyIssued:
    case Evidence::kRemediationCommitted:
    case Evidence::kRemediationCompleted:
    case Evidence::kRemediationVerified:
    case Evidence::kCompensationPaid:
    case Evidence::kViolationClosed:
      return false;

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
    case Evidence::kCommitmentMade:
    case Evidence::kCommitmentFulfilled:
    case Evidence::kCommitmentMissed:
    case Evidence::kCommitmentRenegotiated:
    case Evidence::kPartnerGoalSupported:
    case Evidence::kConsistencyObserved:
    case Evidence::kInconsistencyObserved:
    case Evidence::kSharedObjectiveAgreed:
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
    case Evidence::kConflictRaised:
    case Evidence::kConflictEscalated:
    case Evidence::kFormalDisputeOpened:
    case Evidence::kViolationReported:
    case Evidence::kInterpersonalTrustAttested:
    case Evidence::KIND_NOT_SET:
      return true;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------------------------
// The end, and partners who left.

void JudgePresence(const Case& the_case, Broken& broken) {
  const Evidence& evidence = the_case.event.evidence();
  if (!IsConduct(evidence.kind_case())) return;
  const absl::Time occur_time = projections::ToTime(the_case.event.occur_time());
  absl::Status ended = CheckNotEnded(the_case.state, the_case.partnership, occur_time);
  if (!ended.ok()) broken.push_back(std::move(ended));
  const projections::Day day = projections::DayOf(occur_time);
  const auto judge = [&](absl::string_view path, absl::string_view organization) {
    const projections::Partner* const partner = projections::FindPartner(the_case.state, organization);
    if (partner == nullptr || !partner->leave_day || day < *partner->leave_day) return;
    const std::string left = projections::FormatDay(*partner->leave_day);
    broken.push_back(NotFound(trust::v1::ERROR_REASON_PARTNER_NOT_FOUND, "organization", organization,
                              absl::StrCat(path, ": ", organization, " left ", the_case.partnership, " on ", left,
                                           "; only what happened before is accepted"),
                              {{"field", std::string(path)}, {"left", left}}));
  };
  judge(absl::StrCat(the_case.path, ".actor"), evidence.actor());
  for (int i = 0; i < evidence.affected_size(); ++i)
    judge(absl::StrCat(the_case.path, ".affected[", i, "]"), evidence.affected(i));
}

// ---------------------------------------------------------------------------------------------------------------
// What is referred to, and whom.

void JudgeReference(const Case& the_case, Broken& broken) {
  if (the_case.referent.in_force) return;
  const int64_t key = the_case.referent.key;
  const projections::EvidenceRecord* const named = projections::FindEvidence(the_case.state, key);
  if (named == nullptr) return;
  const Referent referent = ReferenceOf(the_case.event.evidence()).to;
  const std::string field = KindFieldPath(the_case.path, the_case.event.evidence(), FieldNameOf(referent));
  const std::string name = EventName(the_case.partnership, key);
  const std::string by = EventName(the_case.partnership, named->version);
  if (named->kind_in_force == 0) {
    broken.push_back(NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", name,
                              absl::StrCat(field, ": ", name, " was retracted by ", by,
                                           "; refer to an event that stands, or correct it first"),
                              {{"field", field}, {"retracted_by", by}}));
    return;
  }
  broken.push_back(FailedPrecondition(
      trust::v1::ERROR_REASON_WRONG_EVENT_KIND, name,
      absl::StrCat(field, ": ", name, " was corrected by ", by, " and is no longer of the kind ", WantedKind(referent)),
      {{"event", name}, {"field", field}, {"corrected_by", by}, {"wanted", std::string(WantedKind(referent))}}));
}

// A person whom the history knows as the contact of others alone is not the one meant.
void JudgeContact(const Case& the_case, absl::string_view field, const std::string& contact,
                  const std::vector<std::string>& organizations, Broken& broken) {
  if (contact.empty()) return;
  const std::vector<projections::ContactAssignment> assignments = projections::AssignmentsOf(the_case.state, contact);
  if (assignments.empty()) return;
  std::vector<std::string> stood_for;
  for (const projections::ContactAssignment& assignment : assignments) {
    if (Contains(organizations, assignment.organization)) return;
    if (!Contains(stood_for, assignment.organization)) stood_for.push_back(assignment.organization);
  }
  const std::string path = absl::StrCat(the_case.path, ".", field);
  broken.push_back(
      NotFound(trust::v1::ERROR_REASON_CONTACT_NOT_FOUND, "contact", contact,
               absl::StrCat(path, ": ", contact, " is no contact of ", absl::StrJoin(organizations, " or "), " but of ",
                            absl::StrJoin(stood_for, ", "), "; assign it, or correct the id"),
               {{"field", path}, {"organizations", absl::StrJoin(stood_for, ", ")}}));
}

void JudgeContacts(const Case& the_case, Broken& broken) {
  const Evidence& evidence = the_case.event.evidence();
  if (evidence.actor_contact().empty() && evidence.affected_contact().empty()) return;
  const std::vector<std::string> affected(evidence.affected().begin(), evidence.affected().end());
  JudgeContact(the_case, "actor_contact", evidence.actor_contact(),
               evidence.actor() == "*" ? affected : std::vector<std::string>{evidence.actor()}, broken);
  std::vector<std::string> others = affected;
  others.insert(others.end(), evidence.witnesses().begin(), evidence.witnesses().end());
  JudgeContact(the_case, "affected_contact", evidence.affected_contact(), others, broken);
}

// ---------------------------------------------------------------------------------------------------------------
// Commitments.

bool IsPromisor(const Commitment& commitment, absl::string_view actor) {
  // Each of those who promised something to each other can keep or break it alone.
  return commitment.promisor == actor || (commitment.promisor == "*" && Contains(commitment.beneficiaries, actor));
}

void JudgeDueTime(const Case& the_case, const Commitment& commitment, const std::string& name, Broken& broken) {
  if (!commitment.due_time) return;
  const Evidence& evidence = the_case.event.evidence();
  const absl::Time begin = projections::ToTime(the_case.event.occur_time());
  const absl::Time late = EndOfDue(*commitment.due_time);
  const Metadata metadata = {
      {"commitment", name}, {"due", DayText(*commitment.due_time)}, {"occurred", DayText(begin)}};
  if (evidence.has_commitment_missed() && EndOfPeriod(begin, the_case.event.occur_time_precision()) <= late) {
    broken.push_back(FailedPrecondition(
        trust::v1::ERROR_REASON_COMMITMENT_NOT_DUE, name,
        absl::StrCat(name, " is due on ", DayText(*commitment.due_time), " and cannot have been missed on ",
                     DayText(begin), "; record it as missed after that, or as renegotiated"),
        metadata));
  }
  if (evidence.has_commitment_renegotiated() && begin >= late) {
    broken.push_back(FailedPrecondition(
        trust::v1::ERROR_REASON_COMMITMENT_PAST_DUE, name,
        absl::StrCat(name, " was due on ", DayText(*commitment.due_time), " and cannot be renegotiated on ",
                     DayText(begin), "; record that it was missed, or kept late"),
        metadata));
  }
}

void JudgeCommitment(const Case& the_case, Broken& broken) {
  const auto found = the_case.state.commitments.find(the_case.referent.key);
  if (found == the_case.state.commitments.end()) return;
  const Commitment& commitment = found->second;
  const Evidence& evidence = the_case.event.evidence();
  const std::string name = EventName(the_case.partnership, the_case.referent.key);
  if (!IsPromisor(commitment, evidence.actor())) {
    broken.push_back(
        FailedPrecondition(trust::v1::ERROR_REASON_COMMITMENT_OF_ANOTHER, name,
                           absl::StrCat(name, " was promised by ", commitment.promisor, ", not by ", evidence.actor(),
                                        "; name the promisor as ", the_case.path, ".actor"),
                           {{"commitment", name}, {"promisor", commitment.promisor}, {"actor", evidence.actor()}}));
  }
  if (commitment.outcome != 0) {
    const std::string outcome = EventName(the_case.partnership, commitment.outcome);
    broken.push_back(
        FailedPrecondition(trust::v1::ERROR_REASON_COMMITMENT_RESOLVED, name,
                           absl::StrCat(name, " has its outcome already, ", outcome, "; a promise is resolved once"),
                           {{"commitment", name}, {"outcome", outcome}}));
  }
  JudgeDueTime(the_case, commitment, name, broken);
  if (evidence.has_commitment_waived() && the_case.speaker == commitment.promisor) {
    broken.push_back(FailedPrecondition(
        trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED, name,
        absl::StrCat(name, " was promised by ", the_case.speaker,
                     ", which cannot waive its own promise; let one of those it was made to record the waiver: ",
                     absl::StrJoin(commitment.beneficiaries, ", ")),
        {{"commitment", name},
         {"recorder", std::string(the_case.speaker)},
         {"entitled", absl::StrJoin(commitment.beneficiaries, ", ")}}));
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Conflicts.

void JudgeConflict(const Case& the_case, Broken& broken) {
  const auto found = the_case.state.conflicts.find(the_case.referent.key);
  if (found == the_case.state.conflicts.end() || the_case.event.evidence().has_conflict_resolved()) return;
  if (the_case.former_matter == the_case.referent.key) return;  // It was part of the conflict when that was resolved.
  const Conflict& conflict = found->second;
  trust::v1::Event recorded = the_case.event;
  *recorded.mutable_record_time() = projections::ToTimestamp(the_case.recorded);
  const projections::Day day = projections::HeldDay(recorded);
  if (!conflict.resolved_day || day > *conflict.resolved_day) return;
  const std::string name = EventName(the_case.partnership, the_case.referent.key);
  broken.push_back(FailedPrecondition(
      trust::v1::ERROR_REASON_CONFLICT_RESOLVED, name,
      absl::StrCat("the conflict ", name, " was resolved on ", projections::FormatDay(*conflict.resolved_day),
                   ", which settles what came up by then, ", projections::FormatDay(day),
                   " included; record a new conflict"),
      {{"conflict", name},
       {"resolved", projections::FormatDay(*conflict.resolved_day)},
       {"day", projections::FormatDay(day)}}));
}

// ---------------------------------------------------------------------------------------------------------------
// Violations.

struct ViolationCase {
  const Case& the_case;
  const Violation& violation;
  const std::string name;  // Of the report.
  const Evidence& evidence;

  bool IsAccused(absl::string_view organization) const { return Contains(violation.accused, organization); }
  bool IsParty(absl::string_view organization) const {
    return IsAccused(organization) || Contains(violation.affected, organization) ||
           Contains(violation.accusers, organization);
  }
  absl::Status Refused(trust::v1::ErrorReason reason, absl::string_view what) const {
    return FailedPrecondition(reason, name, absl::StrCat(what, "; the accused of ", name, ": ", AccusedText()),
                              {{"violation", name},
                               {"accused", AccusedText()},
                               {"recorder", std::string(the_case.speaker)},
                               {"actor", evidence.actor()}});
  }
  std::string AccusedText() const { return absl::StrJoin(violation.accused, ", "); }
};

// What the accused alone can do, or what concerns its own amends: its actor is the accused, whoever records it.
void JudgeActor(const ViolationCase& judged, Broken& broken) {
  const Evidence& evidence = judged.evidence;
  const bool joint_of_accused =
      evidence.actor() == "*" && std::any_of(evidence.affected().begin(), evidence.affected().end(),
                                             [&](const std::string& one) { return judged.IsAccused(one); });
  if (joint_of_accused || judged.IsAccused(evidence.actor())) return;
  broken.push_back(
      InvalidFields({{absl::StrCat(judged.the_case.path, ".actor"),
                      absl::StrCat(evidence.actor(), " is not accused in ", judged.name, "; a ", KindName(evidence),
                                   " is an act of the accused or is about its amends: name ", judged.AccusedText(),
                                   " as the actor, and who speaks as the recorder")}}));
}

// Specification, 6.8. A body that is no party finds by its nature, whoever records it; parties find jointly or not at
// all.
bool IsIndependentFinding(const ViolationCase& judged) {
  const Evidence& evidence = judged.evidence;
  if (evidence.actor() == "*") {
    int accused = 0;
    int others = 0;  // Of the other side; where all accuse each other, any second one.
    for (const std::string& one : evidence.affected()) {
      if (judged.IsAccused(one)) ++accused;
      if (judged.IsParty(one) && (!judged.IsAccused(one) || Contains(judged.violation.affected, one))) ++others;
    }
    return accused > 0 && others > 0 && evidence.affected_size() >= 2;
  }
  if (!judged.IsParty(evidence.actor())) return true;
  if (evidence.source() == trust::v1::SOURCE_JOINT) return true;
  return evidence.source() == trust::v1::SOURCE_THIRD_PARTY && !judged.IsParty(judged.the_case.speaker);
}

// Where the matter of a report may stand at first: no accuser speaks for the accused, and none judges its own cause.
void JudgeReport(const Case& the_case, Broken& broken) {
  const Evidence& evidence = the_case.event.evidence();
  const trust::v1::Standing standing = evidence.violation_reported().standing();
  const absl::string_view speaker = the_case.speaker;
  if (speaker.empty() || standing == trust::v1::STANDING_ALLEGED || standing == trust::v1::STANDING_UNSPECIFIED) return;
  const std::vector<std::string> affected(evidence.affected().begin(), evidence.affected().end());
  const bool accused = evidence.actor() == "*" ? Contains(affected, speaker) : evidence.actor() == speaker;
  const std::string field = absl::StrCat(the_case.path, ".violation_reported.standing");
  const Metadata metadata = {{"field", field}, {"recorder", std::string(speaker)}, {"actor", evidence.actor()}};
  const auto refuse = [&](trust::v1::ErrorReason reason, absl::string_view what) {
    broken.push_back(FailedPrecondition(reason, absl::StrCat("partnerships/", the_case.partnership),
                                        absl::StrCat(field, ": ", speaker, what), metadata));
  };
  switch (standing) {
    case trust::v1::STANDING_DISPUTED:
    case trust::v1::STANDING_ACKNOWLEDGED:
      if (!accused) {
        refuse(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED,
               " is not accused and cannot answer for one who is; report it as alleged, and let the accused answer");
      }
      return;
    case trust::v1::STANDING_WITHDRAWN:
      if (accused) {
        refuse(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED, " is accused and cannot withdraw what others allege");
      }
      return;
    case trust::v1::STANDING_SUBSTANTIATED:
    case trust::v1::STANDING_PARTLY:
    case trust::v1::STANDING_UNFOUNDED:
      // Both sides together say so in a source that only an import can state.
      if ((accused || Contains(affected, speaker)) && evidence.source() != trust::v1::SOURCE_JOINT) {
        refuse(trust::v1::ERROR_REASON_FINDING_NOT_INDEPENDENT,
               " is a party and cannot find on it; report it as alleged, and let a third party or both sides find");
      }
      return;
    default:
      return;
  }
}

void JudgeViolation(const Case& the_case, Broken& broken) {
  const auto found = the_case.state.violations.find(the_case.referent.key);
  const Evidence& evidence = the_case.event.evidence();
  if (found == the_case.state.violations.end() || evidence.has_violation_reported()) return;
  const ViolationCase judged = {the_case, found->second, EventName(the_case.partnership, the_case.referent.key),
                                evidence};
  const absl::string_view speaker = the_case.speaker;
  if (evidence.has_finding_issued()) {
    if (!IsIndependentFinding(judged)) {
      broken.push_back(
          judged.Refused(trust::v1::ERROR_REASON_FINDING_NOT_INDEPENDENT,
                         absl::StrCat("a finding by ", evidence.actor(), " is neither a third party's nor joint",
                                      "; name the body that found as the actor, or * with both sides affected")));
    }
    return;
  }
  const bool by_accused_only = evidence.has_violation_disputed() || evidence.has_violation_acknowledged();
  if (by_accused_only && !speaker.empty() && !judged.IsAccused(speaker)) {
    broken.push_back(judged.Refused(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED,
                                    absl::StrCat(speaker, " is not accused and cannot answer for one who is")));
  }
  if (evidence.has_allegation_withdrawn()) {
    if (!speaker.empty() && judged.IsAccused(speaker)) {
      broken.push_back(judged.Refused(trust::v1::ERROR_REASON_RECORDER_NOT_ENTITLED,
                                      absl::StrCat(speaker, " is accused and cannot withdraw what others allege")));
    }
    return;
  }
  if (evidence.has_remediation_verified() &&
      (evidence.source() == trust::v1::SOURCE_SELF || judged.IsAccused(speaker))) {
    broken.push_back(
        judged.Refused(trust::v1::ERROR_REASON_VERIFICATION_NOT_INDEPENDENT,
                       "the accused cannot verify its own remedy; let one of the affected or a third party"));
  }
  if (!evidence.has_violation_closed()) JudgeActor(judged, broken);
}

}  // namespace

Broken BrokenRules(const Case& the_case) {
  Broken broken;
  JudgeReference(the_case, broken);
  JudgePresence(the_case, broken);
  JudgeContacts(the_case, broken);
  if (the_case.event.evidence().has_violation_reported()) JudgeReport(the_case, broken);
  switch (ReferenceOf(the_case.event.evidence()).to) {
    case Referent::kCommitment:
      JudgeCommitment(the_case, broken);
      break;
    case Referent::kConflict:
      JudgeConflict(the_case, broken);
      break;
    case Referent::kViolation:
      JudgeViolation(the_case, broken);
      break;
    case Referent::kMisunderstanding:
    case Referent::kObjective:
    case Referent::kNothing:
      break;
  }
  return broken;
}

absl::Status CheckNotEnded(const projections::Partnership& state, absl::string_view partnership,
                           absl::Time occur_time) {
  if (!state.end_day || projections::DayOf(occur_time) < *state.end_day) return absl::OkStatus();
  const std::string end = projections::FormatDay(*state.end_day);
  return FailedPrecondition(
      trust::v1::ERROR_REASON_PARTNERSHIP_ENDED, absl::StrCat("partnerships/", partnership),
      absl::StrCat(partnership, " ended on ", end, ", and this happened on ", DayText(occur_time),
                   "; only what happened before the end, or settles it, is accepted"),
      {{"partnership", std::string(partnership)}, {"end", end}, {"occurred", DayText(occur_time)}});
}

}  // namespace domain
