// SHA-256 (FIPS 180-4), the hash of the log's tree and of whatever else must be told from a forgery.
//
// Thread-safe. Does not block.

#ifndef EVENTSTORE_SHA256_H_
#define EVENTSTORE_SHA256_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace eventstore {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(absl::string_view bytes);

// The same in 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace eventstore

#endif  // EVENTSTORE_SHA256_H_
