#include "services/trustctl/command_flags.h"

#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"

namespace trustctl {

Flag RecorderFlag() { return {"recorder", "ID", "the organization on whose behalf it is recorded"}; }

Flag ApproverFlag() { return {"approver", "WHO", "who approved it, at most 128 bytes"}; }

Flag RequestIdFlag() { return {"request-id", "UUID", "makes the command safe to repeat"}; }

Flag DryRunFlag() { return {"dry-run", "", "decide without recording"}; }

absl::StatusOr<std::string> NeededFlag(const Invocation& invocation, const Flag& flag) {
  const std::string value = invocation.Get(flag.name);
  if (!value.empty()) return value;
  return UsageError(absl::StrCat(invocation.verb, " wants ", FlagAsWritten(flag), ": ", flag.meaning));
}

}  // namespace trustctl
