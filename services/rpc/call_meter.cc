#include "services/rpc/call_meter.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/identity/method_rules.h"

namespace rpc {
namespace {

constexpr absl::string_view kOurs = "/trust.v1.";

// The reason of an error as it travels; empty for one that has none.
std::string ReasonIn(const grpc::Status& status) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  if (status.error_details().empty() || !wire.ParseFromString(status.error_details())) return {};
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

// Whether an operator should know of it: what failed through the server, or was refused for who called.
bool IsTold(grpc::StatusCode code) {
  return code == grpc::StatusCode::INTERNAL || code == grpc::StatusCode::UNKNOWN ||
         code == grpc::StatusCode::DATA_LOSS || code == grpc::StatusCode::UNAVAILABLE ||
         code == grpc::StatusCode::UNAUTHENTICATED || code == grpc::StatusCode::PERMISSION_DENIED;
}

// The text in a field of a message; empty where there is no message, or none in it.
std::string TextIn(const google::protobuf::Message* message, const char* name) {
  if (message == nullptr) return {};
  const google::protobuf::FieldDescriptor* const field = message->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return {};
  }
  return message->GetReflection()->GetString(*message, field);
}

// Whether a text can be a request id: one that no command took may be anything.
bool MayBeRequestId(absl::string_view text) {
  constexpr size_t kUuidSize = 36;
  return text.size() == kUuidSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c) || c == '-'; });
}

// The request id of a command; empty for other requests, and for what can be none.
std::string RequestIdOf(const google::protobuf::Message* request) {
  std::string id = TextIn(request, "request_id");
  return MayBeRequestId(id) ? id : std::string();
}

// The one traceparent in a call's metadata; empty where there is none, or more than one.
absl::string_view TraceParentIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto [begin, end] = metadata.equal_range("traceparent");
  if (begin == end || std::next(begin) != end) return {};
  return {begin->second.data(), begin->second.size()};
}

// One call. gRPC makes it when the call begins and calls it at each step, one after another.
class CallInterceptor final : public grpc::experimental::Interceptor {
 public:
  // ours: of trust.v1. tracer may be null.
  CallInterceptor(CallMeter* meter, CallTracer* tracer, size_t method, bool ours, bool unary)
      : meter_(*meter),
        tracer_(ours ? tracer : nullptr),
        method_(method),
        reads_messages_(ours && unary),
        unary_(unary),
        began_(meter->clock().Monotonic()) {
    meter_.Started(method);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using grpc::experimental::InterceptionHookPoints;
    if (tracer_ != nullptr && methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      trace_ = tracer_->Begin(TraceParentIn(*methods->GetRecvInitialMetadata()));
      if (trace_.has_value()) began_time_ = meter_.clock().Now();
    }
    // The request of such a call lives as long as it; ours are messages, others' need not be.
    if (reads_messages_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      request_ = static_cast<const google::protobuf::Message*>(methods->GetRecvMessage());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      const absl::Duration duration = meter_.clock().Monotonic() - began_;
      meter_.Handled(method_, status, unary_ ? duration : absl::Nanoseconds(-1),
                     [this] { return RequestIdOf(request_); });
      if (trace_.has_value()) {
        // The answer of a call of one request goes out with its status.
        const bool answered =
            reads_messages_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE);
        const void* const answer = answered ? methods->GetSendMessage() : nullptr;
        tracer_->End({meter_.PathOf(method_), *std::move(trace_), began_time_, duration, status.error_code(),
                      ReasonIn(status), RequestIdOf(request_),
                      TextIn(static_cast<const google::protobuf::Message*>(answer), "log_position")});
        trace_.reset();
      }
    }
    methods->Proceed();
  }

 private:
  CallMeter& meter_;
  CallTracer* const tracer_;
  const size_t method_;
  const bool reads_messages_;
  const bool unary_;
  const absl::Duration began_;
  const google::protobuf::Message* request_ = nullptr;
  std::optional<trust::v1::TraceContext> trace_;  // Of a call that is traced.
  absl::Time began_time_;                         // The same.
};

class CallInterceptors final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallInterceptors(CallMeter* meter, CallTracer* tracer) : meter_(*meter), tracer_(tracer) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* call) override {
    const absl::string_view path = call->method();
    const size_t method = meter_.IndexOf(path);
    return new CallInterceptor(&meter_, tracer_, method, meter_.Knows(method) && absl::StartsWith(path, kOurs),
                               call->type() == grpc::experimental::ServerRpcInfo::Type::UNARY);
  }

 private:
  CallMeter& meter_;
  CallTracer* const tracer_;
};

}  // namespace

