// trustctl wait: returns when the server is ready to serve.

#ifndef SERVICES_TRUSTCTL_WAIT_VERB_H_
#define SERVICES_TRUSTCTL_WAIT_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb WaitVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_WAIT_VERB_H_
