// What following the log costs in time: with one watcher and with many, how long after the answer to a command its
// event arrives, and how many events a second reach all of them while histories are imported.

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/stopwatch.h"
#include "tests/benchmark/figure.h"
#include "tests/benchmark/import_load.h"
#include "tests/benchmark/latencies.h"
#include "tests/benchmark/workload.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"

ABSL_FLAG(std::string, address, "", "Address of benchmark_server. Required.");
ABSL_FLAG(std::string, watchers, "1,100", "Numbers of watchers, a list.");
ABSL_FLAG(int, calls, 2000, "Commands whose events are waited for, with each number of watchers.");
ABSL_FLAG(int, import_events, 100'000, "Events imported while all watch, with each number of watchers.");
ABSL_FLAG(int, salt, 1'000'000, "Keeps what is imported apart from what the store holds.");

namespace benchmark {
namespace {

using trust::v1::HistoryService;
using trust::v1::WatchEventsRequest;
using trust::v1::WatchEventsResponse;

constexpr std::pair<const char*, int> kPercentiles[] = {{"p50", 500}, {"p99", 990}, {"max", 1000}};
constexpr int kConnections = 4;
constexpr absl::Duration kPatience = absl::Minutes(5);

// What all watchers of a run have seen.
class Tally {
 public:
  void Ready() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ready_;
    changed_.notify_all();
  }
  void Took(int events) {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_ += events;
    changed_.notify_all();
  }
  void Ended(const grpc::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ended_;
    if (status.error_code() != grpc::StatusCode::CANCELLED) failure_ = status.error_message();
    changed_.notify_all();
  }

  template <class Condition>
  bool Await(Condition condition) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoMilliseconds(kPatience), [&] {
      return condition(*this) || !failure_.empty();
    }) && failure_.empty();
  }

  absl::Duration Now() const { return watch_.Elapsed(); }
  int64_t events() const { return events_; }
  int ready() const { return ready_; }
  int ended() const { return ended_; }
  const std::string& failure() const { return failure_; }

 private:
  const trustctl::Stopwatch watch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string failure_;
  int64_t events_ = 0;
  int ready_ = 0, ended_ = 0;
};

