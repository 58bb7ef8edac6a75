#include "services/domain/contact_decider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/event_draft.h"
#include "services/domain/field_checks.h"
#include "services/domain/limits.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;
using trust::v1::Event;

using Events = std::vector<Event>;

// A request of the operator's, as the checks of every command want it: without correlation and causation ids.
struct OperatorCommand {
  const std::string& request_id() const { return request_id_; }
  std::string correlation_id() const { return {}; }
  std::string causation_id() const { return {}; }
  std::string request_id_;
};

template <typename Request>
absl::Status CheckShape(const Request& request, absl::string_view field, absl::string_view reference) {
  FieldChecks checks;
  checks.Id("contact", request.contact());
  checks.Command(OperatorCommand{request.request_id()});
  if (reference.empty()) checks.Wrong(field, "is required; a reference, without personal data");
  checks.DisplayText(field, reference, kReferenceSizeMax);
  if (request.approver().empty()) checks.Wrong("approver", "is required; say who approved it");
  checks.DisplayText("approver", request.approver(), kApproverSizeMax);
  return checks.Verdict();
}

template <typename Request>
Event EventOf(const Request& request, const Context& context) {
  Event event;
  event.set_principal(context.principal);
  event.set_request_id(request.request_id());
  SetTimes(projections::ToTimestamp(context.now), trust::v1::TIME_PRECISION_INSTANT, nullptr, event);
  return event;
}

std::string SubjectOf(const std::string& contact) { return absl::StrCat("contacts/", contact); }

absl::Status CheckKnown(const std::string& contact, bool known) {
  if (known) return absl::OkStatus();
  return NotFound(trust::v1::ERROR_REASON_CONTACT_UNKNOWN, "contact", contact,
                  absl::StrCat("no personal data of ", contact, " were ever taken in; correct the id"));
}

}  // namespace

absl::Status ContactErased(const std::string& contact) {
  return FailedPrecondition(
      trust::v1::ERROR_REASON_CONTACT_ERASED, SubjectOf(contact),
      absl::StrCat("the personal data of ", contact, " were erased, and nothing new is kept about the person"),
      {{"contact", contact}});
}

absl::Status Validate(const trust::v1::EraseContactRequest& request, const Context&) {
  return CheckShape(request, "request", request.request());
}

absl::Status Validate(const trust::v1::PlaceLegalHoldRequest& request, const Context&) {
  return CheckShape(request, "reason", request.reason());
}

absl::Status Validate(const trust::v1::ReleaseLegalHoldRequest& request, const Context&) {
  return CheckShape(request, "reason", request.reason());
}

absl::StatusOr<Events> DecideErasure(const Partnership& state, const trust::v1::EraseContactRequest& request,
                                     bool known, const Context& context) {
  // Before all else: once the key is gone the person is no longer known, and erased all the same.
  if (state.persons.erased.contains(request.contact())) return ContactErased(request.contact());
  if (state.persons.held.contains(request.contact())) {
    return FailedPrecondition(
        trust::v1::ERROR_REASON_LEGAL_HOLD, SubjectOf(request.contact()),
        absl::StrCat("a legal hold forbids to erase the personal data of ", request.contact(), "; release it first"),
        {{"contact", request.contact()}});
  }
  absl::Status exists = CheckKnown(request.contact(), known);
  if (!exists.ok()) return exists;
  Event event = EventOf(request, context);
  trust::v1::PersonalDataErased& erased = *event.mutable_personal_data_erased();
  erased.set_contact(request.contact());
  erased.set_request(request.request());
  erased.set_approver(request.approver());
  return Only(std::move(event));
}

absl::StatusOr<Events> DecideHold(const Partnership& state, const trust::v1::PlaceLegalHoldRequest& request, bool known,
                                  const Context& context) {
  if (state.persons.erased.contains(request.contact())) return ContactErased(request.contact());
  if (state.persons.held.contains(request.contact())) {
    return FailedPrecondition(
        trust::v1::ERROR_REASON_LEGAL_HOLD_PLACED, SubjectOf(request.contact()),
        absl::StrCat("the personal data of ", request.contact(), " are under a legal hold already"),
        {{"contact", request.contact()}});
  }
  absl::Status exists = CheckKnown(request.contact(), known);
  if (!exists.ok()) return exists;
  Event event = EventOf(request, context);
  trust::v1::LegalHoldPlaced& placed = *event.mutable_legal_hold_placed();
  placed.set_contact(request.contact());
  placed.set_reason(request.reason());
  placed.set_approver(request.approver());
  return Only(std::move(event));
}

absl::StatusOr<Events> DecideRelease(const Partnership& state, const trust::v1::ReleaseLegalHoldRequest& request,
                                     const Context& context) {
  if (!state.persons.held.contains(request.contact())) {
    return FailedPrecondition(trust::v1::ERROR_REASON_NO_LEGAL_HOLD, SubjectOf(request.contact()),
                              absl::StrCat("the personal data of ", request.contact(), " are under no legal hold"),
                              {{"contact", request.contact()}});
  }
  Event event = EventOf(request, context);
  trust::v1::LegalHoldReleased& released = *event.mutable_legal_hold_released();
  released.set_contact(request.contact());
  released.set_reason(request.reason());
  released.set_approver(request.approver());
  return Only(std::move(event));
}

}  // namespace domain
