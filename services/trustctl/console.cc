#include "services/trustctl/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "google/protobuf/util/json_util.h"

namespace trustctl {
namespace {

int TerminalWidth(int descriptor) {
  winsize size{};
  if (isatty(descriptor) == 0) return 0;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

bool TerminalHasColor(int descriptor) {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(descriptor) != 0 && term != nullptr && absl::string_view(term) != "dumb";
}

// By the first of the three variables that is set, as every program does it.
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = absl::AsciiStrToLower(value);
    return absl::StrContains(locale, "utf-8") || absl::StrContains(locale, "utf8");
  }
  return false;
}

std::string JsonWith(const google::protobuf::Message& message,
                     const google::protobuf::util::JsonPrintOptions& options) {
  std::string json;
  // Only a detail of a type that this program does not know has no JSON.
  return google::protobuf::util::MessageToJsonString(message, &json, options).ok() ? json : "{}";
}

}  // namespace

Console OpenConsole(std::ostream& out, std::ostream& err, absl::string_view color, bool json) {
  return Console{out,
                 err,
                 json,
                 color == "always" || (color != "never" && TerminalHasColor(STDOUT_FILENO)),
                 TerminalWidth(STDOUT_FILENO),
                 isatty(STDERR_FILENO) != 0,
                 LocaleIsUtf8()};
}

std::string JsonOf(const google::protobuf::Message& message) {
  return JsonWith(message, google::protobuf::util::JsonPrintOptions());
}

void PrintJson(const google::protobuf::Message& message, std::ostream& out) { out << JsonOf(message) << "\n"; }

void PrintIndentedJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  out << absl::StripTrailingAsciiWhitespace(JsonWith(message, options)) << "\n";
}

}  // namespace trustctl
