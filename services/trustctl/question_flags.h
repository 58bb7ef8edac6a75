// The flags that say of which direction a reading is asked for, of which day and knowledge, and under which view and
// policy. They are the same in every verb that has them. Pure.

#ifndef SERVICES_TRUSTCTL_QUESTION_FLAGS_H_
#define SERVICES_TRUSTCTL_QUESTION_FLAGS_H_

#include "absl/status/status.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/date.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// --trustor and --trustee: one direction alone.
Flag TrustorFlag();
Flag TrusteeFlag();

Flag AsOfFlag();
Flag KnownFlag();
Flag HindsightFlag();
Flag JudgingPolicyFlag();

// That both are given, or neither. Errors: a UsageError.
absl::Status CheckDirection(const Invocation& invocation);

// Sets the direction that --trustor and --trustee say; without both it stays as it is. Errors: a UsageError.
template <typename Request>
absl::Status SetDirection(const Invocation& invocation, Request* request) {
  if (absl::Status status = CheckDirection(invocation); !status.ok()) return status;
  if (invocation.Has("trustor")) request->set_trustor(invocation.Get("trustor"));
  if (invocation.Has("trustee")) request->set_trustee(invocation.Get("trustee"));
  return absl::OkStatus();
}

// Sets what --as-of, --known, --hindsight and --policy say; what was not given stays as it is. Errors: a UsageError.
template <typename Request>
absl::Status SetQuestion(const Invocation& invocation, Request* request) {
  if (invocation.Has("as-of")) {
    const auto time = ParseLastInstant(invocation.Get("as-of"));
    if (!time.ok()) return time.status();
    *request->mutable_as_of_time() = *time;
  }
  if (invocation.Has("known")) {
    const auto time = ParseLastInstant(invocation.Get("known"));
    if (!time.ok()) return time.status();
    *request->mutable_known_time() = *time;
  }
  if (invocation.Has("hindsight")) request->set_view(trust::v1::VIEW_HINDSIGHT);
  if (invocation.Has("policy")) request->set_policy(invocation.Get("policy"));
  return absl::OkStatus();
}

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_QUESTION_FLAGS_H_