// One watch of the whole log from now on. Notes when the last message with events came.
class Watcher : public grpc::ClientReadReactor<WatchEventsResponse> {
 public:
  Watcher(HistoryService::Stub* stub, Tally* tally) : tally_(*tally) {
    request_.set_from_now(true);
    stub->async()->WatchEvents(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (response_.has_caught_up() && !ready_) {
      ready_ = true;
      tally_.Ready();
    }
    if (response_.has_events()) {
      last_arrival_ = tally_.Now();
      tally_.Took(response_.events().events_size());
    }
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override { tally_.Ended(status); }

  void Cancel() { context_.TryCancel(); }
  // When the last event came. Only while nothing is under way.
  absl::Duration last_arrival() const { return last_arrival_; }

 private:
  Tally& tally_;
  grpc::ClientContext context_;
  WatchEventsRequest request_;
  WatchEventsResponse response_;
  absl::Duration last_arrival_;
  bool ready_ = false;
};

int Fail(const std::string& what) {
  std::fprintf(stderr, "follow_client: %s\n", what.c_str());
  return 1;
}

std::shared_ptr<grpc::Channel> Connect() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A connection a channel.
  return grpc::CreateCustomChannel(absl::GetFlag(FLAGS_address), grpc::InsecureChannelCredentials(), arguments);
}

// What was seen of single events.
struct Delays {
  Latencies after_answer;  // From the answer to the arrival; as good as none for an event that came first.
  Latencies after_call;    // From the sending of the command to the arrival.
  int64_t before_answer = 0;
  int64_t arrivals = 0;
};

// Records one event after the other, and adds when each watcher had it.
std::string MeasureDelay(const std::vector<std::unique_ptr<Watcher>>& watchers, Tally& tally, Delays* delays) {
  const auto stub = trust::v1::EvidenceService::NewStub(Connect());
  const auto count = static_cast<int64_t>(watchers.size());
  EvidenceSource source({0, 1, 100}, false, static_cast<uint64_t>(absl::GetFlag(FLAGS_salt)));
  for (int i = 0; i < absl::GetFlag(FLAGS_calls); ++i) {
    const int64_t expected = tally.events() + count;
    grpc::ClientContext context;
    trust::v1::RecordEvidenceResponse response;
    const auto* const request = source.Next();
    const absl::Duration sent = tally.Now();
    const grpc::Status status = stub->RecordEvidence(&context, *request, &response);
    const absl::Duration answered = tally.Now();
    if (!status.ok()) return status.error_message();
    if (!tally.Await([&](const Tally& now) { return now.events() >= expected; })) return "an event never came";
    for (const auto& watcher : watchers) {
      const absl::Duration arrival = watcher->last_arrival();
      delays->after_answer.Add(std::max(arrival - answered, absl::Nanoseconds(1)));
      delays->after_call.Add(arrival - sent);
      delays->before_answer += arrival <= answered;
      ++delays->arrivals;
    }
  }
  return "";
}

std::string Create(int partnerships) {
  const auto stub = trust::v1::PartnershipService::NewStub(Connect());
  CreationSource source({0, 1, static_cast<uint64_t>(partnerships)});
  while (const trust::v1::CreatePartnershipRequest* const request = source.Next()) {
    grpc::ClientContext context;
    trust::v1::CreatePartnershipResponse response;
    const grpc::Status status = stub->CreatePartnership(&context, *request, &response);
    if (!status.ok() && status.error_code() != grpc::StatusCode::ALREADY_EXISTS) return status.error_message();
  }
  return "";
}

std::string Measure(int count, ImportSource& source) {
  Tally tally;
  std::vector<std::unique_ptr<HistoryService::Stub>> stubs;
  for (int i = 0; i < kConnections; ++i) stubs.push_back(HistoryService::NewStub(Connect()));
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < count; ++i) watchers.push_back(std::make_unique<Watcher>(stubs[i % kConnections].get(), &tally));
  std::string failure;
  if (!tally.Await([&](const Tally& now) { return now.ready() == count; })) failure = "a watch never caught up";
  Delays delays;
  if (failure.empty()) failure = MeasureDelay(watchers, tally, &delays);
  ImportRound round;
  absl::Duration time;
  if (failure.empty()) {
    const int64_t before = tally.events();
    const absl::Duration begin = tally.Now();
    const auto stub = trust::v1::EvidenceService::NewStub(Connect());
    round = Import(*stub, source, 4, absl::GetFlag(FLAGS_import_events));
    if (!round.failure.ok()) failure = std::string(round.failure.message());
    const int64_t expected = before + round.events * count;
    if (failure.empty() && !tally.Await([&](const Tally& now) { return now.events() >= expected; })) {
      failure = absl::StrCat("of ", expected - before, " events only ", tally.events() - before, " came");
    }
    time = tally.Now() - begin;
  }
  for (const auto& watcher : watchers) watcher->Cancel();
  tally.Await([&](const Tally& now) { return now.ended() == count; });
  if (failure.empty()) failure = tally.failure();
  if (!failure.empty()) return failure;
  const std::string name = absl::StrCat("watch_events.watchers_", count);
  const auto print = [&](Figure figure) {
    std::printf(
        "%s\n",
        figure.With("durability", "fdatasync before the answer").With("watchers", int64_t{count}).ToJson().c_str());
  };
  for (const auto& [percentile, permille] : kPercentiles) {
    print(Figure(absl::StrCat(name, ".delay.", percentile),
                 absl::ToDoubleMicroseconds(delays.after_answer.Permille(permille)), "us")
              .With("calls", int64_t{absl::GetFlag(FLAGS_calls)})
              .With("arrivals", delays.arrivals)
              .With("arrivals_before_the_answer", delays.before_answer));
    print(Figure(absl::StrCat(name, ".delay_from_call.", percentile),
                 absl::ToDoubleMicroseconds(delays.after_call.Permille(permille)), "us")
              .With("calls", int64_t{absl::GetFlag(FLAGS_calls)}));
  }
  print(Figure(absl::StrCat(name, ".rate"), static_cast<double>(round.events * count) / absl::ToDoubleSeconds(time),
               "events/s")
            .With("events_recorded", round.events)
            .With("import_ms", absl::ToInt64Milliseconds(round.time))
            .With("until_all_had_all_ms", absl::ToInt64Milliseconds(time)));
  return "";
}

int Run() {
  if (const std::string failure = Create(100); !failure.empty()) return Fail(failure);
  ImportSource source(500, static_cast<uint64_t>(absl::GetFlag(FLAGS_salt)));
  for (const absl::string_view text : absl::StrSplit(absl::GetFlag(FLAGS_watchers), ',')) {
    int count = 0;
    if (!absl::SimpleAtoi(text, &count) || count < 1) return Fail("--watchers is no list of numbers");
    if (const std::string failure = Measure(count, source); !failure.empty()) return Fail(failure);
  }
  return 0;
}

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return benchmark::Run();
}
