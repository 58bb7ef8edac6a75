#include "services/trustctl/connection.h"

#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "services/trustctl/any_call.h"
#include "services/trustctl/connection_stubs.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/remedy.h"
#include "services/trustctl/server_address.h"

namespace trustctl {

namespace wire {
namespace {

// gRPC tells where it tried and how, and last why it failed: "...: Failed to connect to remote host: Connection
// refused".
absl::string_view Cause(absl::string_view message) {
  // It goes by this when it cannot even begin.
  if (absl::EndsWith(message, ": ")) return "the connection cannot begin";
  const size_t colon = message.rfind(": ");
  return colon == absl::string_view::npos ? message : message.substr(colon + 2);
}

}  // namespace

void SetDeadline(grpc::ClientContext* context, absl::Duration timeout) {
  const gpr_timespec span = gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN);
  context->set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), span));
}

void Show(const std::string& token, grpc::ClientContext* context) {
  if (!token.empty()) context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
}

void Tell(const Reader& reader, grpc::ClientContext* context) {
  if (!reader.id.empty()) context->AddMetadata("trust-reader", reader.id);
  if (!reader.purpose.empty()) context->AddMetadata("trust-purpose", reader.purpose);
}

absl::Status FromGrpc(const grpc::Status& status, const std::string& server, absl::Duration patience, bool silent) {
  if (status.ok() && !silent) return absl::OkStatus();
  const std::string& details = status.error_details();
  if (silent || (details.empty() && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)) {
    return Unreachable(absl::StrCat(server, " has not answered within ", absl::FormatDuration(patience)));
  }
  if (details.empty() && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    const std::string& message = status.error_message();
    return Unreachable(
        absl::StrCat("no server answers at ", server, ": ", Cause(message), "\n  ", RemedyForSilence(message)));
  }
  return ServerRefusal(static_cast<absl::StatusCode>(status.error_code()), status.error_message(), details);
}

}  // namespace wire

namespace {

constexpr int kMessageBytesMax = 64 << 20;

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& server, const Credentials& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  // A server that is just starting is found soon.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // The time of one attempt: a handshake of TLS over a long way takes a while.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // No proxy leads to this very machine.
  if (IsLoopback(server)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (credentials.authorities.empty()) {
    return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  }
  const grpc::SslCredentialsOptions tls = {credentials.authorities, credentials.key, credentials.certificate};
  return grpc::CreateCustomChannel(server, grpc::SslCredentials(tls), arguments);
}

// Ends a call that has been silent for too long. Owns a thread for that and joins it.
class SilenceWatch {
 public:
  SilenceWatch(grpc::ClientContext* context, absl::Duration silence_max)
      : context_(context), silence_max_(silence_max), thread_([this] { Watch(); }) {}

  ~SilenceWatch() {
    {
      absl::MutexLock lock(&mutex_);
      done_ = true;
      changed_.Signal();
    }
    thread_.join();
  }

  void Heard() {
    absl::MutexLock lock(&mutex_);
    heard_ = true;
  }

  bool fired() {
    absl::MutexLock lock(&mutex_);
    return fired_;
  }

 private:
  // Looks a few times in silence_max whether anything was heard since, which costs less than waking for every message.
  void Watch() {
    constexpr int kLooks = 4;
    absl::MutexLock lock(&mutex_);
    for (int quiet = 0; quiet < kLooks; quiet = heard_ ? 0 : quiet + 1) {
      heard_ = false;
      if (!done_) changed_.WaitWithTimeout(&mutex_, silence_max_ / kLooks);
      if (done_) return;
    }
    fired_ = true;
    context_->TryCancel();
  }

  grpc::ClientContext* const context_;
  const absl::Duration silence_max_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool heard_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  bool fired_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

class GrpcImportCall : public ImportCall {
 public:
  GrpcImportCall(trust::v1::EvidenceService::Stub* stub, std::string server, const std::string& token,
                 absl::Duration silence_max)
      : server_(std::move(server)),
        silence_max_(silence_max),
        stream_(stub->ImportHistory(Shown(token))),
        watch_(&context_, silence_max) {}