absl::string_view CodeName(grpc::StatusCode code) {
  static constexpr std::array<absl::string_view, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  return static_cast<size_t>(code) < kNames.size() ? kNames[code] : "UNKNOWN";
}

CallMeter::CallMeter(const services::Clock* clock, std::function<void(const FailedCall&)> on_failed)
    : clock_(*clock), on_failed_(std::move(on_failed)), paths_(identity::MethodRules::Get().Paths()) {
  for (size_t i = 0; i < paths_.size(); ++i) indexes_.emplace(paths_[i], i);
  for (std::unique_ptr<Numbers[]>& shard : shards_) shard = std::make_unique<Numbers[]>(paths_.size() + 1);
}

size_t CallMeter::IndexOf(absl::string_view path) const {
  const auto found = indexes_.find(path);
  return found == indexes_.end() ? paths_.size() : found->second;
}

CallMeter::Numbers& CallMeter::Mine(size_t method) {
  const size_t thread = std::hash<std::thread::id>()(std::this_thread::get_id());
  return shards_[thread % kShards][method];
}

void CallMeter::Started(size_t method) { Mine(method).started.fetch_add(1, std::memory_order_relaxed); }

void CallMeter::Handled(size_t method, const grpc::Status& status, absl::Duration duration,
                        absl::FunctionRef<std::string()> request_id) {
  Numbers& numbers = Mine(method);
  const auto code = static_cast<size_t>(status.error_code());
  numbers.handled[std::min(code, numbers.handled.size() - 1)].fetch_add(1, std::memory_order_relaxed);
  if (duration >= absl::ZeroDuration()) {
    const uint64_t ns = services::Nanoseconds(duration);
    numbers.durations[services::Histogram::BucketOf(services::kDurationBoundsNs, ns)].fetch_add(
        1, std::memory_order_relaxed);
    numbers.duration_sum_ns.fetch_add(ns, std::memory_order_relaxed);
  }
  if (status.ok()) return;
  const std::string reason = ReasonIn(status);
  trust::v1::ErrorReason parsed = trust::v1::ERROR_REASON_UNSPECIFIED;
  trust::v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", reason), &parsed);
  reasons_.Add(parsed);
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    refusals_[static_cast<size_t>(CallerRefusal::kUnknown)].Add();
  } else if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
    refusals_[static_cast<size_t>(CallerRefusal::kNotPermitted)].Add();
  }
  // Every watch ends so when the server stops.
  if (!IsTold(status.error_code()) || parsed == trust::v1::ERROR_REASON_SHUTTING_DOWN) return;
  const absl::string_view path = method < paths_.size() ? absl::string_view(paths_[method]) : "/unknown";
  on_failed_({path.substr(1), std::string(CodeName(status.error_code())), reason, request_id()});
}

void CallMeter::Refused(CallerRefusal refusal, absl::string_view path, grpc::StatusCode code) {
  refusals_[static_cast<size_t>(refusal)].Add();
  const size_t method = IndexOf(path);
  absl::string_view told = path.empty() ? "" : "unknown";
  if (method < paths_.size()) told = absl::StripPrefix(paths_[method], "/");
  on_failed_({told, std::string(CodeName(code)), "", ""});
}

std::vector<MethodReading> CallMeter::Methods() const {
  std::vector<MethodReading> readings(paths_.size() + 1);
  for (size_t i = 0; i < readings.size(); ++i) {
    MethodReading& reading = readings[i];
    const size_t slash = Knows(i) ? paths_[i].find('/', 1) : 0;
    reading.service = Knows(i) ? paths_[i].substr(1, slash - 1) : "unknown";
    reading.method = Knows(i) ? paths_[i].substr(slash + 1) : "unknown";
    reading.duration.bounds.assign(services::kDurationBoundsNs.begin(), services::kDurationBoundsNs.end());
    reading.duration.counts.assign(services::kBoundsMax + 1, 0);
    for (const std::unique_ptr<Numbers[]>& shard : shards_) {
      const Numbers& numbers = shard[i];
      reading.started += numbers.started.load(std::memory_order_relaxed);
      for (size_t code = 0; code < reading.handled.size(); ++code) {
        reading.handled[code] += numbers.handled[code].load(std::memory_order_relaxed);
      }
      for (size_t bound = 0; bound <= services::kBoundsMax; ++bound) {
        reading.duration.counts[bound] += numbers.durations[bound].load(std::memory_order_relaxed);
      }
      reading.duration.sum += numbers.duration_sum_ns.load(std::memory_order_relaxed);
    }
  }
  return readings;
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallInterceptors(CallMeter* meter,
                                                                                            CallTracer* tracer) {
  return std::make_unique<CallInterceptors>(meter, tracer);
}

}  // namespace rpc
