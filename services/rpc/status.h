// From the statuses of the code that judges to what travels on the wire. The one file that knows both.
//
// A status tells its details by payloads of plain text:
//   trust.v1/reason                the reason's name; becomes ErrorInfo (domain trust.v1)
//   trust.v1/metadata/NAME         a dynamic part of the message; becomes ErrorInfo.metadata
//   trust.v1/field/NNNN            "path\ndescription"; become BadRequest
//   trust.v1/precondition_subject  becomes PreconditionFailure
//   trust.v1/resource              "type\nname"; becomes ResourceInfo
//   trust.v1/retry_after_ms        becomes RetryInfo
// A status without a reason is a fault of the program's own: it becomes INTERNAL and says nothing of the inside. Pure.

#ifndef SERVICES_RPC_STATUS_H_
#define SERVICES_RPC_STATUS_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace rpc {

google::rpc::Status ToRpcStatus(const absl::Status& status);

// As above, with the details in grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status);

// What ends a stream whose caller went away. Nobody sees it.
grpc::Status NobodyWaits();

}  // namespace rpc

#endif  // SERVICES_RPC_STATUS_H_
