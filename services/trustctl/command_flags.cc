#include "services/trustctl/command_flags.h"

namespace trustctl {

Flag RecorderFlag() { return Required({"recorder", "ID", "the organization on whose behalf it is recorded"}); }

Flag ApproverFlag() { return Required({"approver", "WHO", "who approved it, at most 128 bytes"}); }

Flag RequestIdFlag() { return {"request-id", "UUID", "makes the command safe to repeat"}; }

Flag DryRunFlag() { return {"dry-run", "", "decide without recording"}; }

}  // namespace trustctl
