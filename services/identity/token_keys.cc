#include "services/identity/token_keys.h"

#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "trust/v1/access.pb.h"

namespace identity {
namespace {

constexpr size_t kKeyFileBytesMax = 1 << 20;
constexpr size_t kSubjectBytesMax = 256;
constexpr int kRsaBitsMin = 2048;

struct Algorithm {
  absl::string_view name;
  jwt_alg_t id;
  int key_type;
  int key_bits;  // Of a curve exactly; of RSA at least.
};
constexpr std::array kAlgorithms = {Algorithm{"RS256", JWT_ALG_RS256, EVP_PKEY_RSA, kRsaBitsMin},
                                    Algorithm{"RS384", JWT_ALG_RS384, EVP_PKEY_RSA, kRsaBitsMin},
                                    Algorithm{"RS512", JWT_ALG_RS512, EVP_PKEY_RSA, kRsaBitsMin},
                                    Algorithm{"ES256", JWT_ALG_ES256, EVP_PKEY_EC, 256},
                                    Algorithm{"ES384", JWT_ALG_ES384, EVP_PKEY_EC, 384}};

const Algorithm* FindAlgorithm(absl::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

struct JwtFree {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, JwtFree>;

absl::Status Refused(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("the token is not accepted: ", why));
}

// What is wrong with a public key for an algorithm; empty when nothing is.
std::string KeyFault(const std::string& pem, const Algorithm& algorithm) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) return "is no public key in PEM (BEGIN PUBLIC KEY)";
  const int bits = EVP_PKEY_get_bits(key.get());
  if (EVP_PKEY_get_base_id(key.get()) != algorithm.key_type ||
      (algorithm.key_type == EVP_PKEY_EC && bits != algorithm.key_bits)) {
    return absl::StrCat("is not a key for ", algorithm.name);
  }
  if (bits < algorithm.key_bits) return absl::StrCat("has ", bits, " bits, and needs at least ", algorithm.key_bits);
  return "";
}

// The value of a member of a token's header or claims; nullopt when it is missing or no string.
std::optional<std::string> StringOf(const google::protobuf::Struct& object, const char* name) {
  const auto found = object.fields().find(name);
  if (found == object.fields().end() || !found->second.has_string_value()) return std::nullopt;
  return found->second.string_value();
}

// A time as seconds since 1970 (RFC 7519 section 2), between the years 1970 and 9999; nullopt when it is none.
std::optional<absl::Time> TimeOf(const google::protobuf::Value& value) {
  constexpr double kSecondsMax = 253402300799;
  if (!value.has_number_value() || !(value.number_value() >= 0 && value.number_value() <= kSecondsMax))
    return std::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(value.number_value()));
}

bool NamesAudience(const google::protobuf::Struct& claims, const std::string& audience) {
  const auto found = claims.fields().find("aud");
  if (found == claims.fields().end()) return false;
  if (found->second.has_string_value()) return found->second.string_value() == audience;
  for (const google::protobuf::Value& one : found->second.list_value().values()) {
    if (one.has_string_value() && one.string_value() == audience) return true;
  }
  return false;
}

// What a library call returned as allocated text, as an object; nullopt when it is none.
std::optional<google::protobuf::Struct> ObjectOf(char* json) {
  if (json == nullptr) return std::nullopt;
  google::protobuf::Struct object;
  const bool parsed = google::protobuf::util::JsonStringToMessage(json, &object).ok();
  std::free(json);
  if (!parsed) return std::nullopt;
  return object;
}

// Three parts of base64url without padding, as RFC 7515 section 3.1 has them: libjwt is content with less.
bool IsCompact(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return false;
  for (const absl::string_view part : parts) {
    if (part.empty()) return false;
    for (const char c : part) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') return false;
    }
  }
  return true;
}

