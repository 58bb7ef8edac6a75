// The flags that say under which view and policy a reading is asked for, and of which day and knowledge, for verbs
// whose requests take all four. Pure.

#ifndef SERVICES_TRUSTCTL_QUESTION_FLAGS_H_
#define SERVICES_TRUSTCTL_QUESTION_FLAGS_H_

#include "absl/status/status.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/date.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

Flag HindsightFlag();
Flag JudgingPolicyFlag();

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
