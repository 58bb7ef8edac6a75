// Who is told of calls as they begin and end, to make spans of them.

#ifndef SERVICES_RPC_CALL_TRACER_H_
#define SERVICES_RPC_CALL_TRACER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "trust/v1/events.pb.h"

namespace rpc {

// A call that was traced. Nothing of its caller and nothing of what it was about but its request id and its place in
// the log.
struct TracedCall {
  absl::string_view path;      // /trust.v1.TrustService/AssessTrust
  trust::v1::TraceContext of;  // The trace that it belongs to; without ids it begins one.
  absl::Time began;
  absl::Duration duration;
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string reason;        // Of the error; empty where it has none.
  std::string request_id;    // Of a command that had one.
  std::string log_position;  // Of what a command recorded.
};

class CallTracer {
 public:
  virtual ~CallTracer() = default;

  // The trace that a call belongs to, without ids when it begins one; nothing when it is not traced. traceparent is the
  // call's, empty when it has none or several. Never blocks.
  virtual std::optional<trust::v1::TraceContext> Begin(absl::string_view traceparent) = 0;

  // Takes a call that ended. Never blocks.
  virtual void End(const TracedCall& call) = 0;
};

}  // namespace rpc

#endif  // SERVICES_RPC_CALL_TRACER_H_
