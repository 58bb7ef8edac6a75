#include "eventstore/log_verifier.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "eventstore/key_layout.h"
#include "eventstore/merkle_tiles.h"
#include "eventstore/merkle_tree.h"
#include "gmock/gmock.h"
#include "tests/eventstore/conformance.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/frames.h"
#include "tests/eventstore/raw_database.h"
#include "tests/eventstore/story.h"
#include "tests/support/faulty_store.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using LogVerifierConformance = EngineTest;

// Streams of several lengths, in appends of several sizes.
void Fill(EventStore& store, uint64_t events) {
  std::mt19937_64 random(1);
  for (uint64_t done = store.LogSize(); done < events;) {
    const std::string stream = absl::StrCat("s", random() % 5);
    std::vector<std::string> data;
    for (uint64_t i = 0; i <= random() % 9; ++i) data.push_back(absl::StrCat("event ", done++));
    ASSERT_TRUE(store.Write(AppendOf({To(stream, *store.StreamRevision(stream), data)}, {}, done)).ok());
  }
}

TEST_P(LogVerifierConformance, ASoundStoreHasNoFindingsHoweverSmallTheSteps) {
  const LogVerifier::Report empty = Verify(store());
  EXPECT_THAT(Problems(empty), IsEmpty());
  EXPECT_EQ(empty.root, EmptyRoot());
  Fill(same_store(), 600);
  EventStore& open = store();
  const auto root = RootAt(open.LogSize(), [&](int level, uint64_t i) { return open.ReadTreeNode(level, i); });
  for (const uint64_t budget : {1, 7, 256, 100000}) {
    const LogVerifier::Report report = Verify(open, budget);
    EXPECT_THAT(Problems(report), IsEmpty()) << budget;
    EXPECT_EQ(report.findings_count, 0);
    EXPECT_EQ(report.root, *root);
  }
}

TEST_P(LogVerifierConformance, AStepCostsNoMoreThanItsBudgetAndTellsHowFarItIs) {
  Fill(same_store(), 100);
  LogVerifier verifier(&same_store());
  const uint64_t size = same_store().LogSize();
  EXPECT_EQ(verifier.progress().log_size, size);
  uint64_t steps = 0;
  while (!verifier.done()) {
    const LogVerifier::Progress before = verifier.progress();
    ASSERT_TRUE(verifier.Step(10).ok());
    EXPECT_LE(verifier.progress().records - before.records, 10);
    EXPECT_LE(verifier.progress().stream_records - before.stream_records, 10);
    ++steps;
  }
  EXPECT_GE(steps, 2 * size / 10);
  EXPECT_EQ(verifier.progress().records, size);
  EXPECT_EQ(verifier.progress().stream_records, size);
  EXPECT_EQ(verifier.progress().streams, 5);
  EXPECT_EQ(verifier.report().findings_count, 0);
}

TEST_P(LogVerifierConformance, WhatIsAppendedMeanwhileIsLeftOut) {
  Fill(same_store(), 300);
  const uint64_t size = same_store().LogSize();
  const auto root = RootAt(size, [&](int level, uint64_t i) { return same_store().ReadTreeNode(level, i); });
  LogVerifier verifier(&same_store());
  for (uint64_t step = 1; !verifier.done(); ++step) {
    ASSERT_TRUE(verifier.Step(20).ok());
    Fill(same_store(), size + 10 * step);
    ASSERT_TRUE(same_store().Write(AppendOf({To(absl::StrCat("new", step), 0, {"x"})}, {}, 10000)).ok());
  }
  EXPECT_THAT(Problems(verifier.report()), IsEmpty());
  EXPECT_EQ(verifier.report().root, *root);
}

INSTANTIATE_TEST_SUITE_P(Engines, LogVerifierConformance, testing::ValuesIn(Engines()),
                         [](const auto& info) { return info.param.name; });

