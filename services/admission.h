// What every call passes before anything is read or decided: whether its caller's grants cover it. Whether the method
// is open to the caller at all was asked before (services/rpc/call_guard.h), for every method alike; here the request
// is looked into. Never blocks.

#ifndef SERVICES_ADMISSION_H_
#define SERVICES_ADMISSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "services/decided_command.h"
#include "services/service_parts.h"

namespace services {

// The caller of a request that it may make; without a principal where callers are not authenticated. Errors:
// UNAUTHENTICATED / UNAUTHENTICATED; PERMISSION_DENIED / PERMISSION_DENIED, whatever exists or not.
absl::StatusOr<Caller> Admit(const ServiceParts& parts, grpc::CallbackServerContext* context,
                             const google::protobuf::Message& request);

}  // namespace services

#endif  // SERVICES_ADMISSION_H_
