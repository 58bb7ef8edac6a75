// trustctl partner add, partner remove and tie declare: who is in a partnership, and who needs whom.

#ifndef SERVICES_TRUSTCTL_PARTNER_VERBS_H_
#define SERVICES_TRUSTCTL_PARTNER_VERBS_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb PartnerAddVerb();
Verb PartnerRemoveVerb();
Verb TieDeclareVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_PARTNER_VERBS_H_
