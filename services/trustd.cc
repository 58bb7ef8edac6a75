// trustd: the service as a program. Reads flags, opens the store, serves until SIGTERM or SIGINT, drains, exits 0.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/rocksdb_backup.h"
#include "eventstore/rocksdb_key_store.h"
#include "eventstore/rocksdb_store.h"
#include "services/backups.h"
#include "services/clock.h"
#include "services/log.h"
#include "services/memory_plan.h"
#include "services/open_paths.h"
#include "services/server.h"
#include "services/span_export.h"
#include "services/vault.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:50051", "Address to serve on: HOST:PORT, or unix:PATH for a socket.");
ABSL_FLAG(bool, danger_plaintext_anywhere, false,
          "Serve plain text on an address that others can reach. Anyone who reaches it can read and write everything.");
ABSL_FLAG(std::string, tls_certificate_file, "",
          "PEM file of the certificate that the server shows, with those up to its authority behind it. With it the "
          "server speaks TLS alone.");
ABSL_FLAG(std::string, tls_key_file, "", "PEM file of the certificate's key, readable by its owner alone.");
ABSL_FLAG(std::string, tls_client_ca_file, "",
          "PEM file of the authorities whose certificates callers show; all must, unless there are tokens too.");
ABSL_FLAG(std::string, tls_crl_file, "", "PEM file of the revocation lists of these authorities.");
ABSL_FLAG(std::string, permission_file, "",
          "JSON file that says who may do what. Required as soon as callers are known by certificates or tokens.");
ABSL_FLAG(std::string, token_key_file, "",
          "JSON file of the issuers whose tokens are taken, with their keys. Tokens come as authorization: Bearer.");
ABSL_FLAG(int, connections_max, 4096, "Connections at once; beyond it they are closed. 1 to 1000000.");
ABSL_FLAG(int, connections_per_address_max, 1024,
          "Connections at once from one address; beyond it they are closed. 1 to 1000000.");
ABSL_FLAG(std::string, data_directory, "trustd-data", "Directory of the store; made when it is not there.");
ABSL_FLAG(std::string, keys_directory, "",
          "Directory of the keys of personal data, apart from the log and its backups; made when it is not there. "
          "Default: that of the store with -keys behind it.");
ABSL_FLAG(std::string, key_encryption_key_file, "",
          "File with the key that wraps the keys of personal data: 64 hexadecimal digits, or 32 bytes, readable by its "
          "owner alone. Without one the keys are kept in clear.");
ABSL_FLAG(int, memory_mib, 512,
          "Memory that the process holds under ordinary load, in MiB, out of which the caches get their parts where "
          "these are not set; 256 to 262144.");
ABSL_FLAG(int, store_memory_mib, 0,
          "Memory of the store's block cache and write buffers together, in MiB; 0 for a part of --memory_mib. Less "
          "than 32 counts as 32. 0 to 65536.");
ABSL_FLAG(int, disk_reserve_mib, 128,
          "Free space of the store's disk, in MiB, below which commands are refused and reads go on; 0 to 1048576.");
ABSL_FLAG(int, readings_memory_mib, 0,
          "Memory of the cache of folded histories, in MiB; one larger than half of it is kept besides. 0 for a "
          "part of --memory_mib. 0 to 65536.");
ABSL_FLAG(std::string, snapshot_directory, "",
          "Directory of the snapshots of folded histories, which are derived: delete them as you like. Made when the "
          "first is kept. Default: the data directory's name and -snapshots.");
ABSL_FLAG(int, snapshot_events_min, 512,
          "Events that a partnership has beyond its last snapshot, at least, for the next one; 0 for no snapshots. 0 "
          "to 1000000000.");
ABSL_FLAG(int, states_memory_mib, 0,
          "Memory of the cache of decision states, in MiB; one larger than half of it is kept besides. 0 for a "
          "part of --memory_mib. 0 to 65536.");
ABSL_FLAG(int, commands_waiting_max, 8192,
          "Commands that may wait for the lane; beyond it calls get OVERLOADED. 1 to 1000000.");
ABSL_FLAG(int, command_wait_ms_max, 100,
          "Milliseconds that a command may wait when more come than are decided; beyond it calls get OVERLOADED. 10 to "
          "60000.");
