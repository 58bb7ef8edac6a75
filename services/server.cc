#include "services/server.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "eventstore/signing_key_file.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "services/access_record.h"
#include "services/admin_service.h"
#include "services/audit_service.h"
#include "services/backups.h"
#include "services/checkpointer.h"
#include "services/event_tail.h"
#include "services/evidence_service.h"
#include "services/executor.h"
#include "services/follower_places.h"
#include "services/history_service.h"
#include "services/identity/guard.h"
#include "services/identity_standing.h"
#include "services/log.h"
#include "services/log_admission.h"
#include "services/log_limit.h"
#include "services/metrics_endpoint.h"
#include "services/partner_book.h"
#include "services/partnership_service.h"
#include "services/personal_data.h"
#include "services/policy_registry.h"
#include "services/policy_service.h"
#include "services/publisher_chain.h"
#include "services/reading_cache.h"
#include "services/rpc/acceptor.h"
#include "services/rpc/call_guard.h"
#include "services/rpc/call_meter.h"
#include "services/rpc/listen_address.h"
#include "services/rpc/server_credentials.h"
#include "services/server_metrics.h"
#include "services/service_parts.h"
#include "services/snapshot_directory.h"
#include "services/snapshots.h"
#include "services/span_export.h"
#include "services/standing_index.h"
#include "services/trust_service.h"
#include "services/watch_hub.h"

namespace services {
namespace {

constexpr int kMetadataBytesMax = 16 << 10;
constexpr int kConcurrentStreamsMax = 1024;  // A connection; what waits in the lane is bounded apart.
constexpr int kHandshakeTimeoutMs = 5'000;
// For the answers that are under way when the store has failed. Nothing else is worth a wait: whoever supervises the
// process starts it again, and that start settles what is unknown.
constexpr absl::Duration kDrainOfFailedMax = absl::Milliseconds(250);
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;
// What gRPC may hold of messages that are still coming in: it looks at their size only when they are whole.
constexpr size_t kIncomingBytesMax = size_t{128} << 20;
// A stop keeps snapshots for as long; what then lacks one is folded after the start.
constexpr absl::Duration kSnapshotsAtStopMax = absl::Seconds(3);
constexpr absl::Duration kClockBehindMax = absl::Seconds(1);  // Clocks are corrected by less all the time.

bool Authenticates(const IdentityFilePaths& identity) {
  return !identity.tls_certificate.empty() || !identity.token_keys.empty();
}

// Refuses ways of serving that leave out what they need, or that would let in whom nobody knows.
absl::Status CheckIdentity(const ServerOptions& options) {
  const IdentityFilePaths& files = options.identity;
  const bool tls = !files.tls_certificate.empty();
  if (tls != !files.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls_certificate_file and --tls_key_file go together; give both");
  }
  if (!tls && !files.client_authorities.empty()) {
    return absl::InvalidArgumentError("--tls_client_ca_file needs --tls_certificate_file and --tls_key_file");
  }
  if (files.client_authorities.empty() && !files.revocations.empty()) {
    return absl::InvalidArgumentError("--tls_crl_file needs --tls_client_ca_file, whose certificates it revokes");
  }
  if (tls && files.client_authorities.empty() && files.token_keys.empty()) {
    return absl::InvalidArgumentError(
        "with TLS, callers must be known: by certificates, with --tls_client_ca_file, or by tokens, with "
        "--token_key_file");
  }
  if (Authenticates(files) && files.permissions.empty()) {
    return absl::InvalidArgumentError(
        "callers are known, and nobody may do anything; say who may, in --permission_file");
  }
  if (!Authenticates(files) && !files.permissions.empty()) {
    return absl::InvalidArgumentError(
        "--permission_file says what callers may, and nothing says who they are; use TLS with --tls_client_ca_file, or "
        "--token_key_file");
  }
  if (tls || rpc::IsLocalAddress(options.listen)) return absl::OkStatus();
  if (!files.token_keys.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--listen=", options.listen,
                                                   " can be reached by others, and tokens would pass in plain text; "
                                                   "add --tls_certificate_file and --tls_key_file"));
  }
  if (options.plaintext_anywhere) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--listen=", options.listen,
      " can be reached by others, and this server would speak plain text; give it --tls_certificate_file and "
      "--tls_key_file, listen on 127.0.0.1, [::1] or unix:PATH, or pass --danger_plaintext_anywhere if the network is "
      "yours alone"));
}

