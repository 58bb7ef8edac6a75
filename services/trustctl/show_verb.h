// trustctl show: one partnership.

#ifndef SERVICES_TRUSTCTL_SHOW_VERB_H_
#define SERVICES_TRUSTCTL_SHOW_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ShowVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SHOW_VERB_H_
