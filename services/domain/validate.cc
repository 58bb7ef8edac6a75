// domain::Validate, declared in decider.h: the shape of every command.

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/decider.h"
#include "services/domain/evidence_checks.h"
#include "services/domain/field_checks.h"
#include "services/domain/identifier.h"
#include "services/domain/limits.h"

namespace domain {
namespace {

template <typename Request>
void CheckEnvelope(const Request& request, FieldChecks& checks) {
  checks.Id("partnership", request.partnership());
  checks.Id("recorder", request.recorder());
  checks.Command(request);
}

// A command about the partnership's life: nothing but its envelope and its time.
template <typename Request>
FieldChecks CheckLifeCycle(const Request& request, const Context& context) {
  FieldChecks checks;
  CheckEnvelope(request, checks);
  checks.Times("", request, context.now);
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
  CheckEvidence(prefix, dated.evidence(), setting, checks);
}

void CheckOriginalRecordTime(const trust::v1::ImportItem& item, const Context& context, FieldChecks& checks) {
  if (!item.has_original_record_time()) return;
  constexpr absl::string_view kField = "original_record_time";
  if (!checks.Timestamp(kField, item.original_record_time())) return;
  if (projections::ToTime(item.original_record_time()) > context.now) {
    checks.Wrong(kField, "lies in the future; it is when the fact was first recorded, before this import");
  }
}

void CheckImportBody(const trust::v1::ImportItem& item, FieldChecks& checks) {
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
  }
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
  CheckImportBody(item, checks);
  return checks.Verdict();
}

}  // namespace domain
