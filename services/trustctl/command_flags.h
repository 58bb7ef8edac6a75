// The flags that verbs of commands share. Pure.

#ifndef SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
#define SERVICES_TRUSTCTL_COMMAND_FLAGS_H_

#include "services/trustctl/command_line.h"

namespace trustctl {

// These two must be given.
Flag RecorderFlag();
Flag ApproverFlag();

Flag RequestIdFlag();
Flag DryRunFlag();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
