// trustctl attention: what needs care.

#ifndef SERVICES_TRUSTCTL_ATTENTION_VERB_H_
#define SERVICES_TRUSTCTL_ATTENTION_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb AttentionVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_ATTENTION_VERB_H_
