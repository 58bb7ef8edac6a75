// The load generator: a program of its own beside benchmark_server. Measures, each figure printed as one line of JSON
// on standard output, what it does on standard error. Exits with 1 when a call was refused, failed or was answered
// wrongly.
//
// Unary calls are compared in rounds that take turns (durable, empty, durable, empty, ...), so that what the machine
// does besides falls on all of them. README.md says how to read the figures.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpcpp/grpcpp.h"
#include "tests/benchmark/cpu_watch.h"
#include "tests/benchmark/disk_flush.h"
#include "tests/benchmark/empty.grpc.pb.h"
#include "tests/benchmark/figure.h"
#include "tests/benchmark/import_load.h"
#include "tests/benchmark/index_wait.h"
#include "tests/benchmark/process_memory.h"
#include "tests/benchmark/simulation_load.h"
#include "tests/benchmark/unary_load.h"
#include "tests/benchmark/workload.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/policy_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

ABSL_FLAG(std::string, address, "", "Address of benchmark_server. Its store must be new. Required.");
ABSL_FLAG(std::string, data_directory, "",
          "A directory on the server's disk, to measure the disk in. Empty: not measured.");
ABSL_FLAG(std::string, durability, "fdatasync before the answer", "What every durable figure says of its durability.");
ABSL_FLAG(int, server_process, 0, "The server's process id, to tell its processor time. 0: not told.");
ABSL_FLAG(std::string, series,
          "record_evidence,record_evidence_with_request_id,empty_rpc,bare_empty_rpc,handed_over_rpc,flushed_rpc,"
          "stored_rpc,answered_rpc",
          "The unary calls to measure.");
ABSL_FLAG(std::string, in_flight, "1,16,64,256,1024", "Unary calls in flight, a list.");
ABSL_FLAG(bool, readings, true, "Measure AssessTrust after them, too.");
ABSL_FLAG(int, rounds, 5, "Rounds of each unary call at each number in flight.");
ABSL_FLAG(int, round_ms, 3000, "Length of a round.");
ABSL_FLAG(int, connections, 1, "Connections, each with a thread, that unary calls are spread over.");
ABSL_FLAG(int, partnerships, 10000, "Partnerships that evidence is recorded in.");
ABSL_FLAG(int, import_rounds, 3, "Rounds of the import; 0 leaves it out.");
ABSL_FLAG(int, import_events, 300000, "Events imported in a round.");
ABSL_FLAG(int, import_items, 500, "Items in a message of the import at most; 100 to 1000.");
ABSL_FLAG(int, simulation_rounds, 3,
          "Rounds of each simulation of a policy over all that was imported; 0 leaves it out.");
ABSL_FLAG(int, import_messages, 4, "Messages of the import in flight.");

