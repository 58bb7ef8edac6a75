// The server as trustd runs it, on a disk of which one call fails, or brings a wrong bit, or loses its power, or whose
// flushes are slow.
//
//   failing_trustd --data_directory=DIR --fail_call=K --failure=eio|enospc|short [--plant_wrong_refusal]
//   failing_trustd --data_directory=DIR --flip_read=K --seed=N
//   failing_trustd --data_directory=DIR --cut_call=K --loss=dropped|torn|garbled --seed=N [--plant_lying_flush]
//   failing_trustd --data_directory=DIR --flush_ms=N ...
//   failing_trustd --data_directory=DIR --keepalive_ms=N --keepalive_timeout_ms=N --connection_idle_ms=N
//   --watches_max=N
//
// Says {"message": "serving", ...} on standard error as trustd does; at SIGTERM, and when the store failed, it ends as
// trustd does, with 0 or 3, after a line with the number of calls that were counted, and what the one that failed was
// to do. When the power goes, it ends with 9 after a line with what was lost.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "eventstore/rocksdb_store.h"
#include "services/clock.h"
#include "services/log.h"
#include "services/server.h"
#include "tests/faults/failing_file_system.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:0", "As of trustd.");
ABSL_FLAG(std::string, data_directory, "", "As of trustd.");
ABSL_FLAG(uint64_t, fail_call, 0, "The call that fails, from 1; 0 for none.");
ABSL_FLAG(std::string, failure, "eio", "How: eio, enospc or short.");
ABSL_FLAG(uint64_t, flip_read, 0, "The read that brings a wrong bit, from 1; 0 for none.");
ABSL_FLAG(uint64_t, cut_call, 0, "The call at which the power goes, from 1; 0 for none.");
ABSL_FLAG(std::string, loss, "dropped", "What goes with it: dropped, torn or garbled, see PowerCut.");
ABSL_FLAG(int, flush_ms, 0, "How long a flush of a file takes.");
ABSL_FLAG(int, flush_ms_drawn_max, 0, "And as many milliseconds more, drawn for each, at most.");
ABSL_FLAG(uint32_t, seed, 1, "Of what is drawn.");
ABSL_FLAG(int, command_wait_ms_max, 100, "As of trustd.");
ABSL_FLAG(int, batch_commands_max, 1024, "Commands that one write stores at most.");
ABSL_FLAG(int, watches_max, 10000, "As of trustd.");
ABSL_FLAG(int, keepalive_ms, 60000, "Silence after which a peer is asked whether it is there.");
ABSL_FLAG(int, keepalive_timeout_ms, 20000, "Time that it has to answer.");
ABSL_FLAG(int, connection_idle_ms, 3600000, "Time without a call after which a connection is closed.");
ABSL_FLAG(bool, plant_wrong_refusal, false, "Calls a write of unknown outcome refused, which it is not.");
ABSL_FLAG(bool, plant_lying_flush, false, "Flushes say that they were done and do nothing.");
ABSL_FLAG(bool, plant_deep_cut, false, "The cut takes a little of what was flushed of the WAL, too.");

namespace {

constexpr int kPowerWent = 9;

// A mistake that the sweep must find: it says RESOURCE_EXHAUSTED of what may well be there.
class WrongRefusal final : public eventstore::EventStore {
 public:
  explicit WrongRefusal(std::unique_ptr<eventstore::EventStore> store) : store_(std::move(store)) {}

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override {
    absl::StatusOr<eventstore::Appended> written = store_->Write(append);
    if (absl::IsUnknown(written.status())) return absl::ResourceExhaustedError("planted");
    return written;
  }
  absl::Status WriteRows(const std::vector<eventstore::RowWrite>& rows) override { return store_->WriteRows(rows); }
  uint64_t LogSize() const override { return store_->LogSize(); }
  absl::Time LatestRecordTime() const override { return store_->LatestRecordTime(); }
  absl::StatusOr<eventstore::Sha256Digest> ReadTreeNode(int level, uint64_t index) const override {
    return store_->ReadTreeNode(level, index);
  }
  absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const override {
    return store_->StreamRevision(stream);
  }
  absl::Status ReadStream(absl::string_view stream, uint64_t after, eventstore::EventVisitor visit) const override {
    return store_->ReadStream(stream, after, visit);
  }
  absl::Status ReadLog(uint64_t after, eventstore::EventVisitor visit) const override {
    return store_->ReadLog(after, visit);
  }
  absl::Status ListStreams(absl::string_view after, eventstore::StreamVisitor visit) const override {
    return store_->ListStreams(after, visit);
  }
  absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table, absl::string_view key) const override {
    return store_->GetRow(table, key);
  }
  absl::Status ScanRows(absl::string_view table, absl::string_view after, eventstore::RowVisitor visit) const override {
    return store_->ScanRows(table, after, visit);
  }
  std::vector<std::string> ListFiles() const override { return store_->ListFiles(); }
  absl::Status VerifyFile(const std::string& name) const override { return store_->VerifyFile(name); }

