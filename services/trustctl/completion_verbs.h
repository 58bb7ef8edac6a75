// "completion SHELL" prints the script that teaches a shell to complete trustctl's command lines; "completion words" is
// what such a script asks.

#ifndef SERVICES_TRUSTCTL_COMPLETION_VERBS_H_
#define SERVICES_TRUSTCTL_COMPLETION_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb CompletionVerb();
Verb CompletionWordsVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMPLETION_VERBS_H_