Jwt Decode(const std::string& token, const std::string* key) {
  jwt_t* decoded = nullptr;
  const int result = key == nullptr
                         ? jwt_decode(&decoded, token.c_str(), nullptr, 0)
                         : jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(key->c_str()),
                                      static_cast<int>(key->size()));
  ERR_clear_error();
  Jwt owned(result == 0 ? decoded : nullptr);
  return owned;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TokenKeys>> TokenKeys::Parse(absl::string_view text) {
  if (text.size() > kKeyFileBytesMax) return absl::InvalidArgumentError("it is larger than 1 MiB");
  trust::v1::TokenKeyFile file;
  const google::protobuf::util::Status parsed =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &file);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it is no JSON of the form {\"issuers\": [{\"issuer\": ..., \"audience\": ..., \"keys\": [...]}]}: ",
        absl::StrReplaceAll(std::string(parsed.message()).substr(0, 300), {{"\n", " "}})));
  }
  auto keys = std::make_shared<TokenKeys>();
  for (int i = 0; i < file.issuers_size(); ++i) {
    const trust::v1::TokenIssuer& issuer = file.issuers(i);
    const std::string where = absl::StrCat("issuers[", i, "]");
    if (issuer.issuer().empty() || absl::StrContains(issuer.issuer(), '#')) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".issuer: write the claim iss of its tokens, without a #"));
    }
    if (issuer.audience().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".audience: write what their claim aud must name"));
    }
    for (int j = 0; j < issuer.keys_size(); ++j) {
      const trust::v1::TokenKey& key = issuer.keys(j);
      const std::string place = absl::StrCat(where, ".keys[", j, "]");
      if (key.key_id().empty()) {
        return absl::InvalidArgumentError(absl::StrCat(place, ".keyId: write the header kid of its tokens"));
      }
      const Algorithm* const algorithm = FindAlgorithm(key.algorithm());
      if (algorithm == nullptr) {
        return absl::InvalidArgumentError(absl::StrCat(place, ".algorithm: \"", key.algorithm().substr(0, 32),
                                                       "\" is none of RS256, RS384, RS512, ES256, ES384"));
      }
      if (const std::string fault = KeyFault(key.public_key(), *algorithm); !fault.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(place, ".publicKey: ", fault));
      }
      const Key kept{issuer.issuer(), issuer.audience(), key.algorithm(), key.public_key()};
      if (!keys->keys_.emplace(key.key_id(), kept).second) {
        return absl::InvalidArgumentError(absl::StrCat(place, ".keyId: comes twice; give each key an id of its own"));
      }
    }
  }
  if (keys->keys_.empty()) return absl::InvalidArgumentError("it holds no key; add one to an issuer");
  return keys;
}

absl::StatusOr<Token> TokenKeys::Read(absl::string_view token) const {
  if (token.size() > kTokenBytesMax) return Refused(absl::StrCat("it has more than ", kTokenBytesMax, " bytes"));
  if (!IsCompact(token)) return Refused("it is no JSON Web Token");
  const std::string text(token);
  const Jwt unproved = Decode(text, nullptr);
  const std::optional<google::protobuf::Struct> header =
      unproved == nullptr ? std::nullopt : ObjectOf(jwt_get_headers_json(unproved.get(), nullptr));
  if (!header.has_value()) return Refused("it is no JSON Web Token");
  // An extension that must be understood, and is not.
  if (header->fields().contains("crit")) return Refused("its header has crit, of which nothing is known here");
  const std::optional<std::string> key_id = StringOf(*header, "kid");
  if (!key_id.has_value()) return Refused("its header names no key; send one with kid");
  const auto found = keys_.find(*key_id);
  if (found == keys_.end()) return Refused("its header names a key that is not known here");
  const Key& key = found->second;
  if (StringOf(*header, "alg") != key.algorithm) return Refused("its header names another algorithm than its key's");
  // The algorithm that libjwt takes from the header is the key's by now; it is looked at again where it was used.
  const Jwt proved = Decode(text, &key.pem);
  if (proved == nullptr || jwt_get_alg(proved.get()) != FindAlgorithm(key.algorithm)->id) {
    return Refused("its signature is wrong");
  }
  const std::optional<google::protobuf::Struct> claims = ObjectOf(jwt_get_grants_json(proved.get(), nullptr));
  if (!claims.has_value()) return Refused("its claims are no object");
  if (StringOf(*claims, "iss") != key.issuer) return Refused("its issuer is not the one of its key");
  if (!NamesAudience(*claims, key.audience)) return Refused("it is for another audience");
  const std::optional<std::string> subject = StringOf(*claims, "sub");
  if (!subject.has_value() || subject->empty() || subject->size() > kSubjectBytesMax) {
    return Refused("it names no subject, or a longer one than 256 bytes");
  }
  for (const char c : *subject) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return Refused("its subject has control characters");
  }
  Token read;
  read.principal = absl::StrCat(key.issuer, "#", *subject);
  const auto expires = claims->fields().find("exp");
  if (expires == claims->fields().end()) return Refused("it never expires; send one with exp");
  const std::optional<absl::Time> expiry = TimeOf(expires->second);
  if (!expiry.has_value()) return Refused("its exp is no time");
  read.expires = *expiry;
  for (const char* name : {"nbf", "iat"}) {
    const auto begin = claims->fields().find(name);
    if (begin == claims->fields().end()) continue;
    const std::optional<absl::Time> time = TimeOf(begin->second);
    if (!time.has_value()) return Refused(absl::StrCat("its ", name, " is no time"));
    read.not_before = std::max(read.not_before, *time);
  }
  return read;
}

}  // namespace identity