namespace benchmark {
namespace {

using trust::v1::AssessTrustResponse;
using trust::v1::CreatePartnershipResponse;
using trust::v1::EvidenceService;
using trust::v1::PartnershipService;
using trust::v1::PolicyService;
using trust::v1::RecordEvidenceResponse;
using trust::v1::TrustService;

constexpr char kDurable[] = "record_evidence";
constexpr char kDurableOnce[] = "record_evidence_with_request_id";
constexpr char kEmpty[] = "empty_rpc";
constexpr char kBareEmpty[] = "bare_empty_rpc";
constexpr char kHandedOver[] = "handed_over_rpc";
constexpr char kFlushed[] = "flushed_rpc";
constexpr char kStored[] = "stored_rpc";
constexpr char kAnswered[] = "answered_rpc";
constexpr char kAssess[] = "assess_trust";
constexpr char kEmptyAsAssess[] = "empty_rpc_as_assess_trust";
constexpr char kBlocking[] = "blocking_record_evidence";
constexpr char kBlockingEmpty[] = "blocking_empty_rpc";

// Threads of the blocking series have sources of their own, up to so many.
constexpr int kThreadsMax = 256;

// Of the empty call: what unary durable writes are to reach, and readings of what is in memory.
constexpr double kDurableGoal = 0.9;
constexpr double kAssessGoal = 0.85;
constexpr int kWarmPartnershipsMax = 1000;
constexpr int kRatioGoalInFlightMin = 64;
// Of an empty call and a flush, one at a time: what a durable write is to take at most.
constexpr double kLatencyGoal = 1.4;
constexpr double kImportGoal = 60'000;
constexpr double kSimulationGoal = 1'000'000;

constexpr absl::Duration kWarmUpTime = absl::Milliseconds(300);
constexpr int kWarmUpInFlight = 16;
// What a message of the empty service takes besides its payload.
constexpr int64_t kEmptyRequestOverhead = 6;
constexpr int64_t kEmptyResponseOverhead = 3;
// About what one event of record_evidence adds to the store's write-ahead log.
constexpr int kFlushedBytes = 700;
// The payload of an event of the workload; the store adds the rest.
constexpr int kStoredBytes = 200;

// One kind of unary call and what its rounds at one number in flight saw.
struct Series {
  std::string name;
  bool durable;
  std::string baseline;  // The series that its figures are compared with; empty for none.
  double goal = 0;       // Of the ratio of the rates, where enough is in flight; 0 for none.
  int partnerships = 0;  // That it is about.
  std::unique_ptr<Load> load;
  Round sum;
  std::vector<double> rates;   // A round each.
  std::vector<double> others;  // A round each: how many processors other programs used.
  CpuUse cpu;
};

double Rate(int64_t count, absl::Duration time) { return static_cast<double>(count) / absl::ToDoubleSeconds(time); }
double Microseconds(absl::Duration time) { return absl::ToDoubleMicroseconds(time); }

class Run {
 public:
  absl::Status All() {
    Connect();
    if (absl::GetFlag(FLAGS_import_rounds) > 0) {
      const absl::Status imported = ImportAll();
      if (!imported.ok()) return imported;
    }
    if (absl::GetFlag(FLAGS_simulation_rounds) > 0) {
      const absl::Status simulated = SimulateAll();
      if (!simulated.ok()) return simulated;
    }
    if (absl::GetFlag(FLAGS_series).empty()) return absl::OkStatus();
    const absl::Status prepared = Prepare();
    if (!prepared.ok()) return prepared;
    for (const absl::string_view text : absl::StrSplit(absl::GetFlag(FLAGS_in_flight), ',')) {
      int in_flight = 0;
      if (!absl::SimpleAtoi(text, &in_flight) || in_flight < 1)
        return absl::InvalidArgumentError("--in_flight is no list of numbers");
      const absl::Status measured = MeasureUnary(in_flight);
      if (!measured.ok()) return measured;
    }
    return absl::GetFlag(FLAGS_readings) ? MeasureReadings() : absl::OkStatus();
  }

 private:
  void Connect() {
    for (int i = 0; i < std::max(1, absl::GetFlag(FLAGS_connections)); ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A connection a channel.
      arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);             // A call that failed is to be seen.
      channels_.push_back(
          grpc::CreateCustomChannel(absl::GetFlag(FLAGS_address), grpc::InsecureChannelCredentials(), arguments));
    }
  }

  static int Partnerships() { return std::max(absl::GetFlag(FLAGS_partnerships), 1); }
  // As many as a server with its default memory keeps, however much was recorded in them before.
  static int WarmPartnerships() { return std::min(Partnerships(), kWarmPartnershipsMax); }

  Share ShareOf(size_t sender, int partnerships = Partnerships()) const {
    return {sender, channels_.size(), static_cast<uint64_t>(partnerships)};
  }

  // One thread for each call in flight, spread over the connections.
  template <class Source, class Response, class Service, class Method>
  std::unique_ptr<Load> MakeBlockingLoad(Method method, const std::function<Source(int thread)>& source,
                                         std::function<bool(const Response&)> check) {
    std::vector<typename BlockingLoad<Source, Response>::Call> calls;
    for (const std::shared_ptr<grpc::Channel>& channel : channels_) {
      const std::shared_ptr<typename Service::Stub> stub = Service::NewStub(channel);
      calls.push_back([stub, method](grpc::ClientContext* context, const typename Source::Request& request,
                                     Response* response) { return ((*stub).*method)(context, request, response); });
    }
    return std::make_unique<BlockingLoad<Source, Response>>(std::move(calls), kThreadsMax, source, std::move(check));
  }

