// trustd-opentelemetry.so: sends spans by OTLP over HTTP. The one source that knows OpenTelemetry; trustd loads it when
// it is told where to send them.

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "opentelemetry/exporters/otlp/otlp_http_exporter_factory.h"
#include "opentelemetry/exporters/otlp/otlp_http_exporter_options.h"
#include "opentelemetry/sdk/common/global_log_handler.h"
#include "opentelemetry/sdk/resource/resource.h"
#include "opentelemetry/sdk/trace/batch_span_processor_factory.h"
#include "opentelemetry/sdk/trace/batch_span_processor_options.h"
#include "opentelemetry/sdk/trace/exporter.h"
#include "opentelemetry/sdk/trace/processor.h"
#include "opentelemetry/sdk/trace/recordable.h"
#include "opentelemetry/sdk/trace/tracer_provider.h"
#include "opentelemetry/trace/propagation/http_trace_context.h"
#include "opentelemetry/trace/span.h"
#include "opentelemetry/trace/span_context.h"
#include "opentelemetry/trace/span_startoptions.h"
#include "opentelemetry/trace/tracer.h"
#include "services/opentelemetry/span_abi.h"

namespace {

namespace common = opentelemetry::common;
namespace nostd = opentelemetry::nostd;
namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk;
namespace trace = opentelemetry::trace;
namespace internal_log = opentelemetry::sdk::common::internal_log;

constexpr size_t kBatchSpansMax = 512;
constexpr std::chrono::seconds kInterval{1};  // Between two batches that are not full.
constexpr std::chrono::seconds kTimeout{3};   // Of one batch.

// Keeps the last error that the library told, which it would print.
class LastComplaint final : public internal_log::LogHandler {
 public:
  void Handle(internal_log::LogLevel level, const char*, int, const char* message,
              const sdk::common::AttributeMap&) noexcept override {
    if (level != internal_log::LogLevel::Error || message == nullptr) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    text_ = message;
  }

  std::string Take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(text_, {});
  }

 private:
  std::mutex mutex_;
  std::string text_;  // Guarded by mutex_.
};

// An exporter that tells what came of each batch.
class TellingExporter final : public sdk::trace::SpanExporter {
 public:
  TellingExporter(std::unique_ptr<sdk::trace::SpanExporter> exporter, const TrustdSpanConfig& config,
                  std::shared_ptr<LastComplaint> complaint, const std::atomic<bool>* closing)
      : exporter_(std::move(exporter)),
        done_(config.done),
        context_(config.context),
        complaint_(std::move(complaint)),
        closing_(*closing) {}

  std::unique_ptr<sdk::trace::Recordable> MakeRecordable() noexcept override { return exporter_->MakeRecordable(); }

  sdk::common::ExportResult Export(
      const nostd::span<std::unique_ptr<sdk::trace::Recordable>>& spans) noexcept override {
    using sdk::common::ExportResult;
    // At the end nothing waits for a collector that did not answer once.
    if (given_up_) {
      done_(context_, spans.size(), "the server ends");
      return ExportResult::kFailure;
    }
    complaint_->Take();
    const ExportResult result = exporter_->Export(spans);
    // The exporter of 1.19 says success whatever happened, and what happened to the log.
    const std::string complaint = complaint_->Take();
    const bool sent = result == ExportResult::kSuccess && complaint.empty();
    given_up_ = !sent && closing_;
    done_(context_, spans.size(), sent ? nullptr : complaint.c_str());
    return sent ? ExportResult::kSuccess : ExportResult::kFailure;
  }

  bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return exporter_->ForceFlush(timeout); }
  bool Shutdown(std::chrono::microseconds timeout) noexcept override { return exporter_->Shutdown(timeout); }

 private:
  const std::unique_ptr<sdk::trace::SpanExporter> exporter_;
  void (*const done_)(void*, uint64_t, const char*);
  void* const context_;
  const std::shared_ptr<LastComplaint> complaint_;  // The library's as well, for as long as it likes.
  const std::atomic<bool>& closing_;
  bool given_up_ = false;  // Export is called by one thread.
};

struct Sender {
  std::atomic<bool> closing{false};
  std::unique_ptr<sdk::trace::TracerProvider> provider;
  nostd::shared_ptr<trace::Tracer> tracer;
};

