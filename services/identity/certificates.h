// Certificates, as far as a server looks into them by itself: the files it serves with, who a peer's certificate says
// it is, and whether it was revoked. That a chain leads to an authority is the handshake's to check. Functions are
// thread-safe and read no file and no clock.

#ifndef SERVICES_IDENTITY_CERTIFICATES_H_
#define SERVICES_IDENTITY_CERTIFICATES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace identity {

// Of a principal that a certificate or a permission file names.
inline constexpr size_t kPrincipalBytesMax = 512;

// What a peer's certificate says.
struct Peer {
  std::string principal;  // The SPIFFE ID; x509: and the subject (RFC 2253) where there is none.
  absl::Time not_before, not_after;
  std::string issuer, serial;  // As DER; for RevocationList.
};

// Reads the first certificate of a PEM text. Errors: UNAUTHENTICATED, when it is none, when it names no one, or when it
// names several and one of them is a SPIFFE ID.
absl::StatusOr<Peer> ReadPeer(absl::string_view pem);

// Checks what a server is to show: a chain whose first certificate belongs to the key and is valid now. Returns when
// that certificate ends. Errors: INVALID_ARGUMENT, saying what would be right.
absl::StatusOr<absl::Time> CheckServerFiles(absl::string_view chain_pem, absl::string_view key_pem, absl::Time now);

// Checks the authorities that clients' certificates must come from: at least one certificate, each an authority's and
// none ended. Returns when the first of them ends. Errors: INVALID_ARGUMENT.
absl::StatusOr<absl::Time> CheckAuthorities(absl::string_view pem, absl::Time now);

// Which certificates were revoked. Immutable after it is read; thread-safe.
class RevocationList {
 public:
  // Reads one or more lists in PEM. Each must be signed by one of the authorities. A list that is past its next update
  // is taken: what it revokes stays revoked. Errors: INVALID_ARGUMENT.
  static absl::StatusOr<std::shared_ptr<const RevocationList>> Parse(absl::string_view pem,
                                                                     absl::string_view authorities_pem);

  bool Revokes(const Peer& peer) const;

  // When the first of the lists should have been replaced; the infinite future when none says so.
  absl::Time next_update() const { return next_update_; }

 private:
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> serials_;  // By issuer.
  absl::Time next_update_ = absl::InfiniteFuture();
};

}  // namespace identity

#endif  // SERVICES_IDENTITY_CERTIFICATES_H_
