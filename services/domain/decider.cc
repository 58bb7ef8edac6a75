#include "services/domain/decider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/event_draft.h"
#include "services/domain/evidence_reference.h"
#include "services/domain/evidence_rules.h"
#include "services/domain/evidence_versions.h"
#include "services/domain/refusal.h"
#include "services/domain/structure_rules.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;

using Events = std::vector<Event>;

std::optional<int64_t> NoOtherNames(absl::string_view) { return std::nullopt; }

// One piece of evidence of a live command. `event` has its envelope; dated is the request or the item of a batch.
template <typename Dated>
absl::StatusOr<Event> DecideEvidence(const Partnership& state, absl::string_view partnership, const Dated& dated,
                                     Event event, const Context& context) {
  SetTimesOf(dated, event);
  SetNoteOf(dated, event);
  trust::v1::Evidence& evidence = *event.mutable_evidence();
  evidence = dated.evidence();
  absl::Status partners = CheckPartners(state, partnership, "evidence", evidence);
  if (!partners.ok()) return partners;
  const absl::StatusOr<Resolved> referent = ResolveReference(state, partnership, NoOtherNames, "evidence", evidence);
  if (!referent.ok()) return referent.status();
  MakeDefaultsExplicit(evidence);
  evidence.set_source(SourceOf(event.recorder(), evidence));
  std::vector<absl::Status> broken = BrokenRules({state, partnership, event, *referent, event.recorder(), context.now});
  if (!broken.empty()) return std::move(broken.front());
  return event;
}

// What a judged event is when it broke no rule.
absl::StatusOr<Events> Unless(const absl::StatusOr<std::vector<absl::Status>>& broken, Event event) {
  if (!broken.ok()) return broken.status();
  if (!broken->empty()) return broken->front();
  return Events{std::move(event)};
}

