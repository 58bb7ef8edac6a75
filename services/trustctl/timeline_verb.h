// trustctl timeline: how the stages of trust came to be, each change with its day, cause and events.

#ifndef SERVICES_TRUSTCTL_TIMELINE_VERB_H_
#define SERVICES_TRUSTCTL_TIMELINE_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb TimelineVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_TIMELINE_VERB_H_