// A store of 700 records: "a" and "b" take turns, up to position 600; the rest is of "z".
class PlantedDamageTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::unique_ptr<EventStore> store = OpenRocksDb(directory_);
    ASSERT_NE(store, nullptr);
    for (uint64_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(store->Write(AppendOf({To("a", i, {absl::StrCat("a", i)}), To("b", i, {"b"})})).ok());
    }
    ASSERT_TRUE(store->Write(AppendOf({To("z", 0, std::vector<std::string>(100, "z"))})).ok());
    root_ = *Verify(*store).root;
  }

  LogVerifier::Report Report() {
    const std::unique_ptr<EventStore> store = OpenRocksDb(directory_);
    return store == nullptr ? LogVerifier::Report() : Verify(*store, 50);
  }
  std::vector<std::string> Found() { return Problems(Report()); }

  void Edit(uint64_t position, const std::function<void(v1::Record*)>& edit, bool in_log, bool in_stream) {
    RawDatabase(directory_).Edit(position, edit, in_log, in_stream);
  }

  // Makes the tree say what the log says of a position below the last complete tile.
  void AdaptTile(uint64_t position) {
    RawDatabase database(directory_);
    const std::string frame = database.Get("log", LogKey(position));
    const Sha256Digest hash = LeafHash(*RecordBytes(frame));
    const std::string key = TileKey(0, (position - 1) / kTileWidth);
    std::string tile = database.Get("tree", key);
    tile.replace((position - 1) % kTileWidth * 32, 32, std::string(AsBytes(hash)));
    database.Put("tree", key, tile);
  }

  TempDirectory directory_;
  Sha256Digest root_ = {};
};

TEST_F(PlantedDamageTest, NothingIsFoundWhereNothingIsPlanted) { EXPECT_THAT(Found(), IsEmpty()); }

TEST_F(PlantedDamageTest, AnEditedRecordIsFoundByTheTreeAndByItsSuccessor) {
  Edit(
      101, [](v1::Record* record) { record->set_data("forged"); }, true, true);
  const LogVerifier::Report report = Report();
  EXPECT_THAT(Problems(report), ElementsAre(StartsWith("the record at position 101 has leaf hash "),
                                            StartsWith("the root of the tree of 700 records is "),
                                            StartsWith("the record of stream a at revision 51 has leaf hash "),
                                            StartsWith("the record of stream a at revision 52 has the link ")));
  EXPECT_EQ(report.findings[0].kind, LogFinding::Kind::kTree);
  EXPECT_EQ(report.findings[0].position, 101);
  EXPECT_EQ(report.findings[2].kind, LogFinding::Kind::kCopy);
  EXPECT_EQ(report.findings[2].stream, "a");
  EXPECT_EQ(report.findings[2].revision, 51);
  EXPECT_EQ(report.findings[3].kind, LogFinding::Kind::kLink);
  EXPECT_NE(report.root, root_);
}

TEST_F(PlantedDamageTest, ARecordEditedInOneOfItsPlacesIsFoundThere) {
  Edit(
      101, [](v1::Record* record) { record->set_data("forged"); }, false, true);
  EXPECT_THAT(Found(), ElementsAre(StartsWith("the record of stream a at revision 51 has leaf hash "),
                                   StartsWith("the record of stream a at revision 52 has the link ")));
}

TEST_F(PlantedDamageTest, AForgerWhoAdaptsTheTileIsFoundByTheTileAboveAndByTheLink) {
  Edit(
      101, [](v1::Record* record) { record->set_data("forged"); }, true, true);
  AdaptTile(101);
  // The tile above is incomplete and made from the tile below when the store is opened: the tree fits its leaves.
  const LogVerifier::Report report = Report();
  EXPECT_THAT(Problems(report), ElementsAre(StartsWith("the record of stream a at revision 52 has the link ")));
  // Who kept the root sees that it is another.
  EXPECT_NE(report.root, root_);
}

