// "simulate": what another policy would say.

#ifndef SERVICES_TRUSTCTL_SIMULATE_VERB_H_
#define SERVICES_TRUSTCTL_SIMULATE_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb SimulateVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SIMULATE_VERB_H_
