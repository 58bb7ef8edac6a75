// trustctl position: how far the log had come by a time.

#ifndef SERVICES_TRUSTCTL_POSITION_VERB_H_
#define SERVICES_TRUSTCTL_POSITION_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb PositionVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_POSITION_VERB_H_
