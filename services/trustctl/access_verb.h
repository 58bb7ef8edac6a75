// trustctl access: who read which history when, where trustd records that.

#ifndef SERVICES_TRUSTCTL_ACCESS_VERB_H_
#define SERVICES_TRUSTCTL_ACCESS_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb AccessVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_ACCESS_VERB_H_
