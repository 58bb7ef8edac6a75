// What RocksDB alone takes: a loop over its own API that writes what the store keeps of each event, the same keys and
// values in batches of a hundred, each flushed, and does nothing else; or one that reads streams of which nothing is in
// memory, each with its head. Run on the directory of a server that has ended.

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/key_layout.h"
#include "eventstore/rocksdb_options.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "services/command_lane.h"
#include "services/memory_plan.h"
#include "services/request_ledger.h"
#include "services/trustctl/stopwatch.h"
#include "tests/benchmark/cpu_watch.h"
#include "tests/benchmark/figure.h"

ABSL_FLAG(std::string, data_directory, "", "Directory of the store. Required.");
ABSL_FLAG(std::string, scratch_directory, "",
          "A directory on the same disk that does not exist yet. Required to write.");
ABSL_FLAG(int, events, 300'000, "The first so many events of the log are written, in each round.");
ABSL_FLAG(int, reads, 0, "So many streams without pattern are read instead of anything being written.");
ABSL_FLAG(int, rounds, 3, "How often they are written, each time into a new database.");
ABSL_FLAG(std::string, durability, "fdatasync before the answer", "What the figures say of their durability.");
ABSL_FLAG(double, import_rate, 0, "Events a second that the server imported in the same run; 0: not measured.");

namespace benchmark {
namespace {

using eventstore::Family;

constexpr int kBatchEvents = 100;
constexpr uint64_t kTileEvents = 256;
constexpr double kImportGoal = 0.5;

struct Row {
  Family family;
  std::string key, value;
};

absl::Status StatusOf(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::UnknownError(status.ToString());
}

class Database {
 public:
  absl::Status Open(const std::string& directory, bool read_only) {
    // As the product has it by default.
    const services::MemoryPlan memory = services::PlanMemory(services::kMemoryBytesDefault);
    eventstore::EngineOptions options(memory.store_bytes, rocksdb::Env::Default());
    options.database->create_if_missing = options.database->create_missing_column_families = !read_only;
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status =
        read_only ? rocksdb::DB::OpenForReadOnly(*options.database, directory, options.families, &families_, &database)
                  : rocksdb::DB::Open(*options.database, directory, options.families, &families_, &database);
    database_.reset(database);
    return StatusOf(status);
  }
  ~Database() {
    for (rocksdb::ColumnFamilyHandle* const family : families_) {
      database_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    }
  }

  rocksdb::DB& operator*() const { return *database_; }
  rocksdb::DB* operator->() const { return database_.get(); }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return families_[family]; }

 private:
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

// What is kept of each of the first events, and beside them as much of the rest as belongs to so many.
class Rows {
 public:
  absl::Status Read(const Database& store, size_t events_max) {
    // A frame stands under its position and under its stream and revision, byte for byte.
    std::map<std::string, std::string> by_frame;
    const auto scan = [&](Family family, absl::string_view from, const auto& visit) {
      const std::unique_ptr<rocksdb::Iterator> at(store->NewIterator(eventstore::LongScan(), store.family(family)));
      for (at->Seek(rocksdb::Slice(from.data(), from.size())); at->Valid(); at->Next()) {
        if (!visit(at->key().ToString(), at->value().ToString())) break;
      }
      return StatusOf(at->status());
    };
    absl::Status status = scan(eventstore::kLogFamily, "", [&](std::string key, std::string value) {
      by_frame.emplace(value, "");
      events_.push_back({{eventstore::kLogFamily, std::move(key), value}});
      return events_.size() < events_max;
    });
    if (!status.ok()) return status;
    status = scan(eventstore::kStreamsFamily, "", [&](std::string key, const std::string& value) {
      if (const auto found = by_frame.find(value); found != by_frame.end()) found->second = std::move(key);
      return true;
    });
    if (!status.ok()) return status;
    for (std::vector<Row>& event : events_) {
      const std::string& frame = event.front().value;
      if (by_frame[frame].empty()) return absl::DataLossError("an event is in the log and in no stream");
      event.push_back({eventstore::kStreamsFamily, by_frame[frame], frame});
    }
    // The rows that an append brings along, and the heads of streams, spread over the events evenly. What the standing
    // index writes later is not among them.
    std::vector<Row> beside;
    for (const char* const table : {services::kPartnershipTable, services::kRequestTable, services::kExternalIdTable}) {
      const std::string prefix = eventstore::RowKey(table, "");
      status = scan(eventstore::kRowsFamily, prefix, [&](std::string key, std::string value) {
        if (key.compare(0, prefix.size(), prefix) != 0) return false;
        beside.push_back({eventstore::kRowsFamily, std::move(key), std::move(value)});
        return true;
      });
      if (!status.ok()) return status;
    }
    status = scan(eventstore::kHeadsFamily, "", [&](std::string key, std::string value) {
      beside.push_back({eventstore::kHeadsFamily, std::move(key), std::move(value)});
      return true;
    });
    if (!status.ok()) return status;
    uint64_t all = 0;
    status = scan(eventstore::kLogFamily, eventstore::LogKey(events_.size() + 1),
                  [&](const std::string&, const std::string&) { return ++all > 0; });
    if (!status.ok()) return status;
    all += events_.size();
    const size_t share = static_cast<size_t>(static_cast<double>(beside.size()) * static_cast<double>(events_.size()) /
                                             static_cast<double>(all));
    for (size_t i = 0; i < share; ++i) events_[i * events_.size() / share].push_back(std::move(beside[i]));
    for (uint64_t tile = 0; (tile + 1) * kTileEvents <= events_.size(); ++tile) {
      const std::string key = eventstore::TileKey(0, tile);
      std::string value;
      status = StatusOf(store->Get(eventstore::CachedRead(), store.family(eventstore::kTreeFamily), key, &value));
      if (!status.ok()) return status;
      events_[(tile + 1) * kTileEvents - 1].push_back({eventstore::kTreeFamily, key, std::move(value)});
    }
    return absl::OkStatus();
  }

  // Writes them into a new database; the time that it took.
  absl::StatusOr<absl::Duration> Write(const Database& database) const {
    const trustctl::Stopwatch watch;
    rocksdb::WriteBatch batch;
    for (size_t done = 0; done < events_.size(); batch.Clear()) {
      for (int i = 0; i < kBatchEvents && done < events_.size(); ++i, ++done) {
        for (const Row& row : events_[done]) {
          if (absl::Status put = StatusOf(batch.Put(database.family(row.family), row.key, row.value)); !put.ok())
            return put;
        }
      }
      if (absl::Status written = StatusOf(database->Write(eventstore::DurableWrite(), &batch)); !written.ok())
        return written;
    }
    return watch.Elapsed();
  }

  size_t events() const { return events_.size(); }
  double BytesPerEvent() const {
    size_t bytes = 0;
    for (const std::vector<Row>& event : events_) {
      for (const Row& row : event) bytes += row.key.size() + row.value.size();
    }
    return static_cast<double>(bytes) / static_cast<double>(events_.size());
  }

 private:
  std::vector<std::vector<Row>> events_;
};

// The events of a stream, as many as its head says; what their values have of bytes.
absl::StatusOr<size_t> ReadStream(const Database& store, const std::string& stream) {
  rocksdb::PinnableSlice head;
  const rocksdb::Status found =
      store->Get(eventstore::CachedRead(), store.family(eventstore::kHeadsFamily), stream, &head);
  if (!found.ok()) return StatusOf(found);
  const std::optional<uint64_t> revision = eventstore::DecodeNumber(absl::string_view(head.data(), 8));
  const std::string end = eventstore::StreamEnd(stream);
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options = eventstore::CachedRead();
  options.iterate_upper_bound = &upper_bound;
  options.total_order_seek = false;
  options.prefix_same_as_start = true;
  const std::unique_ptr<rocksdb::Iterator> at(store->NewIterator(options, store.family(eventstore::kStreamsFamily)));
  size_t bytes = 0;
  uint64_t events = 0;
  for (at->Seek(eventstore::StreamKey(stream, 1)); at->Valid(); at->Next(), ++events) bytes += at->value().size();
  if (!at->status().ok()) return StatusOf(at->status());
  if (!revision || events != *revision) return absl::DataLossError("a stream has not as many events as its head says");
  return bytes;
}

absl::Status Read(const Database& store, int reads) {
  std::vector<std::string> streams;
  {
    const std::unique_ptr<rocksdb::Iterator> at(
        store->NewIterator(eventstore::LongScan(), store.family(eventstore::kHeadsFamily)));
    for (at->SeekToFirst(); at->Valid(); at->Next()) streams.push_back(at->key().ToString());
    if (!at->status().ok()) return StatusOf(at->status());
  }
  std::shuffle(streams.begin(), streams.end(), std::mt19937_64(1));
  streams.resize(std::min(streams.size(), static_cast<size_t>(reads)));
  if (streams.empty()) return absl::FailedPreconditionError("the store is empty");
  const trustctl::Stopwatch watch;
  const absl::Duration cpu_before = ThreadCpu();
  size_t bytes = 0;
  for (const std::string& stream : streams) {
    const absl::StatusOr<size_t> read = ReadStream(store, stream);
    if (!read.ok()) return read.status();
    bytes += *read;
  }
  const absl::Duration time = watch.Elapsed(), cpu = ThreadCpu() - cpu_before;
  const auto count = static_cast<double>(streams.size());
  std::printf("%s\n", Figure("bare_store_reads.rate", count / absl::ToDoubleSeconds(time), "partnerships/s")
                          .With("durability", "none")
                          .With("partnerships", static_cast<int64_t>(streams.size()))
                          .With("bytes_per_partnership", static_cast<double>(bytes) / count)
                          .With("cpu_us_per_partnership", absl::ToDoubleMicroseconds(cpu) / count)
                          .ToJson()
                          .c_str());
  return absl::OkStatus();
}

absl::Status Run() {
  if (const int reads = absl::GetFlag(FLAGS_reads); reads > 0) {
    Database store;
    const absl::Status opened = store.Open(absl::GetFlag(FLAGS_data_directory), /*read_only=*/true);
    return opened.ok() ? Read(store, reads) : opened;
  }
  Rows rows;
  {
    Database store;
    if (absl::Status opened = store.Open(absl::GetFlag(FLAGS_data_directory), /*read_only=*/true); !opened.ok())
      return opened;
    if (absl::Status read = rows.Read(store, static_cast<size_t>(std::max(absl::GetFlag(FLAGS_events), kBatchEvents)));
        !read.ok()) {
      return read;
    }
  }
  if (rows.events() == 0) return absl::FailedPreconditionError("the log is empty");
  std::vector<double> rates;
  absl::Duration sum;
  for (int round = 0; round < std::max(1, absl::GetFlag(FLAGS_rounds)); ++round) {
    Database database;
    const std::string directory = absl::StrCat(absl::GetFlag(FLAGS_scratch_directory), "-", round);
    if (absl::Status opened = database.Open(directory, /*read_only=*/false); !opened.ok()) return opened;
    const absl::StatusOr<absl::Duration> time = rows.Write(database);
    if (!time.ok()) return time.status();
    sum += *time;
    rates.push_back(static_cast<double>(rows.events()) / absl::ToDoubleSeconds(*time));
  }
  const double rate =
      static_cast<double>(rows.events()) * static_cast<double>(rates.size()) / absl::ToDoubleSeconds(sum);
  const auto print = [&](Figure figure) {
    std::printf("%s\n", figure.With("durability", absl::GetFlag(FLAGS_durability))
                            .With("events", static_cast<int64_t>(rows.events()))
                            .With("events_per_batch", int64_t{kBatchEvents})
                            .With("bytes_per_event", rows.BytesPerEvent())
                            .ToJson()
                            .c_str());
  };
  print(Figure("bare_store_loop.rate", rate, "events/s").With("rounds", rates));
  if (const double imported = absl::GetFlag(FLAGS_import_rate); imported > 0) {
    print(Figure("import_history.beside_bare_store_loop.rate", imported, "events/s")
              .Against("bare_store_loop.rate", rate)
              .Goal(kImportGoal));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace benchmark

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = benchmark::Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "bare_store_loop: %s\n", std::string(status.message()).c_str());
  return 1;
}
