// trustctl proof inclusion and proof consistency: that a record is in the log, and that the log continues an older one.

#ifndef SERVICES_TRUSTCTL_PROOF_VERBS_H_
#define SERVICES_TRUSTCTL_PROOF_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ProofInclusionVerb();
Verb ProofConsistencyVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_PROOF_VERBS_H_
