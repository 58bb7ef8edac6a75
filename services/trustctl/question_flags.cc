#include "services/trustctl/question_flags.h"

#include "services/trustctl/failure.h"

namespace trustctl {

Flag TrustorFlag() { return {"trustor", "ORGANIZATION", "only the direction of its trust; together with --trustee"}; }

Flag TrusteeFlag() { return {"trustee", "ORGANIZATION", "only the direction in which it is trusted; see --trustor"}; }

Flag AsOfFlag() { return {"as-of", "DATE", "the day that the reading is about; default today"}; }

Flag KnownFlag() { return {"known", "DATE", "use only what was recorded by then; default everything"}; }

Flag HindsightFlag() {
  return {"hindsight", "", "let evidence count from the day it happened, not from the day it was learned of"};
}

absl::Status CheckDirection(const Invocation& invocation) {
  const bool neither = !invocation.Has("trustor") && !invocation.Has("trustee");
  const bool both = !invocation.Get("trustor").empty() && !invocation.Get("trustee").empty();
  if (neither || both) return absl::OkStatus();
  return UsageError(
      "--trustor ORGANIZATION and --trustee ORGANIZATION go together; without both, all directions are meant");
}

Flag JudgingPolicyFlag() { return {"policy", "POLICY", "the policy that judges; default the one that applies"}; }

}  // namespace trustctl
