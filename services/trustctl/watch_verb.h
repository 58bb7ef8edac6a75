// "watch": changes of trust, or events, as they come.

#ifndef SERVICES_TRUSTCTL_WATCH_VERB_H_
#define SERVICES_TRUSTCTL_WATCH_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb WatchVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_WATCH_VERB_H_
