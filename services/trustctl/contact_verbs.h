// The verbs of what is kept about persons: erasing it, forbidding that, and allowing it again.

#ifndef SERVICES_TRUSTCTL_CONTACT_VERBS_H_
#define SERVICES_TRUSTCTL_CONTACT_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb EraseVerb();
Verb HoldPlaceVerb();
Verb HoldReleaseVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONTACT_VERBS_H_
