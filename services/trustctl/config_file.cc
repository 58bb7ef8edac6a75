#include "services/trustctl/config_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

// What is wrong with a setting; empty when nothing is.
std::string FaultOf(absl::string_view name, absl::string_view value, bool has_equals,
                    const std::vector<std::string>& names) {
  const std::string known = absl::StrCat("The names are: ", absl::StrJoin(names, ", "), ".");
  if (!has_equals) return absl::StrCat("\"", Printable(name), "\" is no setting; write NAME = VALUE. ", known);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return absl::StrCat("there is no setting \"", Printable(name), "\"", Suggestion(name, names), "\n", known);
  }
  return value.empty() ? absl::StrCat(name, " wants a value; to leave it unset, remove the line") : "";
}

}  // namespace

absl::StatusOr<std::map<std::string, ConfigLine>> ParseConfig(absl::string_view text, absl::string_view path,
                                                              const std::vector<std::string>& names) {
  std::map<std::string, ConfigLine> settings;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const size_t equals = line.find('=');
    const bool has_equals = equals != absl::string_view::npos;
    const absl::string_view name = absl::StripAsciiWhitespace(line.substr(0, equals));
    const absl::string_view value = has_equals ? absl::StripAsciiWhitespace(line.substr(equals + 1)) : "";
    const std::string fault = FaultOf(name, value, has_equals, names);
    if (!fault.empty()) return UsageError(absl::StrCat(path, ":", number, ": ", fault));
    const auto [at, is_new] = settings.emplace(std::string(name), ConfigLine{std::string(value), number});
    if (!is_new) {
      return UsageError(absl::StrCat(path, ":", number, ": ", name, " was set in line ", at->second.number,
                                     " already; keep one of the two"));
    }
  }
  return settings;
}

}  // namespace trustctl
