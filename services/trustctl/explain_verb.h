// trustctl explain: why the trust of one partner in another is where it is.

#ifndef SERVICES_TRUSTCTL_EXPLAIN_VERB_H_
#define SERVICES_TRUSTCTL_EXPLAIN_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb ExplainVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EXPLAIN_VERB_H_
