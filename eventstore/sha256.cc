#include "eventstore/sha256.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace eventstore {

Sha256Digest Sha256(absl::string_view bytes) {
  std::array<uint8_t, 32> digest;
  // Fails only without memory or without the algorithm; a wrong hash would be worse than no process.
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    std::fputs("OpenSSL cannot compute SHA-256\n", stderr);
    std::abort();
  }
  return digest;
}

std::string Sha256Hex(absl::string_view bytes) {
  const std::array<uint8_t, 32> digest = Sha256(bytes);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace eventstore
