// How long a reading takes: AssessTrust of one direction, one call at a time, of partnerships with histories of two
// lengths. Run twice on one store: --fill imports the histories, waits until the standing index has caught up, and
// reads each until it is cached; without it, on a server started again, the first call of each finds nothing in memory
// but what the disk's cache holds.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "grpc/support/time.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/stopwatch.h"
#include "tests/benchmark/figure.h"
#include "tests/benchmark/index_wait.h"
#include "tests/benchmark/latencies.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

ABSL_FLAG(std::string, address, "", "Address of benchmark_server. Required.");
ABSL_FLAG(bool, fill, false, "Import the histories first.");
ABSL_FLAG(int, short_events, 1000, "Events of a short history.");
ABSL_FLAG(int, long_events, 100'000, "Events of a long history.");
ABSL_FLAG(int, short_count, 200, "Partnerships with a short history.");
ABSL_FLAG(int, long_count, 4, "Partnerships with a long history.");
ABSL_FLAG(int, years, 11, "Years that each history goes on, to the end of 2025.");
ABSL_FLAG(int, calls, 2000, "Calls to cached histories of each length.");

namespace benchmark {
namespace {

using trust::v1::EvidenceService;
using trust::v1::ImportHistoryRequest;
using trust::v1::ImportHistoryResponse;
using trust::v1::ImportItem;
using trust::v1::TrustService;

constexpr int kItemsPerMessage = 500;
constexpr absl::CivilDay kLastDay(2025, 12, 29);
constexpr absl::Duration kConnectTime = absl::Seconds(20);
constexpr std::pair<const char*, int> kPercentiles[] = {{"p50", 500}, {"p99", 990}, {"max", 1000}};

std::string NameOf(int events, int number) { return absl::StrCat("read-", events, "-", number); }

// Routine conduct of both partners, with a miss or a misunderstanding now and then.
ImportItem ItemOf(int events, int number, int place) {
  ImportItem item;
  item.set_partnership(NameOf(events, number));
  item.set_external_id(absl::StrCat("e", place));
  const int days = absl::GetFlag(FLAGS_years) * 365;
  const absl::CivilSecond first(kLastDay - days);
  item.mutable_occur_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(first + int64_t{days} * 86'400 / events * place, absl::UTCTimeZone())));
  if (place == 0) {
    for (const char* partner : {"north", "south"}) {
      item.mutable_partnership_proposed()->add_partners()->set_organization(partner);
    }
    return item;
  }
  trust::v1::Evidence& evidence = *item.mutable_evidence();
  evidence.set_actor(place % 2 == 0 ? "north" : "south");
  evidence.add_affected(place % 2 == 0 ? "south" : "north");
  switch (place % 64 == 63 ? place / 64 % 2 + 8 : place / 2 % 8) {
    case 0:
      evidence.mutable_credibility_assessed();
      break;
    case 1:
      evidence.mutable_intentions_assessed();
      break;
    case 2:
      evidence.mutable_shared_experience_held();
      break;
    case 3:
      evidence.mutable_open_communication_observed();
      break;
    case 4:
      evidence.mutable_partner_goal_supported();
      break;
    case 5:
      evidence.mutable_transparency_demonstrated();
      break;
    case 8:
      evidence.mutable_commitment_missed();
      break;
    case 9:
      evidence.mutable_misunderstanding_reported();
      break;
    default:
      evidence.mutable_commitment_fulfilled();
  }
  return item;
}

gpr_timespec Within(absl::Duration time) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(absl::ToInt64Milliseconds(time), GPR_TIMESPAN));
}

int Fail(const std::string& what) {
  std::fprintf(stderr, "reading_client: %s\n", what.c_str());
  return 1;
}

// Imports one history, a message after the other, and sets the position of its last event. Empty when all of it was
// stored.
std::string Import(EvidenceService::Stub& stub, int events, int number, std::string* position) {
  grpc::ClientContext context;
  const auto stream = stub.ImportHistory(&context);
  for (int place = 0; place < events - 1;) {  // A founding makes two events.
    ImportHistoryRequest request;
    for (int i = 0; i < kItemsPerMessage && place < events - 1; ++i)
      *request.add_items() = ItemOf(events, number, place++);
    ImportHistoryResponse response;
    int results = 0;
    if (!stream->Write(request)) break;
    while (results < request.items_size() && stream->Read(&response)) {
      for (const trust::v1::ImportResult& result : response.results()) {
        if (result.outcome() != trust::v1::IMPORT_OUTCOME_CREATED) return result.ShortDebugString();
        *position = result.log_position();
      }
      results += response.results_size();
    }
  }
  stream->WritesDone();
  return stream->Finish().error_message();
}

class Readings {
 public:
  explicit Readings(TrustService::Stub* stub) : stub_(*stub) {}

  // Reads a direction as of today and adds how long it took. False when it was refused.
  bool Read(int events, int number, Latencies* latencies) {
    trust::v1::AssessTrustRequest request;
    request.set_partnership(NameOf(events, number));
    request.set_trustor("north");
    request.set_trustee("south");
    grpc::ClientContext context;
    trust::v1::AssessTrustResponse response;
    const absl::Duration begin = watch_.Elapsed();
    const grpc::Status status = stub_.AssessTrust(&context, request, &response);
    latencies->Add(watch_.Elapsed() - begin);
    if (status.ok() && response.revision() == events) return true;
    std::fprintf(stderr, "reading_client: %s, revision %lld\n", status.error_message().c_str(),
                 static_cast<long long>(response.revision()));
    return false;
  }

 private:
  TrustService::Stub& stub_;
  const trustctl::Stopwatch watch_;
};

void Print(int events, const char* when, const Latencies& latencies, int partnerships) {
  for (const auto& [name, permille] : kPercentiles) {
    const Figure figure = Figure(absl::StrCat("assess_trust.events_", events, ".", when, ".", name),
                                 absl::ToDoubleMicroseconds(latencies.Permille(permille)), "us")
                              .With("durability", "none")
                              .With("in_flight", int64_t{1})
                              .With("partnerships", int64_t{partnerships})
                              .With("calls", static_cast<int64_t>(latencies.size()));
    std::puts(figure.ToJson().c_str());
  }
  std::fflush(stdout);
}

int Main() {
  const auto channel = grpc::CreateChannel(absl::GetFlag(FLAGS_address), grpc::InsecureChannelCredentials());
  const auto evidence = EvidenceService::NewStub(channel);
  const auto trust = TrustService::NewStub(channel);
  Readings readings(trust.get());
  const std::pair<int, int> lengths[] = {{absl::GetFlag(FLAGS_short_events), absl::GetFlag(FLAGS_short_count)},
                                         {absl::GetFlag(FLAGS_long_events), absl::GetFlag(FLAGS_long_count)}};
  // The first call is to find a connection.
  if (!channel->WaitForConnected(Within(kConnectTime))) return Fail("no server answers");
  if (absl::GetFlag(FLAGS_fill)) {
    std::string position;
    for (const auto& [events, count] : lengths) {
      for (int number = 0; number < count; ++number) {
        const std::string failure = Import(*evidence, events, number, &position);
        if (!failure.empty()) return Fail(failure);
      }
    }
    const std::string failure = AwaitIndex(*trust, position);
    if (!failure.empty()) return Fail(failure);
  }
  for (const auto& [events, count] : lengths) {
    Latencies first;
    for (int number = 0; number < count; ++number) {
      if (!readings.Read(events, number, &first)) return 1;
    }
    if (!absl::GetFlag(FLAGS_fill)) {
      Print(events, "after_restart", first, count);
      continue;
    }
    Latencies cached;
    for (int call = 0; call < absl::GetFlag(FLAGS_calls); ++call) {
      if (!readings.Read(events, call % count, &cached)) return 1;
    }
    Print(events, "cached", cached, count);
  }
  return 0;
}

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return benchmark::Main();
}
