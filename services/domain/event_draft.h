// The steps that turn a request into events, shared by live commands and imports: envelope, times, defaults, source,
// and the checks that both are held to. Pure.

#ifndef SERVICES_DOMAIN_EVENT_DRAFT_H_
#define SERVICES_DOMAIN_EVENT_DRAFT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "trust/v1/events.pb.h"

namespace domain {

// Sets occur_time to the first instant of its period, the precision that is meant, and observe_time unless it is null.
void SetTimes(const google::protobuf::Timestamp& occur_time, trust::v1::TimePrecision precision,
              const google::protobuf::Timestamp* observe_time, trust::v1::Event& event);

// Takes over the note of a request or of an item of a batch, where it can have one.
template <typename Noted>
void SetNoteOf(const Noted& noted, trust::v1::Event& event) {
  if constexpr (requires { noted.has_note(); }) {
    if (noted.has_note()) *event.mutable_note() = noted.note();
  }
}

// An event of a live command without its body and its request_id.
template <typename Request>
trust::v1::Event Envelope(const Request& request, const Context& context) {
  trust::v1::Event event;
  event.set_recorder(request.recorder());
  event.set_principal(context.principal);
  event.set_correlation_id(request.correlation_id());
  event.set_causation_id(request.causation_id());
  SetNoteOf(request, event);
  return event;
}

// Sets the times of a request or of an item of a batch.
template <typename Dated>
void SetTimesOf(const Dated& dated, trust::v1::Event& event) {
  const google::protobuf::Timestamp* observe_time = nullptr;
  if constexpr (requires { dated.has_observe_time(); }) {
    if (dated.has_observe_time()) observe_time = &dated.observe_time();
  }
  SetTimes(dated.occur_time(), dated.occur_time_precision(), observe_time, event);
}

// An event of a command that makes one, without its body.
template <typename Request>
trust::v1::Event DatedEnvelope(const Request& request, const Context& context) {
  trust::v1::Event event = Envelope(request, context);
  event.set_request_id(request.request_id());
  SetTimesOf(request, event);
  return event;
}

// An event about an earlier one, said now, without its body.
template <typename Request>
trust::v1::Event SayingEnvelope(const Request& request, const Context& context) {
  trust::v1::Event event = Envelope(request, context);
  event.set_request_id(request.request_id());
  const google::protobuf::Timestamp now = projections::ToTimestamp(context.now);
  SetTimes(now, trust::v1::TIME_PRECISION_INSTANT, nullptr, event);
  return event;
}

// A list of one event. (An initializer list would copy it.)
std::vector<trust::v1::Event> Only(trust::v1::Event event);

// The two events of a founding, proposal and first contact, from an event that has everything but the body.
std::vector<trust::v1::Event> Found(absl::string_view partnership, absl::string_view display_name,
                                    const google::protobuf::RepeatedPtrField<trust::v1::Partner>& partners,
                                    const trust::v1::Event& envelope);

// Sets the body of a milestone; a renewal becomes joint evidence of all present partners.
void SetMilestone(const projections::Partnership& state, const trust::v1::Milestone& milestone,
                  trust::v1::Event& event);

// Writes out what an absent field means: level, materiality, results, severity, standing.
void MakeDefaultsExplicit(trust::v1::Evidence& evidence);

// Who stands behind a record, by the organization that recorded it. (Specification, "Who recorded".)
trust::v1::Source SourceOf(absl::string_view recorder, const trust::v1::Evidence& evidence);

// Errors: NOT_FOUND / PARTNERSHIP_NOT_FOUND.
absl::Status CheckExists(const projections::Partnership& state, absl::string_view partnership);

// Errors: NOT_FOUND / PARTNER_NOT_FOUND when the organization, named in field, never was a partner.
absl::Status CheckPartner(const projections::Partnership& state, absl::string_view partnership, absl::string_view field,
                          absl::string_view organization);

// The same for the first of several; evidence stands at path. The actor of a finding may be any organization.
absl::Status CheckPartners(const projections::Partnership& state, absl::string_view partnership, absl::string_view path,
                           const trust::v1::Evidence& evidence);
absl::Status CheckPartners(const projections::Partnership& state, absl::string_view partnership,
                           const trust::v1::Milestone& milestone);

// Errors: FAILED_PRECONDITION / PARTNERSHIP_ENDED once the partnership has ended, whatever the time asked about.
absl::Status CheckLasts(const projections::Partnership& state, absl::string_view partnership);

// The steps of the life cycle. Errors: FAILED_PRECONDITION / PARTNERSHIP_ENDED, WRONG_LIFE_CYCLE_STATE; an end before
// the first contact is INVALID_FIELD.
absl::Status CheckMaySuspend(const projections::Partnership& state, absl::string_view partnership);
absl::Status CheckMayResume(const projections::Partnership& state, absl::string_view partnership);
absl::Status CheckMayEnd(const projections::Partnership& state, absl::string_view partnership,
                         const trust::v1::Event& event);

}  // namespace domain

#endif  // SERVICES_DOMAIN_EVENT_DRAFT_H_
