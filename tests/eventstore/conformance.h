// What a test needs to run over every engine. An engine joins the suites by one line in Engines().
//
// Not thread-safe; the stores are.

#ifndef TESTS_EVENTSTORE_CONFORMANCE_H_
#define TESTS_EVENTSTORE_CONFORMANCE_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/event_store.h"
#include "eventstore/memory_store.h"
#include "eventstore/rocksdb_store.h"
#include "gtest/gtest.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {

struct EngineCase {
  std::string name;
  // Opens what the directory holds.
  std::function<std::unique_ptr<EventStore>(const TempDirectory& directory)> open;
  bool reopened;  // Closed and opened again before each step; for durable engines.
};

inline std::ostream& operator<<(std::ostream& out, const EngineCase& engine) { return out << engine.name; }

inline std::unique_ptr<EventStore> OpenRocksDb(const TempDirectory& directory) {
  RocksDbOptions options;
  options.directory = directory.store();
  options.memory_bytes = size_t{16} << 20;
  auto store = RocksDbStore::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

inline std::vector<EngineCase> Engines() {
  return {
      {"Memory", [](const TempDirectory&) { return std::make_unique<MemoryStore>(); }, false},
      {"RocksDb", OpenRocksDb, false},
      {"RocksDbReopened", OpenRocksDb, true},
  };
}

class EngineTest : public testing::TestWithParam<EngineCase> {
 protected:
  // The store for the next step.
  EventStore& store() {
    if (store_ == nullptr || GetParam().reopened) {
      store_.reset();
      store_ = GetParam().open(directory_);
    }
    return *store_;
  }

  // The store as it is, for what several threads do at once.
  EventStore& same_store() { return store_ == nullptr ? store() : *store_; }

 private:
  TempDirectory directory_;
  std::unique_ptr<EventStore> store_;
};

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_CONFORMANCE_H_