// Refuses to show metrics where nobody meant to.
absl::Status CheckMetrics(const ServerOptions& options) {
  const std::string& listen = options.metrics_listen;
  if (listen.empty()) return absl::OkStatus();
  if (absl::Status address = rpc::CheckTcpAddress("metrics_listen", listen); !address.ok()) return address;
  if (rpc::IsLocalAddress(listen) || options.metrics_anywhere) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--metrics_listen=", listen,
      " can be reached by others, to whom metrics tell, in plain text, how much is done; listen on 127.0.0.1 or [::1], "
      "or pass --metrics_anywhere if they may know"));
}

// Has the standing index and the watches look when something became durable.
class Waker final : public Publisher {
 public:
  Waker(StandingIndex* index, WatchHub* watches) : index_(*index), watches_(*watches) {}

  void Publish(const std::string&, absl::Span<const trust::v1::Event>) override {
    index_.Wake();
    watches_.Notify();
  }

 private:
  StandingIndex& index_;
  WatchHub& watches_;
};

class RunningServer final : public Server {
 public:
  RunningServer(const ServerOptions& options, std::unique_ptr<eventstore::EventStore> store, const Clock* clock,
                std::function<void()> on_store_failed, std::optional<eventstore::SigningKey> signing_key,
                std::optional<eventstore::WatermarkFile> watermark)
      : drain_timeout_(options.drain_timeout),
        clock_(*clock),
        log_limit_({}, clock),
        calls_(clock, [this](const rpc::FailedCall& call) { TellFailed(call); }),
        version_(options.version),
        spans_(options.spans),
        store_(std::move(store)),
        checkpointer_(options.checkpoints, store_.get(), clock, std::move(signing_key), std::move(watermark)),
        personal_(store_.get(), options.keys == nullptr ? &memory_keys_ : options.keys, options.key_encryption_key),
        pool_(options.read_threads, options.reads_waiting_max),
        followers_(options.read_threads, options.watches.watches_max),
        // As many as there may be commands, and once more for the erasures among them.
        key_pool_(1, 2 * options.lane.commands_waiting_max),
        snapshot_directory_(options.snapshot_directory, options.snapshot_reserve_bytes),
        snapshots_({options.snapshot_events_min}, &snapshot_directory_, store_.get(), &policies_, clock),
        readings_(store_.get(), &policies_, options.readings_bytes_max,
                  options.snapshot_directory.empty() ? nullptr : &snapshots_, &pool_),
        on_store_failed_(std::move(on_store_failed)),
        index_(
            options.index, store_.get(), clock, &readings_, [this] { return PolicyInForce(); },
            [this] { watches_.Notify(); }, [this] { StoreFailed(); }),
        watches_(options.watches, clock),
        waker_(&index_, &watches_),
        authenticates_(Authenticates(options.identity)),
        publishers_(Publishers()),
        lane_(options.lane, store_.get(), clock, &pool_, &publishers_, [this] { StoreFailed(); }),
        access_(options.record_accesses, &lane_),
        backups_(options.backups, store_.get(), &checkpointer_, clock),
        parts_{store_.get(),
               clock,
               &pool_,
               &lane_,
               &readings_,
               &policies_,
               &index_,
               &watches_,
               &tail_,
               &followers_,
               &checkpointer_,
               &personal_,
               &key_pool_,
               &access_,
               authenticates_ ? &guard_ : nullptr,
               &partners_,
               &backups_,
               &follower_places_,
               &identity_standing_},
        partnership_service_(&parts_),
        evidence_service_(&parts_),
        trust_service_(&parts_),
        history_service_(&parts_),
        policy_service_(&parts_),
        audit_service_(&parts_),
        admin_service_(&parts_) {}

  ~RunningServer() override { Shutdown(); }

