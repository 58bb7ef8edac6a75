#include "tests/simulation/rocksdb_storage.h"

#include <utility>
#include <vector>

#include "eventstore/rocksdb_store.h"
#include "tests/simulation/forwarding_store.h"

namespace simulation {
namespace {

constexpr char kDirectory[] = "store";
// RocksDB's logs are divided into these; a record lies in one, or begins anew in the next.
constexpr size_t kLogBlockBytes = 32 << 10;
constexpr size_t kLogHeaderBytes = 7;

// Where the record begins that a byte of a log file belongs to.
size_t RecordBegin(const std::string& file, size_t at) {
  size_t begin = 0, next = 0;
  while (next <= at && next + kLogHeaderBytes <= file.size()) {
    begin = next;
    const size_t length = static_cast<unsigned char>(file[next + 4]) | static_cast<unsigned char>(file[next + 5]) << 8;
    const int type = file[next + 6];
    next += kLogHeaderBytes + length;
    // A first or a middle part: the record goes on.
    if (type == 2 || type == 3) {
      const size_t whole_begin = begin;
      while (next + kLogHeaderBytes <= file.size()) {
        if (kLogBlockBytes - next % kLogBlockBytes < kLogHeaderBytes) next += kLogBlockBytes - next % kLogBlockBytes;
        if (next + kLogHeaderBytes > file.size()) break;
        const size_t part = static_cast<unsigned char>(file[next + 4]) | static_cast<unsigned char>(file[next + 5])
                                                                             << 8;
        const int part_type = file[next + 6];
        next += kLogHeaderBytes + part;
        if (part_type == 4) break;
      }
      begin = whole_begin;
    }
    if (kLogBlockBytes - next % kLogBlockBytes < kLogHeaderBytes) next += kLogBlockBytes - next % kLogBlockBytes;
  }
  return begin;
}

}  // namespace

// The engine with what must be done before it ends: nothing is left waiting in its environment.
class RocksDbStorage::Engine : public ForwardingStore {
 public:
  Engine(SimulatedEnv* env, std::unique_ptr<eventstore::RocksDbStore> store)
      : ForwardingStore(store.get()), env_(env), store_(std::move(store)) {}
  ~Engine() override {
    while (env_->RunOne()) {
    }
  }

 private:
  SimulatedEnv* const env_;
  const std::unique_ptr<eventstore::RocksDbStore> store_;
};

RocksDbStorage::RocksDbStorage(const services::Clock* clock, const Mistakes& mistakes)
    : clock_(clock), mistakes_(mistakes) {
  Boot({});
}

RocksDbStorage::~RocksDbStorage() = default;

void RocksDbStorage::Boot(DiskImage image) {
  env_ = nullptr;
  disk_ = std::make_shared<SimulatedDisk>(std::move(image));
  if (mistakes_.forgets_flushes) disk_->ForgetFlushes();
  env_ = std::make_unique<SimulatedEnv>(disk_, clock_);
}

absl::StatusOr<std::unique_ptr<eventstore::EventStore>> RocksDbStorage::Open() {
  if (mistakes_.cuts_damage_off && !damaged_.empty()) {
    sound_.resize(RecordBegin(sound_, damaged_at_));
    Repair();
  }
  eventstore::RocksDbOptions options;
  options.directory = kDirectory;
  options.memory_bytes = size_t{16} << 20;
  options.disk_reserve_bytes = 1;
  options.env = env_.get();
  absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(options);
  if (!store.ok()) return store.status();
  return std::make_unique<Engine>(env_.get(), *std::move(store));
}

void RocksDbStorage::Restart() {
  DiskImage image = *disk_->picture();
  Boot(std::move(image));
}

bool RocksDbStorage::Damage(Dice& dice) {
  DiskImage image = disk_->Contents();
  for (auto& [path, file] : image.names) {
    // The WAL with something in it; there is one at most.
    if (path.size() < 4 || path.compare(path.size() - 4, 4, ".log") != 0 || file->bytes.empty()) continue;
    damaged_ = path;
    sound_ = file->bytes;
    damaged_at_ = file->bytes.size() - 1 - dice.Below(std::min<size_t>(file->bytes.size(), 2000));
    file->bytes[damaged_at_] = static_cast<char>(file->bytes[damaged_at_] ^ (1 << dice.Below(8)));
    Boot(std::move(image));
    return true;
  }
  return false;
}

void RocksDbStorage::Repair() {
  DiskImage image = disk_->Contents();
  auto file = std::make_shared<DiskFile>();
  file->bytes = sound_;
  file->flushed = sound_.size();
  image.names[damaged_] = std::move(file);
  damaged_.clear();
  Boot(std::move(image));
}

}  // namespace simulation
