#include "services/span_export.h"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/log.h"
#include "services/rpc/call_meter.h"
#include "services/trace_context.h"

namespace services {
namespace {

constexpr char kPath[] = "v1/traces";   // Of every collector.
constexpr size_t kErrorBytesMax = 300;  // Of what a collector may have answered.

// The endpoint as the module takes it, with a path.
std::string WholeEndpoint(const std::string& endpoint) {
  const size_t path = endpoint.find('/', endpoint.find("://") + 3);
  if (path == std::string::npos) return absl::StrCat(endpoint, "/", kPath);
  return path + 1 == endpoint.size() ? absl::StrCat(endpoint, kPath) : endpoint;
}

absl::StatusOr<const TrustdSpanModule*> Load(const SpanExport::Config& config) {
  const std::string install = absl::StrCat("install the package trustd-opentelemetry of version ", config.version);
  // Never unloaded: the library behind it keeps threads and globals.
  void* const library = dlopen(config.module.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("--traces_endpoint needs the module that sends traces, and it cannot be loaded: ", dlerror(), "; ",
                     install, ", or name the module with --traces_module"));
  }
  const auto function = reinterpret_cast<TrustdSpanModuleFunction>(dlsym(library, kTrustdSpanModuleSymbol));
  const TrustdSpanModule* const module = function == nullptr ? nullptr : function();
  if (module == nullptr || module->abi != kTrustdSpanAbi) {
    return absl::FailedPreconditionError(
        absl::StrCat("--traces_module=", config.module,
                     module == nullptr ? " is no module of trustd that sends traces"
                                       : absl::StrCat(" is that of another version of trustd (it has interface ",
                                                      module->abi, ", and this trustd ", kTrustdSpanAbi, ")"),
                     "; ", install));
  }
  return module;
}

}  // namespace

absl::Status SpanExport::CheckEndpoint(absl::string_view endpoint) {
  absl::string_view rest = endpoint;
  const bool has_scheme = absl::ConsumePrefix(&rest, "http://") || absl::ConsumePrefix(&rest, "https://");
  const absl::string_view host = rest.substr(0, rest.find('/'));
  const bool printable = std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (has_scheme && !host.empty() && host[0] != ':' && printable && !absl::StrContains(host, '@')) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--traces_endpoint=", endpoint,
                   " is no place to send traces to; use HOST:PORT behind http:// or https://, "
                   "with no name or password"));
}

absl::StatusOr<std::unique_ptr<SpanExport>> SpanExport::Open(const Config& config, const Clock* clock) {
  if (absl::Status endpoint = CheckEndpoint(config.endpoint); !endpoint.ok()) return endpoint;
  absl::StatusOr<const TrustdSpanModule*> module = Load(config);
  if (!module.ok()) return module.status();
  auto spans = std::unique_ptr<SpanExport>(new SpanExport(config, clock, *module));
  const std::string endpoint = WholeEndpoint(config.endpoint);
  const TrustdSpanConfig for_module = {
      endpoint.c_str(), config.version.c_str(), config.waiting_max,
      [](void* context, uint64_t count, const char* error) { static_cast<SpanExport*>(context)->Done(count, error); },
      spans.get()};
  spans->sender_ = (*module)->open(&for_module);
  return spans;
}

SpanExport::SpanExport(const Config& config, const Clock* clock, const TrustdSpanModule* module)
    : config_(config), module_(*module), log_limit_({/*lines_max=*/1, absl::Minutes(1)}, clock) {}

SpanExport::~SpanExport() { Stop(); }

std::optional<trust::v1::TraceContext> SpanExport::Begin(absl::string_view traceparent) {
  std::optional<trust::v1::TraceContext> of = ParseTraceParent(traceparent);
  if (of.has_value()) return IsSampled(traceparent) ? of : std::nullopt;
  constexpr uint64_t kMille = 1000;
  const auto rate = static_cast<uint64_t>(config_.sample_per_mille);
  if (rate == 0) return std::nullopt;
  const uint64_t number = without_parent_.fetch_add(1, std::memory_order_relaxed) % kMille;
  if (number * rate % kMille >= rate) return std::nullopt;
  return trust::v1::TraceContext();
}

void SpanExport::End(const rpc::TracedCall& call) {
  void* const sender = sender_;
  if (sender == nullptr || waiting_.fetch_add(1, std::memory_order_relaxed) >= config_.waiting_max) {
    if (sender != nullptr) waiting_.fetch_sub(1, std::memory_order_relaxed);
    dropped_.Add();
    return;
  }
  const absl::string_view path = absl::StripPrefix(call.path, "/");
  const size_t slash = path.find('/');
  const std::string service(path.substr(0, slash)), method(absl::StripPrefix(path.substr(service.size()), "/"));
  const std::string code_name(rpc::CodeName(call.code));
  const TrustdSpan span = {service.c_str(),
                           method.c_str(),
                           call.of.trace_id().c_str(),
                           call.of.parent_span_id().c_str(),
                           absl::ToUnixNanos(call.began),
                           absl::ToInt64Nanoseconds(call.duration),
                           static_cast<int32_t>(call.code),
                           code_name.c_str(),
                           call.reason.c_str(),
                           call.request_id.c_str(),
                           call.log_position.c_str()};
  module_.take(sender, &span);
}

void SpanExport::Done(uint64_t spans, const char* error) {
  waiting_.fetch_sub(spans, std::memory_order_relaxed);
  (error == nullptr ? sent_ : failed_).Add(spans);
  if (error == nullptr) return;
  const std::optional<uint64_t> left_out = log_limit_.Admit("");
  if (!left_out.has_value()) return;
  LogFields fields = {{"spans", absl::StrCat(spans)},
                      {"error", std::string(absl::string_view(error).substr(0, kErrorBytesMax))}};
  if (*left_out > 0) fields.emplace_back("left_out", absl::StrCat(*left_out));
  Log(LogLevel::kWarning, "traces could not be sent", fields);
}

SpanExport::Counts SpanExport::counts() const {
  return {sent_.value(), failed_.value(), dropped_.value(), waiting_.load(std::memory_order_relaxed)};
}

void SpanExport::Stop() {
  const std::lock_guard<std::mutex> lock(stop_mutex_);
  void* const sender = sender_.exchange(nullptr);
  if (sender != nullptr) module_.close(sender);
}

}  // namespace services
