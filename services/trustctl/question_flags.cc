#include "services/trustctl/question_flags.h"

namespace trustctl {

Flag HindsightFlag() {
  return {"hindsight", "", "let evidence count from the day it happened, not from the day it was learned of"};
}

Flag JudgingPolicyFlag() { return {"policy", "POLICY", "the policy that judges; default the one that applies"}; }

}  // namespace trustctl
