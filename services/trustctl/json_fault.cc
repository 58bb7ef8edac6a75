#include "services/trustctl/json_fault.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"

namespace trustctl {
namespace {

// The names of an enum's values, when text names one by its full name; otherwise nothing.
std::string ValuesOf(absl::string_view type_name) {
  const auto* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(std::string(type_name));
  if (type == nullptr) return "";
  std::vector<std::string> names;
  for (int i = 1; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
  return absl::StrJoin(names, ", ");
}

}  // namespace

// What protobuf says of JSON that it cannot read has up to three lines: the fault, what stands around it, and a caret
// below the place. This makes a sentence of it.
std::string JsonFault(absl::string_view message) {
  const std::vector<std::string> lines = absl::StrSplit(message, '\n');
  std::string fault = absl::StrReplaceAll(lines[0], {{"type.googleapis.com/", ""}, {" for type oneof", ""}});
  if (absl::StartsWith(fault, ": ")) fault.erase(0, 2);
  if (const size_t type = fault.rfind(" for type "); type != std::string::npos) {
    const std::string values = ValuesOf(absl::string_view(fault).substr(type + strlen(" for type ")));
    if (!values.empty()) fault = absl::StrCat(fault.substr(0, type), "; right are: ", values);
  }
  if (lines.size() < 3) return fault;
  // What stands around it may itself have lines.
  const std::string around = absl::StrJoin(lines.begin() + 1, lines.end() - 1, "\n");
  const size_t caret = lines.back().find('^');
  absl::StripTrailingAsciiWhitespace(&fault);
  if (caret >= around.size()) return absl::StrCat(fault, " The text ends too early; it may have been cut.");
  const std::string rest = around.substr(caret, std::min<size_t>(24, around.find('\n', caret) - caret));
  return absl::StrCat(fault, rest.empty() ? " At the end of a line." : absl::StrCat(" At: ", rest));
}

}  // namespace trustctl