  // Each sender has its own stub, on its own connection.
  template <class Source, class Response, class Service, class Method>
  std::unique_ptr<UnaryLoad<Source, Response>> MakeLoad(Method method, std::function<Source(size_t sender)> source,
                                                        std::function<bool(const Response&)> check) {
    auto load = std::make_unique<UnaryLoad<Source, Response>>(std::move(check));
    for (size_t i = 0; i < channels_.size(); ++i) {
      const std::shared_ptr<typename Service::Stub> stub =
          Service::NewStub(channels_[i]);  // Owned by the closure, which is copied.
      load->AddSender(
          [stub, method](grpc::ClientContext* context, const typename Source::Request& request,
                         grpc::CompletionQueue* queue) { return ((*stub).*method)(context, request, queue); },
          source(i));
    }
    return load;
  }

  std::unique_ptr<Load> EvidenceLoad(bool with_request_id) {
    return MakeLoad<EvidenceSource, RecordEvidenceResponse, EvidenceService>(
        &EvidenceService::Stub::AsyncRecordEvidence,
        [&](size_t sender) { return EvidenceSource(ShareOf(sender), with_request_id, ++salt_); },
        [](const RecordEvidenceResponse& response) { return response.events_size() == 1 && response.revision() > 2; });
  }

  std::unique_ptr<Load> EmptyLoad(const v1::EmptyRequest& request) {
    const auto bytes = static_cast<size_t>(request.response_payload_bytes());
    return MakeLoad<EmptySource, v1::EmptyResponse, v1::EmptyService>(
        &v1::EmptyService::Stub::AsyncDo, [&](size_t) { return EmptySource(request); },
        [bytes](const v1::EmptyResponse& response) { return response.payload().size() == bytes; });
  }

  std::unique_ptr<Load> AnsweredLoad() {
    return MakeLoad<EvidenceSource, RecordEvidenceResponse, v1::EmptyService>(
        &v1::EmptyService::Stub::AsyncStore,
        [&](size_t sender) { return EvidenceSource(ShareOf(sender), /*with_request_id=*/false, ++salt_); },
        [](const RecordEvidenceResponse& response) { return response.events_size() == 1 && response.revision() > 0; });
  }

  std::unique_ptr<UnaryLoad<AssessmentSource, AssessTrustResponse>> AssessmentLoad(bool once) {
    return MakeLoad<AssessmentSource, AssessTrustResponse, TrustService>(
        &TrustService::Stub::AsyncAssessTrust,
        [this, once](size_t sender) { return AssessmentSource(ShareOf(sender, WarmPartnerships()), once); },
        [](const AssessTrustResponse& response) { return response.directions_size() == 1; });
  }

  // Readings of what is in memory: nothing is recorded meanwhile, and each partnership was read before.
  absl::Status MeasureReadings() {
    const absl::Status quiet = AwaitQuiet();
    if (!quiet.ok()) return quiet;
    std::fprintf(stderr, "reading %d partnerships once\n", WarmPartnerships());
    const Round first = AssessmentLoad(/*once=*/true)->Run(kWarmUpInFlight, absl::InfiniteDuration());
    if (!first.failure.ok()) return first.failure;
    series_.clear();
    AddSeries(kAssess, false, AssessmentLoad(/*once=*/false), kEmptyAsAssess, kAssessGoal);
    AddSeries(kEmptyAsAssess, false, EmptyLoad(AsLong(first.request_bytes, first.response_bytes)));
    for (Series& series : series_) series.partnerships = WarmPartnerships();
    for (const int in_flight : {kRatioGoalInFlightMin, 4 * kRatioGoalInFlightMin}) {
      const absl::Status measured = MeasureUnary(in_flight);
      if (!measured.ok()) return measured;
    }
    return absl::OkStatus();
  }

  // An empty call that moves so many bytes.
  static v1::EmptyRequest AsLong(int64_t request_bytes, int64_t response_bytes) {
    v1::EmptyRequest request;
    request.set_payload(
        std::string(static_cast<size_t>(std::max<int64_t>(request_bytes - kEmptyRequestOverhead, 0)), 'x'));
    request.set_response_payload_bytes(static_cast<int>(std::max<int64_t>(response_bytes - kEmptyResponseOverhead, 0)));
    return request;
  }

