#include "services/trustctl/life_cycle_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/short_form.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;
using trust::v1::Milestone;

const OneofDescriptor& Steps() { return *Milestone::descriptor()->FindOneofByName("kind"); }

}  // namespace

std::vector<std::string> MilestoneSteps() { return KindNames(Steps()); }

std::vector<std::string> MilestoneFields(absl::string_view step) {
  const FieldDescriptor* const found =
      Milestone::descriptor()->FindFieldByName(absl::StrReplaceAll(step, {{"-", "_"}}));
  return found == nullptr ? std::vector<std::string>() : WrittenFields(*found->message_type());
}

std::vector<std::string> TerminationModes() { return ValueNames(*trust::v1::TerminationMode_descriptor()); }

absl::StatusOr<trust::v1::Partner> ParsePartner(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || text.empty()) {
    return UsageError(
        absl::StrCat("a partner is written ID or ID=NAME, such as acme or acme=\"Acme Corp.\", not \"", text, "\""));
  }
  trust::v1::Partner partner;
  partner.set_organization(text.substr(0, equals));
  if (equals != std::string::npos) partner.set_display_name(text.substr(equals + 1));
  return partner;
}

absl::StatusOr<trust::v1::CreatePartnershipRequest> CreateRequestOf(const Invocation& invocation) {
  trust::v1::CreatePartnershipRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_display_name(invocation.Get("name"));
  for (size_t i = 1; i < invocation.arguments.size(); ++i) {
    absl::StatusOr<trust::v1::Partner> partner = ParsePartner(invocation.arguments[i]);
    if (!partner.ok()) return partner.status();
    *request.add_partners() = *std::move(partner);
  }
  const absl::StatusOr<DatedTime> met = ParseDate(invocation.Get("on"));
  if (!met.ok()) return met.status();
  *request.mutable_initial_contact_time() = met->time;
  request.set_initial_contact_time_precision(met->precision);
  request.set_recorder(invocation.Get("recorder", request.partners(0).organization()));
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  return request;
}

absl::StatusOr<trust::v1::RecordMilestoneRequest> MilestoneRequestOf(const Invocation& invocation) {
  trust::v1::RecordMilestoneRequest request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  if (absl::Status set = SetNote(invocation, &request); !set.ok()) return set;
  const absl::StatusOr<const FieldDescriptor*> step = FindKind(Steps(), "step", invocation.arguments[1]);
  if (!step.ok()) return step.status();
  const std::vector<std::string> texts(invocation.arguments.begin() + 2, invocation.arguments.end());
  Milestone* const milestone = request.mutable_milestone();
  const absl::Status set =
      SetOwnFields(WithDashes((*step)->name()), texts, milestone->GetReflection()->MutableMessage(milestone, *step));
  if (!set.ok()) return set;
  return request;
}

absl::StatusOr<trust::v1::TerminatePartnershipRequest> TerminateRequestOf(const Invocation& invocation) {
  trust::v1::TerminatePartnershipRequest request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  const absl::StatusOr<int> mode =
      ParseEnum(*trust::v1::TerminationMode_descriptor(), "--mode", invocation.Get("mode"));
  if (!mode.ok()) return mode.status();
  request.set_mode(static_cast<trust::v1::TerminationMode>(*mode));
  return request;
}

absl::StatusOr<trust::v1::AddPartnerRequest> AddPartnerRequestOf(const Invocation& invocation) {
  trust::v1::AddPartnerRequest request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  absl::StatusOr<trust::v1::Partner> partner = ParsePartner(invocation.arguments[1]);
  if (!partner.ok()) return partner.status();
  *request.mutable_partner() = *std::move(partner);
  for (const absl::string_view met : absl::StrSplit(invocation.Get("met"), ',', absl::SkipWhitespace())) {
    request.add_met(std::string(absl::StripAsciiWhitespace(met)));
  }
  return request;
}

}  // namespace trustctl
