// Which trustctl this is.

#ifndef SERVICES_TRUSTCTL_VERSION_H_
#define SERVICES_TRUSTCTL_VERSION_H_

#include "absl/strings/string_view.h"

namespace trustctl {

// The version of the project: 1.2.3.
absl::string_view Version();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_VERSION_H_
