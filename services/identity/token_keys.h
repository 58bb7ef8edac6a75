// The token key file, and the judgement of JSON Web Tokens (RFC 7519) by it. After RFC 8725: the key says which
// algorithm it is for, never the token; issuer and audience are exact; a token without an expiry is none. Immutable
// after it is read; thread-safe.

#ifndef SERVICES_IDENTITY_TOKEN_KEYS_H_
#define SERVICES_IDENTITY_TOKEN_KEYS_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace identity {

inline constexpr size_t kTokenBytesMax = 8 << 10;
inline constexpr absl::Duration kClockSkewMax = absl::Seconds(60);  // Of exp and nbf.

struct Token {
  std::string principal;  // Issuer, #, subject.
  absl::Time not_before = absl::InfinitePast();
  absl::Time expires;

  bool IsValidAt(absl::Time now) const { return now < expires + kClockSkewMax && now >= not_before - kClockSkewMax; }
};

class TokenKeys {
 public:
  // Errors: INVALID_ARGUMENT, saying where the file is wrong and what would be right: no JSON of a
  // trust.v1.TokenKeyFile, larger than 1 MiB, an empty name, a key id that comes twice, an algorithm that is none of
  // ours, a key that is no public key, too short, or not for its algorithm.
  static absl::StatusOr<std::shared_ptr<const TokenKeys>> Parse(absl::string_view text);

  // Who a token says its bearer is. Its times are for the caller to check against a clock: Token::IsValidAt.
  // Errors: UNAUTHENTICATED, saying which rule the token breaks, and never what stands in it.
  absl::StatusOr<Token> Read(absl::string_view token) const;

 private:
  struct Key {
    std::string issuer, audience, algorithm, pem;
  };

  absl::flat_hash_map<std::string, Key> keys_;  // By key id.
};

}  // namespace identity

#endif  // SERVICES_IDENTITY_TOKEN_KEYS_H_
