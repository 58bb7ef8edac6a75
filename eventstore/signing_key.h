// Ed25519 keys (RFC 8032) with names, in the text form of signed notes (c2sp.org/signed-note): what a log signs its
// checkpoints with, and what anyone checks them by.
//
// A verifier key is written NAME+HASH+KEY, a private key PRIVATE+KEY+NAME+HASH+SEED: HASH is the key's id in 8
// lower-case hexadecimal digits, KEY and SEED are base64 of the algorithm's byte 0x01 and 32 bytes. Thread-safe, as
// what is constant is. Does not block.

#ifndef EVENTSTORE_SIGNING_KEY_H_
#define EVENTSTORE_SIGNING_KEY_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventstore {

inline constexpr size_t kSignatureBytes = 64;
inline constexpr size_t kKeyNameBytesMax = 200;

// Whether a name can be that of a key: 1 to 200 characters of printable ASCII, without space and "+". Errors:
// INVALID_ARGUMENT saying what would be right.
absl::Status CheckKeyName(absl::string_view name);

// The public half of a key.
class VerifierKey {
 public:
  using PublicKey = std::array<uint8_t, 32>;

  // REQUIRES: CheckKeyName(name) is OK.
  VerifierKey(std::string name, const PublicKey& public_key);

  // Errors: INVALID_ARGUMENT when the text is not that of a verifier key, or its hash is of another.
  static absl::StatusOr<VerifierKey> Parse(absl::string_view text);

  const std::string& name() const { return name_; }
  // The first 4 bytes of SHA-256(name, line feed, 0x01, public key), the most significant first.
  uint32_t id() const { return id_; }
  std::string Text() const;

  // Whether a signature of a message is this key's.
  bool Verifies(absl::string_view message, absl::string_view signature) const;

 private:
  std::string name_;
  PublicKey public_key_;
  uint32_t id_;
};

// A whole key. Its secret is wiped from memory when it goes.
class SigningKey {
 public:
  // Makes a new key from the system's randomness. Errors: INVALID_ARGUMENT for a wrong name; INTERNAL without
  // randomness.
  static absl::StatusOr<SigningKey> Generate(absl::string_view name);

  // Errors: INVALID_ARGUMENT when the text is not that of a private key, or its hash is of another. Never shows the
  // text.
  static absl::StatusOr<SigningKey> Parse(absl::string_view text);

  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  const std::string& name() const { return verifier_.name(); }
  const VerifierKey& verifier() const { return verifier_; }

  // The private text: whoever has it can sign.
  std::string Text() const;

  // The signature, kSignatureBytes long. The same message always gives the same.
  std::string Sign(absl::string_view message) const;

 private:
  using Seed = std::array<uint8_t, 32>;

  SigningKey(std::string name, const Seed& seed);

  Seed seed_;
  VerifierKey verifier_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_SIGNING_KEY_H_