  absl::Status Listen(const ServerOptions& options) {
    if (absl::Status keys = personal_.Prepare(); !keys.ok()) return keys;
    const absl::Status policies = policies_.CatchUp(*store_);
    if (!policies.ok()) return policies;
    const absl::Status switched = RecordAccessSwitch(options.record_accesses, clock_, store_.get());
    if (!switched.ok()) return switched;
    if (authenticates_) {
      if (const absl::Status filled = partners_.Fill(*store_); !filled.ok()) return filled;
      absl::StatusOr<std::unique_ptr<IdentityFiles>> files =
          IdentityFiles::Open(options.identity, &clock_, &guard_, &identity_standing_);
      if (!files.ok()) return files.status();
      identity_files_ = *std::move(files);
    }
    absl::StatusOr<std::unique_ptr<rpc::Acceptor>> acceptor =
        rpc::Acceptor::Listen(options.listen, options.connections);
    if (!acceptor.ok()) return acceptor.status();
    acceptor_ = *std::move(acceptor);
    if (!options.metrics_listen.empty()) {
      absl::StatusOr<std::unique_ptr<MetricsEndpoint>> endpoint =
          MetricsEndpoint::Listen(options.metrics_listen, [this] { return ReadServerMetrics(Sources()); });
      if (!endpoint.ok()) return endpoint.status();
      metrics_ = *std::move(endpoint);
    }
    readings_.SweepSnapshots();
    index_.Prepare();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // gRPC's own health service brings no descriptor along, so that reflection would list it and not describe it.
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::ServerBuilder builder;
    Limit(options, builder);
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections =
        builder.experimental().AddExternalConnectionAcceptor(
            grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, Credentials(options));
    builder.RegisterService(&partnership_service_);
    builder.RegisterService(&evidence_service_);
    builder.RegisterService(&trust_service_);
    builder.RegisterService(&history_service_);
    builder.RegisterService(&policy_service_);
    builder.RegisterService(&audit_service_);
    builder.RegisterService(&admin_service_);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(rpc::MakeCallInterceptors(&calls_, options.spans));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    for (grpc::Service* service : options.extra_services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::UnavailableError("gRPC cannot start a server");
    acceptor_->Start(std::move(connections));
    if (identity_files_ != nullptr) identity_files_->Start(options.identity_interval);
    checkpointer_.RunOnce();
    checkpointer_.Start();
    index_.Start();
    watches_.Start();
    backups_.Start();
    lane_.Start();
    SetServing(true);
    if (store_failed_) SetServing(false);  // The index may have found out meanwhile.
    return absl::OkStatus();
  }

  const std::string& address() const override { return acceptor_->address(); }
  std::string metrics_address() const override { return metrics_ == nullptr ? "" : metrics_->address(); }

  void Shutdown() override {
    if (server_ != nullptr) {
      SetServing(false);
      acceptor_->Stop();
      watches_.Stop();  // They would last as long as their callers like.
      backups_.Stop();  // Nor may the drain wait for a backup.
      const absl::Duration drain = store_failed_ ? std::min(drain_timeout_, kDrainOfFailedMax) : drain_timeout_;
      server_->Shutdown(absl::ToChronoTime(clock_.Now() + drain));
      server_->Wait();
    }
    lane_.Stop();
    backups_.Stop();
    watches_.Stop();
    index_.Stop();
    followers_.Stop();
    key_pool_.Stop();
    pool_.Stop();
    checkpointer_.Stop();
    if (!store_failed_) readings_.KeepSnapshots(kSnapshotsAtStopMax);
    if (spans_ != nullptr) spans_->Stop();
    if (identity_files_ != nullptr) identity_files_->Stop();
    metrics_ = nullptr;  // Shows how the rest ends.
    server_ = nullptr;   // After the threads that may yet report what their writes came to.
  }

 private:
  // What a peer can make the server hold.
  static void Limit(const ServerOptions& options, grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(options.message_bytes_max);
    grpc::ResourceQuota quota("incoming");
    quota.Resize(kIncomingBytesMax);
    builder.SetResourceQuota(quota);
    // A message of a megabyte may unpack to a thousand before its size is looked at; nobody needs it between machines
    // of one house.
    for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
      builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
    }
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kConcurrentStreamsMax);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
    const auto milliseconds = [](absl::Duration time) { return static_cast<int>(absl::ToInt64Milliseconds(time)); };
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keepalive));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(options.keepalive_timeout));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // No age beside it: watches and imports last for days, and an age would cut them.
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(options.connection_idle_max));
  }

  std::vector<Publisher*> Publishers() {
    std::vector<Publisher*> publishers = {&policies_, &readings_, &tail_, &waker_};
    if (authenticates_) publishers.push_back(&partners_);
    return publishers;
  }

  // How peers are met, by what there is to know them by.
  std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerOptions& options) {
    if (!authenticates_) return grpc::InsecureServerCredentials();
    const IdentityFilePaths& files = options.identity;
    std::shared_ptr<grpc::ServerCredentials> credentials =
        files.tls_certificate.empty()
            ? rpc::MakeLocalCredentials(absl::StartsWith(options.listen, "unix:"))
            : rpc::MakeTlsCredentials(
                  {identity_files_->staged_identity(), identity_files_->staged_authorities(), files.token_keys.empty()},
                  &guard_, &clock_, &calls_);
    credentials->SetAuthMetadataProcessor(rpc::MakeCallGuard(&guard_, &clock_, &calls_));
    return credentials;
  }

  // By all that is durable: the index may read an activation from the log before the lane publishes it.
  std::string PolicyInForce() {
    static_cast<void>(policies_.CatchUp(*store_));  // Logged; what is known counts until it can be read.
    return policies_.InForce()->sha256;
  }

  // Called by the lane's thread, by the index's, and by the caller's before these begin.
  void StoreFailed() {
    store_failed_ = true;
    SetServing(false);
    on_store_failed_();
  }

  MetricSources Sources() const {
    return {version_,          &serving_,      &calls_,    acceptor_.get(),     &lane_,  &pool_,
            store_.get(),      &clock_,        &readings_, &snapshots_,         &index_, &watches_,
            &follower_places_, &checkpointer_, &backups_,  &identity_standing_, spans_};
  }

  // Says in the log that a call failed; how many of its kind, if there are many.
  void TellFailed(const rpc::FailedCall& call) {
    const std::optional<uint64_t> left_out = log_limit_.Admit(absl::StrCat(call.code, " ", call.reason));
    if (!left_out.has_value()) return;
    LogFields fields = {{"code", call.code}};
    if (!call.method.empty()) fields.emplace_back("method", std::string(call.method));
    if (!call.reason.empty()) fields.emplace_back("reason", call.reason);
    if (!call.request_id.empty()) fields.emplace_back("request_id", call.request_id);
    if (*left_out > 0) fields.emplace_back("left_out", absl::StrCat(*left_out));
    const bool refused = call.code == "UNAUTHENTICATED" || call.code == "PERMISSION_DENIED";
    Log(refused ? LogLevel::kWarning : LogLevel::kError, refused ? "a caller was refused" : "a call failed", fields);
  }

  void SetServing(bool serving) {
    serving_ = serving;
    grpc::HealthCheckServiceInterface* const health = server_ == nullptr ? nullptr : server_->GetHealthCheckService();
    if (health == nullptr) return;
    health->SetServingStatus(serving);
    for (const char* service :
         {"trust.v1.PartnershipService", "trust.v1.EvidenceService", "trust.v1.TrustService", "trust.v1.HistoryService",
          "trust.v1.PolicyService", "trust.v1.AuditService", "trust.v1.AdminService"}) {
      health->SetServingStatus(service, serving);
    }
  }

  const absl::Duration drain_timeout_;
  const Clock& clock_;
  LogLimit log_limit_;
  rpc::CallMeter calls_;
  const std::string version_;
  SpanExport* const spans_;  // May be null.
  std::atomic<bool> serving_{false};
  FollowerPlaces follower_places_;
  const std::unique_ptr<eventstore::EventStore> store_;
  Checkpointer checkpointer_;
  eventstore::MemoryKeyStore memory_keys_;
  PersonalData personal_;
  ThreadPool pool_;
  ThreadPool followers_;
  ThreadPool key_pool_;
  PolicyRegistry policies_;
  SnapshotDirectory snapshot_directory_;
  Snapshots snapshots_;
  ReadingCache readings_;
  const std::function<void()> on_store_failed_;
  std::atomic<bool> store_failed_{false};
  StandingIndex index_;
  WatchHub watches_;
  EventTail tail_;
  Waker waker_;
  const bool authenticates_;
  identity::Guard guard_;
  PartnerBook partners_;
  IdentityStanding identity_standing_;
  std::unique_ptr<IdentityFiles> identity_files_;
  PublisherChain publishers_;
  CommandLane lane_;
  AccessRecord access_;
  Backups backups_;
  const ServiceParts parts_;
  PartnershipService partnership_service_;
  EvidenceService evidence_service_;
  TrustService trust_service_;
  HistoryService history_service_;
  PolicyService policy_service_;
  AuditService audit_service_;
  AdminService admin_service_;
  std::unique_ptr<rpc::Acceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<MetricsEndpoint> metrics_;
};

}  // namespace