 private:
  const std::unique_ptr<eventstore::EventStore> store_;
};

void SayWhatWasCounted(const faults::FailingFileSystem& disk) {
  services::Log(services::LogLevel::kInfo, "counted",
                {{"calls", absl::StrCat(disk.calls())},
                 {"reads", absl::StrCat(disk.reads())},
                 {"failed_call", disk.failed_call()}});
}

// The end of a process whose machine has no power.
void EndAtCut(const std::string& call, const std::string& lost) {
  services::Log(services::LogLevel::kInfo, "cut", {{"call", call}, {"lost", lost}});
  _exit(kPowerWent);
}

int Refuse(const absl::Status& status, const faults::FailingFileSystem& disk) {
  std::fprintf(stderr, "failing_trustd: %s\n", std::string(status.message()).c_str());
  SayWhatWasCounted(disk);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("GRPC_VERBOSITY", "NONE", 0);
  absl::ParseCommandLine(argc, argv);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  faults::Plan plan;
  plan.call = absl::GetFlag(FLAGS_fail_call);
  plan.flipped_read = absl::GetFlag(FLAGS_flip_read);
  const std::string failure = absl::GetFlag(FLAGS_failure);
  plan.failure = failure == "enospc"  ? faults::Plan::Failure::kNoSpace
                 : failure == "short" ? faults::Plan::Failure::kShortWrite
                                      : faults::Plan::Failure::kIoError;
  faults::Slowness slowness;
  slowness.flush_ms = absl::GetFlag(FLAGS_flush_ms);
  slowness.flush_ms_drawn_max = absl::GetFlag(FLAGS_flush_ms_drawn_max);
  slowness.seed = absl::GetFlag(FLAGS_seed);
  faults::PowerCut cut;
  cut.call = absl::GetFlag(FLAGS_cut_call);
  const std::string loss = absl::GetFlag(FLAGS_loss);
  cut.loss = loss == "torn"      ? faults::PowerCut::Loss::kTorn
             : loss == "garbled" ? faults::PowerCut::Loss::kGarbled
                                 : faults::PowerCut::Loss::kDropped;
  cut.plant = absl::GetFlag(FLAGS_plant_lying_flush) ? faults::PowerCut::Plant::kLyingFlush
              : absl::GetFlag(FLAGS_plant_deep_cut)  ? faults::PowerCut::Plant::kDeepCut
                                                     : faults::PowerCut::Plant::kNone;
  cut.seed = absl::GetFlag(FLAGS_seed);
  cut.attic = absl::StrCat(absl::GetFlag(FLAGS_data_directory), "-attic");
  const auto disk = std::make_shared<faults::FailingFileSystem>(plan, slowness, cut, EndAtCut);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  eventstore::RocksDbOptions store_options;
  store_options.directory = absl::GetFlag(FLAGS_data_directory);
  store_options.memory_bytes = size_t{32} << 20;
  store_options.env = env.get();
  absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> opened = eventstore::RocksDbStore::Open(store_options);
  if (!opened.ok()) return Refuse(opened.status(), *disk);
  std::unique_ptr<eventstore::EventStore> store = *std::move(opened);
  if (absl::GetFlag(FLAGS_plant_wrong_refusal)) store = std::make_unique<WrongRefusal>(std::move(store));

  services::ServerOptions options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.lane.batch_commands_max = static_cast<size_t>(absl::GetFlag(FLAGS_batch_commands_max));
  options.lane.command_wait_max = absl::Milliseconds(absl::GetFlag(FLAGS_command_wait_ms_max));
  options.watches.watches_max = static_cast<size_t>(absl::GetFlag(FLAGS_watches_max));
  options.keepalive = absl::Milliseconds(absl::GetFlag(FLAGS_keepalive_ms));
  options.keepalive_timeout = absl::Milliseconds(absl::GetFlag(FLAGS_keepalive_timeout_ms));
  options.connection_idle_max = absl::Milliseconds(absl::GetFlag(FLAGS_connection_idle_ms));
  options.watermark_directory = absl::StrCat(store_options.directory, "-watermark");
  const uint64_t log_size = store->LogSize();
  const services::SystemClock clock;
  std::atomic<bool> store_failed{false};
  absl::StatusOr<std::unique_ptr<services::Server>> server =
      services::Server::Start(options, std::move(store), &clock, [&store_failed] {
        store_failed = true;
        kill(getpid(), SIGTERM);
      });
  if (!server.ok()) return Refuse(server.status(), *disk);
  services::Log(services::LogLevel::kInfo, "serving",
                {{"address", (*server)->address()}, {"log_size", absl::StrCat(log_size)}});
  int number = 0;
  sigwait(&signals, &number);
  (*server)->Shutdown();
  server->reset();
  SayWhatWasCounted(*disk);
  return store_failed ? 3 : 0;
}
