// How trustctl reaches the server and shows what it answers: each setting from its flag, else from its variable of the
// environment, else from the configuration file, else its default.

#ifndef SERVICES_TRUSTCTL_SETTINGS_H_
#define SERVICES_TRUSTCTL_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/connection.h"

namespace trustctl {

// A variable of the environment by its name; empty when there is none.
using Environment = absl::FunctionRef<std::string(const std::string& name)>;

// A setting: its name is that of a flag of every verb, and that in the file.
struct SettingName {
  std::string name;
  std::string variable;  // Empty when the environment does not say it.
  bool is_file = false;  // In the configuration file relative to the folder of that.
};
const std::vector<SettingName>& SettingNames();

struct Settings {
  std::string server;  // HOST:PORT.
  absl::Duration deadline;
  std::string color;  // auto, always or never.
  Reader reader;
  Credentials credentials;
};

// Reads the configuration file and the files that it, a flag or a variable names. A configuration file that is only
// looked for by default may be missing, but not unreadable. Errors: a UsageError that says which flag, variable or line
// is wrong.
absl::StatusOr<Settings> ReadSettings(const Invocation& invocation, Environment environment);

// The same for what asks no server: when something is wrong that a file or the environment says, by the flags alone.
// Errors: a UsageError that says which flag is wrong.
absl::StatusOr<Settings> ReadSettingsOffline(const Invocation& invocation, Environment environment);

// The variables of this process.
std::string ProcessEnvironment(const std::string& name);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SETTINGS_H_
