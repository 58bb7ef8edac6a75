// SHA-256 (FIPS 180-4), the hash of the log's tree and of whatever else must be told from a forgery.
//
// Thread-safe. Does not block.

#ifndef EVENTSTORE_SHA256_H_
#define EVENTSTORE_SHA256_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace eventstore {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(absl::string_view bytes);

// Of the parts, one after another, as if they were one.
Sha256Digest Sha256OfParts(std::initializer_list<absl::string_view> parts);

// The bytes of a digest; they live as long as it does.
inline absl::string_view AsBytes(const Sha256Digest& digest) {
  return absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// A copy of the same, as messages carry it.
inline std::string BytesOf(const Sha256Digest& digest) { return std::string(AsBytes(digest)); }

// The same in 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

// The bytes that hexadecimal digits of either case stand for; empty unless there is nothing else, and two for each
// byte.
std::string BytesOfHex(absl::string_view digits);

}  // namespace eventstore

#endif  // EVENTSTORE_SHA256_H_
