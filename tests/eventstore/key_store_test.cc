// Both key stores keep one contract, and that of RocksDB leaves no byte behind. The search is for the bytes themselves,
// in every file, as somebody with the disk in hand would look for them.

#include "eventstore/key_store.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include "eventstore/rocksdb_key_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "tests/eventstore/temp_directory.h"

namespace eventstore {
namespace {

using testing::ElementsAre;

// 32 bytes that stand nowhere else.
std::string RandomBytes(uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(random());
  return bytes;
}

std::vector<std::string> FilesWith(const std::string& directory, const std::string& bytes) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (content.find(bytes) != std::string::npos) found.push_back(entry.path().filename().string());
  }
  return found;
}

std::unique_ptr<RocksDbKeyStore> OpenIn(const TempDirectory& directory) {
  absl::StatusOr<std::unique_ptr<RocksDbKeyStore>> store = RocksDbKeyStore::Open({directory.store()});
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

std::vector<std::string> Ids(const KeyStore& store) {
  std::vector<std::string> ids;
  EXPECT_TRUE(store
                  .ListIds("",
                           [&](absl::string_view id) {
                             ids.emplace_back(id);
                             return true;
                           })
                  .ok());
  return ids;
}

class KeyStoreTest : public testing::TestWithParam<bool> {
 protected:
  KeyStoreTest() {
    if (GetParam()) {
      store_ = OpenIn(directory_);
    } else {
      store_ = std::make_unique<MemoryKeyStore>();
    }
  }

  TempDirectory directory_;
  std::unique_ptr<KeyStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Engines, KeyStoreTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "RocksDb" : "Memory"; });

TEST_P(KeyStoreTest, WhatWasPutIsGotUntilItIsErased) {
  EXPECT_EQ(*store_->Get("anna"), std::nullopt);
  ASSERT_TRUE(store_->Put("anna", "one").ok());
  ASSERT_TRUE(store_->Put("bert", "two").ok());
  ASSERT_TRUE(store_->Put("anna", "three").ok());
  EXPECT_EQ(*store_->Get("anna"), "three");
  EXPECT_EQ(*store_->Get("bert"), "two");
  EXPECT_THAT(Ids(*store_), ElementsAre("anna", "bert"));
  ASSERT_TRUE(store_->Erase({"anna", "nobody"}).ok());
  EXPECT_EQ(*store_->Get("anna"), std::nullopt);
  EXPECT_EQ(*store_->Get("bert"), "two");
  EXPECT_THAT(Ids(*store_), ElementsAre("bert"));
}

TEST(RocksDbKeyStoreTest, AKeyIsThereAfterItWasClosedOrCopiedAsACrashLeavesIt) {
  TempDirectory directory, crashed;
  auto store = OpenIn(directory);
  ASSERT_TRUE(store->Put("anna", "one").ok());
  directory.CopyStoreTo(crashed);
  store.reset();
  EXPECT_EQ(*OpenIn(directory)->Get("anna"), "one");
  EXPECT_EQ(*OpenIn(crashed)->Get("anna"), "one");
}

