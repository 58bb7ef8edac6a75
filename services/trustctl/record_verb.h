// trustctl record and batch: evidence in short, one piece or several.

#ifndef SERVICES_TRUSTCTL_RECORD_VERB_H_
#define SERVICES_TRUSTCTL_RECORD_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb RecordVerb();
Verb BatchVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_VERB_H_
