// Certificates and lists of what was revoked. Promised: whoever is read from one has a name that a permission file can
// hold; every refusal is short.

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/identity/certificates.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

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
  switch (input.Pick(2)) {
    case 0:
      ReadCertificate(input.Rest());
      break;
    case 1:
      ReadCertificate(Armoured(input.Rest()));
      break;
  }
  return 0;
}