TEST_F(PlantedDamageTest, TwoRecordsThatHaveChangedPlacesAreFound) {
  const v1::Record first = RawDatabase(directory_).Record(10);
  const v1::Record second = RawDatabase(directory_).Record(20);
  const std::string& first_data = first.data();
  ASSERT_EQ(first.stream(), second.stream());
  Edit(
      10, [&](v1::Record* record) { record->set_data(second.data() + "!"); }, true, true);
  Edit(
      20, [&](v1::Record* record) { record->set_data(first_data + "!"); }, true, true);
  EXPECT_THAT(Found(), ElementsAre(StartsWith("the record at position 10 has"),
                                   StartsWith("the record at position 20 has"), StartsWith("the root of the tree"),
                                   StartsWith("the record of stream b at revision 5 has leaf"),
                                   StartsWith("the record of stream b at revision 6 has the link"),
                                   StartsWith("the record of stream b at revision 10 has leaf"),
                                   StartsWith("the record of stream b at revision 11 has the link")));
}

TEST_F(PlantedDamageTest, RowsThatHaveChangedPlacesAreFoundAndTheRestIsVerified) {
  {
    RawDatabase database(directory_);
    const std::string first = database.Get("log", LogKey(10));
    database.Put("log", LogKey(10), database.Get("log", LogKey(20)));
    database.Put("log", LogKey(20), first);
  }
  const LogVerifier::Report report = Report();
  EXPECT_THAT(Problems(report), ElementsAre("the record at position 10 says that it is at position 20",
                                            "the record at position 20 says that it is at position 10"));
  // What could not be read has no hash.
  EXPECT_EQ(report.root, std::nullopt);
}

TEST_F(PlantedDamageTest, AMissingRecordIsFoundWhereverItIsMissing) {
  {
    RawDatabase database(directory_);
    database.Delete("log", LogKey(33));
    database.Delete("streams", StreamKey("b", 40));
    database.Delete("streams", StreamKey("b", 41));
  }
  EXPECT_THAT(Found(),
              ElementsAre("the record at position 33 is missing", "the record of stream b at revision 40 is missing",
                          "the record of stream b at revision 41 is missing"));
}

TEST_F(PlantedDamageTest, ATimeThatGoesBackIsFound) {
  Edit(
      101, [](v1::Record* record) { record->set_record_time_us(999999); }, true, false);
  EXPECT_THAT(Found(),
              ElementsAre(StartsWith("the record at position 101 has leaf hash"),
                          AllOf(StartsWith("the record at position 101 has record time 1970-01-01T00:00:00.99"),
                                HasSubstr("at least 1970-01-01T00:00:01+00:00 would be right")),
                          StartsWith("the root of the tree")));
}

TEST_F(PlantedDamageTest, ALinkThatWasTakenAwayIsFound) {
  Edit(
      101, [](v1::Record* record) { record->clear_previous_sha256(); }, true, true);
  EXPECT_THAT(Found(),
              testing::Contains("the record at position 101 has no link to the record before it in its stream"));
}

TEST_F(PlantedDamageTest, AnEditedTileIsFoundWhereItIsWrong) {
  RawDatabase(directory_).FlipBit("tree", TileKey(0, 1), size_t{32} * 4, 0);
  const LogVerifier::Report report = Report();
  EXPECT_THAT(Problems(report), ElementsAre(StartsWith("the record at position 261 has leaf hash "),
                                            StartsWith("the root of the tree of 700 records is "),
                                            StartsWith("the record of stream a at revision 131 has leaf hash ")));
  // The records are what they were.
  EXPECT_EQ(report.root, root_);
}

TEST_F(PlantedDamageTest, ATileThatIsMissingOrShortIsDataLoss) {
  { RawDatabase(directory_).Delete("tree", TileKey(0, 1)); }
  RocksDbOptions options;
  options.directory = directory_.store();
  EXPECT_EQ(RocksDbStore::Open(options).status(), absl::DataLossError("the tile 1 of level 0 of the tree is missing"));
  { RawDatabase(directory_).Put("tree", TileKey(0, 1), "short"); }
  EXPECT_EQ(RocksDbStore::Open(options).status(),
            absl::DataLossError("the tile 1 of level 0 of the tree has 5 bytes instead of 8192"));
}

