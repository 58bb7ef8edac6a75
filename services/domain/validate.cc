// domain::Validate, declared in decider.h: the shape of every command.

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/decider.h"
#include "services/domain/evidence_checks.h"
#include "services/domain/field_checks.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"
#include "services/domain/structure_rules.h"

namespace domain {
namespace {

template <typename Request>
void CheckEnvelope(const Request& request, FieldChecks& checks) {
  checks.Id("partnership", request.partnership());
  checks.Id("recorder", request.recorder());
  checks.Command(request);
  if constexpr (requires { request.has_note(); }) {
    if (request.has_note()) checks.Note("note", request.note());
  }
}

// A command about the partnership's life: nothing but its envelope and its time.
template <typename Request>
FieldChecks CheckLifeCycle(const Request& request, const Context& context) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  checks.Times("", request, context.now);
  return checks;
}

// A word about an earlier event.
template <typename Request>
FieldChecks CheckSaying(const Request& request, const Context& context) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  checks.EventReference("event", request.partnership(), request.event(), false);
  checks.OptionalTimes("", request, context.now);
  return checks;
}

template <typename Dated>
void CheckDatedEvidence(absl::string_view prefix, const Dated& dated, absl::string_view partnership, bool imported,
                        FieldChecks& checks) {
  EvidenceSetting setting = {partnership, nullptr, dated.occur_time_precision(), imported};
  FieldChecks times;  // An invalid time is noted by the checks of times; here it is only left out of account.
  if (dated.has_occur_time() && times.Timestamp("occur_time", dated.occur_time())) {
    setting.occur_time = &dated.occur_time();
  }
  CheckEvidence(absl::StrCat(prefix, "evidence"), dated.evidence(), setting, checks);
}

void CheckOriginalRecordTime(const trust::v1::ImportItem& item, const Context& context, FieldChecks& checks) {
  if (!item.has_original_record_time()) return;
  constexpr absl::string_view kField = "original_record_time";
  if (!checks.Timestamp(kField, item.original_record_time())) return;
  if (projections::ToTime(item.original_record_time()) > context.now) {
    checks.Wrong(kField, "lies in the future; it is when the fact was first recorded, before this import");
  }
}

// What a correction says, whether it stands in a request or in an item. prefix is empty or ends in a dot.
template <typename Correction>
void CheckCorrection(absl::string_view prefix, const Correction& correction, absl::string_view partnership,
                     bool imported, absl::Time now, FieldChecks& checks) {
  checks.EventReference(absl::StrCat(prefix, "event"), partnership, correction.event(), imported);
  checks.OptionalTimes(prefix, correction, now);
  EvidenceSetting setting = {partnership, nullptr, correction.occur_time_precision(), imported};
  FieldChecks times;
  if (correction.has_occur_time() && times.Timestamp("occur_time", correction.occur_time())) {
    setting.occur_time = &correction.occur_time();
  }
  CheckEvidence(absl::StrCat(prefix, "replacement"), correction.replacement(), setting, checks);
}

void CheckContact(absl::string_view prefix, absl::string_view contact, absl::string_view organization,
                  FieldChecks& checks) {
  checks.Id(absl::StrCat(prefix, "contact"), contact);
  checks.Id(absl::StrCat(prefix, "organization"), organization);
}

// A confirmation or a contest is the recorder's word, so the recorder cannot be left out.
void CheckRemark(const std::string& field, absl::string_view event, const trust::v1::ImportItem& item,
                 FieldChecks& checks) {
  if (item.recorder().empty()) checks.Wrong("recorder", "is required: the organization whose word this is");
  checks.EventReference(field, item.partnership(), event, true);
}

void CheckImportBody(const trust::v1::ImportItem& item, absl::Time now, FieldChecks& checks) {
  switch (item.body_case()) {
    case trust::v1::ImportItem::kPartnershipProposed:
      if (item.has_observe_time())
        checks.Wrong("observe_time", "must be left out; a founding is known to its founders at once");
      return CheckFounding("partnership_proposed.", item.partnership_proposed().display_name(),
                           item.partnership_proposed().partners(), checks);
    case trust::v1::ImportItem::kMilestone:
      return CheckMilestone(item.milestone(), checks);
    case trust::v1::ImportItem::kEvidence:
      return CheckDatedEvidence("", item, item.partnership(), true, checks);
    case trust::v1::ImportItem::kPartnershipTerminated:
      return checks.Required("partnership_terminated.mode", item.partnership_terminated().mode());
    case trust::v1::ImportItem::kPartnershipSuspended:
    case trust::v1::ImportItem::kPartnershipResumed:
      return;
    case trust::v1::ImportItem::kEvidenceConfirmed:
      return CheckRemark("evidence_confirmed.event", item.evidence_confirmed().event(), item, checks);
    case trust::v1::ImportItem::kEvidenceContested:
      return CheckRemark("evidence_contested.event", item.evidence_contested().event(), item, checks);
    case trust::v1::ImportItem::kEvidenceCorrected:
      return CheckCorrection("evidence_corrected.", item.evidence_corrected(), item.partnership(), true, now, checks);
    case trust::v1::ImportItem::kEvidenceRetracted:
      return checks.EventReference("evidence_retracted.event", item.partnership(), item.evidence_retracted().event(),
                                   true);
    case trust::v1::ImportItem::kPartnerJoined:
      return CheckPartnerShape("partner_joined.partner", item.partner_joined().partner(), checks);
    case trust::v1::ImportItem::kPartnerLeft:
      return checks.Id("partner_left.organization", item.partner_left().organization());
    case trust::v1::ImportItem::kTieDeclared:
      return CheckOrganizations("tie_declared.organizations", item.tie_declared().organizations(), 2, 2, checks);
    case trust::v1::ImportItem::kInitialContactMade:
      return CheckOrganizations("initial_contact_made.organizations", item.initial_contact_made().organizations(),
                                kPartnersMin, kPartnersMax, checks);
    case trust::v1::ImportItem::kContactAssigned:
      return CheckContact("contact_assigned.", item.contact_assigned().contact(),
                          item.contact_assigned().organization(), checks);
    case trust::v1::ImportItem::kContactDeparted:
      return CheckContact("contact_departed.", item.contact_departed().contact(),
                          item.contact_departed().organization(), checks);
    case trust::v1::ImportItem::BODY_NOT_SET:
      return checks.Wrong("body", "says nothing of what happened; set evidence, or another kind of item");
  }
}

}  // namespace

