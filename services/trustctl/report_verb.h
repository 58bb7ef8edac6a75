// trustctl report: a partnership, or all of them, as an HTML page for people.

#ifndef SERVICES_TRUSTCTL_REPORT_VERB_H_
#define SERVICES_TRUSTCTL_REPORT_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ReportVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_VERB_H_
