// What says who a caller is and what it may: the permission file, the file of token keys, tokens, certificates.
// Promised: a file grants what it says and nothing to others; a token without the right signature says nothing, and one
// with it only what its key's issuer may say; no refusal shows what stands in a token.

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "services/identity/certificates.h"
#include "services/identity/permissions.h"
#include "services/identity/token_keys.h"
#include "tests/fuzz/fuzz_input.h"
#include "trust/v1/access.pb.h"

namespace {

using fuzz::Require;

// A key that is made anew in every process, so that no file holds it: what is found is signed again when it is tried
// again.
class Signer {
 public:
  Signer() : key_(EVP_RSA_gen(2048)) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    Require(key_ != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_) == 1, "there is a key");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    trust::v1::TokenKeyFile file;
    trust::v1::TokenIssuer& issuer = *file.add_issuers();
    issuer.set_issuer("issuer");
    issuer.set_audience("trustd");
    trust::v1::TokenKey& key = *issuer.add_keys();
    key.set_key_id("k1");
    key.set_algorithm("RS256");
    key.set_public_key(std::string(text, static_cast<size_t>(size)));
    std::string json;
    Require(google::protobuf::util::MessageToJsonString(file, &json).ok(), "there is a key file");
    keys_ = *identity::TokenKeys::Parse(json);
  }

  const identity::TokenKeys& keys() const { return *keys_; }

  std::string Token(absl::string_view header, absl::string_view claims) const {
    const std::string text = absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(claims));
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string signature(256, '\0');
    size_t size = signature.size();
    Require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) == 1 &&
                EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
            "a token can be signed");
    return absl::StrCat(text, ".", absl::WebSafeBase64Escape(signature));
  }

 private:
  EVP_PKEY* const key_;
  std::shared_ptr<const identity::TokenKeys> keys_;
};

const Signer& TheSigner() {
  static const auto* const signer = new Signer;
  return *signer;
}

void ReadPermissions(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  const auto permissions = identity::Permissions::Parse(text.view());
  fuzz::RequireModest(permissions.status());
  if (!permissions.ok()) return;
  trust::v1::PermissionFile file;
  Require(google::protobuf::util::JsonStringToMessage(std::string(bytes), &file).ok(), "a permission file is JSON");
  for (const trust::v1::Grant& grant : file.grants()) {
    for (const std::string& principal : grant.principals()) {
      const identity::Grants* const grants = (*permissions)->Find(principal);
      Require(grants != nullptr, "whom the file names has a grant");
      for (const identity::Grant& one : *grants) Require(!one.roles.empty(), "a grant has a role");
      // Limited in the file, limited in effect: otherwise a wrong id would grant everything.
      Require(std::any_of(grants->begin(), grants->end(),
                          [&](const identity::Grant& one) {
                            return one.partnerships.empty() == grant.partnerships().empty() &&
                                   one.organizations.empty() == grant.organizations().empty();
                          }),
              "a grant is limited as the file says");
    }
  }
  Require((*permissions)->Find("nobody#nobody") == nullptr || absl::StrContains(bytes, "nobody"),
          "nobody else has a grant");
}

void RequireSilent(const absl::Status& status, absl::string_view shown) {
  fuzz::RequireModest(status);
  // What refusals say by themselves has neither quotes nor dots.
  const absl::string_view piece = shown.substr(0, 24);
  if (piece.find_first_of("\".") != absl::string_view::npos) {
    Require(!absl::StrContains(status.message(), piece), "no refusal shows the token");
  }
}

void ReadToken(absl::string_view bytes) {
  const fuzz::ExactCopy token(bytes);
  const auto read = TheSigner().keys().Read(token.view());
  Require(!read.ok(), "a token that the key did not sign says nothing");
  RequireSilent(read.status(), bytes);
}

void ReadSigned(fuzz::Input& input) {
  const absl::string_view header = input.Text(), claims = input.Text(2);
  const uint64_t place = input.Number(2);
  const uint8_t flipped = input.Byte();
  std::string token = TheSigner().Token(header, claims);
  const auto read = TheSigner().keys().Read(token);
  if (read.ok()) {
    Require(absl::StartsWith(read->principal, "issuer#") && read->principal.size() > 7, "a token is of its issuer");
    Require(absl::StrContains(claims, "trustd") || absl::StrContains(claims, "\\"), "a token is for this server");
    Require(read->expires >= absl::UnixEpoch() && read->expires < absl::InfiniteFuture(), "a token ends");
    Require(!read->IsValidAt(read->expires + absl::Hours(1)), "a token that has ended is not valid");
  } else {
    RequireSilent(read.status(), claims);
  }
  // Of the last characters of base64 some bits count for nothing.
  const size_t at = place % token.size();
  if (flipped == 0 || at + 1 == token.size()) return;
  token[at] = static_cast<char>(token[at] ^ flipped);
  const size_t last = token.rfind('.');
  if (last != std::string::npos && at < last) {
    Require(!TheSigner().keys().Read(token).ok(), "a token that was changed says nothing");
  }
}

void ReadKeyFile(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  const auto keys = identity::TokenKeys::Parse(text.view());
  fuzz::RequireModest(keys.status());
  if (keys.ok()) Require(!(*keys)->Read("e30.e30.e30").ok(), "an empty token says nothing");
}

void ReadCertificate(absl::string_view bytes) {
  const fuzz::ExactCopy pem(bytes);
  const auto peer = identity::ReadPeer(pem.view());
  fuzz::RequireModest(peer.status());
  if (peer.ok()) {
    Require(!peer->principal.empty() && peer->principal.size() <= identity::kPrincipalBytesMax,
            "a principal has a name that a permission file can hold");
  }
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  fuzz::RequireModest(identity::CheckAuthorities(pem.view(), now).status());
  fuzz::RequireModest(identity::RevocationList::Parse(pem.view(), pem.view()).status());
}

// The body of a certificate, in the armour that no fuzzer keeps whole.
std::string Armoured(absl::string_view der) {
  return absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(der), "\n-----END CERTIFICATE-----\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(6)) {
    case 0:
      ReadPermissions(input.Rest());
      break;
    case 1:
      ReadKeyFile(input.Rest());
      break;
    case 2:
      ReadToken(input.Rest());
      break;
    case 3:
      ReadSigned(input);
      break;
    case 4:
      ReadCertificate(input.Rest());
      break;
    case 5:
      ReadCertificate(Armoured(input.Rest()));
      break;
  }
  return 0;
}
