// Who a caller is, and whether it may call a method: one place that every call passes. Default deny. Knows no
// transport, reads no file and no clock. Thread-safe; what it judges by can be replaced at any time, as a whole.

#ifndef SERVICES_IDENTITY_GUARD_H_
#define SERVICES_IDENTITY_GUARD_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/identity/certificates.h"
#include "services/identity/permissions.h"
#include "services/identity/token_keys.h"

namespace identity {

// What a caller shows of itself.
struct Presented {
  absl::string_view certificate;                  // PEM, of the connection, proved by its handshake; empty for none.
  std::vector<absl::string_view> authorizations;  // The values of the metadata authorization.
};

// A caller that may call a method.
struct Admission {
  std::string principal;
  std::shared_ptr<const Permissions> permissions;  // Keeps grants.
  const Grants* grants = nullptr;                  // Null for one that has none, where none is needed.
};

class Guard {
 public:
  // What to judge by from now on. Tokens are refused without keys; nothing is revoked without a list.
  void SetPermissions(std::shared_ptr<const Permissions> permissions);
  void SetTokenKeys(std::shared_ptr<const TokenKeys> keys);
  void SetRevocations(std::shared_ptr<const RevocationList> revocations);

  // The principal. A token, where one is shown, says who calls, and the certificate only who passes it on; but a
  // certificate that is shown counts as well: one that was revoked or has ended is refused with any token. Errors:
  // UNAUTHENTICATED, saying what would be right.
  absl::StatusOr<std::string> Identify(const Presented& presented, absl::Time now) const;

  // As above, and whether it may call the method of a path; limits of its grants are CheckScope's. Errors:
  // UNAUTHENTICATED; PERMISSION_DENIED, naming the roles that would do.
  absl::StatusOr<Admission> Admit(const Presented& presented, absl::string_view path, absl::Time now) const;

  // Whether a certificate is to be taken in a handshake. Errors: UNAUTHENTICATED.
  absl::Status CheckCertificate(absl::string_view pem, absl::Time now) const;

 private:
  absl::StatusOr<Peer> FindPeer(absl::string_view pem, absl::Time now) const;
  absl::StatusOr<Token> FindToken(absl::string_view text) const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Permissions> permissions_;
  std::shared_ptr<const TokenKeys> token_keys_;
  std::shared_ptr<const RevocationList> revocations_;
  // What was read before, by its text: a connection shows one certificate, and a caller one token, many times.
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const Peer>> peers_;
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const Token>> tokens_;
};

}  // namespace identity

#endif  // SERVICES_IDENTITY_GUARD_H_
