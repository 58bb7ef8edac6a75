// trustctl audit export: writes an audit bundle into a file. trustctl audit check: checks one, without a server.

#ifndef SERVICES_TRUSTCTL_AUDIT_VERBS_H_
#define SERVICES_TRUSTCTL_AUDIT_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb AuditExportVerb();
Verb AuditCheckVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_AUDIT_VERBS_H_