void* Open(const TrustdSpanConfig* config) {
  auto sender = std::make_unique<Sender>();
  const auto complaint = std::make_shared<LastComplaint>();
  internal_log::GlobalLogHandler::SetLogHandler(std::shared_ptr<internal_log::LogHandler>(complaint));
  internal_log::GlobalLogHandler::SetLogLevel(internal_log::LogLevel::Error);
  otlp::OtlpHttpExporterOptions options;  // Headers and certificates are those of the environment.
  options.url = config->endpoint;
  options.content_type = otlp::HttpRequestContentType::kBinary;
  options.timeout = kTimeout;
  sdk::trace::BatchSpanProcessorOptions batches;
  batches.max_queue_size = config->waiting_max + 1;
  batches.max_export_batch_size = kBatchSpansMax;
  batches.schedule_delay_millis = kInterval;
  auto exporter = std::make_unique<TellingExporter>(otlp::OtlpHttpExporterFactory::Create(options), *config, complaint,
                                                    &sender->closing);
  const auto resource =
      sdk::resource::Resource::Create({{"service.name", "trustd"}, {"service.version", config->version}});
  sender->provider = std::make_unique<sdk::trace::TracerProvider>(
      sdk::trace::BatchSpanProcessorFactory::Create(std::move(exporter), batches), resource);
  sender->tracer = sender->provider->GetTracer("trustd", config->version);
  return sender.release();
}

// Whether a code says that the server failed, as OpenTelemetry has it for spans of servers; else it is the caller's.
bool IsFailureOfServer(int32_t code) {
  constexpr int32_t kUnknown = 2, kDeadlineExceeded = 4, kUnimplemented = 12, kInternal = 13, kUnavailable = 14,
                    kDataLoss = 15;
  return code == kUnknown || code == kDeadlineExceeded || code == kUnimplemented || code == kInternal ||
         code == kUnavailable || code == kDataLoss;
}

void Take(void* opened, const TrustdSpan* call) {
  auto& sender = *static_cast<Sender*>(opened);
  constexpr std::chrono::nanoseconds kStart{1};  // 0 would be now.
  trace::StartSpanOptions start;
  start.kind = trace::SpanKind::kServer;
  start.start_system_time = common::SystemTimestamp(std::chrono::nanoseconds(call->start_unix_ns));
  start.start_steady_time = common::SteadyTimestamp(kStart);
  if (*call->trace_id != '\0') {
    using trace::propagation::HttpTraceContext;
    start.parent = trace::SpanContext(HttpTraceContext::TraceIdFromHex(call->trace_id),
                                      HttpTraceContext::SpanIdFromHex(call->parent_id),
                                      trace::TraceFlags(trace::TraceFlags::kIsSampled), /*is_remote=*/true);
  }
  const nostd::shared_ptr<trace::Span> span = sender.tracer->StartSpan(std::string(call->service) + "/" + call->method,
                                                                       {{"rpc.system", "grpc"},
                                                                        {"rpc.service", call->service},
                                                                        {"rpc.method", call->method},
                                                                        {"rpc.grpc.status_code", call->code}},
                                                                       start);
  if (call->code != 0) span->SetAttribute("error.type", call->code_name);
  for (const auto& [name, value] :
       {std::pair("trustd.reason", call->reason), std::pair("trustd.request_id", call->request_id),
        std::pair("trustd.log_position", call->log_position)}) {
    if (*value != '\0') span->SetAttribute(name, value);
  }
  if (IsFailureOfServer(call->code)) span->SetStatus(trace::StatusCode::kError, call->code_name);
  trace::EndSpanOptions end;
  end.end_steady_time = common::SteadyTimestamp(kStart + std::chrono::nanoseconds(call->duration_ns));
  span->End(end);
}

void Close(void* opened) {
  const std::unique_ptr<Sender> sender(static_cast<Sender*>(opened));
  sender->closing = true;
  sender->provider->Shutdown();
}

constexpr TrustdSpanModule kModule = {kTrustdSpanAbi, Open, Take, Close};

}  // namespace

extern "C" __attribute__((visibility("default"))) const TrustdSpanModule* trustd_span_module() { return &kModule; }