  // The same two from one blocking thread a call.
  std::unique_ptr<Load> BlockingEvidenceLoad() {
    return MakeBlockingLoad<EvidenceSource, RecordEvidenceResponse, EvidenceService>(
        &EvidenceService::Stub::RecordEvidence,
        [&](int thread) {
          const auto count = static_cast<uint64_t>(Partnerships());
          return EvidenceSource({static_cast<uint64_t>(thread) % count, uint64_t{kThreadsMax}, count}, false, ++salt_);
        },
        [](const RecordEvidenceResponse& response) { return response.events_size() == 1 && response.revision() > 2; });
  }

  std::unique_ptr<Load> BlockingEmptyLoad(const v1::EmptyRequest& request) {
    const auto bytes = static_cast<size_t>(request.response_payload_bytes());
    return MakeBlockingLoad<EmptySource, v1::EmptyResponse, v1::EmptyService>(
        &v1::EmptyService::Stub::Do, [&](int) { return EmptySource(request); },
        [bytes](const v1::EmptyResponse& response) { return response.payload().size() == bytes; });
  }

  // Fills the store and measures how fast.
  absl::Status ImportAll() {
    const int messages = std::max(absl::GetFlag(FLAGS_import_messages), 1);
    const int items = std::clamp(absl::GetFlag(FLAGS_import_items), 100, 1000);
    ImportSource source(items, 1);
    const std::unique_ptr<EvidenceService::Stub> stub = EvidenceService::NewStub(channels_[0]);
    ImportRound sum;
    std::vector<double> rates;
    std::vector<double> others;
    CpuUse cpu;
    for (int i = 0; i < absl::GetFlag(FLAGS_import_rounds); ++i) {
      std::fprintf(stderr, "import, round %d\n", i + 1);
      const CpuWatch watch(absl::GetFlag(FLAGS_server_process));
      const ImportRound round = Import(*stub, source, messages, absl::GetFlag(FLAGS_import_events));
      if (!round.failure.ok()) return round.failure;
      others.push_back(AddCpu(watch.Elapsed(), round.time, cpu));
      sum.events += round.events;
      sum.time += round.time;
      sum.messages.Add(round.messages);
      rates.push_back(Rate(round.events, round.time));
    }
    const auto print = [&](Figure figure) {
      Print(figure.With("durability", absl::GetFlag(FLAGS_durability))
                .With("item_bytes", source.item_bytes())
                .With("items_per_message_max", int64_t{items})
                .With("messages_in_flight", int64_t{messages})
                .With("events_in_store", events_in_store_)
                .With("events", sum.events));
    };
    print(Figure("import_history.rate", Rate(sum.events, sum.time), "events/s")
              .Goal(kImportGoal)
              .With("rounds", rates)
              .With("other_cpus", others)
              .With("server_cpu_us_per_event", Microseconds(cpu.server) / static_cast<double>(sum.events))
              .With("client_cpu_us_per_event", Microseconds(cpu.client) / static_cast<double>(sum.events)));
    for (const auto& [name, permille] : kPercentiles) {
      print(Figure(absl::StrCat("import_history.message.", name), Microseconds(sum.messages.Permille(permille)), "us"));
    }
    events_in_store_ += sum.events;
    return absl::OkStatus();
  }

  // Two candidates: one that changes no path of these histories, so that each is only judged twice, and one that
  // changes nearly all of them, so that both paths of each are told.
  // Waits until the server is done with what followed the import.
  absl::Status AwaitQuiet() {
    const std::unique_ptr<trust::v1::HistoryService::Stub> history = trust::v1::HistoryService::NewStub(channels_[0]);
    grpc::ClientContext context;
    trust::v1::ResolveTimeRequest request;
    request.set_date("9999-12-31");  // The end of the log.
    trust::v1::ResolveTimeResponse last;
    const grpc::Status resolved = history->ResolveTime(&context, request, &last);
    if (!resolved.ok()) return absl::UnknownError(absl::StrCat("ResolveTime failed: ", resolved.error_message()));
    const std::string failure = AwaitIndex(*TrustService::NewStub(channels_[0]), last.log_position());
    return failure.empty() ? absl::OkStatus() : absl::UnavailableError(failure);
  }

