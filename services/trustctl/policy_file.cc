#include "services/trustctl/policy_file.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/file_text.h"
#include "services/trustctl/json_fault.h"

namespace trustctl {

absl::StatusOr<trust::v1::PolicyDocument> ReadPolicyFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", text.status().message()));
  trust::v1::PolicyDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(*text, &document);
  if (!parsed.ok()) {
    const auto fault = parsed.message();
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " is no JSON of trust.v1.PolicyDocument: ", Printable(JsonFault(absl::string_view(fault.data(), fault.size()))),
        "\n  trustctl policy show --document prints the one in force, to begin with."));
  }
  return document;
}

}  // namespace trustctl
