// trustctl backup: has a running server make a backup.

#ifndef SERVICES_TRUSTCTL_BACKUP_VERB_H_
#define SERVICES_TRUSTCTL_BACKUP_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb BackupVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_BACKUP_VERB_H_
