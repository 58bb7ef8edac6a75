#include "eventstore/sha256_stream.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"

namespace eventstore {

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(context_); }

void Sha256Stream::Add(absl::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }

std::string Sha256Stream::Hex() const {
  EVP_MD_CTX* const copy = EVP_MD_CTX_new();
  Sha256Digest digest{};
  EVP_MD_CTX_copy_ex(copy, context_);
  EVP_DigestFinal_ex(copy, digest.data(), nullptr);
  EVP_MD_CTX_free(copy);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace eventstore
