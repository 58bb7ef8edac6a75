// The guard of every call as gRPC calls it: before a handler, a reflection or a health check sees anything. It needs
// credentials that take it; plain text between machines has none.

#ifndef SERVICES_RPC_CALL_GUARD_H_
#define SERVICES_RPC_CALL_GUARD_H_

#include <memory>
#include <string>

#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/auth_metadata_processor.h"
#include "grpcpp/server_context.h"
#include "services/clock.h"
#include "services/identity/guard.h"
#include "services/rpc/call_meter.h"

namespace rpc {

// What the caller of a call shows; views into the call's context, which outlives it.
class PresentedByCall {
 public:
  explicit PresentedByCall(const grpc::CallbackServerContext& context);

  const identity::Presented& get() const { return presented_; }

 private:
  const std::shared_ptr<const grpc::AuthContext> connection_;  // Holds the certificate.
  identity::Presented presented_;
};

// Refuses every call that the guard does not admit, and has the meter know of it. All outlive it.
std::shared_ptr<grpc::AuthMetadataProcessor> MakeCallGuard(const identity::Guard* guard, const services::Clock* clock,
                                                           CallMeter* meter);

}  // namespace rpc

#endif  // SERVICES_RPC_CALL_GUARD_H_
