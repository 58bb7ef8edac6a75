// trustctl verify: has a running server check its log, or checks the directory of a stopped one.

#ifndef SERVICES_TRUSTCTL_VERIFY_VERB_H_
#define SERVICES_TRUSTCTL_VERIFY_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb VerifyVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_VERIFY_VERB_H_
