// What is measured: the product's own server on a RocksDB store with the product's defaults, and an empty service
// beside its own, all in one process. Prints its address as one line once it serves; SIGTERM or SIGINT ends it.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/time/clock.h"
#include "eventstore/rocksdb_store.h"
#include "services/clock.h"
#include "services/command.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/memory_plan.h"
#include "services/server.h"
#include "tests/benchmark/empty.grpc.pb.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:0", "Address to serve on; port 0 takes a free one.");
ABSL_FLAG(std::string, data_directory, "", "Directory of the store; made when it is not there. Required.");
ABSL_FLAG(bool, snapshots, true, "Keep snapshots of folded histories, beside the data directory.");

namespace {

using trust::v1::RecordEvidenceRequest;
using trust::v1::RecordEvidenceResponse;

constexpr int kPayloadBytesMax = 64 << 10;

// As many streams as the product's own workload has partnerships.
constexpr size_t kStreams = 10'000;

// Ends calls from a thread of its own, all that wait at once, after one flush of what they want to be durable: what
// handing a call over and back costs, and the disk, with nothing else done in between.
class Answerer {
 public:
  // store: for what goes into an event store; empty at first, and nobody else's.
  Answerer(int file, eventstore::EventStore* store) : file_(file), store_(*store), thread_([this] { Run(); }) {}
  ~Answerer() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Answer(grpc::ServerUnaryReactor* reactor, size_t durable_bytes, bool into_event_store) {
    Enqueue({reactor, durable_bytes, into_event_store});
  }

  // Stores what is asked, and answers with it. Both live as long as the call.
  void Store(grpc::ServerUnaryReactor* reactor, const RecordEvidenceRequest* request,
             RecordEvidenceResponse* response) {
    Enqueue({reactor, 0, false, request, response});
  }

 private:
  struct Waiting {
    grpc::ServerUnaryReactor* reactor;
    size_t durable_bytes;
    bool into_event_store;
    const RecordEvidenceRequest* request = nullptr;
    RecordEvidenceResponse* response = nullptr;
  };

  void Enqueue(const Waiting& call) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(call);
    }
    wake_.notify_one();
  }

  void Run() {
    for (std::vector<Waiting> calls;; calls.clear()) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        calls.swap(waiting_);
      }
      size_t bytes = 0;
      std::vector<size_t> events;
      std::vector<const Waiting*> evidence;
      for (const Waiting& call : calls) {
        if (call.request != nullptr) {
          evidence.push_back(&call);
        } else if (call.into_event_store) {
          events.push_back(call.durable_bytes);
        } else {
          bytes += call.durable_bytes;
        }
      }
      const bool durable = MakeDurable(bytes) && StoreBytes(events) && StoreEvidence(evidence);
      const grpc::Status status =
          durable ? grpc::Status::OK : grpc::Status(grpc::StatusCode::UNKNOWN, "the disk refused");
      for (const Waiting& call : calls) call.reactor->Finish(status);
    }
  }

  bool MakeDurable(size_t bytes) const {
    if (bytes == 0) return true;
    const std::string zeros(bytes, '\0');
    return write(file_, zeros.data(), bytes) == static_cast<ssize_t>(bytes) && fdatasync(file_) == 0;
  }

  // One event for each of the sizes, all in one atom, each in the stream whose turn it is.
  bool StoreBytes(const std::vector<size_t>& sizes) {
    for (size_t done = 0; done < sizes.size();) {
      eventstore::Append append;
      append.record_time = absl::Now();
      for (; done < sizes.size() && append.streams.size() < kStreams; ++done, ++turn_) {
        append.streams.push_back(
            {std::to_string(turn_ % kStreams), turn_ / kStreams, {{"event", std::string(sizes[done], 'x')}}});
      }
      if (!store_.Write(append).ok()) return false;
    }
    return true;
  }

  // One event for each call, all in one atom.
  bool StoreEvidence(const std::vector<const Waiting*>& calls) {
    if (calls.empty()) return true;
    eventstore::Append append;
    append.record_time = absl::Now();
    absl::flat_hash_map<std::string, size_t> places;
    for (const Waiting* call : calls) {
      const RecordEvidenceRequest& request = *call->request;
      trust::v1::Event& event = *call->response->add_events();
      event.set_recorder(request.recorder());
      *event.mutable_occur_time() = request.occur_time();
      *event.mutable_observe_time() = request.observe_time();
      event.set_correlation_id(request.correlation_id());
      event.set_causation_id(request.causation_id());
      *event.mutable_evidence() = request.evidence();
      const auto [place, is_new] = places.try_emplace(request.partnership(), append.streams.size());
      uint64_t& revision = revisions_[request.partnership()];
      if (is_new) append.streams.push_back({"evidence-" + request.partnership(), revision, {}});
      append.streams[place->second].events.push_back(services::Encode(event));
      event.set_partnership(request.partnership());
      event.set_revision(static_cast<int64_t>(++revision));
      event.mutable_record_time()->set_seconds(absl::ToUnixSeconds(append.record_time));
    }
    const absl::StatusOr<eventstore::Appended> appended = store_.Write(append);
    if (!appended.ok()) return false;
    for (size_t i = 0; i < calls.size(); ++i) {
      RecordEvidenceResponse& response = *calls[i]->response;
      response.mutable_events(0)->set_log_position(services::LogPositionToken(appended->first_position + i));
      response.set_log_position(response.events(0).log_position());
      response.set_revision(response.events(0).revision());
      *response.mutable_receipt() = services::MakeReceipt(appended->first_position + i, appended->leaf_hashes[i]);
    }
    return true;
  }

  const int file_;
  eventstore::EventStore& store_;
  // Touched by the thread only.
  size_t turn_ = 0;
  absl::flat_hash_map<std::string, uint64_t> revisions_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> waiting_;  // Guarded by mutex_.
  bool stopping_ = false;         // Guarded by mutex_.
  std::thread thread_;
};

