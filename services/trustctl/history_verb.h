// trustctl history: what happened in a partnership, event by event, and with --replay what each event changed.

#ifndef SERVICES_TRUSTCTL_HISTORY_VERB_H_
#define SERVICES_TRUSTCTL_HISTORY_VERB_H_

#include "services/trustctl/verb.h"

namespace trustctl {

Verb HistoryVerb();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_HISTORY_VERB_H_