  absl::Status SimulateAll() {
    const absl::Status quiet = AwaitQuiet();
    if (!quiet.ok()) return quiet;
    const std::unique_ptr<PolicyService::Stub> policies = PolicyService::NewStub(channels_[0]);
    grpc::ClientContext context;
    trust::v1::GetPolicyResponse in_force;
    const grpc::Status got = policies->GetPolicy(&context, {}, &in_force);
    if (!got.ok()) return absl::UnknownError(absl::StrCat("GetPolicy failed: ", got.error_message()));
    trust::v1::PolicyDocument other = in_force.document();
    other.set_version("benchmark-other/1");
    other.set_positive_half_life_days(other.positive_half_life_days() / 2);
    const auto none = [](const SimulationRound& round) { return round.differences == 0; };
    const auto at_least_half = [](const SimulationRound& round) { return 2 * round.differences >= round.partnerships; };
    const absl::Status simulated = Simulation("simulate_policy", EqualCandidate(in_force.document()), none);
    return simulated.ok() ? Simulation("simulate_policy_differing", other, at_least_half) : simulated;
  }

  // as_meant: whether the candidate changes as many paths as it is to.
  absl::Status Simulation(absl::string_view name, const trust::v1::PolicyDocument& candidate,
                          const std::function<bool(const SimulationRound&)>& as_meant) {
    const std::unique_ptr<TrustService::Stub> stub = TrustService::NewStub(channels_[0]);
    const int server = absl::GetFlag(FLAGS_server_process);
    std::vector<double> rates, others;
    CpuUse cpu;
    SimulationRound sum;
    for (int i = 0; i < absl::GetFlag(FLAGS_simulation_rounds); ++i) {
      std::fprintf(stderr, "%s, round %d\n", std::string(name).c_str(), i + 1);
      const CpuWatch watch(server);
      const SimulationRound round = Simulate(*stub, candidate);
      if (!round.failure.ok()) return round.failure;
      if (round.events != events_in_store_) {
        return absl::InternalError(absl::StrCat(name, " read ", round.events, " events of ", events_in_store_));
      }
      if (!as_meant(round)) {
        return absl::InternalError(absl::StrCat(name, " told ", round.differences, " differences of ",
                                                round.partnerships, " partnerships, which is not what it measures"));
      }
      others.push_back(AddCpu(watch.Elapsed(), round.time, cpu));
      rates.push_back(Rate(round.events, round.time));
      sum.events += round.events;
      sum.time += round.time;
      sum.partnerships = round.partnerships;
      sum.differences = round.differences;
      sum.longest_silence = std::max(sum.longest_silence, round.longest_silence);
    }
    Print(Figure(absl::StrCat(name, ".rate"), Rate(sum.events, sum.time), "events/s")
              .Goal(kSimulationGoal)
              .With("durability", "none")
              .With("partnerships", sum.partnerships)
              .With("differences", sum.differences)
              .With("events_in_store", events_in_store_)
              .With("rounds", rates)
              .With("other_cpus", others)
              .With("longest_silence_ms", absl::ToInt64Milliseconds(sum.longest_silence))
              .With("server_peak_memory_mib", PeakMemoryMib(server))
              .With("server_cpu_us_per_event", Microseconds(cpu.server) / static_cast<double>(sum.events)));
    return absl::OkStatus();
  }

