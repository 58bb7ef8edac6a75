// Counts calls as they begin and end, by method and code, and tells of those that failed through the server, or that
// were refused for who called. Methods are those that have a rule and no others, so that nothing a caller sends can
// make a new one.
//
// To count a call costs some relaxed additions on lines that few threads share, and gRPC an object a call. Thread-safe.

#ifndef SERVICES_RPC_CALL_METER_H_
#define SERVICES_RPC_CALL_METER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/status.h"
#include "services/clock.h"
#include "services/meters.h"
#include "services/reason_counts.h"
#include "services/rpc/call_tracer.h"

namespace rpc {

// Why a caller was refused for who it is.
enum class CallerRefusal {
  kCertificate,   // In the handshake: ended, revoked, or not to be understood.
  kUnknown,       // No certificate and no token that says who calls, or a token that does not count.
  kNotPermitted,  // Known, and without a role or a grant that covers the call.
};
inline constexpr size_t kCallerRefusals = 3;

// A call that somebody should look at. Nothing of its caller and nothing of what it was about but its request id.
struct FailedCall {
  absl::string_view method;  // trust.v1.TrustService/AssessTrust; empty where there was none yet.
  std::string code;          // PERMISSION_DENIED
  std::string reason;        // Of the error; empty where it has none.
  std::string request_id;    // Of a command that had one.
};

// What was counted of a method.
struct MethodReading {
  std::string service;  // trust.v1.TrustService; "unknown", as its method, for all that have no rule.
  std::string method;
  uint64_t started = 0;
  std::array<uint64_t, 17> handled{};   // By code.
  services::HistogramReading duration;  // In nanoseconds; of calls with one request and one answer alone.
};

// The name of a code: DEADLINE_EXCEEDED.
absl::string_view CodeName(grpc::StatusCode code);

class CallMeter {
 public:
  // clock outlives the meter. on_failed is called on the thread that ends the call; it must not block.
  CallMeter(const services::Clock* clock, std::function<void(const FailedCall&)> on_failed);

  // The number by which a method is counted, by its path: /trust.v1.TrustService/AssessTrust.
  size_t IndexOf(absl::string_view path) const;

  // Whether a number is that of a method that has a rule.
  bool Knows(size_t method) const { return method < paths_.size(); }

  // The path of one that has. Lives as long as the meter.
  absl::string_view PathOf(size_t method) const { return paths_[method]; }

  void Started(size_t method);
  // duration counts for calls with one request and one answer; below zero for others. request_id is asked only of a
  // call that is told of.
  void Handled(size_t method, const grpc::Status& status, absl::Duration duration,
               absl::FunctionRef<std::string()> request_id);
  // A caller that was refused before its call reached a method.
  void Refused(CallerRefusal refusal, absl::string_view path, grpc::StatusCode code);

  const services::Clock& clock() const { return clock_; }

  // All methods, in the order of their paths, the unknown ones last.
  std::vector<MethodReading> Methods() const;
  // Errors that were answered, by reason.
  const services::ReasonCounts& reasons() const { return reasons_; }
  uint64_t refused(CallerRefusal refusal) const { return refusals_[static_cast<size_t>(refusal)].value(); }

 private:
  static constexpr size_t kShards = 8;
  struct Numbers {
    std::atomic<uint64_t> started{0};
    std::array<std::atomic<uint64_t>, 17> handled{};
    std::array<std::atomic<uint64_t>, services::kBoundsMax + 1> durations{};
    std::atomic<uint64_t> duration_sum_ns{0};
  };

  Numbers& Mine(size_t method);

  const services::Clock& clock_;
  const std::function<void(const FailedCall&)> on_failed_;
  const std::vector<std::string> paths_;
  absl::flat_hash_map<std::string, size_t> indexes_;
  std::array<std::unique_ptr<Numbers[]>, kShards> shards_;  // Each with one for every method, and one for the unknown.
  services::ReasonCounts reasons_;
  std::array<services::Counter, kCallerRefusals> refusals_;
};

// Has a server's calls counted, and those of trust.v1 traced where tracer is not null: for
// ServerBuilder::experimental().SetInterceptorCreators. meter and tracer outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallInterceptors(CallMeter* meter,
                                                                                            CallTracer* tracer);

}  // namespace rpc

#endif  // SERVICES_RPC_CALL_METER_H_
