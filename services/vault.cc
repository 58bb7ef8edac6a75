#include "services/vault.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "eventstore/sha256.h"

namespace services {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr char kClearKey = 1;    // + the key.
constexpr char kWrappedKey = 2;  // + nonce, ciphertext and tag.

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

void AppendNumber(std::string& text, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
}

// Each part with its length before it, so that no two places have the same text.
std::string AssociatedData(absl::string_view purpose, absl::string_view key_id, const SealedPlace& place) {
  std::string text;
  for (const absl::string_view part : {purpose, key_id, place.stream, place.field}) {
    AppendNumber(text, part.size());
    text.append(part.data(), part.size());
  }
  AppendNumber(text, place.revision);
  return text;
}

constexpr absl::string_view kOfText = "trust.v1 sealed text";
constexpr absl::string_view kOfKey = "trust.v1 wrapped key";

struct Encrypted {
  std::string nonce;
  std::string ciphertext;  // With the tag at its end.
};

absl::StatusOr<Encrypted> Encrypt(const SecretKey& key, absl::string_view associated, absl::string_view text) {
  Encrypted encrypted;
  encrypted.nonce.resize(kNonceBytes);
  if (RAND_bytes(Bytes(encrypted.nonce), kNonceBytes) != 1) return absl::InternalError("there is no randomness");
  encrypted.ciphertext.resize(text.size() + kTagBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  int count = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes()), Bytes(encrypted.nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &count, Bytes(associated), static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(encrypted.ciphertext), &count, Bytes(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(encrypted.ciphertext) + text.size(), &count) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Bytes(encrypted.ciphertext) + text.size()) ==
          1;
  if (!done) return absl::InternalError("a text could not be sealed");
  return encrypted;
}

std::optional<std::string> Decrypt(const SecretKey& key, absl::string_view associated, absl::string_view nonce,
                                   absl::string_view ciphertext) {
  if (nonce.size() != kNonceBytes || ciphertext.size() < kTagBytes) return std::nullopt;
  const size_t size = ciphertext.size() - kTagBytes;
  std::string text(size, '\0');
  std::string tag(ciphertext.substr(size));  // The call takes it unchanged, but not as a constant.
  const CipherContext context(EVP_CIPHER_CTX_new());
  int count = 0;
  const bool right =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes()), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &count, Bytes(associated), static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(text), &count, Bytes(ciphertext), static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(text) + size, &count) == 1;
  if (right) return text;
  Wipe(&text);  // What comes out before the tag is checked is nobody's to see.
  return std::nullopt;
}

absl::Status NoKeyFile(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("the key file ", path, " ", why));
}

// Takes the key out of a file's content; nullptr when there is none.
std::shared_ptr<const SecretKey> KeyIn(const std::string& content) {
  if (content.size() == SecretKey::kBytes) return SecretKey::Of(content);
  const absl::string_view digits = absl::StripAsciiWhitespace(content);
  if (digits.size() != 2 * SecretKey::kBytes) return nullptr;
  std::string bytes = eventstore::BytesOfHex(digits);
  if (bytes.empty()) return nullptr;
  std::shared_ptr<const SecretKey> key = SecretKey::Of(bytes);
  Wipe(&bytes);
  return key;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SecretKey>> SecretKey::Random() {
  const std::shared_ptr<SecretKey> key(new SecretKey);
  if (RAND_priv_bytes(key->bytes_.data(), kBytes) != 1) return absl::InternalError("there is no randomness");
  return std::shared_ptr<const SecretKey>(key);
}

std::shared_ptr<const SecretKey> SecretKey::Of(absl::string_view bytes) {
  const std::shared_ptr<SecretKey> key(new SecretKey);
  std::copy_n(bytes.begin(), std::min(bytes.size(), kBytes), key->bytes_.begin());
  return key;
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

void Wipe(std::string* bytes) { OPENSSL_cleanse(bytes->data(), bytes->size()); }

absl::StatusOr<eventstore::SealedPart> Seal(const SecretKey& key, absl::string_view key_id, const SealedPlace& place,
                                            absl::string_view text) {
  absl::StatusOr<Encrypted> encrypted = Encrypt(key, AssociatedData(kOfText, key_id, place), text);
  if (!encrypted.ok()) return encrypted.status();
  return eventstore::SealedPart{std::string(key_id), std::move(encrypted->nonce), std::move(encrypted->ciphertext)};
}

std::optional<std::string> Unseal(const SecretKey& key, absl::string_view key_id, const SealedPlace& place,
                                  absl::string_view nonce, absl::string_view ciphertext) {
  return Decrypt(key, AssociatedData(kOfText, key_id, place), nonce, ciphertext);
}

absl::StatusOr<std::string> WrapKey(const SecretKey& key, absl::string_view id, const SecretKey* key_encryption_key) {
  if (key_encryption_key == nullptr) return absl::StrCat(absl::string_view(&kClearKey, 1), key.bytes());
  const absl::StatusOr<Encrypted> wrapped =
      Encrypt(*key_encryption_key, AssociatedData(kOfKey, id, SealedPlace()), key.bytes());
  if (!wrapped.ok()) return wrapped.status();
  return absl::StrCat(absl::string_view(&kWrappedKey, 1), wrapped->nonce, wrapped->ciphertext);
}

std::optional<bool> IsWrapped(absl::string_view kept) {
  if (kept.size() == 1 + SecretKey::kBytes && kept[0] == kClearKey) return false;
  if (kept.size() == 1 + kNonceBytes + SecretKey::kBytes + kTagBytes && kept[0] == kWrappedKey) return true;
  return std::nullopt;
}

std::shared_ptr<const SecretKey> UnwrapKey(absl::string_view kept, absl::string_view id,
                                           const SecretKey* key_encryption_key) {
  const std::optional<bool> wrapped = IsWrapped(kept);
  if (!wrapped) return nullptr;
  kept.remove_prefix(1);
  if (!*wrapped) return SecretKey::Of(kept);
  if (key_encryption_key == nullptr) return nullptr;
  std::optional<std::string> bytes = Decrypt(*key_encryption_key, AssociatedData(kOfKey, id, SealedPlace()),
                                             kept.substr(0, kNonceBytes), kept.substr(kNonceBytes));
  if (!bytes) return nullptr;
  std::shared_ptr<const SecretKey> key = SecretKey::Of(*bytes);
  Wipe(&*bytes);
  return key;
}

absl::StatusOr<std::shared_ptr<const SecretKey>> ReadKeyFile(const std::string& path) {
  constexpr size_t kReadMax = 4 * SecretKey::kBytes;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return NoKeyFile(path, "cannot be read");
  struct stat status = {};
  const bool known = ::fstat(file, &status) == 0;
  std::string content(kReadMax, '\0');
  const ssize_t size = known && S_ISREG(status.st_mode) ? ::read(file, content.data(), content.size()) : -1;
  ::close(file);
  if (size < 0) return NoKeyFile(path, "is no file that can be read");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    Wipe(&content);
    return NoKeyFile(path, "can be used by others than its owner; take their rights away with chmod 600");
  }
  content.resize(static_cast<size_t>(size));
  // What fills the buffer may go on behind it.
  std::shared_ptr<const SecretKey> key = content.size() < kReadMax ? KeyIn(content) : nullptr;
  Wipe(&content);
  if (key == nullptr) return NoKeyFile(path, "holds no key; write 64 hexadecimal digits, or 32 random bytes");
  return key;
}

}  // namespace services
