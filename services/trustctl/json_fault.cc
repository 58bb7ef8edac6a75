#include "services/trustctl/json_fault.h"

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
  const size_t caret = lines[2].find('^');
  const std::string rest = caret < lines[1].size() ? lines[1].substr(caret, 24) : "";
  absl::StripTrailingAsciiWhitespace(&fault);
  if (rest.empty()) return absl::StrCat(fault, " The line ends too early; it may have been cut.");
  return absl::StrCat(fault, " At: ", rest);
}

}  // namespace trustctl
