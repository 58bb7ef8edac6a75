#include "services/trustctl/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/trustctl/config_file.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/file_text.h"
#include "services/trustctl/server_address.h"

namespace trustctl {
namespace {

constexpr char kServerDefault[] = "127.0.0.1:50051";
constexpr char kDeadlineDefault[] = "30s";

// What is set, and by what.
struct Found {
  std::string value;
  std::string origin;  // "--server", "TRUSTCTL_SERVER", "trustctl.conf:3: server".
};
using Everything = std::map<std::string, Found>;

struct ConfigText {
  std::string path;
  std::string text;
};

// The configuration file; nothing in it when there is none.
absl::StatusOr<ConfigText> ReadConfig(const Invocation& invocation, Environment environment) {
  ConfigText config;
  std::string origin = "--config";
  config.path = invocation.Get("config");
  if (!invocation.Has("config")) {
    origin = "TRUSTCTL_CONFIG";
    config.path = environment(origin);
  }
  const bool wanted = invocation.Has("config") || !config.path.empty();
  if (!wanted) {
    const std::string home = environment("HOME");
    const std::string folder = environment("XDG_CONFIG_HOME");
    if (folder.empty() && home.empty()) return config;
    config.path = absl::StrCat(folder.empty() ? absl::StrCat(home, "/.config") : folder, "/", "trustctl/config");
  }
  std::error_code hidden;
  if (!wanted && !std::filesystem::exists(config.path, hidden) && !hidden) return config;
  absl::StatusOr<std::string> text = ReadText(config.path);
  if (text.ok()) {
    config.text = *std::move(text);
    return config;
  }
  if (wanted) {
    return UsageError(absl::StrCat(origin, " wants a file of lines NAME = VALUE: ", config.path, " cannot be read"));
  }
  return UsageError(absl::StrCat(config.path, ", the configuration file, ", text.status().message(),
                                 "; --config FILE names another, and --config /dev/null goes without"));
}

std::string BesideFile(const std::string& path, const std::string& value) {
  const size_t slash = path.rfind('/');
  if (value[0] == '/' || slash == std::string::npos) return value;
  return absl::StrCat(path.substr(0, slash + 1), value);
}

absl::StatusOr<Everything> FindAll(const Invocation& invocation, Environment environment) {
  const absl::StatusOr<ConfigText> config = ReadConfig(invocation, environment);
  if (!config.ok()) return config.status();
  std::vector<std::string> names;
  for (const SettingName& setting : SettingNames()) names.push_back(setting.name);
  const auto lines = ParseConfig(config->text, config->path, names);
  if (!lines.ok()) return lines.status();
  Everything found;
  for (const SettingName& setting : SettingNames()) {
    const std::string variable = setting.variable.empty() ? "" : environment(setting.variable);
    const auto line = lines->find(setting.name);
    if (invocation.Has(setting.name)) {
      found[setting.name] = {invocation.Get(setting.name), absl::StrCat("--", setting.name)};
    } else if (!variable.empty()) {
      found[setting.name] = {variable, setting.variable};
    } else if (line != lines->end()) {
      // Whoever sets NO_COLOR means every program and file.
      if (setting.name == "color" && !environment("NO_COLOR").empty()) continue;
      found[setting.name] = {setting.is_file ? BesideFile(config->path, line->second.value) : line->second.value,
                             absl::StrCat(config->path, ":", line->second.number, ": ", setting.name)};
    }
  }
  return found;
}

Found FoundOr(const Everything& found, const std::string& name, absl::string_view otherwise) {
  const auto at = found.find(name);
  return at == found.end() ? Found{std::string(otherwise), absl::StrCat("--", name)} : at->second;
}

// What a call says beside its request must be printable.
absl::StatusOr<std::string> Told(const Everything& found, const std::string& name) {
  const Found told = FoundOr(found, name, "");
  if (!std::all_of(told.value.begin(), told.value.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) {
    return UsageError(absl::StrCat(told.origin, " wants printable ASCII"));
  }
  return told.value;
}

// The content of a file that is named; empty when none is.
absl::StatusOr<std::string> ContentOf(const Everything& found, const std::string& name) {
  const Found named = FoundOr(found, name, "");
  const std::string& path = named.value;
  if (path.empty()) return path;
  absl::StatusOr<std::string> content = ReadText(path);
  if (!content.ok() || content->empty()) {
    // What is in it may be secret, and is not repeated.
    if (path.size() > 200 || absl::StrContains(path, "eyJ") || absl::StrContains(path, "-----BEGIN")) {
      return UsageError(absl::StrCat(named.origin, " wants the name of a file, not what is in it"));
    }
    return UsageError(absl::StrCat(named.origin, " wants a file: ", path, " cannot be read or is empty"));
  }
  return content;
}

absl::StatusOr<Credentials> CredentialsOf(const Everything& found, const std::string& server) {
  Credentials credentials;
  for (const auto& [into, name] :
       {std::pair(&credentials.authorities, "ca"), std::pair(&credentials.certificate, "cert"),
        std::pair(&credentials.key, "key"), std::pair(&credentials.token, "token")}) {
    absl::StatusOr<std::string> content = ContentOf(found, name);
    if (!content.ok()) return content.status();
    *into = *std::move(content);
  }
  credentials.token = std::string(absl::StripAsciiWhitespace(credentials.token));
  if (credentials.certificate.empty() != credentials.key.empty())
    return UsageError("--cert and --key go together; give both");
  if (credentials.authorities.empty() && !credentials.certificate.empty()) {
    return UsageError("--cert needs --ca: without TLS no certificate is shown");
  }
  if (credentials.authorities.empty() && !credentials.token.empty() && !IsLoopback(server)) {
    return UsageError(absl::StrCat("--token needs --ca: to ", server, " the token would pass in plain text"));
  }
  return credentials;
}

}  // namespace

const std::vector<SettingName>& SettingNames() {
  static const auto* const kNames = new std::vector<SettingName>{
      {"server", "TRUSTCTL_SERVER"}, {"ca", "TRUSTCTL_CA", true},       {"cert", "TRUSTCTL_CERT", true},
      {"key", "TRUSTCTL_KEY", true}, {"token", "TRUSTCTL_TOKEN", true}, {"deadline", ""},
      {"reader", "TRUSTCTL_READER"}, {"purpose", "TRUSTCTL_PURPOSE"},   {"color", ""},
  };
  return *kNames;
}

absl::StatusOr<Settings> ReadSettings(const Invocation& invocation, Environment environment) {
  const absl::StatusOr<Everything> found = FindAll(invocation, environment);
  if (!found.ok()) return found.status();
  Settings settings;
  const Found color = FoundOr(*found, "color", "auto");
  if (color.value != "auto" && color.value != "always" && color.value != "never") {
    return UsageError(absl::StrCat(color.origin, " wants auto, always or never, not \"", color.value, "\""));
  }
  settings.color = color.value;
  const Found server = FoundOr(*found, "server", kServerDefault);
  if (!IsServerAddress(server.value)) {
    return UsageError(absl::StrCat(server.origin, " wants HOST:PORT, such as ", kServerDefault, ", not \"",
                                   Printable(server.value), "\"",
                                   absl::StrContains(server.value, "#") ? "; a comment has a line of its own" : ""));
  }
  settings.server = server.value;
  const Found deadline = FoundOr(*found, "deadline", kDeadlineDefault);
  const absl::StatusOr<absl::Duration> wait = ParseWait("deadline", deadline.value);
  if (!wait.ok()) {
    return UsageError(absl::StrCat(deadline.origin, absl::StripPrefix(wait.status().message(), "--deadline")));
  }
  settings.deadline = *wait;
  absl::StatusOr<std::string> reader = Told(*found, "reader");
  if (!reader.ok()) return reader.status();
  absl::StatusOr<std::string> purpose = Told(*found, "purpose");
  if (!purpose.ok()) return purpose.status();
  settings.reader = {*std::move(reader), *std::move(purpose)};
  absl::StatusOr<Credentials> credentials = CredentialsOf(*found, settings.server);
  if (!credentials.ok()) return credentials.status();
  settings.credentials = *std::move(credentials);
  return settings;
}

absl::StatusOr<Settings> ReadSettingsOffline(const Invocation& invocation, Environment environment) {
  absl::StatusOr<Settings> settings = ReadSettings(invocation, environment);
  if (settings.ok()) return settings;
  Invocation bare = invocation;
  bare.flags.erase("config");
  return ReadSettings(bare, [](const std::string& /*name*/) { return std::string(); });
}

std::string ProcessEnvironment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace trustctl
