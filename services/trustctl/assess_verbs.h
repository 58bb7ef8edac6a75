// The verbs of issued assessments: issuing one, recomputing one, listing them, and those that would now read
// differently.

#ifndef SERVICES_TRUSTCTL_ASSESS_VERBS_H_
#define SERVICES_TRUSTCTL_ASSESS_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb AssessIssueVerb();
Verb AssessVerifyVerb();
Verb AssessListVerb();
Verb AssessRestatementsVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_ASSESS_VERBS_H_
