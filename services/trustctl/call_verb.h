// trustctl call: any method of the server.

#ifndef SERVICES_TRUSTCTL_CALL_VERB_H_
#define SERVICES_TRUSTCTL_CALL_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb CallVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CALL_VERB_H_