ABSL_FLAG(int, reads_waiting_max, 1024,
          "Reads that may wait for a thread; beyond it calls get OVERLOADED. 1 to 1000000.");
ABSL_FLAG(int, read_threads, 2, "Threads for reads that may wait for the disk; 1 to 64.");
ABSL_FLAG(int, message_kib_max, 1024, "Largest message that is taken, in KiB; 64 to 16384.");
ABSL_FLAG(int, watches_max, 10000,
          "Calls of WatchTrust, WatchEvents and ListEvents with wait_ms at once; beyond it they get OVERLOADED. 1 to "
          "1000000.");
ABSL_FLAG(int, watch_heartbeat_s, 5, "Seconds of quiet after which a watch says that it is live; 1 to 3600.");
ABSL_FLAG(int, watch_changes_max, 100000,
          "Changes kept for watches to go on from; a resume token behind them is refused. 1000 to 100000000.");
ABSL_FLAG(std::string, signing_key_file, "",
          "File of the key that signs checkpoints, as trustctl keygen makes it. Without it none are signed.");
ABSL_FLAG(int, checkpoint_interval_ms, 1000,
          "Milliseconds between checkpoints while the log grows, at least; 10 to 3600000.");
ABSL_FLAG(std::string, watermark_directory, "",
          "Directory of the watermark, which tells a log that was cut or put back; outside the data directory, best on "
          "another disk. Made when it is not there. Default: the data directory's name and -watermark.");
ABSL_FLAG(std::string, accept_log_rollback, "",
          "Serve a log that contradicts its watermark all the same, for this reason, which is recorded in the log.");
ABSL_FLAG(bool, record_accesses, false,
          "Record in the log who reads which history when; a reading that cannot be recorded, or that does not say who "
          "reads, is refused.");
ABSL_FLAG(std::string, backup_directory, "",
          "Directory of the backups that CreateBackup makes of the log, outside the other directories, best on another "
          "disk. Made when it is not there. Without it no backups are made.");
ABSL_FLAG(std::string, keys_backup_directory, "",
          "The same for the keys of personal data; needs --backup_directory. Without it the keys are not backed up.");
ABSL_FLAG(int, backups_kept, 3, "Backups of the log that are kept, the newest; 1 to 10000.");
ABSL_FLAG(int, key_backups_kept, 2, "Backups of the keys that are kept, the newest; 1 to 1000.");
ABSL_FLAG(int, key_backup_days_max, 7,
          "Days after which a backup of the keys is deleted, the newest too: an erased key is in none for longer. "
          "1 to 3650.");
ABSL_FLAG(int, backup_mib_per_s, 100,
          "MiB a second that a backup reads and writes together, so that commands need not wait; 0 for no limit. 0 to "
          "100000.");
ABSL_FLAG(std::string, metrics_listen, "",
          "Address where Prometheus reads metrics over plain HTTP, at /metrics: HOST:PORT, on this machine unless "
          "--metrics_anywhere is set. Without it there are none.");
ABSL_FLAG(bool, metrics_anywhere, false,
          "Show metrics on an address that others can reach. They name nobody, and tell how much is done.");
ABSL_FLAG(std::string, traces_endpoint, "",
          "Collector of OpenTelemetry that gets the spans of calls, by OTLP over HTTP: HOST:PORT behind http:// or "
          "https://. Needs the package trustd-opentelemetry. Without it none are sent.");
ABSL_FLAG(std::string, traces_module, "/usr/lib/trustd/trustd-opentelemetry.so",
          "The module that sends them, of this version of trustd; loaded for --traces_endpoint alone.");
ABSL_FLAG(int, traces_sample_per_mille, 10,
          "Calls of a thousand without a traceparent that begin a trace of their own; one with a traceparent is traced "
          "if its caller sampled it. 0 to 1000.");
ABSL_FLAG(int, drain_timeout_s, 10, "Seconds that calls under way are given at SIGTERM; 0 to 3600.");

namespace {

constexpr char kUsage[] =
    "keeps the history of strategic alliances and reads from it how far the partners trust each other.\n"
    "Usage: trustd [--FLAG=VALUE]...";

// The program's own flags, by name.
std::vector<const absl::CommandLineFlag*> OwnFlags() {
  std::vector<const absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (absl::EndsWith(flag->Filename(), "services/trustd.cc")) flags.push_back(flag);
  }
  std::sort(flags.begin(), flags.end(), [](const auto* a, const auto* b) { return a->Name() < b->Name(); });
  return flags;
}

