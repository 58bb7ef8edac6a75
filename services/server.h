// The whole server, built from the bottom up and destroyed in reverse: store, readings, lane, services, gRPC.

#ifndef SERVICES_SERVER_H_
#define SERVICES_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "eventstore/key_store.h"
#include "services/backups.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "services/command_lane.h"
#include "services/identity_files.h"
#include "services/rpc/acceptor.h"
#include "services/span_export.h"
#include "services/standing_index.h"
#include "services/vault.h"
#include "services/watch_hub.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace services {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";  // HOST:PORT or unix:PATH; port 0 takes a free one.
  bool plaintext_anywhere = false;         // Allow addresses that others can reach, to whom everybody is nobody.
  IdentityFilePaths identity;              // Without TLS and without token keys callers are not authenticated.
  absl::Duration identity_interval = absl::Seconds(1);  // Between two looks at these files.
  rpc::ConnectionLimits connections;
  absl::Duration keepalive = absl::Seconds(60);          // After so much silence a peer is asked whether it is there,
  absl::Duration keepalive_timeout = absl::Seconds(20);  // and has so long to answer, or the connection ends.
  absl::Duration connection_idle_max = absl::Hours(1);   // Without a call; then the peer is asked to leave.
  CommandLane::Config lane;
  StandingIndex::Config index;
  WatchHub::Config watches;
  Checkpointer::Config checkpoints;
  Backups::Config backups;
  std::string signing_key_file;     // Empty: checkpoints are not signed.
  std::string watermark_directory;  // Empty: nothing is marked, for stores that end with the process.
  std::string accept_rollback;   // Why a log that contradicts its watermark is served all the same; empty refuses it.
  bool record_accesses = false;  // Record who reads histories, and refuse readings that cannot be recorded.
  int read_threads = 2;
  size_t reads_waiting_max = 1024;
  size_t readings_bytes_max = 128 << 20;
  std::string snapshot_directory;       // Empty: no snapshots of folded histories are kept, and none looked at.
  int64_t snapshot_events_min = 512;    // As Snapshots::Config says.
  uint64_t snapshot_reserve_bytes = 0;  // Of the disk, which snapshots leave free.
  int message_bytes_max = 1 << 20;
  absl::Duration drain_timeout = absl::Seconds(10);
  // Where the keys of personal data are; outlives the server. Null keeps them in memory and forgets them at the end.
  eventstore::KeyStore* keys = nullptr;
  std::shared_ptr<const SecretKey> key_encryption_key;  // Wraps the keys where they are kept; null keeps them in clear.
  std::vector<grpc::Service*> extra_services;           // For benchmarks and tests; outlive the server.
  std::string metrics_listen;     // HOST:PORT where metrics are read over plain HTTP; empty: nowhere.
  bool metrics_anywhere = false;  // Allow addresses that others can reach.
  std::string version;            // The program's, as metrics tell it.
  // Takes the spans of calls, and outlives the server, which stops it. Null: there are none.
  SpanExport* spans = nullptr;
};

class Server {
 public:
  // Whether a server can be as options say, as far as can be said without opening anything: Start's first check, for
  // those who open a store for it before. Errors: INVALID_ARGUMENT, see Start.
  static absl::Status Check(const ServerOptions& options);

  // Starts serving on a store. clock outlives the server. on_store_failed is called, from the lane's thread, when a
  // write ends in a state that only reopening the store can mend; the server has stopped saying SERVING by then.
  // Errors: INVALID_ARGUMENT for an address that is not one or that needs TLS, plaintext_anywhere or metrics_anywhere,
  // and for files of identity that do not belong together or that IdentityFiles::Open refuses; UNAVAILABLE when the
  // address is taken; LOG_DAMAGED when the published policies cannot be read; those of eventstore::ReadSigningKeyFile
  // and AdmitLog for a key that cannot be used and a log that contradicts its watermark; those of
  // PersonalData::Prepare.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       std::unique_ptr<eventstore::EventStore> store,
                                                       const Clock* clock, std::function<void()> on_store_failed);

  virtual ~Server() = default;

  // The address that clients use, with the port that was taken.
  virtual const std::string& address() const = 0;
  // The address where metrics are read; empty when they are not.
  virtual std::string metrics_address() const = 0;

  // Says NOT_SERVING, takes no new calls, lets those under way finish within the drain timeout, then ends the rest.
  // Blocks. Idempotent.
  virtual void Shutdown() = 0;
};

}  // namespace services

#endif  // SERVICES_SERVER_H_