  bool Write(const trust::v1::ImportHistoryRequest& request) override { return stream_->Write(request); }
  void WritesDone() override { stream_->WritesDone(); }
  void Cancel() override { context_.TryCancel(); }

  bool Read(trust::v1::ImportHistoryResponse* response) override {
    const bool read = stream_->Read(response);
    watch_.Heard();
    return read;
  }

  absl::Status Finish() override {
    const grpc::Status status = stream_->Finish();
    return wire::FromGrpc(status, server_, silence_max_, watch_.fired());
  }

 private:
  grpc::ClientContext* Shown(const std::string& token) {
    wire::Show(token, &context_);
    return &context_;
  }

  const std::string server_;
  const absl::Duration silence_max_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReaderWriter<trust::v1::ImportHistoryRequest, trust::v1::ImportHistoryResponse>>
      stream_;
  SilenceWatch watch_;
};

}  // namespace

Connection::Connection(std::string server, absl::Duration deadline, Credentials credentials, Reader reader)
    : server_(std::move(server)),
      deadline_(deadline),
      reader_(std::move(reader)),
      token_(std::move(credentials.token)),
      stubs_(std::make_unique<Stubs>(MakeChannel(server_, credentials))) {}

Connection::~Connection() = default;

absl::Status Connection::ReplayHistory(const trust::v1::ReplayHistoryRequest& request,
                                       absl::FunctionRef<void(const trust::v1::ReplayHistoryResponse&)> receive) {
  grpc::ClientContext context;
  wire::Show(token_, &context);
  wire::Tell(reader_, &context);
  const std::unique_ptr<grpc::ClientReader<trust::v1::ReplayHistoryResponse>> stream =
      stubs_->history.ReplayHistory(&context, request);
  SilenceWatch watch(&context, deadline_);
  trust::v1::ReplayHistoryResponse response;
  while (stream->Read(&response)) {
    watch.Heard();
    receive(response);
  }
  const grpc::Status status = stream->Finish();
  return wire::FromGrpc(status, server_, deadline_, watch.fired());
}

namespace {

// Reads a stream until it ends or receive has enough.
template <typename Response>
absl::Status ReadStream(grpc::ClientContext& context, grpc::ClientReader<Response>& stream, const std::string& server,
                        absl::Duration silence_max, absl::FunctionRef<bool(const Response&)> receive) {
  SilenceWatch watch(&context, silence_max);
  Response response;
  bool enough = false;
  while (!enough && stream.Read(&response)) {
    watch.Heard();
    enough = !receive(response);
  }
  if (enough) context.TryCancel();
  const grpc::Status status = stream.Finish();
  return enough ? absl::OkStatus() : wire::FromGrpc(status, server, silence_max, watch.fired());
}

}  // namespace

absl::Status Connection::VerifyLog(const trust::v1::VerifyLogRequest& request,
                                   absl::FunctionRef<bool(const trust::v1::VerifyLogResponse&)> receive) {
  grpc::ClientContext context;
  wire::Show(token_, &context);
  const auto stream = stubs_->audit.VerifyLog(&context, request);
  return ReadStream(context, *stream, server_, deadline_, receive);
}

absl::Status Connection::ExportAudit(const trust::v1::ExportAuditRequest& request,
                                     absl::FunctionRef<bool(const trust::v1::ExportAuditResponse&)> receive) {
  grpc::ClientContext context;
  wire::Show(token_, &context);
  wire::Tell(reader_, &context);
  const auto stream = stubs_->audit.ExportAudit(&context, request);
  return ReadStream(context, *stream, server_, deadline_, receive);
}

absl::Status Connection::SimulatePolicy(const trust::v1::SimulatePolicyRequest& request,
                                        absl::FunctionRef<bool(const trust::v1::SimulatePolicyResponse&)> receive) {
  grpc::ClientContext context;
  wire::Show(token_, &context);
  wire::Tell(reader_, &context);
  const auto stream = stubs_->trust.SimulatePolicy(&context, request);
  return ReadStream(context, *stream, server_, deadline_, receive);
}

// The one watch that is under way.
class Connection::Watching {
 public:
  explicit Watching(Stubs* stubs) : stubs_(*stubs) {
    absl::MutexLock lock(&stubs_.mutex);
    stubs_.watching = &context;
    if (stubs_.stopped) context.TryCancel();
  }
  ~Watching() {
    absl::MutexLock lock(&stubs_.mutex);
    stubs_.watching = nullptr;
  }
  bool stopped() {
    absl::MutexLock lock(&stubs_.mutex);
    return stubs_.stopped;
  }

