// The permission file: what is granted to whom. Immutable after it is read; thread-safe.

#ifndef SERVICES_IDENTITY_PERMISSIONS_H_
#define SERVICES_IDENTITY_PERMISSIONS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/identity/method_rules.h"

namespace identity {

struct Grant {
  Roles roles;
  absl::flat_hash_set<std::string> partnerships;   // Empty: all.
  absl::flat_hash_set<std::string> organizations;  // Empty: all.

  bool limited() const { return !partnerships.empty() || !organizations.empty(); }
};

// Calls of one principal's grants; null when it has none.
using Grants = std::vector<Grant>;

class Permissions {
 public:
  // Errors: INVALID_ARGUMENT, saying where the file is wrong and what would be right: no JSON of a
  // trust.v1.PermissionFile, larger than 4 MiB, a principal, role or id that is none, a grant of nothing or to nobody.
  static absl::StatusOr<std::shared_ptr<const Permissions>> Parse(absl::string_view text);

  // What a principal may do. Lives as long as this.
  const Grants* Find(absl::string_view principal) const;

 private:
  absl::flat_hash_map<std::string, Grants> grants_;  // By principal.
};

// Whether an organization is a partner in a partnership that is there.
using IsPartner = std::function<bool(absl::string_view partnership, absl::string_view organization)>;

// Whether some of the grants that have a role of the rule cover a request. Errors: PERMISSION_DENIED, saying which
// limit stands against it and no more of the partnership than the request says.
absl::Status CheckScope(const Grants& grants, const MethodRule& rule, const google::protobuf::Message& request,
                        const IsPartner& is_partner);

}  // namespace identity

#endif  // SERVICES_IDENTITY_PERMISSIONS_H_
