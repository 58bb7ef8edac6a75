// The verbs of policies: which there are, what one says, publishing one, putting one in force, tying a partnership to
// one.

#ifndef SERVICES_TRUSTCTL_POLICY_VERBS_H_
#define SERVICES_TRUSTCTL_POLICY_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb PolicyListVerb();
Verb PolicyShowVerb();
Verb PolicyPublishVerb();
Verb PolicyActivateVerb();
Verb PolicyPinVerb();
Verb PolicyUnpinVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_POLICY_VERBS_H_
