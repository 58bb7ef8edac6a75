// trustctl create, milestone, suspend, resume and terminate: the life of a partnership.

#ifndef SERVICES_TRUSTCTL_LIFE_CYCLE_VERBS_H_
#define SERVICES_TRUSTCTL_LIFE_CYCLE_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb CreateVerb();
Verb MilestoneVerb();
Verb SuspendVerb();
Verb ResumeVerb();
Verb TerminateVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_LIFE_CYCLE_VERBS_H_
