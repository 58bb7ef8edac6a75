// trustctl correct, retract, confirm and contest: what is said later of evidence that is recorded.

#ifndef SERVICES_TRUSTCTL_EVIDENCE_VERBS_H_
#define SERVICES_TRUSTCTL_EVIDENCE_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb CorrectVerb();
Verb RetractVerb();
Verb ConfirmVerb();
Verb ContestVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EVIDENCE_VERBS_H_
