// "man": the manual page, for man(1).

#ifndef SERVICES_TRUSTCTL_MAN_VERB_H_
#define SERVICES_TRUSTCTL_MAN_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ManVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_MAN_VERB_H_