void PrintHelp() {
  std::printf("trustd %s\n\nFlags:\n", kUsage);
  for (const absl::CommandLineFlag* flag : OwnFlags()) {
    const std::string value = flag->DefaultValue();
    std::printf("  --%s (default: %s)\n      %s\n", std::string(flag->Name()).c_str(),
                value.empty() ? "\"\"" : value.c_str(), std::string(flag->Help()).c_str());
  }
  std::printf("  --help\n      Print this and exit.\n  --version\n      Print the version and exit.\n");
}

// The value of a flag within its range; says what would be right and exits with status 2 otherwise.
int Ranged(const absl::Flag<int>& flag, int min, int max) {
  const int value = absl::GetFlag(flag);
  if (value >= min && value <= max) return value;
  const std::string name(absl::GetFlagReflectionHandle(flag).Name());
  std::fprintf(stderr, "trustd: --%s=%d is out of range; use %d to %d\n", name.c_str(), value, min, max);
  std::exit(2);
}

// The bytes of a cache: those of its flag, which is in MiB, or its part where that is 0.
size_t CacheBytes(const absl::Flag<int>& flag, size_t part) {
  const int mib = Ranged(flag, 0, 65536);
  return mib == 0 ? part : static_cast<size_t>(mib) << 20;
}

services::MemoryPlan MemoryFromFlags() {
  const services::MemoryPlan parts = services::PlanMemory(
      static_cast<size_t>(Ranged(FLAGS_memory_mib, services::kMemoryBytesMin >> 20, 1 << 18)) << 20);
  return {std::max(CacheBytes(FLAGS_store_memory_mib, parts.store_bytes), size_t{32} << 20),
          CacheBytes(FLAGS_readings_memory_mib, parts.readings_bytes),
          CacheBytes(FLAGS_states_memory_mib, parts.states_bytes)};
}

// What stands beside the data directory unless it is named.
std::string BesideData(const absl::Flag<std::string>& flag, absl::string_view suffix) {
  const std::string named = absl::GetFlag(flag);
  return named.empty() ? absl::StrCat(absl::StripSuffix(absl::GetFlag(FLAGS_data_directory), "/"), suffix) : named;
}