absl::Status Validate(const trust::v1::CreatePartnershipRequest& request, const Context& context) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  CheckFounding("", request.display_name(), request.partners(), checks);
  checks.OccurTime("initial_contact_time",
                   request.has_initial_contact_time() ? &request.initial_contact_time() : nullptr,
                   request.initial_contact_time_precision(), context.now);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::RecordMilestoneRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckMilestone(request.milestone(), checks);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::SuspendPartnershipRequest& request, const Context& context) {
  return CheckLifeCycle(request, context).Verdict();
}

absl::Status Validate(const trust::v1::ResumePartnershipRequest& request, const Context& context) {
  return CheckLifeCycle(request, context).Verdict();
}

absl::Status Validate(const trust::v1::TerminatePartnershipRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  checks.Required("mode", request.mode());
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::RecordEvidenceRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckDatedEvidence("", request, request.partnership(), false, checks);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::BatchRecordEvidenceRequest& request, const Context& context) {
  if (request.items_size() > kBatchItemsMax) {
    return InvalidArgument(trust::v1::ERROR_REASON_BATCH_TOO_LARGE,
                           absl::StrCat("items has ", request.items_size(), " entries; at most ", kBatchItemsMax,
                                        " are allowed: split it"),
                           {{"size", absl::StrCat(request.items_size())}, {"limit", absl::StrCat(kBatchItemsMax)}});
  }
  FieldChecks checks;
  CheckEnvelope(request, checks);
  if (request.items().empty())
    checks.Wrong("items", absl::StrCat("is required: 1 to ", kBatchItemsMax, " pieces of evidence"));
  for (int i = 0; i < request.items_size(); ++i) {
    const std::string prefix = absl::StrCat("items[", i, "].");
    checks.Times(prefix, request.items(i), context.now);
    CheckDatedEvidence(prefix, request.items(i), request.partnership(), false, checks);
    if (request.items(i).has_note()) checks.Note(absl::StrCat(prefix, "note"), request.items(i).note());
  }
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::CorrectEvidenceRequest& request, const Context& context) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  CheckCorrection("", request, request.partnership(), false, context.now, checks);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::RetractEvidenceRequest& request, const Context&) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  checks.EventReference("event", request.partnership(), request.event(), false);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::ConfirmEvidenceRequest& request, const Context& context) {
  return CheckSaying(request, context).Verdict();
}

absl::Status Validate(const trust::v1::ContestEvidenceRequest& request, const Context& context) {
  return CheckSaying(request, context).Verdict();
}

absl::Status Validate(const trust::v1::AddPartnerRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckPartnerShape("partner", request.partner(), checks);
  CheckOrganizations("met", request.met(), 0, kPartnersMax, checks);
  for (int i = 0; i < request.met_size(); ++i) {
    if (!request.met(i).empty() && request.met(i) == request.partner().organization()) {
      checks.Wrong(absl::StrCat("met[", i, "]"), "is the new partner itself; name those it met");
    }
  }
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::RemovePartnerRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  checks.Id("organization", request.organization());
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::DeclareTieRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckOrganizations("organizations", request.organizations(), 2, 2, checks);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::AssignContactRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckContact("", request.contact(), request.organization(), checks);
  if (request.has_profile()) checks.Profile("profile", request.profile());
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::ReleaseContactRequest& request, const Context& context) {
  FieldChecks checks = CheckLifeCycle(request, context);
  CheckContact("", request.contact(), request.organization(), checks);
  return checks.Verdict();
}

absl::Status Validate(const trust::v1::ImportItem& item, const Context& context) {
  FieldChecks checks;
  checks.Id("partnership", item.partnership());
  if (!IsExternalId(item.external_id())) {
    checks.Wrong("external_id", absl::StrCat("must be 1 to ", kExternalIdSizeMax,
                                             " lower-case letters, digits, hyphens, dots and underscores, ",
                                             "beginning and ending with a letter or a digit, and not digits alone"));
  }
  checks.OptionalId("recorder", item.recorder());
  checks.Times("", item, context.now);
  CheckOriginalRecordTime(item, context, checks);
  checks.DisplayText("citation", item.citation(), kCitationSizeMax);
  CheckImportBody(item, context.now, checks);
  return checks.Verdict();
}

}  // namespace domain
