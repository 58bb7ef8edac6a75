// trustctl import: takes files of ImportItem lines into the server, all of whose lines are checked before any is sent.

#ifndef SERVICES_TRUSTCTL_IMPORT_VERB_H_
#define SERVICES_TRUSTCTL_IMPORT_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ImportVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_VERB_H_
