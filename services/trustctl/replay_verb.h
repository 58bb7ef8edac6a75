// "replay": what each event did to the readings, step by step.

#ifndef SERVICES_TRUSTCTL_REPLAY_VERB_H_
#define SERVICES_TRUSTCTL_REPLAY_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ReplayVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPLAY_VERB_H_
