// trustctl record: one piece of evidence, in short.

#ifndef SERVICES_TRUSTCTL_RECORD_VERB_H_
#define SERVICES_TRUSTCTL_RECORD_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb RecordVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_VERB_H_