  grpc::ClientContext context;

 private:
  Stubs& stubs_;
};

void Connection::StopWatching() {
  absl::MutexLock lock(&stubs_->mutex);
  stubs_->stopped = true;
  if (stubs_->watching != nullptr) stubs_->watching->TryCancel();
}

absl::Status Connection::WatchTrust(const trust::v1::WatchTrustRequest& request,
                                    absl::FunctionRef<bool(const trust::v1::WatchTrustResponse&)> receive) {
  Watching watching(stubs_.get());
  wire::Show(token_, &watching.context);
  wire::Tell(reader_, &watching.context);
  const auto stream = stubs_->trust.WatchTrust(&watching.context, request);
  const absl::Status status = ReadStream(watching.context, *stream, server_, deadline_, receive);
  return watching.stopped() ? absl::OkStatus() : status;
}

absl::Status Connection::WatchEvents(const trust::v1::WatchEventsRequest& request,
                                     absl::FunctionRef<bool(const trust::v1::WatchEventsResponse&)> receive) {
  Watching watching(stubs_.get());
  wire::Show(token_, &watching.context);
  wire::Tell(reader_, &watching.context);
  const auto stream = stubs_->history.WatchEvents(&watching.context, request);
  const absl::Status status = ReadStream(watching.context, *stream, server_, deadline_, receive);
  return watching.stopped() ? absl::OkStatus() : status;
}

absl::Status Connection::Call(const google::protobuf::MethodDescriptor& method,
                              const std::vector<std::string>& requests,
                              absl::FunctionRef<bool(absl::string_view)> receive) {
  grpc::ClientContext context;
  wire::Show(token_, &context);
  wire::Tell(reader_, &context);
  const bool streams = method.client_streaming() || method.server_streaming();
  if (!streams) wire::SetDeadline(&context, deadline_);
  const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  AnyCall call(&stubs_->any, &context, path, requests);
  if (!streams) return wire::FromGrpc(call.Run(receive, [] {}), server_, deadline_);
  SilenceWatch watch(&context, deadline_);
  const grpc::Status status = call.Run(receive, [&] { watch.Heard(); });
  // It may also fire while an answer is printed.
  return wire::FromGrpc(status, server_, deadline_, !status.ok() && watch.fired());
}

std::unique_ptr<ImportCall> Connection::ImportHistory() {
  return std::make_unique<GrpcImportCall>(&stubs_->evidence, server_, token_, deadline_);
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse> Connection::CheckHealth(absl::Duration timeout,
                                                                              const std::string& service) {
  grpc::ClientContext context;
  wire::SetDeadline(&context, timeout);
  wire::Show(token_, &context);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  grpc::Status result;
  absl::Notification done;
  stubs_->health.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                           [&](grpc::Status status) {
                             result = std::move(status);
                             done.Notify();
                           });
  done.WaitForNotification();
  const absl::Status status = wire::FromGrpc(result, server_, timeout);
  if (!status.ok()) return status;
  return response;
}

}  // namespace trustctl
