#include "projections/partnership.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "projections/event_name.h"
#include "projections/partnership_evidence.h"

namespace projections {
namespace {

using trust::v1::Event;

void AddPartner(Partnership& partnership, const trust::v1::Partner& partner, const Event& event) {
  const std::string& name = partner.display_name().empty() ? partner.organization() : partner.display_name();
  for (Partner& known : partnership.partners) {
    if (known.organization != partner.organization()) continue;
    if (known.leave_day) {  // It came back.
      known.leave_day.reset();
      known.display_name = name;
    }
    return;
  }
  partnership.partners.push_back(
      {partner.organization(), name, HeldDay(event), DayOf(ToTime(event.occur_time())), std::nullopt});
}

void RemoveContactEvent(Partnership& partnership, int64_t revision) {
  const auto known = partnership.contact_events.find(revision);
  if (known == partnership.contact_events.end()) return;
  partnership.contacts.erase({known->second.contact, revision});
  partnership.contact_events.erase(known);
}

void AddContactEvent(Partnership& partnership, int64_t revision, ContactEvent event) {
  RemoveContactEvent(partnership, revision);
  partnership.contacts.emplace(event.contact, revision);
  partnership.contact_events.emplace(revision, std::move(event));
}

void Declare(Partnership& partnership, const trust::v1::TieDeclared& tie) {
  if (tie.organizations_size() != 2) return;
  const auto [first, second] = std::minmax(tie.organizations(0), tie.organizations(1));
  if (first != second) partnership.ties.emplace(first, second);
}

// Voids evidence, a confirmation, a contest or a departure.
void Retract(Partnership& partnership, const std::string& name, int64_t revision) {
  const std::optional<int64_t> root = ParseEventName(partnership.id, name);
  if (!root) return;
  const auto contact = partnership.contact_events.find(*root);
  const bool departed = contact != partnership.contact_events.end() && contact->second.departed;
  if (departed) RemoveContactEvent(partnership, *root);
  if (partnership.remarks.erase(*root) > 0 || departed) partnership.retracted[*root] = revision;
  VoidEvidence(partnership, name, revision);
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
        AddPartner(partnership, partner, event);
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
      return AddPartner(partnership, event.partner_joined().partner(), event);
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
    case Event::kAssessmentIssued:
      partnership.assessments.insert(event.assessment_issued().assessment());
      return;
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
      return Evolve(partnership.policies, event);
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kPersonalDataErased:
      return Evolve(partnership.persons, event);

    case Event::kTieDeclared:
      return Declare(partnership, event.tie_declared());
    case Event::kContactAssigned:
      return AddContactEvent(partnership, revision,
                             {event.contact_assigned().contact(), HeldDay(event), DayOf(ToTime(event.occur_time())),
                              false, event.contact_assigned().organization()});
    case Event::kContactDeparted:
      return AddContactEvent(partnership, revision,
                             {event.contact_departed().contact(), HeldDay(event), DayOf(ToTime(event.occur_time())),
                              true, event.contact_departed().organization()});
    case Event::kPolicyPinned:
      partnership.policy_sha256 = event.policy_pinned().policy_sha256();
      return;

    case Event::kEvidence:
      return AddEvidence(partnership, event, revision);
    case Event::kEvidenceConfirmed:
    case Event::kEvidenceContested:
      partnership.remarks[revision] = NumberOf(partnership, event.recorder());
      return;
    case Event::kEvidenceCorrected:
      return CorrectEvidence(partnership, event, revision);
    case Event::kEvidenceRetracted:
      return Retract(partnership, event.evidence_retracted().event(), revision);

    // No command is judged by these.
    case Event::kMilestone:
    case Event::kLogOverrideRecorded:
    case Event::kHistoryAccessed:
    case Event::kAccessRecordSwitched:
    case Event::BODY_NOT_SET:
      return;
  }
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

int PresentPartners(const Partnership& partnership) {
  return static_cast<int>(std::count_if(partnership.partners.begin(), partnership.partners.end(),
                                        [](const Partner& partner) { return !partner.leave_day; }));
}

const EvidenceRecord* FindEvidence(const Partnership& partnership, int64_t revision) {
  const auto found = partnership.evidence.find(revision);
  return found == partnership.evidence.end() ? nullptr : &found->second;
}

bool IsReferredTo(const Partnership& partnership, int64_t revision) {
  auto statement = partnership.statements.lower_bound({revision, std::numeric_limits<int64_t>::min()});
  if (statement != partnership.statements.end() && statement->first == std::pair(revision, revision)) ++statement;
  return statement != partnership.statements.end() && statement->first.first == revision;
}

const std::string& NameOf(const Partnership& partnership, int32_t number) { return partnership.names[number]; }

std::vector<ContactAssignment> AssignmentsOf(const Partnership& partnership, absl::string_view contact) {
  std::vector<ContactAssignment> assignments;
  const std::string person(contact);
  auto at = partnership.contacts.lower_bound({person, std::numeric_limits<int64_t>::min()});
  for (; at != partnership.contacts.end() && at->first == person; ++at) {
    const ContactEvent& event = partnership.contact_events.at(at->second);
    const auto open =
        std::find_if(assignments.begin(), assignments.end(), [&event](const ContactAssignment& assignment) {
          return assignment.organization == event.organization && !assignment.until_day;
        });
    if (event.departed) {
      if (open != assignments.end()) {
        open->until_day = event.day;
      } else {
        assignments.push_back({event.organization, std::nullopt, event.day, 0});
      }
    } else if (open == assignments.end()) {
      assignments.push_back({event.organization, event.day, std::nullopt, event.earliest_day});
    }
  }
  return assignments;
}

std::string ContactOf(const Partnership& partnership, int64_t revision) {
  const auto found = partnership.contact_events.find(revision);
  return found == partnership.contact_events.end() ? std::string() : found->second.contact;
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
  for (const auto& [first, second] : partnership.ties) {
    trust::v1::Tie& tie = *rendered.add_ties();
    tie.add_organizations(first);
    tie.add_organizations(second);
  }
  rendered.set_policy_sha256(absl::BytesToHexString(partnership.policy_sha256));
  return rendered;
}

// Counts what there is of each, and what the organizations that it names take on average: exact sums would cost every
// command a walk over the whole state.
size_t MemoryBytes(const Partnership& partnership) {
  constexpr size_t kName = sizeof(std::string) + 32;
  size_t bytes = sizeof(Partnership) + partnership.id.capacity() + partnership.display_name.capacity() +
                 MemoryBytes(partnership.policies) + MemoryBytes(partnership.persons) +
                 partnership.policy_sha256.capacity();
  bytes += partnership.partners.size() * (sizeof(Partner) + kName);
  bytes += partnership.commitments.size() * (sizeof(int64_t) + sizeof(Commitment) + 2 * kName);
  bytes += partnership.conflicts.size() * (sizeof(int64_t) + sizeof(Conflict));
  bytes += partnership.violations.size() * (sizeof(int64_t) + sizeof(Violation) + 4 * kName);
  bytes += partnership.reports.size() * (sizeof(int64_t) + sizeof(Report) + 2 * kName);
  bytes += partnership.assessments.size() * kName + partnership.names.size() * (2 * kName + sizeof(int32_t));
  bytes += partnership.ties.size() * 2 * kName;
  bytes += partnership.contact_events.size() * (2 * (sizeof(int64_t) + kName) + sizeof(ContactEvent) + kName);
  return bytes + partnership.evidence.size() * (sizeof(int64_t) + sizeof(EvidenceRecord)) +
         // A statement may be a change of standing, too.
         partnership.statements.size() * (2 * sizeof(int64_t) + sizeof(Statement) + sizeof(StandingChange)) +
         partnership.roots.size() * (sizeof(int64_t) + sizeof(RootStatement) + 2 * kName) +
         partnership.remarks.size() * (sizeof(int64_t) + sizeof(int32_t)) +
         partnership.retracted.size() * 2 * sizeof(int64_t);
}

}  // namespace projections
