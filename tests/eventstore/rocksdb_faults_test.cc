// What the RocksDB engine answers when the disk fails under it.

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "eventstore/rocksdb_store.h"
#include "gtest/gtest.h"
#include "tests/eventstore/fault_file_system.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/story.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {
namespace {

constexpr uint64_t kReserveBytes = 1000;

class RocksDbFaultsTest : public testing::Test {
 protected:
  std::unique_ptr<RocksDbStore> Open() {
    RocksDbOptions options;
    options.directory = directory_.store();
    options.env = env_.env();
    options.disk_reserve_bytes = kReserveBytes;
    auto store = RocksDbStore::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  Faults& faults() { return env_.faults(); }

  // RocksDB looks for space from time to time; no call tells it that there is some.
  static absl::Status WriteWhenThereIsSpace(EventStore& store, const Append& append) {
    absl::Status status;
    for (int tries = 0; tries < 600; ++tries) {
      status = store.Write(append).status();
      if (!absl::IsResourceExhausted(status)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return status;
  }

  TempDirectory directory_;
  FaultEnv env_;
};

TEST_F(RocksDbFaultsTest, AFlushThatFailsMakesTheWriteUnknownAndStopsTheStore) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  faults().on_wal_sync = Faults::kIoError;
  EXPECT_TRUE(absl::IsUnknown(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  faults().on_wal_sync = Faults::kNone;
  EXPECT_TRUE(absl::IsFailedPrecondition(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(store->WriteRows({{"t", "k", "v"}})));
  // What was durable before is still served, and nothing else.
  EXPECT_EQ(LogText(*store), "1=a/1:1");
  EXPECT_EQ(StreamText(*store, "a"), "1:1");
  EXPECT_EQ(store->LogSize(), 1);
  // After a restart the event is there or it is not, and the store takes writes again.
  store.reset();
  store = Open();
  const uint64_t size = store->LogSize();
  EXPECT_EQ(LogText(*store), size == 1 ? "1=a/1:1" : "1=a/1:1 2=a/2:2");
  EXPECT_EQ(store->Write(AppendOf({To("a", size, {"3"})}))->first_position, size + 1);
}

TEST_F(RocksDbFaultsTest, AWriteThatFailsMakesItUnknownAndStopsTheStore) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  faults().on_wal_append = Faults::kIoError;
  EXPECT_TRUE(absl::IsUnknown(store->WriteRows({{"t", "k", "v"}})));
  faults().on_wal_append = Faults::kNone;
  EXPECT_TRUE(absl::IsFailedPrecondition(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  store.reset();
  store = Open();
  EXPECT_EQ(LogText(*store), "1=a/1:1");
}

TEST_F(RocksDbFaultsTest, AFullDiskStoresNothingAndALaterWriteSucceeds) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  faults().on_wal_append = Faults::kNoSpace;
  EXPECT_TRUE(absl::IsResourceExhausted(store->Write(AppendOf({To("a", 1, {"2"})}, {{"t", "k", "v"}})).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(store->WriteRows({{"t", "k", "v"}})));
  EXPECT_EQ(LogText(*store), "1=a/1:1");
  EXPECT_EQ(*store->StreamRevision("a"), 1);
  faults().on_wal_append = Faults::kNone;
  const absl::Status status = WriteWhenThereIsSpace(*store, AppendOf({To("a", 1, {"3"})}));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(LogText(*store), "1=a/1:1 2=a/2:3");
  store.reset();
  store = Open();
  EXPECT_EQ(LogText(*store), "1=a/1:1 2=a/2:3");
  EXPECT_EQ(*store->GetRow("t", "k"), std::nullopt);
}

TEST_F(RocksDbFaultsTest, AnAppendThatWouldTakeTheReserveIsRefusedUntilThereIsRoomAgain) {
  auto store = Open();
  faults().free_bytes = kReserveBytes;
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  const int syncs = faults().wal_syncs;
  faults().free_bytes = kReserveBytes - 1;
  EXPECT_TRUE(absl::IsResourceExhausted(store->Write(AppendOf({To("a", 1, {"2"})}, {{"t", "k", "v"}})).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(store->WriteRows({{"t", "k", "v"}})));
  EXPECT_EQ(faults().wal_syncs, syncs);
  EXPECT_EQ(LogText(*store), "1=a/1:1");
  faults().free_bytes = kReserveBytes;
  EXPECT_TRUE(store->Write(AppendOf({To("a", 1, {"3"})})).ok());
  store.reset();
  store = Open();
  EXPECT_EQ(LogText(*store), "1=a/1:1 2=a/2:3");
  EXPECT_EQ(*store->GetRow("t", "k"), std::nullopt);
}

TEST_F(RocksDbFaultsTest, WhatAFullDiskRefusedIsNotInTheTree) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, std::vector<std::string>(250, "1"))})).ok());
  faults().on_wal_append = Faults::kNoSpace;
  // It would complete a tile.
  const Append refused = AppendOf({To("a", 250, std::vector<std::string>(300, "2"))});
  EXPECT_TRUE(absl::IsResourceExhausted(store->Write(refused).status()));
  EXPECT_TRUE(absl::IsOutOfRange(store->ReadTreeNode(0, 250).status()));
  faults().on_wal_append = Faults::kNone;
  const absl::Status status =
      WriteWhenThereIsSpace(*store, AppendOf({To("a", 250, std::vector<std::string>(10, "3"))}));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Problems(Verify(*store)), std::vector<std::string>());
  const auto root = Verify(*store).root;
  store.reset();
  store = Open();
  EXPECT_EQ(Problems(Verify(*store)), std::vector<std::string>());
  EXPECT_EQ(Verify(*store).root, root);
}

TEST_F(RocksDbFaultsTest, AStoreThatDiesWithAFullDiskHasStoredNothing) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  faults().on_wal_append = Faults::kNoSpace;
  ASSERT_TRUE(absl::IsResourceExhausted(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  TempDirectory copy;
  directory_.CopyStoreTo(copy);
  RocksDbOptions options;
  options.directory = copy.store();
  auto after_death = RocksDbStore::Open(options);
  ASSERT_TRUE(after_death.ok()) << after_death.status();
  EXPECT_EQ(LogText(**after_death), "1=a/1:1");
  faults().on_wal_append = Faults::kNone;
}

TEST_F(RocksDbFaultsTest, NoSpaceThatShowsAtTheFlushIsUnknownBecauseTheBytesMayBeThere) {
  auto store = Open();
  faults().on_wal_sync = Faults::kNoSpace;
  EXPECT_TRUE(absl::IsUnknown(store->Write(AppendOf({To("a", 0, {"1"})})).status()));
  faults().on_wal_sync = Faults::kNone;
  EXPECT_TRUE(absl::IsFailedPrecondition(store->Write(AppendOf({To("a", 0, {"1"})})).status()));
}

// The first append to a WAL makes the name of its file durable, after its bytes.
TEST_F(RocksDbFaultsTest, NoSpaceThatShowsAtTheFlushOfTheDirectoryIsUnknownBecauseTheBytesAreThere) {
  auto store = Open();
  ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"1"})})).ok());
  store.reset();
  store = Open();
  faults().on_directory_sync = Faults::kNoSpace;
  EXPECT_TRUE(absl::IsUnknown(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  faults().on_directory_sync = Faults::kNone;
  EXPECT_TRUE(absl::IsFailedPrecondition(store->Write(AppendOf({To("a", 1, {"2"})})).status()));
  store.reset();
  store = Open();
  EXPECT_EQ(LogText(*store), "1=a/1:1 2=a/2:2");
}

TEST_F(RocksDbFaultsTest, WritesThatWaitTogetherShareAFlush) {
  constexpr int kThreads = 8;
  constexpr int kWritesEach = 200;
  auto store = Open();
  const int before = faults().wal_syncs;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < kWritesEach; ++i) {
        ASSERT_TRUE(store->Write(AppendOf({To(absl::StrCat(t), i, {"x"})})).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(faults().wal_syncs - before, kThreads * kWritesEach / 2);
  const int alone = faults().wal_syncs;
  ASSERT_TRUE(store->Write(AppendOf({To("alone", 0, {"x", "y"}), To("other", 0, {"z"})}, {{"t", "k", "v"}})).ok());
  EXPECT_EQ(faults().wal_syncs - alone, 1);
}

}  // namespace
}  // namespace eventstore
