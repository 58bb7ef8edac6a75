// Sealing of personal data: AES-256-GCM under a key of the person, with the place where the ciphertext stands as
// associated data, so that it opens there and nowhere else. Knows neither what it seals nor where keys are kept.
//
// Nonces are 96 random bits. Two that are equal under one key would betray both texts; by the birthday bound a key is
// good for 2^32 sealings (chance of a collision below 2^-32), which no person's notes come near. Functions are
// thread-safe; they fail only without memory or without randomness.

#ifndef SERVICES_VAULT_H_
#define SERVICES_VAULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"

namespace services {

// 256 secret bits. Never copied; wiped when it goes.
class SecretKey {
 public:
  static constexpr size_t kBytes = 32;

  // Of fresh random bits. Errors: INTERNAL without randomness.
  static absl::StatusOr<std::shared_ptr<const SecretKey>> Random();
  // REQUIRES: kBytes bytes. The caller wipes what it copies from.
  static std::shared_ptr<const SecretKey> Of(absl::string_view bytes);

  ~SecretKey();
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  absl::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  SecretKey() = default;

  std::array<unsigned char, kBytes> bytes_ = {};
};

// Overwrites secret bytes.
void Wipe(std::string* bytes);

// Where a ciphertext stands: the associated data.
struct SealedPlace {
  absl::string_view stream;
  uint64_t revision = 0;
  absl::string_view field;  // Of the event.
};

// Seals a text for its place. key_id is the part's, and associated data as well. Errors: INTERNAL.
absl::StatusOr<eventstore::SealedPart> Seal(const SecretKey& key, absl::string_view key_id, const SealedPlace& place,
                                            absl::string_view text);

// What was sealed. nullopt when the key is another, the place is another, or a bit is not as it was.
std::optional<std::string> Unseal(const SecretKey& key, absl::string_view key_id, const SealedPlace& place,
                                  absl::string_view nonce, absl::string_view ciphertext);

// A key as it is kept under an id: sealed by a key-encryption key, or in clear without one. Errors: INTERNAL.
absl::StatusOr<std::string> WrapKey(const SecretKey& key, absl::string_view id, const SecretKey* key_encryption_key);

// Whether kept bytes are those of a wrapped key; nullopt when they are of no key at all.
std::optional<bool> IsWrapped(absl::string_view kept);

// The key that was kept. Null when the bytes are damaged, of another id, or under another key-encryption key.
std::shared_ptr<const SecretKey> UnwrapKey(absl::string_view kept, absl::string_view id,
                                           const SecretKey* key_encryption_key);

// Reads a key-encryption key from a file of 64 hexadecimal digits or of 32 bytes. Blocks on the disk.
// Errors: FAILED_PRECONDITION, saying what would be right: no such file, readable by others than its owner, no key.
absl::StatusOr<std::shared_ptr<const SecretKey>> ReadKeyFile(const std::string& path);

}  // namespace services

#endif  // SERVICES_VAULT_H_
