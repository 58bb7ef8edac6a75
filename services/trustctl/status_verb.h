// "status": how the server is, on one page.

#ifndef SERVICES_TRUSTCTL_STATUS_VERB_H_
#define SERVICES_TRUSTCTL_STATUS_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb StatusVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_STATUS_VERB_H_