  // Makes the partnerships and the loads, warms everything up, and measures the disk.
  absl::Status Prepare() {
    std::fprintf(stderr, "creating %d partnerships\n", absl::GetFlag(FLAGS_partnerships));
    const auto creation = MakeLoad<CreationSource, CreatePartnershipResponse, PartnershipService>(
        &PartnershipService::Stub::AsyncCreatePartnership,
        [this](size_t sender) { return CreationSource(ShareOf(sender)); },
        [](const CreatePartnershipResponse& response) { return response.revision() == 2; });
    const Round created = creation->Run(kRatioGoalInFlightMin, absl::InfiniteDuration());
    if (!created.failure.ok()) return created.failure;
    events_in_store_ += 2 * created.answered;

    std::unique_ptr<Load> durable = EvidenceLoad(false);
    const Round sample = durable->Run(kWarmUpInFlight, kWarmUpTime);
    if (!sample.failure.ok()) return sample.failure;
    events_in_store_ += sample.answered;

    const v1::EmptyRequest as_long = AsLong(sample.request_bytes, sample.response_bytes);
    v1::EmptyRequest handed_over = as_long;
    handed_over.set_answer_from_another_thread(true);
    v1::EmptyRequest flushed = handed_over;
    flushed.set_durable_bytes(kFlushedBytes);
    v1::EmptyRequest stored = flushed;
    stored.set_into_event_store(true);
    stored.set_durable_bytes(kStoredBytes);
    for (const absl::string_view name : absl::StrSplit(absl::GetFlag(FLAGS_series), ',')) {
      if (name == kDurable) AddSeries(kDurable, true, std::move(durable), kEmpty, kDurableGoal);
      if (name == kDurableOnce) AddSeries(kDurableOnce, true, EvidenceLoad(true), kEmpty, kDurableGoal);
      if (name == kEmpty) AddSeries(kEmpty, false, EmptyLoad(as_long));
      if (name == kBareEmpty) AddSeries(kBareEmpty, false, EmptyLoad(v1::EmptyRequest()));
      if (name == kHandedOver) AddSeries(kHandedOver, false, EmptyLoad(handed_over));
      if (name == kBlocking) AddSeries(kBlocking, true, BlockingEvidenceLoad(), kBlockingEmpty);
      if (name == kBlockingEmpty) AddSeries(kBlockingEmpty, false, BlockingEmptyLoad(as_long));
      if (name == kFlushed) AddSeries(kFlushed, false, EmptyLoad(flushed));
      if (name == kStored) AddSeries(kStored, false, EmptyLoad(stored), kEmpty);
      if (name == kAnswered) AddSeries(kAnswered, false, AnsweredLoad(), kEmpty);
    }
    if (series_.empty()) return absl::InvalidArgumentError("--series names nothing that there is");
    return MeasureDisk();
  }

  void AddSeries(absl::string_view name, bool durable, std::unique_ptr<Load> load, absl::string_view baseline = "",
                 double goal = 0) {
    Series series;
    series.baseline = std::string(baseline);
    series.goal = goal;
    series.name = std::string(name);
    series.durable = durable;
    series.partnerships = Partnerships();
    series.load = std::move(load);
    series_.push_back(std::move(series));
  }

  absl::Status MeasureDisk() {
    const std::string directory = absl::GetFlag(FLAGS_data_directory);
    if (directory.empty()) return absl::OkStatus();
    const absl::StatusOr<Latencies> latencies =
        MeasureDiskFlush(directory, absl::Milliseconds(absl::GetFlag(FLAGS_round_ms)));
    if (!latencies.ok()) return latencies.status();
    for (const auto& [name, permille] : kPercentiles) {
      Print(Figure(absl::StrCat("disk_flush.", name), Microseconds(latencies->Permille(permille)), "us")
                .With("durability", absl::GetFlag(FLAGS_durability))
                .With("bytes", int64_t{kFlushBytes})
                .With("flushes", static_cast<int64_t>(latencies->size())));
    }
    disk_flush_ = latencies->Permille(500);
    return absl::OkStatus();
  }

  absl::Status MeasureUnary(int in_flight) {
    const int64_t events_before = events_in_store_;
    for (Series& series : series_) {
      series.sum = Round();
      series.rates.clear();
      series.others.clear();
      series.cpu = CpuUse();
      const absl::Status warm = RunRound(series, in_flight, kWarmUpTime, false);
      if (!warm.ok()) return warm;
    }
    for (int i = 0; i < absl::GetFlag(FLAGS_rounds); ++i) {
      std::fprintf(stderr, "unary calls, %d in flight, round %d\n", in_flight, i + 1);
      for (Series& series : series_) {
        const absl::Status run = RunRound(series, in_flight, absl::Milliseconds(absl::GetFlag(FLAGS_round_ms)), true);
        if (!run.ok()) return run;
      }
    }
    for (const Series& series : series_) Report(series, in_flight, events_before);
    return absl::OkStatus();
  }

  absl::Status RunRound(Series& series, int in_flight, absl::Duration time, bool counts) {
    const CpuWatch watch(absl::GetFlag(FLAGS_server_process));
    const Round round = series.load->Run(in_flight, time);
    if (!round.failure.ok()) return round.failure;
    if (series.durable) events_in_store_ += round.answered;
    if (!counts) return absl::OkStatus();
    series.others.push_back(AddCpu(watch.Elapsed(), round.time, series.cpu));
    series.sum.calls += round.calls;
    series.sum.answered += round.answered;
    series.sum.time += round.time;
    series.sum.latencies.Add(round.latencies);
    series.sum.request_bytes = round.request_bytes;
    series.sum.response_bytes = round.response_bytes;
    series.rates.push_back(Rate(round.calls, round.time));
    return absl::OkStatus();
  }

