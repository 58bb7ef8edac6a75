// How fast one thread reads a whole log and decodes its events, beside what db_bench reads in sequence. Run on the
// directory of a server that has ended. --size prints the number of records and their bytes on average, for db_bench.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventstore/rocksdb_store.h"
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

constexpr double kGoal = 1'000'000;

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

int Replay(const eventstore::EventStore& store) {
  // One after another, as the server's own readers do.
  trust::v1::Event event;
  std::vector<double> rates;
  std::vector<double> cpu_rates;
  uint64_t events = 0, payload_bytes = 0, revisions = 0;
  for (int round = 0; round < std::max(1, absl::GetFlag(FLAGS_rounds)); ++round) {
    events = payload_bytes = 0;
    absl::Status decoded;
    const absl::Duration cpu_before = ThreadCpu();
    const trustctl::Stopwatch watch;
    const absl::Status read = store.ReadLog(0, [&](const eventstore::RecordedEvent& record) {
      decoded = services::Decode(record, /*with_position=*/false, &event);
      revisions += static_cast<uint64_t>(event.revision());
      ++events;
      payload_bytes += record.data.size();
      return decoded.ok();
    });
    const absl::Duration time = watch.Elapsed();
    const absl::Duration cpu = ThreadCpu() - cpu_before;
    if (!read.ok() || !decoded.ok()) return Fail(read.ok() ? decoded : read);
    rates.push_back(static_cast<double>(events) / absl::ToDoubleSeconds(time));
    cpu_rates.push_back(static_cast<double>(events) / absl::ToDoubleSeconds(cpu));
  }
  if (events != store.LogSize() || revisions == 0) return Fail(absl::InternalError("the log was not read whole"));
  std::vector<double> sorted = rates;
  std::sort(sorted.begin(), sorted.end());
  Figure figure("log_replay.rate", sorted[sorted.size() / 2], "events/s");
  // The goal is of the rate itself; the baseline says what the engine alone would do.
  if (const double baseline = absl::GetFlag(FLAGS_baseline_rate); baseline > 0) {
    figure.With("db_bench_readseq_rate", baseline).With("ratio_to_db_bench", figure.value() / baseline);
  }
  std::printf("%s\n", figure.Goal(kGoal)
                          .With("durability", "none")
                          .With("threads", int64_t{1})
                          .With("events", static_cast<int64_t>(events))
                          .With("payload_bytes", static_cast<double>(payload_bytes) / static_cast<double>(events))
                          .With("rounds", rates)
                          .With("rounds_by_processor_time", cpu_rates)
                          .ToJson()
                          .c_str());
  return 0;
}

int Run() {
  eventstore::RocksDbOptions options;
  options.directory = absl::GetFlag(FLAGS_data_directory);
  const absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(options);
  if (!store.ok()) return Fail(store.status());
  return absl::GetFlag(FLAGS_size) ? PrintSize(**store) : Replay(**store);
}

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return benchmark::Run();
}
