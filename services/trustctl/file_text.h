// A file's content, as a verb or a flag names it.

#ifndef SERVICES_TRUSTCTL_FILE_TEXT_H_
#define SERVICES_TRUSTCTL_FILE_TEXT_H_

#include <string>

#include "absl/status/statusor.h"

namespace trustctl {

// Reads to the end; "-" is the standard input. Errors: why it cannot be read, without the path.
absl::StatusOr<std::string> ReadText(const std::string& path);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_FILE_TEXT_H_
