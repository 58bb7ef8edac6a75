// What cannot be undone is asked for once more.

#ifndef SERVICES_TRUSTCTL_CONFIRMATION_H_
#define SERVICES_TRUSTCTL_CONFIRMATION_H_

#include <string>

#include "absl/status/status.h"
#include "services/trustctl/console.h"

namespace trustctl {

// Asks on the terminal until a line is typed; OK when it is the word. Errors: a UsageError that names --yes when no one
// can be asked, because the standard input or the standard error is no terminal; CANCELLED for any other line.
absl::Status Confirm(const std::string& what, const std::string& word, const Console& console);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONFIRMATION_H_
