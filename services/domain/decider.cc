#include "services/domain/decider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/event_draft.h"
#include "services/domain/evidence_reference.h"
#include "services/domain/evidence_rules.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;

using Events = std::vector<Event>;

std::optional<int64_t> NoOtherNames(absl::string_view) { return std::nullopt; }

template <typename Dated>
void SetTimesOf(const Dated& dated, Event& event) {
  const google::protobuf::Timestamp* observe_time = nullptr;
  if constexpr (requires { dated.has_observe_time(); }) {
    if (dated.has_observe_time()) observe_time = &dated.observe_time();
  }
  SetTimes(dated.occur_time(), dated.occur_time_precision(), observe_time, event);
}

// An event of a command that makes one, without its body.
template <typename Request>
Event DatedEnvelope(const Request& request, const Context& context) {
  Event event = Envelope(request, context);
  event.set_request_id(request.request_id());
  SetTimesOf(request, event);
  return event;
}

// One piece of evidence of a live command. `event` has its envelope; dated is the request or the item of a batch.
template <typename Dated>
absl::StatusOr<Event> DecideEvidence(const Partnership& state, absl::string_view partnership, const Dated& dated,
                                     Event event, const Context& context) {
  SetTimesOf(dated, event);
  trust::v1::Evidence& evidence = *event.mutable_evidence();
  evidence = dated.evidence();
  absl::Status partners = CheckPartners(state, partnership, evidence);
  if (!partners.ok()) return partners;
  const absl::StatusOr<int64_t> referent = ResolveReference(state, partnership, NoOtherNames, evidence);
  if (!referent.ok()) return referent.status();
  MakeDefaultsExplicit(evidence);
  evidence.set_source(SourceOf(event.recorder(), evidence));
  std::vector<absl::Status> broken = BrokenRules({state, partnership, event, *referent, event.recorder(), context.now});
  if (!broken.empty()) return std::move(broken.front());
  return event;
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

}  // namespace domain
