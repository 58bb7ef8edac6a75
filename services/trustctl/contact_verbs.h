// The verbs of persons: for whom they stand, what is kept about them; erasing it, forbidding that, and allowing it
// again.

#ifndef SERVICES_TRUSTCTL_CONTACT_VERBS_H_
#define SERVICES_TRUSTCTL_CONTACT_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ContactAssignVerb();
Verb ContactReleaseVerb();
Verb ContactShowVerb();
Verb EraseVerb();
Verb HoldPlaceVerb();
Verb HoldReleaseVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONTACT_VERBS_H_
