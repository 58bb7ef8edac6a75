// How fast one thread reads a whole log, decodes its events, and folds them into readings, beside what db_bench reads
// in sequence. Run on the directory of a server that has ended. --size prints the number of records and their bytes on
// average, for db_bench.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/limits.h"
#include "eventstore/rocksdb_store.h"
#include "projections/policy.h"
#include "projections/trust_history.h"
#include "services/event_codec.h"
#include "services/trustctl/stopwatch.h"
#include "tests/benchmark/cpu_watch.h"
#include "tests/benchmark/figure.h"
#include "trust/v1/events.pb.h"

ABSL_FLAG(std::string, data_directory, "", "Directory of the store. Required.");
ABSL_FLAG(bool, size, false, "Print the size of the log and nothing else.");
ABSL_FLAG(double, baseline_rate, 0, "Records a second that db_bench readseq read; 0: not measured.");
ABSL_FLAG(int, rounds, 3, "How often the log is read.");

namespace benchmark {
namespace {

constexpr double kReplayGoal = 1'000'000;
constexpr double kFoldGoal = 0.4;  // Of what db_bench reads.

struct Replayed {
  std::vector<double> rates;      // Events a second, a round each.
  std::vector<double> cpu_rates;  // The same by the processor time of the thread.
  int64_t events = 0;
  double payload_bytes = 0;  // Of an event, on average.
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "log_replay: %s\n", std::string(status.message()).c_str());
  return 1;
}

int PrintSize(const eventstore::EventStore& store) {
  uint64_t bytes = 0;
  const absl::Status read = store.ReadLog(0, [&](const eventstore::RecordedEvent& record) {
    // What stands beside payload, stream and type takes about so much.
    bytes += record.data.size() + record.stream.size() + record.type.size() + 30;
    return true;
  });
  if (!read.ok()) return Fail(read);
  if (store.LogSize() == 0) return Fail(absl::FailedPreconditionError("the log is empty"));
  std::printf("%llu %llu\n", static_cast<unsigned long long>(store.LogSize()),
              static_cast<unsigned long long>(bytes / store.LogSize()));
  return 0;
}

using Decoder = absl::FunctionRef<absl::Status(const eventstore::RecordedEvent& record, trust::v1::Event* event)>;

// Reads and decodes the log in rounds. take is given each event, done is called at the end of a round; their time
// counts.
absl::StatusOr<Replayed> Rounds(const eventstore::EventStore& store, Decoder decode,
                                absl::FunctionRef<void(absl::string_view stream, const trust::v1::Event& event)> take,
                                absl::FunctionRef<void()> done) {
  // One after another, as the server's own readers do.
  trust::v1::Event event;
  Replayed replayed;
  for (int round = 0; round < std::max(1, absl::GetFlag(FLAGS_rounds)); ++round) {
    uint64_t events = 0, payload_bytes = 0;
    absl::Status decoded;
    const absl::Duration cpu_before = ThreadCpu();
    const trustctl::Stopwatch watch;
    const absl::Status read = store.ReadLog(0, [&](const eventstore::RecordedEvent& record) {
      decoded = decode(record, &event);
      if (decoded.ok()) take(record.stream, event);
      ++events;
      payload_bytes += record.data.size();
      return decoded.ok();
    });
    if (!read.ok() || !decoded.ok()) return read.ok() ? decoded : read;
    done();
    const absl::Duration time = watch.Elapsed();
    const absl::Duration cpu = ThreadCpu() - cpu_before;
    if (events != store.LogSize() || events == 0) return absl::InternalError("the log was not read whole");
    replayed.rates.push_back(static_cast<double>(events) / absl::ToDoubleSeconds(time));
    replayed.cpu_rates.push_back(static_cast<double>(events) / absl::ToDoubleSeconds(cpu));
    replayed.events = static_cast<int64_t>(events);
    replayed.payload_bytes = static_cast<double>(payload_bytes) / static_cast<double>(events);
  }
  return replayed;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(Figure figure, const Replayed& replayed) {
  std::printf("%s\n", figure.With("durability", "none")
                          .With("threads", int64_t{1})
                          .With("events", replayed.events)
                          .With("payload_bytes", replayed.payload_bytes)
                          .With("rounds", replayed.rates)
                          .With("rounds_by_processor_time", replayed.cpu_rates)
                          .ToJson()
                          .c_str());
  std::fflush(stdout);
}

int Replay(const eventstore::EventStore& store) {
  int64_t revisions = 0;
  const auto decode = [](const eventstore::RecordedEvent& record, trust::v1::Event* event) {
    return services::Decode(record, /*with_position=*/false, event);
  };
  const absl::StatusOr<Replayed> replayed = Rounds(
      store, decode, [&](absl::string_view, const trust::v1::Event& event) { revisions += event.revision(); }, [] {});
  if (!replayed.ok()) return Fail(replayed.status());
  if (revisions == 0) return Fail(absl::InternalError("no event has a revision"));
  Figure figure("log_replay.rate", Median(replayed->rates), "events/s");
  // The goal is of the rate itself; the baseline says what the engine alone would do.
  if (const double baseline = absl::GetFlag(FLAGS_baseline_rate); baseline > 0) {
    figure.With("db_bench_readseq_rate", baseline).With("ratio_to_db_bench", figure.value() / baseline);
  }
  Print(figure.Goal(kReplayGoal), *replayed);
  return 0;
}

// Folds each partnership's history, and at the end reads both directions of each, in the order in which they began, and
// lets go of it.
int Fold(const eventstore::EventStore& store) {
  const std::shared_ptr<const projections::Policy> policy = projections::Policy::Default();
  std::vector<std::unique_ptr<projections::TrustHistory>> histories;
  absl::flat_hash_map<std::string, size_t> places;
  int64_t readings = 0, judged = 0;
  const absl::StatusOr<Replayed> replayed = Rounds(
      store, services::DecodeForFold,
      [&](absl::string_view stream, const trust::v1::Event& event) {
        if (eventstore::IsSystemStream(stream)) return;
        const auto [place, is_new] = places.try_emplace(stream, histories.size());
        if (is_new) histories.push_back(std::make_unique<projections::TrustHistory>(std::string(stream), policy));
        histories[place->second]->Apply(event);
      },
      [&] {
        readings = judged = 0;
        for (std::unique_ptr<projections::TrustHistory>& history : histories) {
          for (const std::string& trustor : history->partners()) {
            for (const std::string& trustee : history->partners()) {
              if (trustor == trustee) continue;
              ++readings;
              if (history->Read(trustor, trustee, history->latest_record_day()).stage() != 0) ++judged;
            }
          }
          history.reset();
        }
        histories.clear();
        places.clear();
      });
  if (!replayed.ok()) return Fail(replayed.status());
  if (judged == 0) return Fail(absl::InternalError("no direction has a stage"));
  Figure figure("log_fold.rate", Median(replayed->rates), "events/s");
  if (const double baseline = absl::GetFlag(FLAGS_baseline_rate); baseline > 0) {
    figure.Against("db_bench readseq", baseline).Goal(kFoldGoal);
  }
  Print(figure.With("readings", readings), *replayed);
  return 0;
}

int Run() {
  eventstore::RocksDbOptions options;
  options.directory = absl::GetFlag(FLAGS_data_directory);
  const absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(options);
  if (!store.ok()) return Fail(store.status());
  if (absl::GetFlag(FLAGS_size)) return PrintSize(**store);
  const int replayed = Replay(**store);
  return replayed == 0 ? Fold(**store) : replayed;
}

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return benchmark::Run();
}