TEST_F(PlantedDamageTest, AHeadThatSaysMoreThanThereIsIsFound) {
  { RawDatabase(directory_).Put("heads", "b", EncodeNumber(302)); }
  EXPECT_THAT(Found(), ElementsAre("the record of stream b at revision 301 is missing",
                                   "the record of stream b at revision 302 is missing"));
  { RawDatabase(directory_).Put("heads", "b", EncodeNumber(~uint64_t{0})); }
  const LogVerifier::Report report = Report();
  EXPECT_EQ(report.findings.size(), LogVerifier::kFindingsListedMax);
  EXPECT_EQ(report.findings_count, 1001);
}

TEST_F(PlantedDamageTest, AHeadThatSaysLessThanThereIsIsFound) {
  { RawDatabase(directory_).Put("heads", "b", EncodeNumber(298)); }
  const LogVerifier::Report report = Report();
  EXPECT_THAT(Problems(report),
              ElementsAre("the record at position 598 is revision 299 of stream b, whose head says 298",
                          "the record at position 600 is revision 300 of stream b, whose head says 298"));
  EXPECT_EQ(report.findings[0].kind, LogFinding::Kind::kHead);
  EXPECT_EQ(report.root, root_);
  { RawDatabase(directory_).Delete("heads", "b"); }
  EXPECT_EQ(Report().findings_count, 300);
}

TEST_F(PlantedDamageTest, AHeadWithTheHashOfAnotherRecordIsFound) {
  { RawDatabase(directory_).Put("heads", "b", EncodeNumber(300) + std::string(32, 'x')); }
  EXPECT_THAT(Found(), ElementsAre("the head of stream b has the hash of another record than the record of stream b at "
                                   "revision 300"));
}

TEST_F(PlantedDamageTest, AHeadThatCannotBeReadIsFound) {
  { RawDatabase(directory_).Put("heads", "b", EncodeNumber(300) + "x"); }
  EXPECT_THAT(Found(), ElementsAre("the head of stream b has 9 bytes: streams from there on are not verified"));
}

// Every byte of a record that is edited, with a checksum that fits, is found.
TEST_F(PlantedDamageTest, RandomEditsAreAllFound) {
  std::mt19937_64 random(support::AnySeed());
  for (int i = 0; i < 40; ++i) {
    const uint64_t position = 1 + random() % 512;
    std::string before;
    {
      RawDatabase database(directory_);
      before = database.Get("log", LogKey(position));
    }
    Edit(
        position,
        [&](v1::Record* record) {
          switch (random() % 4) {
            case 0:
              record->set_data(absl::StrCat(random()));
              break;
            case 1:
              record->set_type("other");
              break;
            case 2:
              record->set_record_time_us(record->record_time_us() + 1);
              break;
            default:
              record->add_sealed()->set_key_id("k");
              break;
          }
        },
        true, false);
    const LogVerifier::Report report = Report();
    ASSERT_GE(report.findings_count, 1) << position;
    EXPECT_EQ(report.findings[0].position, position);
    EXPECT_NE(report.root, root_);
    RawDatabase(directory_).Put("log", LogKey(position), before);
  }
  EXPECT_THAT(Found(), IsEmpty());
}

// What says nothing about the bytes is no finding: the step is made again.
TEST(LogVerifierTest, ADiskThatRefusesStopsTheStepAndNothingElse) {
  MemoryStore memory;
  Fill(memory, 50);
  support::FaultyStore store(&memory);
  LogVerifier verifier(&store);
  ASSERT_TRUE(verifier.Step(100).ok());
  store.reads = absl::UnavailableError("later");
  EXPECT_TRUE(absl::IsUnavailable(verifier.Step(100)));
  EXPECT_FALSE(verifier.done());
  store.reads = absl::OkStatus();
  while (!verifier.done()) ASSERT_TRUE(verifier.Step(100).ok());
  EXPECT_EQ(verifier.report().findings_count, 0);
}

}  // namespace
}  // namespace eventstore