  void Report(const Series& series, int in_flight, int64_t events_before) {
    const auto find = [this](absl::string_view name) {
      return std::find_if(series_.begin(), series_.end(), [name](const Series& one) { return one.name == name; });
    };
    const auto baseline = find(series.baseline);
    const auto floor = find(kFlushed);
    const bool compared = baseline != series_.end();
    const auto name_of = [in_flight](const Series& one, absl::string_view what) {
      return absl::StrCat(one.name, ".in_flight_", in_flight, ".", what);
    };
    const auto print = [&](Figure figure) {
      const bool flushes =
          series.durable || series.name == kFlushed || series.name == kStored || series.name == kAnswered;
      Print(figure.With("durability", flushes ? absl::GetFlag(FLAGS_durability) : "none")
                .With("request_bytes", series.sum.request_bytes)
                .With("response_bytes", series.sum.response_bytes)
                .With("in_flight", int64_t{in_flight})
                .With("connections", static_cast<int64_t>(channels_.size()))
                .With("partnerships", int64_t{series.partnerships})
                .With("events_in_store", events_before));
    };
    Figure rate(name_of(series, "rate"), Rate(series.sum.calls, series.sum.time), "calls/s");
    if (compared) {
      rate.Against(name_of(*baseline, "rate"), Rate(baseline->sum.calls, baseline->sum.time));
      if (series.goal > 0 && in_flight >= kRatioGoalInFlightMin) rate.Goal(series.goal);
    }
    if (series.durable && floor != series_.end()) {
      const double floor_rate = Rate(floor->sum.calls, floor->sum.time);
      rate.With("floor", name_of(*floor, "rate")).With("floor_value", floor_rate);
      if (floor_rate > 0) rate.With("floor_ratio", Rate(series.sum.calls, series.sum.time) / floor_rate);
    }
    const auto answered = static_cast<double>(std::max<int64_t>(series.sum.answered, 1));
    print(rate.With("rounds", series.rates)
              .With("other_cpus", series.others)
              .With("server_cpu_us_per_call", Microseconds(series.cpu.server) / answered)
              .With("client_cpu_us_per_call", Microseconds(series.cpu.client) / answered));
    for (const auto& [name, permille] : kPercentiles) {
      Figure latency(name_of(series, name), Microseconds(series.sum.latencies.Permille(permille)), "us");
      if (compared) {
        const absl::Duration empty = baseline->sum.latencies.Permille(permille);
        // One write at a time cannot share a flush of the disk: what it must take is a call and a flush.
        const bool with_flush = in_flight == 1 && permille == 500 && disk_flush_ > absl::ZeroDuration();
        latency.Against(absl::StrCat(name_of(*baseline, name), with_flush ? " + disk_flush.p50" : ""),
                        Microseconds(with_flush ? empty + disk_flush_ : empty));
        if (with_flush && series.goal > 0) latency.Goal(kLatencyGoal);
      }
      print(latency);
    }
  }

  // Adds what a round used to the sum. Returns how many processors other programs used meanwhile.
  static double AddCpu(const CpuUse& round, absl::Duration time, CpuUse& sum) {
    sum.server += round.server;
    sum.client += round.client;
    sum.others += round.others;
    return absl::FDivDuration(round.others, time);
  }

  static void Print(const Figure& figure) {
    std::printf("%s\n", figure.ToJson().c_str());
    std::fflush(stdout);
  }

  static constexpr std::pair<const char*, int> kPercentiles[] = {{"p50", 500}, {"p99", 990}, {"p99.9", 999}};

  std::vector<std::shared_ptr<grpc::Channel>> channels_;  // Shared as gRPC wants it.
  std::vector<Series> series_;
  uint64_t salt_ = 0;
  int64_t events_in_store_ = 0;
  absl::Duration disk_flush_;
};

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = benchmark::Run().All();
  if (status.ok()) return 0;
  std::fprintf(stderr, "benchmark_client: %s\n", std::string(status.message()).c_str());
  return 1;
}
