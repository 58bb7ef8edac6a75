// The spans of calls on their way to a collector of OpenTelemetry. A module sends them, in batches, on a thread of its
// own; it is loaded when it is wanted, so that the server needs no library for it. What cannot be sent is counted, told
// in the server's log once a minute, and forgotten: no call waits for it, or fails. Thread-safe.

#ifndef SERVICES_SPAN_EXPORT_H_
#define SERVICES_SPAN_EXPORT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/clock.h"
#include "services/log_limit.h"
#include "services/meters.h"
#include "services/opentelemetry/span_abi.h"
#include "services/rpc/call_tracer.h"
#include "trust/v1/events.pb.h"

namespace services {

class SpanExport final : public rpc::CallTracer {
 public:
  struct Config {
    std::string endpoint;  // HOST:PORT behind http:// or https://; the path is v1/traces unless there is one.
    std::string module;    // The file to load.
    std::string version;   // The server's.
    int sample_per_mille =
        0;  // Of the calls without a traceparent, those that begin a trace: evenly, the first one too.
    uint64_t waiting_max = 2048;  // Spans that may wait to be sent; further ones are dropped.
  };

  // What became of the spans so far.
  struct Counts {
    uint64_t sent = 0;
    uint64_t failed = 0;
    uint64_t dropped = 0;
    uint64_t waiting = 0;
  };

  // Whether a text is an endpoint. Errors: INVALID_ARGUMENT, naming --traces_endpoint.
  static absl::Status CheckEndpoint(absl::string_view endpoint);

  // Loads the module, for good, and begins to send. clock outlives the export. Asks nothing of the collector.
  // Errors: INVALID_ARGUMENT as CheckEndpoint; FAILED_PRECONDITION when there is no such module that can be loaded, or
  // one of another version.
  static absl::StatusOr<std::unique_ptr<SpanExport>> Open(const Config& config, const Clock* clock);

  ~SpanExport() override;

  // A call with a traceparent is traced if that is sampled; one without, or with what is none, as sample_per_mille
  // says.
  std::optional<trust::v1::TraceContext> Begin(absl::string_view traceparent) override;
  void End(const rpc::TracedCall& call) override;

  Counts counts() const;

  // Sends what waits, until a batch fails; further spans are dropped. Blocks: while the collector answers, for at most
  // five batches, and three seconds when it does not. REQUIRES: no call of End is under way. Idempotent.
  void Stop();

 private:
  SpanExport(const Config& config, const Clock* clock, const TrustdSpanModule* module);

  void Done(uint64_t spans, const char* error);

  const Config config_;
  const TrustdSpanModule& module_;
  LogLimit log_limit_;
  std::atomic<uint64_t> without_parent_{0};
  std::atomic<uint64_t> waiting_{0};
  Counter sent_;
  Counter failed_;
  Counter dropped_;
  std::mutex stop_mutex_;
  std::atomic<void*> sender_{nullptr};  // The module's; null once stopped.
};

}  // namespace services

#endif  // SERVICES_SPAN_EXPORT_H_
