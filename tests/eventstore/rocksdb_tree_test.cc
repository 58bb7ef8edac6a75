// How the RocksDB engine comes by its tree: from its tiles, or from the log of a store that has none.

#include "eventstore/rocksdb_tree.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "eventstore/key_layout.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/record_codec.h"
#include "eventstore/rocksdb_store.h"
#include "gmock/gmock.h"
#include "tests/eventstore/conformance.h"
#include "tests/eventstore/fault_file_system.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/frames.h"
#include "tests/eventstore/naive_tree.h"
#include "tests/eventstore/raw_database.h"
#include "tests/eventstore/story.h"

namespace eventstore {
namespace {

using testing::IsEmpty;

// A store as format version 1 had it: no tree, no links, heads without hashes.
class Version1StoreTest : public testing::Test {
 protected:
  void Make(uint64_t records) {
    RawDatabase database(directory_, {"log", "streams", "heads", "rows"});
    database.Put("default", "format", EncodeNumber(1));
    std::map<std::string, uint64_t> heads;
    for (uint64_t position = 1; position <= records; ++position) {
      v1::Record record;
      record.set_position(position);
      record.set_stream(position % 3 == 0 ? "b" : "a");
      record.set_revision(++heads[record.stream()]);
      record.set_record_time_us(static_cast<int64_t>(position));
      record.set_type("t");
      record.set_data(absl::StrCat(position));
      std::string frame;
      EncodeFrame(record, &frame);
      database.Put("log", LogKey(position), frame);
      database.Put("streams", StreamKey(record.stream(), record.revision()), frame);
      database.Put("heads", record.stream(), EncodeNumber(record.revision()));
      leaves_.push_back(LeafHash(*RecordBytes(frame)));
    }
  }

  absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(rocksdb::Env* env = nullptr) {
    RocksDbOptions options;
    options.directory = directory_.store();
    options.env = env;
    return RocksDbStore::Open(options);
  }

  TempDirectory directory_;
  std::vector<Sha256Digest> leaves_;
};

TEST_F(Version1StoreTest, IsGivenItsTreeWhenItIsOpened) {
  Make(1000);
  {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    const LogVerifier::Report report = Verify(**store);
    EXPECT_THAT(Problems(report), IsEmpty());
    EXPECT_EQ(report.root, NaiveRoot(leaves_));
  }
  EXPECT_EQ(RawDatabase(directory_).Get("default", "format"), EncodeNumber(2));
  EXPECT_EQ(RawDatabase(directory_).Get("tree", TileKey(0, 2)).size(), kTileBytes);
  // The next records are linked to those that had no hash in their heads.
  std::vector<std::string> links;
  {
    const auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    const auto appended = (*store)->Write(AppendOf({To("a", 667, {"x"}), To("b", 333, {"y"})}));
    ASSERT_TRUE(appended.ok()) << appended.status();
    ASSERT_TRUE((*store)
                    ->ReadLog(1000,
                              [&](const RecordedEvent& event) {
                                links.emplace_back(event.previous_sha256);
                                return true;
                              })
                    .ok());
    EXPECT_EQ(links,
              (std::vector<std::string>{std::string(AsBytes(leaves_[999])), std::string(AsBytes(leaves_[998]))}));
  }
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_THAT(Problems(Verify(**store)), IsEmpty());
}

TEST_F(Version1StoreTest, AnEmptyOneIsGivenNothing) {
  Make(0);
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)->Write(AppendOf({To("a", 0, {"x"})})).ok());
  EXPECT_THAT(Problems(Verify(**store)), IsEmpty());
}

TEST_F(Version1StoreTest, WhatWasBegunAndCutOffIsMadeAnew) {
  Make(1000);
  {
    RawDatabase database(directory_);
    database.CreateFamily("tree");
    database.Put("tree", TileKey(0, 0), "begun");
    database.Put("tree", TileKey(0, 1), std::string(kTileBytes, 'x'));
  }
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  const LogVerifier::Report report = Verify(**store);
  EXPECT_THAT(Problems(report), IsEmpty());
  EXPECT_EQ(report.root, NaiveRoot(leaves_));
}

TEST_F(Version1StoreTest, ADiskThatFailsMeanwhileLeavesItAsItWas) {
  Make(1000);
  FaultEnv env;
  env.faults().on_wal_append = Faults::kIoError;
  EXPECT_TRUE(absl::IsUnavailable(Open(env.env()).status()));
  EXPECT_EQ(RawDatabase(directory_).Get("default", "format"), EncodeNumber(1));
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_THAT(Problems(Verify(**store)), IsEmpty());
}

