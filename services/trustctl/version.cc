#include "services/trustctl/version.h"

namespace trustctl {

absl::string_view Version() { return TRUSTCTL_VERSION; }

}  // namespace trustctl
