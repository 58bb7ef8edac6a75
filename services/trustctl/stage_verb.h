// trustctl stage: how far partners trust each other, as a table.

#ifndef SERVICES_TRUSTCTL_STAGE_VERB_H_
#define SERVICES_TRUSTCTL_STAGE_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb StageVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_STAGE_VERB_H_