class EmptyService final : public benchmark::v1::EmptyService::CallbackService {
 public:
  // file: open for appending; for calls that want to be durable. store: as Answerer's.
  EmptyService(int file, eventstore::EventStore* store) : answerer_(file, store) {}

  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext* context, const benchmark::v1::EmptyRequest* request,
                               benchmark::v1::EmptyResponse* response) override {
    const int bytes = std::clamp(request->response_payload_bytes(), 0, kPayloadBytesMax);
    if (bytes > 0) response->mutable_payload()->resize(static_cast<size_t>(bytes));
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (request->answer_from_another_thread()) {
      answerer_.Answer(reactor, static_cast<size_t>(std::clamp(request->durable_bytes(), 0, kPayloadBytesMax)),
                       request->into_event_store());
    } else {
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  grpc::ServerUnaryReactor* Store(grpc::CallbackServerContext* context, const RecordEvidenceRequest* request,
                                  RecordEvidenceResponse* response) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    answerer_.Store(reactor, request, response);
    return reactor;
  }

 private:
  Answerer answerer_;
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "benchmark_server: %s\n", std::string(status.message()).c_str());
  return 1;
}

int Serve() {
  const services::MemoryPlan memory = services::PlanMemory(services::kMemoryBytesDefault);
  eventstore::RocksDbOptions store_options;
  store_options.memory_bytes = memory.store_bytes;
  store_options.directory = absl::GetFlag(FLAGS_data_directory);
  const std::string flushed = store_options.directory + ".flushed";
  const int file = open(flushed.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Fail(absl::UnknownError("cannot write beside the data directory"));
  unlink(flushed.c_str());  // Gone with the process, whatever happens.
  eventstore::RocksDbOptions beside_options = store_options;
  beside_options.directory = store_options.directory + ".stored";
  const absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> beside =
      eventstore::RocksDbStore::Open(beside_options);
  if (!beside.ok()) return Fail(beside.status());
  EmptyService empty_service(file, beside->get());
  services::ServerOptions options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.extra_services = {&empty_service};
  options.readings_bytes_max = memory.readings_bytes;
  options.lane.state_cache_bytes_max = memory.states_bytes;
  if (absl::GetFlag(FLAGS_snapshots)) options.snapshot_directory = store_options.directory + "-snapshots";

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(store_options);
  if (!store.ok()) return Fail(store.status());
  const services::SystemClock clock;
  absl::StatusOr<std::unique_ptr<services::Server>> server =
      services::Server::Start(options, *std::move(store), &clock, [] {
        std::fprintf(stderr, "benchmark_server: the store failed\n");
        kill(getpid(), SIGTERM);
      });
  if (!server.ok()) return Fail(server.status());
  std::printf("%s\n", (*server)->address().c_str());
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*server)->Shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return Serve();
}
