// What the verbs of a partnership's life and structure ask for, as requests. Pure. Errors: a UsageError that says what
// would be right.

#ifndef SERVICES_TRUSTCTL_LIFE_CYCLE_REQUEST_H_
#define SERVICES_TRUSTCTL_LIFE_CYCLE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/command_line.h"
#include "trust/v1/partnership_service.pb.h"

namespace trustctl {

// Every formal step as it is written: agreement-signed. In the order of the protos.
std::vector<std::string> MilestoneSteps();

// What may be written for the fields of a step; nothing for no step.
std::vector<std::string> MilestoneFields(absl::string_view step);

// How a partnership may end, as it is written: for-cause.
std::vector<std::string> TerminationModes();

// Reads ID or ID=NAME.
absl::StatusOr<trust::v1::Partner> ParsePartner(const std::string& text);

// Sets what every command on a partnership says: which, when, on whose behalf, and the flags of commands.
template <typename Request>
absl::Status SetPartnershipCommand(const Invocation& invocation, Request* request) {
  request->set_partnership(invocation.arguments[0]);
  request->set_recorder(invocation.Get("recorder"));
  if (absl::Status set = SetOccurTime(invocation, request); !set.ok()) return set;
  return SetCommand(invocation, request);
}

absl::StatusOr<trust::v1::CreatePartnershipRequest> CreateRequestOf(const Invocation& invocation);
absl::StatusOr<trust::v1::RecordMilestoneRequest> MilestoneRequestOf(const Invocation& invocation);
absl::StatusOr<trust::v1::TerminatePartnershipRequest> TerminateRequestOf(const Invocation& invocation);
absl::StatusOr<trust::v1::AddPartnerRequest> AddPartnerRequestOf(const Invocation& invocation);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_LIFE_CYCLE_REQUEST_H_
