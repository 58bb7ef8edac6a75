#include "services/rpc/call_guard.h"

#include <vector>

#include "absl/strings/string_view.h"
#include "grpc/grpc_security_constants.h"

namespace rpc {
namespace {

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

identity::Presented Present(const grpc::AuthContext& connection,
                            const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  identity::Presented presented;
  const std::vector<grpc::string_ref> certificates = connection.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!certificates.empty()) presented.certificate = View(certificates.front());
  const auto [begin, end] = metadata.equal_range("authorization");
  for (auto value = begin; value != end; ++value) presented.authorizations.push_back(View(value->second));
  return presented;
}

class CallGuard final : public grpc::AuthMetadataProcessor {
 public:
  CallGuard(const identity::Guard* guard, const services::Clock* clock, CallMeter* meter)
      : guard_(*guard), clock_(*clock), meter_(*meter) {}

  // It looks into memory, and verifies a signature at most.
  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* connection, OutputMetadata*,
                       OutputMetadata*) override {
    const auto found = metadata.find(":path");
    const absl::string_view path = found == metadata.end() ? "" : View(found->second);
    const absl::StatusOr<identity::Admission> admission =
        guard_.Admit(Present(*connection, metadata), path, clock_.Now());
    if (admission.ok()) return grpc::Status::OK;
    const auto code = static_cast<grpc::StatusCode>(admission.status().code());
    meter_.Refused(code == grpc::StatusCode::PERMISSION_DENIED ? CallerRefusal::kNotPermitted : CallerRefusal::kUnknown,
                   path, code);
    return {code, std::string(admission.status().message())};
  }

 private:
  const identity::Guard& guard_;
  const services::Clock& clock_;
  CallMeter& meter_;
};

}  // namespace

PresentedByCall::PresentedByCall(const grpc::CallbackServerContext& context)
    : connection_(context.auth_context()), presented_(Present(*connection_, context.client_metadata())) {}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const identity::Guard* guard, const services::Clock* clock,
                                                           CallMeter* meter) {
  return std::make_shared<CallGuard>(guard, clock, meter);
}

}  // namespace rpc