TEST_F(Version1StoreTest, ADamagedOneIsGivenNoTree) {
  Make(1000);
  { RawDatabase(directory_).Delete("log", LogKey(7)); }
  EXPECT_EQ(Open().status(), absl::DataLossError("the record at position 7 is missing"));
  EXPECT_EQ(RawDatabase(directory_).Get("default", "format"), EncodeNumber(1));
}

TEST(RocksDbTreeTest, ALogThatWasCutBelowItsTilesIsRefused) {
  TempDirectory directory;
  {
    const auto store = OpenRocksDb(directory);
    ASSERT_TRUE(store->Write(AppendOf({To("a", 0, std::vector<std::string>(300, "x"))})).ok());
  }
  {
    RawDatabase database(directory);
    for (uint64_t position = 200; position <= 300; ++position) database.Delete("log", LogKey(position));
    database.Put("heads", "a", EncodeNumber(199));
  }
  RocksDbOptions options;
  options.directory = directory.store();
  EXPECT_EQ(
      RocksDbStore::Open(options).status(),
      absl::DataLossError("the tile 0 of level 0 of the tree is of records that are missing: the log ends at 199"));
}

TEST(RocksDbTreeTest, AStoreWhoseLastRecordIsNotThatOfItsHeadIsRefused) {
  TempDirectory directory;
  {
    const auto store = OpenRocksDb(directory);
    ASSERT_TRUE(store->Write(AppendOf({To("a", 0, {"x", "y"})})).ok());
  }
  {
    RawDatabase database(directory);
    v1::Record record = RecordIn(database.Get("log", LogKey(2)));
    record.set_data("forged");
    std::string frame;
    EncodeFrame(record, &frame);
    database.Put("log", LogKey(2), frame);
  }
  RocksDbOptions options;
  options.directory = directory.store();
  EXPECT_EQ(RocksDbStore::Open(options).status(),
            absl::DataLossError("the head of stream a has the hash of another record than the record of stream a at "
                                "revision 2"));
}

// Three levels of tiles, most of them read from the disk, more than are cached.
TEST(RocksDbTreeTest, ALargeTreeIsReadAsItWasWritten) {
  TempDirectory directory;
  constexpr uint64_t kRecords = 256 * 256 + 700;
  std::vector<Sha256Digest> leaves;
  {
    const auto store = OpenRocksDb(directory);
    while (leaves.size() < kRecords) {
      const size_t events = std::min<size_t>(1000, kRecords - leaves.size());
      const auto appended = store->Write(AppendOf({To("a", leaves.size(), std::vector<std::string>(events, "x"))}));
      ASSERT_TRUE(appended.ok()) << appended.status();
      leaves.insert(leaves.end(), appended->leaf_hashes.begin(), appended->leaf_hashes.end());
    }
  }
  std::unique_ptr<EventStore> store = OpenRocksDb(directory);
  ASSERT_NE(store, nullptr);
  const auto read = [&](int level, uint64_t index) { return store->ReadTreeNode(level, index); };
  const Sha256Digest root = NaiveRoot(leaves);
  EXPECT_EQ(*RootAt(kRecords, read), root);
  for (uint64_t leaf = 0; leaf < kRecords; leaf += 997) {
    const auto proof = InclusionProof(leaf, kRecords, read);
    ASSERT_TRUE(proof.ok()) << proof.status();
    ASSERT_TRUE(CheckInclusion(leaf, kRecords, leaves[leaf], root, *proof).ok()) << leaf;
  }
  for (uint64_t size = 1; size < kRecords; size += 9973) {
    const auto proof = ConsistencyProof(size, kRecords, read);
    ASSERT_TRUE(proof.ok()) << proof.status();
    ASSERT_TRUE(CheckConsistency(size, kRecords, NaiveRoot(Leaves(leaves).first(size)), root, *proof).ok()) << size;
  }
  EXPECT_THAT(Problems(Verify(*store, 100000)), IsEmpty());

  // The tile above is complete, so that opening does not need those below.
  store.reset();
  { RawDatabase(directory).Delete("tree", TileKey(0, 3)); }
  store = OpenRocksDb(directory);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->ReadTreeNode(0, uint64_t{3} * 256).status(),
            absl::DataLossError("the tile 3 of level 0 of the tree is missing"));
  EXPECT_EQ(*RootAt(kRecords, read), root);
  EXPECT_EQ(Problems(Verify(*store, 100000)), std::vector<std::string>{"the tile 3 of level 0 of the tree is missing"});
}

}  // namespace
}  // namespace eventstore
