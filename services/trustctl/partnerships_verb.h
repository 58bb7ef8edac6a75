// trustctl partnerships: which there are.

#ifndef SERVICES_TRUSTCTL_PARTNERSHIPS_VERB_H_
#define SERVICES_TRUSTCTL_PARTNERSHIPS_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb PartnershipsVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_PARTNERSHIPS_VERB_H_
