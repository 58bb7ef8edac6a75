#include "services/rpc/server_credentials.h"

#include "absl/strings/string_view.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace rpc {
namespace {

constexpr unsigned kLookAgainSeconds = 1;

// Has the guard look at a certificate whose chain was verified: also in a handshake that resumes a session, in which
// the chain is not verified again.
class PeerVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  PeerVerifier(const identity::Guard* guard, const services::Clock* clock, CallMeter* meter)
      : guard_(*guard), clock_(*clock), meter_(*meter) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    const grpc::string_ref pem = request->peer_cert();
    // A peer that shows none is known by its token, or not at all.
    if (pem.empty()) return true;
    const absl::Status taken = guard_.CheckCertificate({pem.data(), pem.size()}, clock_.Now());
    if (!taken.ok()) {
      *status = {grpc::StatusCode::UNAUTHENTICATED, std::string(taken.message())};
      meter_.Refused(CallerRefusal::kCertificate, "", status->error_code());
    }
    return true;
  }

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const identity::Guard& guard_;
  const services::Clock& clock_;
  CallMeter& meter_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files, const identity::Guard* guard,
                                                            const services::Clock* clock, CallMeter* meter) {
  using grpc::experimental::FileWatcherCertificateProvider;
  const bool asks = !files.authorities.empty();
  grpc::experimental::TlsServerCredentialsOptions options(
      asks ? std::make_shared<FileWatcherCertificateProvider>(files.identity, files.identity, files.authorities,
                                                              kLookAgainSeconds)
           : std::make_shared<FileWatcherCertificateProvider>(files.identity, files.identity, kLookAgainSeconds));
  options.watch_identity_key_cert_pairs();
  options.set_check_call_host(false);
  options.set_cert_request_type(!asks ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                : files.certificate_required
                                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                    : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  if (asks) {
    options.watch_root_certs();
    options.set_certificate_verifier(
        grpc::experimental::ExternalCertificateVerifier::Create<PeerVerifier>(guard, clock, meter));
  }
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> MakeLocalCredentials(bool unix_socket) {
  return grpc::experimental::LocalServerCredentials(unix_socket ? UDS : LOCAL_TCP);
}

}  // namespace rpc