absl::Status Server::Check(const ServerOptions& options) {
  if (absl::Status address = rpc::CheckListenAddress("listen", options.listen); !address.ok()) return address;
  if (absl::Status identity = CheckIdentity(options); !identity.ok()) return identity;
  return CheckMetrics(options);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      std::unique_ptr<eventstore::EventStore> store, const Clock* clock,
                                                      std::function<void()> on_store_failed) {
  if (absl::Status options_fit = Check(options); !options_fit.ok()) return options_fit;
  // Debian builds Abseil with its checks on, so that each lock that gRPC takes is looked up in a graph of locks, to
  // find cycles: some per cent of what a call costs. Holds for the whole process.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::optional<eventstore::SigningKey> key;
  if (!options.signing_key_file.empty()) {
    absl::StatusOr<eventstore::SigningKey> read = eventstore::ReadSigningKeyFile(options.signing_key_file);
    if (!read.ok()) {
      const bool missing = absl::IsNotFound(read.status());
      return absl::Status(read.status().code(),
                          absl::StrCat("--signing_key_file: ", read.status().message(),
                                       missing ? "; trustctl keygen makes one for a log that never had one" : ""));
    }
    key.emplace(*read);
  }
  if (const absl::Duration behind = store->LatestRecordTime() - clock->Now(); behind > kClockBehindMax) {
    Log(LogLevel::kWarning, "the clock is behind what was recorded",
        {{"behind", absl::FormatDuration(behind)},
         {"latest_record_time", absl::FormatTime(store->LatestRecordTime())},
         {"remedy", "set the machine's clock right; until it has caught up, all that is recorded gets that time"}});
  }
  if (const eventstore::StoreCondition room = store->Condition(); room.disk_free_bytes < room.disk_reserve_bytes) {
    Log(LogLevel::kWarning, "the disk is full but for its reserve: commands are refused, until there is room",
        {{"free_mib", absl::StrCat(room.disk_free_bytes >> 20)},
         {"disk_reserve_mib", absl::StrCat(room.disk_reserve_bytes >> 20)},
         {"remedy", "make room on the disk of --data_directory or grow it"}});
  }
  std::optional<eventstore::WatermarkFile> watermark;
  if (!options.watermark_directory.empty()) {
    absl::StatusOr<eventstore::WatermarkFile> admitted =
        AdmitLog({options.watermark_directory, options.accept_rollback, key.has_value() ? key->name() : "",
                  key.has_value() ? key->verifier().Text() : ""},
                 store.get(), *clock);
    if (!admitted.ok()) return admitted.status();
    watermark.emplace(*std::move(admitted));
  }
  auto server = std::make_unique<RunningServer>(options, std::move(store), clock, std::move(on_store_failed),
                                                std::move(key), std::move(watermark));
  const absl::Status listening = server->Listen(options);
  if (!listening.ok()) return listening;
  return server;
}

}  // namespace services