TEST(RocksDbKeyStoreTest, ASecondProcessIsRefused) {
  TempDirectory directory;
  const auto store = OpenIn(directory);
  EXPECT_EQ(RocksDbKeyStore::Open({directory.store()}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(RocksDbKeyStoreTest, ItsDirectoryIsClosedToOthers) {
  TempDirectory directory;
  const auto store = OpenIn(directory);
  struct stat status = {};
  ASSERT_EQ(stat(directory.store().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

// Where a key stands when it is erased: only in the WAL; in a table written when the store was opened again; in the
// last level, after a rewrite.
TEST(RocksDbKeyStoreTest, NoFileHoldsAnErasedKeyWhereverItStood) {
  for (const int reopened : {0, 1, 2}) {
    SCOPED_TRACE(reopened);
    TempDirectory directory;
    const std::string erased = RandomBytes(1), kept = RandomBytes(2);
    auto store = OpenIn(directory);
    ASSERT_TRUE(store->Put("anna", erased).ok());
    ASSERT_TRUE(store->Put("bert", kept).ok());
    for (int i = 0; i < reopened; ++i) {
      store.reset();
      store = OpenIn(directory);
      const bool rewritten = i == 0 || store->Erase({}).ok();
      ASSERT_TRUE(rewritten);
    }
    ASSERT_FALSE(FilesWith(directory.store(), erased).empty()) << "the search would find nothing at all";
    ASSERT_TRUE(store->Erase({"anna"}).ok());
    EXPECT_THAT(FilesWith(directory.store(), erased), ElementsAre());
    EXPECT_FALSE(FilesWith(directory.store(), kept).empty());
    // A copy made now, and the store after another opening, hold it no more.
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    EXPECT_THAT(FilesWith(copy.store(), erased), ElementsAre());
    EXPECT_EQ(*OpenIn(copy)->Get("bert"), kept);
    store.reset();
    EXPECT_EQ(*OpenIn(directory)->Get("bert"), kept);
    EXPECT_THAT(FilesWith(directory.store(), erased), ElementsAre());
  }
}

TEST(RocksDbKeyStoreTest, AnErasureTakesAlongWhatWasOverwritten) {
  TempDirectory directory;
  const std::string before = RandomBytes(3), after = RandomBytes(4);
  const auto store = OpenIn(directory);
  ASSERT_TRUE(store->Put("anna", before).ok());
  ASSERT_TRUE(store->Put("anna", after).ok());
  ASSERT_TRUE(store->Erase({}).ok());
  EXPECT_THAT(FilesWith(directory.store(), before), ElementsAre());
  EXPECT_EQ(*store->Get("anna"), after);
}

// The process died when the keys were hidden, and before anything was rewritten.
TEST(RocksDbKeyStoreTest, AnErasureThatWasCutShortIsFinishedByOpening) {
  TempDirectory directory;
  const std::string erased = RandomBytes(5), kept = RandomBytes(6);
  auto store = OpenIn(directory);
  ASSERT_TRUE(store->Put("anna", erased).ok());
  ASSERT_TRUE(store->Put("bert", kept).ok());
  ASSERT_TRUE(store->Erase({}).ok());  // Into the last level, where a tombstone alone changes nothing.
  store.reset();
  rocksdb::DB* database = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), directory.store(), &database).ok());
  rocksdb::WriteBatch batch;
  batch.Put(rocksdb::Slice("\0erasing", 8), "");
  batch.Delete("anna");
  ASSERT_TRUE(database->Write(rocksdb::WriteOptions(), &batch).ok());
  delete database;
  ASSERT_FALSE(FilesWith(directory.store(), erased).empty());
  store = OpenIn(directory);
  EXPECT_THAT(FilesWith(directory.store(), erased), ElementsAre());
  EXPECT_EQ(*store->Get("anna"), std::nullopt);
  EXPECT_EQ(*store->Get("bert"), kept);
  EXPECT_THAT(Ids(*store), ElementsAre("bert"));
}

TEST(RocksDbKeyStoreTest, ManyKeysErasedOneByOneLeaveOnlyTheOthers) {
  TempDirectory directory;
  auto store = OpenIn(directory);
  std::vector<std::string> keys;
  for (uint32_t i = 0; i < 200; ++i) {
    keys.push_back(RandomBytes(100 + i));
    ASSERT_TRUE(store->Put("person-" + std::to_string(i), keys.back()).ok());
    if (i % 20 == 19) {
      store.reset();
      store = OpenIn(directory);
    }
  }
  for (uint32_t i = 0; i < 200; i += 10) ASSERT_TRUE(store->Erase({"person-" + std::to_string(i)}).ok());
  for (uint32_t i = 0; i < 200; ++i) {
    EXPECT_EQ(FilesWith(directory.store(), keys[i]).empty(), i % 10 == 0) << i;
    EXPECT_EQ((*store->Get("person-" + std::to_string(i))).has_value(), i % 10 != 0) << i;
  }
}

}  // namespace
}  // namespace eventstore