services::ServerOptions OptionsFromFlags(const services::MemoryPlan& memory) {
  services::ServerOptions options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.plaintext_anywhere = absl::GetFlag(FLAGS_danger_plaintext_anywhere);
  options.identity = {absl::GetFlag(FLAGS_tls_certificate_file), absl::GetFlag(FLAGS_tls_key_file),
                      absl::GetFlag(FLAGS_tls_client_ca_file),   absl::GetFlag(FLAGS_tls_crl_file),
                      absl::GetFlag(FLAGS_permission_file),      absl::GetFlag(FLAGS_token_key_file)};
  options.connections.connections_max = static_cast<size_t>(Ranged(FLAGS_connections_max, 1, 1'000'000));
  options.connections.connections_per_peer_max =
      static_cast<size_t>(Ranged(FLAGS_connections_per_address_max, 1, 1'000'000));
  options.lane.commands_waiting_max = static_cast<size_t>(Ranged(FLAGS_commands_waiting_max, 1, 1'000'000));
  options.lane.command_wait_max = absl::Milliseconds(Ranged(FLAGS_command_wait_ms_max, 10, 60'000));
  options.lane.state_cache_bytes_max = memory.states_bytes;
  options.read_threads = Ranged(FLAGS_read_threads, 1, 64);
  options.reads_waiting_max = static_cast<size_t>(Ranged(FLAGS_reads_waiting_max, 1, 1'000'000));
  options.readings_bytes_max = memory.readings_bytes;
  options.message_bytes_max = Ranged(FLAGS_message_kib_max, 64, 16384) << 10;
  options.watches.watches_max = static_cast<size_t>(Ranged(FLAGS_watches_max, 1, 1'000'000));
  options.watches.heartbeat = absl::Seconds(Ranged(FLAGS_watch_heartbeat_s, 1, 3600));
  options.index.changes_kept_max = static_cast<uint64_t>(Ranged(FLAGS_watch_changes_max, 1000, 100'000'000));
  options.signing_key_file = absl::GetFlag(FLAGS_signing_key_file);
  options.checkpoints.interval = absl::Milliseconds(Ranged(FLAGS_checkpoint_interval_ms, 10, 3'600'000));
  options.watermark_directory = BesideData(FLAGS_watermark_directory, "-watermark");
  options.snapshot_events_min = Ranged(FLAGS_snapshot_events_min, 0, 1'000'000'000);
  if (options.snapshot_events_min > 0) {
    options.snapshot_directory = BesideData(FLAGS_snapshot_directory, "-snapshots");
  }
  options.snapshot_reserve_bytes = static_cast<uint64_t>(Ranged(FLAGS_disk_reserve_mib, 0, 1 << 20)) << 20;
  options.accept_rollback = absl::GetFlag(FLAGS_accept_log_rollback);
  options.record_accesses = absl::GetFlag(FLAGS_record_accesses);
  options.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  options.metrics_anywhere = absl::GetFlag(FLAGS_metrics_anywhere);
  options.version = TRUSTD_VERSION;
  options.drain_timeout = absl::Seconds(Ranged(FLAGS_drain_timeout_s, 0, 3600));
  return options;
}

// The status is 2 for a wrong command line, which another try does not cure, and 1 for all else that keeps it from
// serving.
int Fail(const absl::Status& status, int exit_status = 1) {
  const bool full = absl::StrContains(status.message(), "No space left on device");
  std::fprintf(stderr, "trustd: %s%s\n", std::string(status.message()).c_str(),
               full ? "; make room on that disk, which df -h shows, and start again" : "");
  return exit_status;
}

// The name in an argument that is --NAME or --NAME=VALUE, with one dash or two; empty in any other.
absl::string_view NameIn(absl::string_view argument) {
  if (!absl::ConsumePrefix(&argument, "-")) return "";
  absl::ConsumePrefix(&argument, "-");
  return argument.substr(0, argument.find('='));
}

// The flag that begins most like what was written; empty when none shares half of it.
std::string NearestFlag(absl::string_view written) {
  std::string nearest;
  size_t most = std::max<size_t>(3, written.size() / 2);
  for (const absl::CommandLineFlag* const flag : OwnFlags()) {
    const absl::string_view name = flag->Name();
    const size_t shared =
        std::mismatch(written.begin(), written.end(), name.begin(), name.end()).first - written.begin();
    if (shared < most || (shared == most && !nearest.empty())) continue;
    nearest = std::string(name);
    most = shared;
  }
  return nearest;
}

// Exits with status 2 for a flag on the command line that there is not, and says which may be meant: Abseil says that
// there is none, and no more.
void CheckNames(int argc, char** argv) {
  for (int i = 1; i < argc && absl::string_view(argv[i]) != "--"; ++i) {
    const absl::string_view name = NameIn(argv[i]);
    if (name == "undefok") return;  // Some may be unknown: Abseil knows which.
    if (name.empty()) continue;
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    if (flag != nullptr && !flag->IsOfType<bool>() && !absl::StrContains(argv[i], '=')) ++i;  // Its value.
    if (flag == nullptr && absl::StartsWith(name, "no")) flag = absl::FindCommandLineFlag(name.substr(2));
    if (flag != nullptr) continue;
    const std::string nearest = NearestFlag(name);
    std::fprintf(stderr, "trustd: there is no flag --%s%s; trustd --help lists them\n", std::string(name).c_str(),
                 nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?").c_str());
    std::exit(2);
  }
}

// Whether flags are being read: then Abseil ends the program with status 1 for one that it cannot take.
std::atomic<bool>& ReadingFlags() {
  static std::atomic<bool> reading{false};
  return reading;
}

// Reads the flags, and makes that status 2.
std::vector<char*> ReadFlags(int argc, char** argv) {
  std::atexit([] {
    if (!ReadingFlags()) return;
    std::fputs("trustd: said of a flag on the command line, or in the file of --flagfile; trustd --help lists them\n",
               stderr);
    std::_Exit(2);
  });
  CheckNames(argc, argv);
  ReadingFlags() = true;
  std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  ReadingFlags() = false;
  return rest;
}

// Memory holds keys and personal data: none of it may come to a disk in a core file, or to another process of the user.
void KeepMemoryPrivate() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  umask(0077);  // What it makes on a disk is its user's alone.
}

// The directory of the keys: beside that of the store, unless it is named.
std::string KeysDirectory() {
  std::string directory = absl::GetFlag(FLAGS_keys_directory);
  if (!directory.empty()) return directory;
  directory = absl::GetFlag(FLAGS_data_directory);
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory + "-keys";
}

// Makes the backups of both stores; of none where no directory is named.
class BackupMakers {
 public:
  // Reads the flags; exits with status 2 when a number is out of its range.
  BackupMakers() {
    log_options_.directory = absl::GetFlag(FLAGS_backup_directory);
    log_options_.retention.kept_max = static_cast<size_t>(Ranged(FLAGS_backups_kept, 1, 10'000));
    key_options_.directory = absl::GetFlag(FLAGS_keys_backup_directory);
    key_options_.retention.kept_max = static_cast<size_t>(Ranged(FLAGS_key_backups_kept, 1, 1'000));
    key_options_.retention.age_max = absl::Hours(24) * Ranged(FLAGS_key_backup_days_max, 1, 3'650);
    const auto rate = static_cast<uint64_t>(Ranged(FLAGS_backup_mib_per_s, 0, 100'000)) << 20;
    log_options_.bytes_per_second_max = rate;
    key_options_.bytes_per_second_max = rate;
  }

  // Errors: FAILED_PRECONDITION for directories that lie in one another.
  absl::Status Open(eventstore::RocksDbStore* store, eventstore::RocksDbKeyStore* keys,
                    const services::ServerOptions& server) {
    const std::string &directory = log_options_.directory, &keys_directory = key_options_.directory;
    if (directory.empty() && !keys_directory.empty()) {
      return absl::FailedPreconditionError("--keys_backup_directory needs --backup_directory: keys alone open nothing");
    }
    const absl::Status apart =
        services::CheckApart({{"backup_directory", directory}, {"keys_backup_directory", keys_directory}},
                             {{"data_directory", absl::GetFlag(FLAGS_data_directory)},
                              {"keys_directory", KeysDirectory()},
                              {"watermark_directory", server.watermark_directory},
                              {"snapshot_directory", server.snapshot_directory}});
    if (!apart.ok()) return apart;
    if (!directory.empty()) log_ = std::make_unique<eventstore::RocksDbBackups>(log_options_, store);
    if (!keys_directory.empty()) keys_ = std::make_unique<eventstore::RocksDbBackups>(key_options_, keys);
    return absl::OkStatus();
  }

  services::Backups::Config config() const {
    services::Backups::Config config;
    config.log = log_.get();
    config.keys = keys_.get();
    return config;
  }

 private:
  eventstore::RocksDbBackupOptions log_options_;
  eventstore::RocksDbBackupOptions key_options_;
  std::unique_ptr<eventstore::RocksDbBackups> log_;
  std::unique_ptr<eventstore::RocksDbBackups> keys_;
};

// The way out of the spans; null where nobody wants them. Exits with status 2 when a number is out of its range.
// Errors: those of SpanExport::Open.
absl::StatusOr<std::unique_ptr<services::SpanExport>> SpansFromFlags(const services::Clock* clock) {
  const int per_mille = Ranged(FLAGS_traces_sample_per_mille, 0, 1000);
  const std::string endpoint = absl::GetFlag(FLAGS_traces_endpoint);
  if (endpoint.empty()) return nullptr;
  return services::SpanExport::Open({endpoint, absl::GetFlag(FLAGS_traces_module), TRUSTD_VERSION, per_mille}, clock);
}

// The directories and files that others than this user can use and must not.
std::vector<services::LogFields> FindOpenPaths(const services::ServerOptions& options) {
  using Guard = services::GuardedPath::Guard;
  return services::FindOpenPaths(
      {{"data_directory", absl::GetFlag(FLAGS_data_directory), Guard::kDirectory},
       {"keys_directory", KeysDirectory(), Guard::kKeys},
       {"watermark_directory", options.watermark_directory, Guard::kDirectory},
       {"snapshot_directory", options.snapshot_directory, Guard::kDirectory},
       {"backup_directory", absl::GetFlag(FLAGS_backup_directory), Guard::kDirectory},
       {"keys_backup_directory", absl::GetFlag(FLAGS_keys_backup_directory), Guard::kDirectory},
       {"tls_certificate_file", options.identity.tls_certificate, Guard::kFile},
       {"tls_client_ca_file", options.identity.client_authorities, Guard::kFile},
       {"tls_crl_file", options.identity.revocations, Guard::kFile},
       {"permission_file", options.identity.permissions, Guard::kFile},
       {"token_key_file", options.identity.token_keys, Guard::kFile}});
}

int Serve() {
  const services::MemoryPlan memory = MemoryFromFlags();
  services::ServerOptions options = OptionsFromFlags(memory);
  BackupMakers backups;
  eventstore::RocksDbOptions store_options;
  store_options.directory = absl::GetFlag(FLAGS_data_directory);
  store_options.memory_bytes = memory.store_bytes;
  store_options.disk_reserve_bytes = static_cast<uint64_t>(Ranged(FLAGS_disk_reserve_mib, 0, 1 << 20)) << 20;

  // Signals are taken by one sigwait below, in no handler; every thread inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  // Nothing is made for a server that cannot be.
  if (const absl::Status fits = services::Server::Check(options); !fits.ok()) return Fail(fits, 2);
  const services::SystemClock clock;
  const absl::StatusOr<std::unique_ptr<services::SpanExport>> spans = SpansFromFlags(&clock);
  if (!spans.ok()) return Fail(spans.status(), absl::IsInvalidArgument(spans.status()) ? 2 : 1);
  options.spans = spans->get();
  const std::vector<services::LogFields> open_paths = FindOpenPaths(options);  // The key store closes its directory.
  absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(store_options);
  if (!store.ok()) return Fail(store.status());
  absl::StatusOr<std::unique_ptr<eventstore::RocksDbKeyStore>> keys =
      eventstore::RocksDbKeyStore::Open({KeysDirectory()});
  if (!keys.ok()) return Fail(keys.status());
  options.keys = keys->get();
  if (const std::string file = absl::GetFlag(FLAGS_key_encryption_key_file); !file.empty()) {
    absl::StatusOr<std::shared_ptr<const services::SecretKey>> key = services::ReadKeyFile(file);
    if (!key.ok()) return Fail(key.status());
    options.key_encryption_key = *std::move(key);
  }
  if (absl::Status opened = backups.Open(store->get(), keys->get(), options); !opened.ok()) return Fail(opened);
  options.backups = backups.config();
  const uint64_t log_size = (*store)->LogSize();
  std::atomic<bool> store_failed{false};
  absl::StatusOr<std::unique_ptr<services::Server>> server =
      services::Server::Start(options, *std::move(store), &clock, [&store_failed] {
        store_failed = true;
        kill(getpid(), SIGTERM);
      });
  if (!server.ok()) return Fail(server.status());
  for (const services::LogFields& open : open_paths) {
    services::Log(services::LogLevel::kWarning, "others than the server can use what is the server's alone", open);
  }
  services::LogFields serving = {{"address", (*server)->address()},
                                 {"data_directory", store_options.directory},
                                 {"log_size", absl::StrCat(log_size)},
                                 {"version", TRUSTD_VERSION}};
  if (!(*server)->metrics_address().empty()) serving.emplace_back("metrics_address", (*server)->metrics_address());
  services::Log(services::LogLevel::kInfo, "serving", serving);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  services::Log(services::LogLevel::kInfo, "draining",
                {{"reason", store_failed ? "store failed" : strsignal(signal_number)}});
  (*server)->Shutdown();
  services::Log(services::LogLevel::kInfo, "stopped");
  // Fail-stop: whoever supervises this process starts it again, and opening the store settles what was unknown.
  return store_failed ? 3 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  // What gRPC logs by itself is noise beside our own messages, and not in their form; an operator can still ask for it.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help" || argument == "-h") return PrintHelp(), 0;
    if (argument == "--version") return std::printf("trustd %s\n", TRUSTD_VERSION), 0;
  }
  absl::SetProgramUsageMessage(kUsage);
  const std::vector<char*> rest = ReadFlags(argc, argv);
  if (rest.size() > 1) {
    std::fprintf(stderr, "trustd: %s is no flag; trustd --help lists them\n", rest[1]);
    return 2;
  }
  KeepMemoryPrivate();
  return Serve();
}
