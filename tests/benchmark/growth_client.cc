// One measurement of a store that grows, against a server that runs: growth.py drives it, and says what is compared
// with what. Each figure is printed as one line of JSON on standard output. Exits with 1 when a call was refused,
// failed or was answered wrongly.
//
// The partnerships are those that this program imported, numbered from 1: so many as --partnerships says.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "grpcpp/grpcpp.h"
#include "tests/benchmark/cpu_watch.h"
#include "tests/benchmark/figure.h"
#include "tests/benchmark/import_load.h"
#include "tests/benchmark/index_wait.h"
#include "tests/benchmark/simulation_load.h"
#include "tests/benchmark/unary_load.h"
#include "tests/benchmark/workload.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/policy_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

ABSL_FLAG(std::string, address, "", "Address of trustd. Required.");
ABSL_FLAG(std::string, measure, "",
          "import, index, first_answer, record_evidence, assess_cold, assess_warm or simulate.");
ABSL_FLAG(uint64_t, partnerships, 0, "Partnerships that were imported before.");
ABSL_FLAG(uint64_t, salt, 1, "No two runs that record evidence in a store have the same.");
ABSL_FLAG(uint64_t, begin, 0, "The first of the partnerships that are read.");
ABSL_FLAG(uint64_t, different, 10'000, "How many partnerships are read.");
ABSL_FLAG(int, round_ms, 3000, "Length of a round.");
ABSL_FLAG(int, in_flight, 64, "Unary calls in flight.");
ABSL_FLAG(int64_t, events, 100'000, "Events to import.");
ABSL_FLAG(int64_t, part_events, 100'000, "Events after which the rate of the import is told.");
ABSL_FLAG(int, server_process, 0, "The server's process id, to tell its processor time. 0: not told.");

namespace benchmark {
namespace {

using trust::v1::AssessTrustResponse;
using trust::v1::EvidenceService;
using trust::v1::RecordEvidenceResponse;
using trust::v1::TrustService;

constexpr char kDurable[] = "fdatasync before the answer";
constexpr absl::Duration kWarmUpTime = absl::Seconds(1);
constexpr absl::Duration kConnectTime = absl::Seconds(60);
constexpr int kMessagesInFlight = 4;
constexpr int kIndexRoundsMax = 6;  // A million partnerships take a while.
constexpr int kItemsPerMessage = 500;
// A founding makes two events: ten on average.
constexpr HistoryLength kHistoryLength = {8, 10};

absl::Status Failed(absl::string_view what, const grpc::Status& status) {
  return absl::UnknownError(absl::StrCat(what, " failed: ", status.error_message()));
}

class Measurement {
 public:
  absl::Status Run() {
    const std::string what = absl::GetFlag(FLAGS_measure);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // A call that failed is to be seen.
    channel_ = grpc::CreateCustomChannel(absl::GetFlag(FLAGS_address), grpc::InsecureChannelCredentials(), arguments);
    if (!channel_->WaitForConnected(
            gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                         gpr_time_from_millis(absl::ToInt64Milliseconds(kConnectTime), GPR_TIMESPAN)))) {
      return absl::UnavailableError("no server answers");
    }
    if (what == "import") return ImportAll();
    if (what == "index") return AwaitQuiet();
    if (what == "simulate") return SimulateAll();
    if (partnerships_ == 0) return absl::InvalidArgumentError("--partnerships is needed");
    if (what == "first_answer") return Assess("first_answer", 1, /*once=*/true);
    if (what == "record_evidence") return Record();
    if (what == "assess_cold") return Assess("assess_trust.cold", absl::GetFlag(FLAGS_different), /*once=*/true);
    if (what == "assess_warm") {
      // Read once before, so that all are in memory.
      const absl::Status cold = Assess("", absl::GetFlag(FLAGS_different), /*once=*/true);
      return cold.ok() ? Assess("assess_trust.warm", absl::GetFlag(FLAGS_different), /*once=*/false) : cold;
    }
    return absl::InvalidArgumentError("--measure names nothing that there is");
  }

 private:
  absl::Status ImportAll() {
    ImportSource source(kItemsPerMessage, partnerships_ + 1, kHistoryLength);
    const std::unique_ptr<EvidenceService::Stub> stub = EvidenceService::NewStub(channel_);
    const CpuWatch watch(absl::GetFlag(FLAGS_server_process));
    int64_t events = 0;
    absl::Duration time;
    std::vector<double> rates;
    while (events < absl::GetFlag(FLAGS_events)) {
      // Messages are whole: what was sent too much is not sent again.
      const int64_t part = std::min(absl::GetFlag(FLAGS_part_events), absl::GetFlag(FLAGS_events) - events);
      const ImportRound round = Import(*stub, source, kMessagesInFlight, std::max<int64_t>(part * 9 / 10, 1));
      if (!round.failure.ok()) return round.failure;
      events += round.events;
      time += round.time;
      rates.push_back(static_cast<double>(round.events) / absl::ToDoubleSeconds(round.time));
    }
    const CpuUse cpu = watch.Elapsed();
    Print(Figure("import_history.rate", static_cast<double>(events) / absl::ToDoubleSeconds(time), "events/s")
              .With("durability", kDurable)
              .With("item_bytes", source.item_bytes())
              .With("messages_in_flight", int64_t{kMessagesInFlight})
              .With("events", events)
              .With("partnerships", static_cast<int64_t>(source.next_number() - 1))
              .With("rounds", rates)
              .With("other_cpus", absl::FDivDuration(cpu.others, time))
              .With("server_cpu_us_per_event", absl::ToDoubleMicroseconds(cpu.server) / static_cast<double>(events)));
    return absl::OkStatus();
  }

  // Waits until the server is done with what followed the import.
  absl::Status AwaitQuiet() {
    grpc::ClientContext context;
    trust::v1::ResolveTimeRequest request;
    request.set_date("9999-12-31");  // The end of the log.
    trust::v1::ResolveTimeResponse last;
    const grpc::Status resolved = trust::v1::HistoryService::NewStub(channel_)->ResolveTime(&context, request, &last);
    if (!resolved.ok()) return Failed("ResolveTime", resolved);
    std::string failure = "nobody waited";
    for (int round = 0; round < kIndexRoundsMax && !failure.empty(); ++round) {
      failure = AwaitIndex(*TrustService::NewStub(channel_), last.log_position());
    }
    return failure.empty() ? absl::OkStatus() : absl::UnavailableError(failure);
  }

  absl::Status Record() {
    UnaryLoad<SpreadEvidenceSource, RecordEvidenceResponse> load(
        [](const RecordEvidenceResponse& response) { return response.events_size() == 1 && response.revision() > 2; });
    const std::shared_ptr<EvidenceService::Stub> stub = EvidenceService::NewStub(channel_);  // Owned by the closure.
    load.AddSender([stub](grpc::ClientContext* context, const SpreadEvidenceSource::Request& request,
                          grpc::CompletionQueue* queue) { return stub->AsyncRecordEvidence(context, request, queue); },
                   SpreadEvidenceSource(partnerships_, absl::GetFlag(FLAGS_salt)));
    const int in_flight = absl::GetFlag(FLAGS_in_flight);
    const absl::Status warm = load.Run(in_flight, WarmUpTime()).failure;
    return warm.ok() ? Measure("record_evidence", kDurable, load, RoundTime()) : warm;
  }

  absl::Status Assess(absl::string_view name, uint64_t different, bool once) {
    UnaryLoad<SpreadAssessmentSource, AssessTrustResponse> load(
        [](const AssessTrustResponse& response) { return response.directions_size() == 1; });
    const std::shared_ptr<TrustService::Stub> stub = TrustService::NewStub(channel_);  // Owned by the closure.
    load.AddSender([stub](grpc::ClientContext* context, const SpreadAssessmentSource::Request& request,
                          grpc::CompletionQueue* queue) { return stub->AsyncAssessTrust(context, request, queue); },
                   SpreadAssessmentSource(partnerships_, absl::GetFlag(FLAGS_begin),
                                          std::clamp<uint64_t>(different, 1, partnerships_), once));
    return Measure(name, "none", load, once ? absl::InfiniteDuration() : RoundTime());
  }

  // Prints nothing without a name.
  absl::Status Measure(absl::string_view name, absl::string_view durability, Load& load, absl::Duration time) {
    const int in_flight = absl::GetFlag(FLAGS_in_flight);
    const CpuWatch watch(absl::GetFlag(FLAGS_server_process));
    const Round round = load.Run(in_flight, time);
    if (!round.failure.ok() || name.empty()) return round.failure;
    const CpuUse cpu = watch.Elapsed();
    const auto calls = static_cast<double>(std::max<int64_t>(round.answered, 1));
    Print(Figure(absl::StrCat(name, ".in_flight_", in_flight, ".rate"),
                 static_cast<double>(round.calls) / absl::ToDoubleSeconds(round.time), "calls/s")
              .With("durability", durability)
              .With("in_flight", int64_t{in_flight})
              .With("calls", round.calls)
              .With("partnerships", static_cast<int64_t>(partnerships_))
              .With("p50_us", absl::ToDoubleMicroseconds(round.latencies.Permille(500)))
              .With("p99_us", absl::ToDoubleMicroseconds(round.latencies.Permille(990)))
              .With("other_cpus", absl::FDivDuration(cpu.others, round.time))
              .With("server_cpu_us_per_call", absl::ToDoubleMicroseconds(cpu.server) / calls)
              .With("client_cpu_us_per_call", absl::ToDoubleMicroseconds(cpu.client) / calls));
    return absl::OkStatus();
  }

  // With a candidate that changes no path of these histories: each is read, folded once and judged twice.
  absl::Status SimulateAll() {
    grpc::ClientContext context;
    trust::v1::GetPolicyResponse in_force;
    const grpc::Status got = trust::v1::PolicyService::NewStub(channel_)->GetPolicy(&context, {}, &in_force);
    if (!got.ok()) return Failed("GetPolicy", got);
    const CpuWatch watch(absl::GetFlag(FLAGS_server_process));
    const SimulationRound round = Simulate(*TrustService::NewStub(channel_), EqualCandidate(in_force.document()));
    if (!round.failure.ok()) return round.failure;
    if (round.differences != 0) return absl::InternalError("the candidate changed a path");
    const CpuUse cpu = watch.Elapsed();
    Print(Figure("simulate_policy.rate", static_cast<double>(round.events) / absl::ToDoubleSeconds(round.time),
                 "events/s")
              .With("durability", "none")
              .With("partnerships", round.partnerships)
              .With("events", round.events)
              .With("longest_silence_ms", absl::ToInt64Milliseconds(round.longest_silence))
              .With("other_cpus", absl::FDivDuration(cpu.others, round.time))
              .With("server_cpu_us_per_event",
                    absl::ToDoubleMicroseconds(cpu.server) / static_cast<double>(std::max<int64_t>(round.events, 1))));
    return absl::OkStatus();
  }

  static absl::Duration RoundTime() { return absl::Milliseconds(absl::GetFlag(FLAGS_round_ms)); }
  static absl::Duration WarmUpTime() { return std::min(kWarmUpTime, RoundTime()); }

  static void Print(const Figure& figure) {
    std::printf("%s\n", figure.ToJson().c_str());
    std::fflush(stdout);
  }

  const uint64_t partnerships_ = absl::GetFlag(FLAGS_partnerships);
  std::shared_ptr<grpc::Channel> channel_;  // Shared as gRPC wants it.
};

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = benchmark::Measurement().Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "growth_client: %s\n", std::string(status.message()).c_str());
  return 1;
}