// One structural event of a live command.
absl::StatusOr<Events> DecideStructure(const Partnership& state, absl::string_view partnership, Event event) {
  absl::Status exists = CheckExists(state, partnership);
  if (!exists.ok()) return exists;
  absl::Status lasts = CheckLasts(state, partnership);
  if (!lasts.ok()) return lasts;
  absl::Status known = CheckStructure(state, partnership, "", event);
  if (!known.ok()) return known;
  const std::vector<absl::Status> broken = BrokenStructureRules(state, partnership, "", event);
  return Unless(broken, std::move(event));
}

}  // namespace

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::CreatePartnershipRequest& request,
                              const Context& context) {
  if (state.revision > 0) {
    return AlreadyExists(trust::v1::ERROR_REASON_PARTNERSHIP_EXISTS, "partnership", request.partnership(),
                         absl::StrCat("the partnership ", request.partnership(),
                                      " exists; choose another id, or use the one that is there"));
  }
  Event envelope = Envelope(request, context);
  envelope.set_request_id(request.request_id());
  SetTimes(request.initial_contact_time(), request.initial_contact_time_precision(), nullptr, envelope);
  return Found(request.partnership(), request.display_name(), request.partners(), envelope);
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::RecordMilestoneRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  absl::Status partners = CheckPartners(state, request.partnership(), request.milestone());
  if (!partners.ok()) return partners;
  Event event = DatedEnvelope(request, context);
  absl::Status lasts = CheckNotEnded(state, request.partnership(), projections::ToTime(event.occur_time()));
  if (!lasts.ok()) return lasts;
  SetMilestone(state, request.milestone(), event);
  return Only(std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::SuspendPartnershipRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  absl::Status may = CheckMaySuspend(state, request.partnership());
  if (!may.ok()) return may;
  Event event = DatedEnvelope(request, context);
  event.mutable_partnership_suspended();
  return Only(std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::ResumePartnershipRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  absl::Status may = CheckMayResume(state, request.partnership());
  if (!may.ok()) return may;
  Event event = DatedEnvelope(request, context);
  event.mutable_partnership_resumed();
  return Only(std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::TerminatePartnershipRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event event = DatedEnvelope(request, context);
  absl::Status may = CheckMayEnd(state, request.partnership(), event);
  if (!may.ok()) return may;
  event.mutable_partnership_terminated()->set_mode(request.mode());
  return Only(std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::RecordEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event envelope = Envelope(request, context);
  envelope.set_request_id(request.request_id());
  absl::StatusOr<Event> event = DecideEvidence(state, request.partnership(), request, std::move(envelope), context);
  if (!event.ok()) return event.status();
  return Only(*std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::BatchRecordEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Partnership working = state;
  Events events;
  events.reserve(request.items_size());
  for (int i = 0; i < request.items_size(); ++i) {
    absl::StatusOr<Event> event =
        DecideEvidence(working, request.partnership(), request.items(i), Envelope(request, context), context);
    if (!event.ok()) return WithinItem(i, event.status());
    // As the service will store it, so that the items after it see what a later command would.
    Event stored = *event;
    stored.set_revision(working.revision + 1);
    *stored.mutable_record_time() = projections::ToTimestamp(context.now);
    projections::Evolve(working, stored);
    if (i == 0) event->set_request_id(request.request_id());
    events.push_back(*std::move(event));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::CorrectEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event event = SayingEnvelope(request, context);
  trust::v1::EvidenceCorrected& correction = *event.mutable_evidence_corrected();
  correction.set_event(request.event());
  *correction.mutable_replacement() = request.replacement();
  if (request.has_occur_time()) {
    *correction.mutable_occur_time() = request.occur_time();
    correction.set_occur_time_precision(request.occur_time_precision());
  }
  if (request.has_observe_time()) *correction.mutable_observe_time() = request.observe_time();
  const auto broken =
      JudgeCorrection({state, request.partnership(), NoOtherNames, "", false}, request.recorder(), event);
  return Unless(broken, std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::RetractEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event event = SayingEnvelope(request, context);
  event.mutable_evidence_retracted()->set_event(request.event());
  const auto broken =
      JudgeRetraction({state, request.partnership(), NoOtherNames, "", false}, request.recorder(), event);
  return Unless(broken, std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::ConfirmEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event event = request.has_occur_time() ? DatedEnvelope(request, context) : SayingEnvelope(request, context);
  event.mutable_evidence_confirmed()->set_event(request.event());
  const auto broken =
      JudgeConfirmation({state, request.partnership(), NoOtherNames, "", false}, request.recorder(), event);
  return Unless(broken, std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::ContestEvidenceRequest& request,
                              const Context& context) {
  absl::Status exists = CheckExists(state, request.partnership());
  if (!exists.ok()) return exists;
  Event event = request.has_occur_time() ? DatedEnvelope(request, context) : SayingEnvelope(request, context);
  event.mutable_evidence_contested()->set_event(request.event());
  const auto broken = JudgeContest({state, request.partnership(), NoOtherNames, "", false}, event);
  return Unless(broken, std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::AddPartnerRequest& request,
                              const Context& context) {
  Event joined = DatedEnvelope(request, context);
  const Event envelope = joined;
  SetJoined(request.partner(), joined);
  absl::StatusOr<Events> events = DecideStructure(state, request.partnership(), std::move(joined));
  if (!events.ok()) return events;
  std::vector<std::string> met(request.met().begin(), request.met().end());
  if (met.empty()) {
    for (const projections::Partner& partner : state.partners) {
      if (!partner.leave_day) met.push_back(partner.organization);
    }
  }
  for (size_t i = 0; i < met.size(); ++i) {
    absl::Status present = CheckPresent(state, request.partnership(), absl::StrCat("met[", i, "]"), met[i]);
    if (!present.ok()) return present;
    // A pair each: the others have met before, and one event of all would date their first contact anew.
    Event contact = envelope;
    contact.clear_request_id();
    contact.mutable_initial_contact_made()->add_organizations(met[i]);
    contact.mutable_initial_contact_made()->add_organizations(request.partner().organization());
    events->push_back(std::move(contact));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::RemovePartnerRequest& request,
                              const Context& context) {
  Event event = DatedEnvelope(request, context);
  event.mutable_partner_left()->set_organization(request.organization());
  return DecideStructure(state, request.partnership(), std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::DeclareTieRequest& request,
                              const Context& context) {
  Event event = DatedEnvelope(request, context);
  SetTie(request.organizations(), event);
  return DecideStructure(state, request.partnership(), std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::AssignContactRequest& request,
                              const Context& context) {
  Event event = DatedEnvelope(request, context);
  event.mutable_contact_assigned()->set_contact(request.contact());
  event.mutable_contact_assigned()->set_organization(request.organization());
  if (request.has_profile()) *event.mutable_profile() = request.profile();
  return DecideStructure(state, request.partnership(), std::move(event));
}

absl::StatusOr<Events> Decide(const Partnership& state, const trust::v1::ReleaseContactRequest& request,
                              const Context& context) {
  Event event = DatedEnvelope(request, context);
  event.mutable_contact_departed()->set_contact(request.contact());
  event.mutable_contact_departed()->set_organization(request.organization());
  return DecideStructure(state, request.partnership(), std::move(event));
}

}  // namespace domain
