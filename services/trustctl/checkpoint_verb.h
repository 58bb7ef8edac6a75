// trustctl checkpoint: prints a signed checkpoint, to be kept where the operator cannot reach it.

#ifndef SERVICES_TRUSTCTL_CHECKPOINT_VERB_H_
#define SERVICES_TRUSTCTL_CHECKPOINT_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb CheckpointVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CHECKPOINT_VERB_H_
