// trustctl restore: brings a backup back into a new directory and proves that it is what it was. Needs no server.

#ifndef SERVICES_TRUSTCTL_RESTORE_VERB_H_
#define SERVICES_TRUSTCTL_RESTORE_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb RestoreVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RESTORE_VERB_H_
