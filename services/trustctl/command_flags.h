// The flags that verbs of commands share, and how one is asked for that must be there. Pure.

#ifndef SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
#define SERVICES_TRUSTCTL_COMMAND_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/trustctl/command_line.h"

namespace trustctl {

Flag RecorderFlag();
Flag ApproverFlag();
Flag RequestIdFlag();
Flag DryRunFlag();

// The flag's value. Errors: a UsageError that says what is missing.
absl::StatusOr<std::string> NeededFlag(const Invocation& invocation, const Flag& flag);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMMAND_FLAGS_H_
