// The text of a configuration file: a line a setting, NAME = VALUE; a line that begins with # is a comment. Pure.

#ifndef SERVICES_TRUSTCTL_CONFIG_FILE_H_
#define SERVICES_TRUSTCTL_CONFIG_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace trustctl {

struct ConfigLine {
  std::string value;  // Never empty, without spaces around it.
  int number = 0;     // Of the line, from 1.
};

// The settings of the text by their names. Errors: a UsageError that begins with path and line: a line that is no
// setting, a name that is not among names, one that was set before.
absl::StatusOr<std::map<std::string, ConfigLine>> ParseConfig(absl::string_view text, absl::string_view path,
                                                              const std::vector<std::string>& names);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONFIG_FILE_H_
