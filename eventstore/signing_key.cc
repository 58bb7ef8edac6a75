#include "eventstore/signing_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "eventstore/sha256.h"

namespace eventstore {
namespace {

constexpr char kEd25519 = 0x01;
constexpr absl::string_view kPrivatePrefix = "PRIVATE+KEY+";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

// Fails only without memory or without the algorithm; a wrong signature would be worse than no process.
void RequireOpenSsl(bool done) {
  if (done) return;
  std::fputs("OpenSSL cannot compute Ed25519\n", stderr);
  std::abort();
}

const uint8_t* BytesOf(absl::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

Key PrivateKey(const std::array<uint8_t, 32>& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  RequireOpenSsl(key != nullptr);
  return key;
}

std::array<uint8_t, 32> PublicOf(const std::array<uint8_t, 32>& seed) {
  std::array<uint8_t, 32> public_key;
  size_t size = public_key.size();
  RequireOpenSsl(EVP_PKEY_get_raw_public_key(PrivateKey(seed).get(), public_key.data(), &size) == 1);
  return public_key;
}

// The algorithm's byte and the 32 bytes behind it, as one string.
std::string WithAlgorithm(const std::array<uint8_t, 32>& bytes) {
  std::string result(1, kEd25519);
  result.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return result;
}

uint32_t IdOf(absl::string_view name, const std::array<uint8_t, 32>& public_key) {
  const Sha256Digest digest = Sha256(absl::StrCat(name, "\n", WithAlgorithm(public_key)));
  return uint32_t{digest[0]} << 24 | uint32_t{digest[1]} << 16 | uint32_t{digest[2]} << 8 | digest[3];
}

std::string IdText(uint32_t id) { return absl::StrFormat("%08x", id); }

// A key's text without its prefix, taken apart. Base64 may hold "+", so only the first two are looked for.
struct KeyText {
  std::string name;
  std::string id;
  std::array<uint8_t, 32> bytes;
};

absl::StatusOr<KeyText> TakeApart(absl::string_view text, absl::string_view what) {
  const absl::Status wrong = absl::InvalidArgumentError(absl::StrCat("this is not the text of a ", what));
  const size_t first = text.find('+');
  if (first == absl::string_view::npos) return wrong;
  const size_t second = text.find('+', first + 1);
  if (second == absl::string_view::npos) return wrong;
  KeyText parts;
  parts.name = std::string(text.substr(0, first));
  parts.id = std::string(text.substr(first + 1, second - first - 1));
  std::string bytes;
  const absl::string_view base64 = text.substr(second + 1);
  const bool right = CheckKeyName(parts.name).ok() && absl::Base64Unescape(base64, &bytes) &&
                     absl::Base64Escape(bytes) == base64 && bytes.size() == 33 && bytes[0] == kEd25519;
  if (right) std::copy(bytes.begin() + 1, bytes.end(), reinterpret_cast<char*>(parts.bytes.data()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!right) return wrong;
  return parts;
}

absl::Status WrongId(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the ", what, " is damaged: its hash is of another name or key"));
}

}  // namespace

absl::Status CheckKeyName(absl::string_view name) {
  bool right = !name.empty() && name.size() <= kKeyNameBytesMax;
  for (const char c : name) right = right && c > ' ' && c <= '~' && c != '+';
  if (right) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a key's name has 1 to ", kKeyNameBytesMax,
                   " characters of printable ASCII, without spaces and +; such as alliances.example.com/log"));
}

VerifierKey::VerifierKey(std::string name, const PublicKey& public_key)
    : name_(std::move(name)), public_key_(public_key), id_(IdOf(name_, public_key_)) {}

absl::StatusOr<VerifierKey> VerifierKey::Parse(absl::string_view text) {
  absl::StatusOr<KeyText> parts = TakeApart(text, "verifier key");
  if (!parts.ok()) return parts.status();
  VerifierKey key(std::move(parts->name), parts->bytes);
  if (IdText(key.id_) != parts->id) return WrongId("verifier key");
  return key;
}

std::string VerifierKey::Text() const {
  return absl::StrCat(name_, "+", IdText(id_), "+", absl::Base64Escape(WithAlgorithm(public_key_)));
}

bool VerifierKey::Verifies(absl::string_view message, absl::string_view signature) const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key_.data(), public_key_.size()));
  const Digest context(EVP_MD_CTX_new());
  if (key == nullptr) return false;
  RequireOpenSsl(context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  return EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(), BytesOf(message), message.size()) == 1;
}

SigningKey::SigningKey(std::string name, const Seed& seed) : seed_(seed), verifier_(std::move(name), PublicOf(seed)) {}

SigningKey::~SigningKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

absl::StatusOr<SigningKey> SigningKey::Generate(absl::string_view name) {
  if (absl::Status checked = CheckKeyName(name); !checked.ok()) return checked;
  Seed seed;
  if (RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) != 1) {
    return absl::InternalError("the system gave no randomness");
  }
  SigningKey key(std::string(name), seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

absl::StatusOr<SigningKey> SigningKey::Parse(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kPrivatePrefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("this is not the text of a private key, which begins with ", kPrivatePrefix));
  }
  absl::StatusOr<KeyText> parts = TakeApart(text, "private key");
  if (!parts.ok()) return parts.status();
  SigningKey key(std::move(parts->name), parts->bytes);
  OPENSSL_cleanse(parts->bytes.data(), parts->bytes.size());
  if (IdText(key.verifier_.id()) != parts->id) return WrongId("private key");
  return key;
}

std::string SigningKey::Text() const {
  return absl::StrCat(kPrivatePrefix, name(), "+", IdText(verifier_.id()), "+",
                      absl::Base64Escape(WithAlgorithm(seed_)));
}

std::string SigningKey::Sign(absl::string_view message) const {
  const Key key = PrivateKey(seed_);
  const Digest context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  RequireOpenSsl(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                 EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(signature.data()), &size, BytesOf(message),
                                message.size()) == 1);
  return signature;
}

}  // namespace eventstore
