#include "services/identity/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace identity {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using List = std::unique_ptr<X509_CRL, Free<X509_CRL_free>>;

Bio Source(absl::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::vector<Certificate> ReadCertificates(absl::string_view pem) {
  std::vector<Certificate> certificates;
  const Bio bio = Source(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    certificates.emplace_back(certificate);
  ERR_clear_error();
  return certificates;
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string Der(const X509_NAME* name) {
  const unsigned char* bytes = nullptr;
  size_t size = 0;
  if (X509_NAME_get0_der(name, &bytes, &size) != 1) return "";
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::string Bytes(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), ASN1_STRING_length(text));
}

// A serial number with its sign, so that no two numbers are alike.
std::string Serial(const ASN1_INTEGER* number) {
  return absl::StrCat(ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER ? "-" : "", Bytes(number));
}

std::vector<std::string> UrisOf(const X509* certificate) {
  std::vector<std::string> uris;
  auto* const names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_URI) uris.push_back(Bytes(name->d.uniformResourceIdentifier));
  }
  GENERAL_NAMES_free(names);
  ERR_clear_error();
  return uris;
}

std::string SubjectOf(const X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0) return "";
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

absl::Status Unknown(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("the certificate is not accepted: ", why));
}

bool HasControl(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Peer> ReadPeer(absl::string_view pem) {
  const std::vector<Certificate> certificates = ReadCertificates(pem);
  if (certificates.empty()) return Unknown("it cannot be read");
  const X509* const certificate = certificates.front().get();
  Peer peer;
  const std::vector<std::string> uris = UrisOf(certificate);
  for (const std::string& uri : uris) {
    if (!absl::StartsWith(uri, "spiffe://")) continue;
    // A SPIFFE certificate has exactly one URI (SPIFFE X.509-SVID, section 2).
    if (uris.size() > 1) return Unknown("it has a SPIFFE ID and other URIs beside it");
    if (HasControl(uri) || absl::StrContains(uri, '#')) return Unknown("its SPIFFE ID is malformed");
    peer.principal = uri;
  }
  if (peer.principal.empty()) {
    const std::string subject = SubjectOf(certificate);
    if (subject.empty()) return Unknown("it names no one, by neither a SPIFFE ID nor a subject");
    peer.principal = absl::StrCat("x509:", subject);
  }
  if (peer.principal.size() > kPrincipalBytesMax) return Unknown("its name is longer than 512 bytes");
  peer.not_before = ToTime(X509_get0_notBefore(certificate));
  peer.not_after = ToTime(X509_get0_notAfter(certificate));
  peer.issuer = Der(X509_get_issuer_name(certificate));
  peer.serial = Serial(X509_get0_serialNumber(certificate));
  return peer;
}

absl::StatusOr<absl::Time> CheckServerFiles(absl::string_view chain_pem, absl::string_view key_pem, absl::Time now) {
  const std::vector<Certificate> chain = ReadCertificates(chain_pem);
  if (chain.empty()) return absl::InvalidArgumentError("the certificate file holds no certificate in PEM");
  const Bio bio = Source(key_pem);
  // No pass phrase: nobody is there to type one.
  const Key key(PEM_read_bio_PrivateKey(
      bio.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  const bool fits = key != nullptr && X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr)
    return absl::InvalidArgumentError("the key file holds no private key in PEM without a pass phrase");
  if (!fits) return absl::InvalidArgumentError("the key is not the one of the first certificate");
  const absl::Time not_before = ToTime(X509_get0_notBefore(chain.front().get()));
  const absl::Time not_after = ToTime(X509_get0_notAfter(chain.front().get()));
  if (now > not_after)
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate ended at ", absl::FormatTime(not_after, absl::UTCTimeZone()),
                     ", and the clock says ", absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone()),
                     ": put a renewed one and its key there, or set the clock right"));
  if (now < not_before)
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate begins at ", absl::FormatTime(not_before, absl::UTCTimeZone()),
                     ", and the clock says ", absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone())));
  return not_after;
}

absl::StatusOr<absl::Time> CheckAuthorities(absl::string_view pem, absl::Time now) {
  const std::vector<Certificate> authorities = ReadCertificates(pem);
  if (authorities.empty()) return absl::InvalidArgumentError("the file of authorities holds no certificate in PEM");
  absl::Time first_end = absl::InfiniteFuture();
  for (const Certificate& authority : authorities) {
    if (X509_check_ca(authority.get()) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(SubjectOf(authority.get()), " is no certificate of an authority"));
    }
    const absl::Time not_after = ToTime(X509_get0_notAfter(authority.get()));
    if (now > not_after) {
      return absl::InvalidArgumentError(absl::StrCat("the certificate of ", SubjectOf(authority.get()), " ended at ",
                                                     absl::FormatTime(not_after, absl::UTCTimeZone()),
                                                     ": take it out, or put a renewed one in its place"));
    }
    first_end = std::min(first_end, not_after);
  }
  return first_end;
}

absl::StatusOr<std::shared_ptr<const RevocationList>> RevocationList::Parse(absl::string_view pem,
                                                                            absl::string_view authorities_pem) {
  const std::vector<Certificate> authorities = ReadCertificates(authorities_pem);
  auto revoked = std::make_shared<RevocationList>();
  const Bio bio = Source(pem);
  bool any = false;
  while (X509_CRL* read = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
    const List list(read);
    any = true;
    bool trusted = false;
    for (const Certificate& authority : authorities) {
      if (X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(list.get())) != 0) continue;
      trusted = trusted || X509_CRL_verify(list.get(), X509_get0_pubkey(authority.get())) == 1;
    }
    ERR_clear_error();
    if (!trusted) return absl::InvalidArgumentError("a revocation list is not signed by any of the authorities");
    absl::flat_hash_set<std::string>& serials = revoked->serials_[Der(X509_CRL_get_issuer(list.get()))];
    STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
      serials.insert(Serial(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
    }
    if (const ASN1_TIME* const next = X509_CRL_get0_nextUpdate(list.get()); next != nullptr) {
      revoked->next_update_ = std::min(revoked->next_update_, ToTime(next));
    }
  }
  ERR_clear_error();
  if (!any) return absl::InvalidArgumentError("the file of revocations holds no list in PEM (BEGIN X509 CRL)");
  return revoked;
}

bool RevocationList::Revokes(const Peer& peer) const {
  const auto found = serials_.find(peer.issuer);
  return found != serials_.end() && found->second.contains(peer.serial);
}

}  // namespace identity
