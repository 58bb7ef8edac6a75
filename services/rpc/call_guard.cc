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
  CallGuard(const identity::Guard* guard, const services::Clock* clock) : guard_(*guard), clock_(*clock) {}

  // It looks into memory, and verifies a signature at most.
  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* connection, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const absl::StatusOr<identity::Admission> admission =
        guard_.Admit(Present(*connection, metadata), path == metadata.end() ? "" : View(path->second), clock_.Now());
    if (admission.ok()) return grpc::Status::OK;
    return {static_cast<grpc::StatusCode>(admission.status().code()), std::string(admission.status().message())};
  }

 private:
  const identity::Guard& guard_;
  const services::Clock& clock_;
};

}  // namespace

PresentedByCall::PresentedByCall(const grpc::CallbackServerContext& context)
    : connection_(context.auth_context()), presented_(Present(*connection_, context.client_metadata())) {}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const identity::Guard* guard, const services::Clock* clock) {
  return std::make_shared<CallGuard>(guard, clock);
}

}  // namespace rpc
