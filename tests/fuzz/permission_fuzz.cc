// The permission file. Promised: it grants what it says, within the limits that it says, and nothing to others.

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/util/json_util.h"
#include "services/identity/permissions.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/access.pb.h"

namespace {

using fuzz::Require;

void ReadPermissions(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  const auto permissions = identity::Permissions::Parse(text.view());
  fuzz::RequireModest(permissions.status());
  if (!permissions.ok()) return;
  trust::v1::PermissionFile file;
  Require(google::protobuf::util::JsonStringToMessage(std::string(bytes), &file).ok(), "a permission file is JSON");
  for (const trust::v1::Grant& grant : file.grants()) {
    for (const std::string& principal : grant.principals()) {
      const identity::Grants* const grants = (*permissions)->Find(principal);
      Require(grants != nullptr, "whom the file names has a grant");
      for (const identity::Grant& one : *grants) Require(!one.roles.empty(), "a grant has a role");
      // Limited in the file, limited in effect: otherwise a wrong id would grant everything.
      Require(std::any_of(grants->begin(), grants->end(),
                          [&](const identity::Grant& one) {
                            return one.partnerships.empty() == grant.partnerships().empty() &&
                                   one.organizations.empty() == grant.organizations().empty();
                          }),
              "a grant is limited as the file says");
    }
  }
  Require((*permissions)->Find("nobody#nobody") == nullptr || absl::StrContains(bytes, "nobody"),
          "nobody else has a grant");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  ReadPermissions(input.Rest());
  return 0;
}
