#include "eventstore/sha256.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace eventstore {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Looked up once: finding an algorithm by its name costs as much as hashing a record.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

EVP_MD_CTX* ThreadContext() {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  return context.get();
}

// Hashing fails only without memory or without the algorithm; a wrong hash would be worse than no process.
void Require(bool ok) {
  if (ok) return;
  std::fputs("OpenSSL cannot compute SHA-256\n", stderr);
  std::abort();
}

}  // namespace

Sha256Digest Sha256OfParts(std::initializer_list<absl::string_view> parts) {
  EVP_MD_CTX* const context = ThreadContext();
  Require(context != nullptr && EVP_DigestInit_ex2(context, Algorithm(), nullptr) == 1);
  for (const absl::string_view part : parts) Require(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  Sha256Digest digest;
  Require(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

Sha256Digest Sha256(absl::string_view bytes) { return Sha256OfParts({bytes}); }

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(AsBytes(Sha256(bytes))); }

// Abseil's own function has another signature from one version to the next.
std::string BytesOfHex(absl::string_view digits) {
  constexpr absl::string_view kDigits = "0123456789abcdef";
  if (digits.size() % 2 != 0) return std::string();
  std::string bytes(digits.size() / 2, '\0');
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t value = kDigits.find(absl::ascii_tolower(static_cast<unsigned char>(digits[i])));
    if (value == absl::string_view::npos) return std::string();
    bytes[i / 2] = static_cast<char>(static_cast<unsigned char>(bytes[i / 2]) << 4 | value);
  }
  return bytes;
}

}  // namespace eventstore
