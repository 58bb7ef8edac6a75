// trustctl keygen: makes the key that a server signs its checkpoints with.

#ifndef SERVICES_TRUSTCTL_KEYGEN_VERB_H_
#define SERVICES_TRUSTCTL_KEYGEN_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb KeygenVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_KEYGEN_VERB_H_
