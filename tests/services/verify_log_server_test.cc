// VerifyLog over the wire: on stores whose bytes were changed, and on one that keeps its callers waiting.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/key_layout.h"
#include "eventstore/merkle_tiles.h"
#include "gmock/gmock.h"
#include "tests/eventstore/conformance.h"
#include "tests/eventstore/frames.h"
#include "tests/eventstore/raw_database.h"
#include "tests/services/server_fixture.h"
#include "tests/support/faulty_store.h"
#include "tests/support/stored_log.h"
#include "trust/v1/audit_service.grpc.pb.h"

namespace services {
namespace {

using eventstore::RawDatabase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using trust::v1::VerifyFinding;
using trust::v1::VerifyLogResponse;

// What a check tells.
struct Verdict {
  // "KIND log_index stream revision" of each finding, without what it is not of.
  std::vector<std::string> Places() const {
    std::vector<std::string> places;
    for (const VerifyFinding& finding : findings) {
      std::string& place = places.emplace_back(VerifyFindingKind_Name(finding.kind()).substr(20));
      if (finding.has_log_index()) absl::StrAppend(&place, " ", finding.log_index());
      if (!finding.stream().empty()) absl::StrAppend(&place, " ", finding.stream(), " ", finding.revision());
    }
    return places;
  }

  std::vector<VerifyFinding> findings;
  trust::v1::VerifyEnd end;
  bool has_end = false;
};

// A call of VerifyLog.
struct Check {
  explicit Check(const std::shared_ptr<grpc::Channel>& channel)
      : stream(trust::v1::AuditService::NewStub(channel)->VerifyLog(&context, {})) {}

  // Takes in all that is told; returns how it ended.
  grpc::Status Run() {
    VerifyLogResponse response;
    while (stream->Read(&response)) {
      EXPECT_FALSE(told.has_end) << "after the end: " << response.ShortDebugString();
      if (response.has_finding()) told.findings.push_back(response.finding());
      if (response.has_end()) told.end = response.end();
      told.has_end = response.has_end();
    }
    return stream->Finish();
  }

  grpc::ClientContext context;
  const std::unique_ptr<grpc::ClientReader<VerifyLogResponse>> stream;
  Verdict told;
};

// A store on the disk that holds more than two full tiles of the tree, and no server running on it.
class DamagedLogTest : public ServerTest {
 protected:
  void SetUp() override {
    Serve(eventstore::OpenRocksDb(directory_));
    std::vector<trust::v1::ImportHistoryRequest> messages(2);
    for (const char* partnership : {"x", "y"}) *messages[0].add_items() = FoundingItem(partnership);
    for (int i = 0; i < 600; ++i) {
      *messages[i / 300].add_items() = KeptItem(i % 3 == 0 ? "y" : "x", absl::StrCat("kept-", i), "2020-02-01");
    }
    // A store is not opened when its very last record does not fit.
    *messages[1].add_items() = FoundingItem("z");
    std::vector<trust::v1::ImportResult> results;
    ASSERT_TRUE(Import(messages, &results).ok());
    root_ = Checked().end.root();
    ASSERT_THAT(root_, SizeIs(32));
    server_ = nullptr;
    RawDatabase database(directory_);
    record_ = database.Record(kPosition);
    place_ = absl::StrCat(record_.stream(), " ", record_.revision());
  }

  void TearDown() override { server_ = nullptr; }  // It uses the directory.

  // "log_index stream revision" of a record by its place in its stream.
  static std::string Where(RawDatabase& database, const std::string& stream, uint64_t revision) {
    const eventstore::v1::Record record =
        eventstore::RecordIn(database.Get("streams", eventstore::StreamKey(stream, revision)));
    return absl::StrCat(record.position() - 1, " ", stream, " ", revision);
  }

  // What a check tells, which must come to its end.
  Verdict Checked() {
    Check check(channel_);
    const grpc::Status status = check.Run();
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(check.told.has_end);
    EXPECT_EQ(check.told.end.finding_count(), static_cast<int64_t>(check.told.findings.size()));
    return check.told;
  }

  // The same by a server that is started on the store after a change of it.
  Verdict CheckedAfter(const std::function<void(RawDatabase&)>& change) {
    {
      RawDatabase database(directory_);
      change(database);
    }
    Serve(eventstore::OpenRocksDb(directory_));
    Verdict told = Checked();
    server_ = nullptr;
    return told;
  }

  static constexpr uint64_t kPosition = 301;

  eventstore::TempDirectory directory_;
  std::string root_;
  eventstore::v1::Record record_;  // That at kPosition.
  std::string place_;              // Its stream and revision.
};

// Bits as a disk loses them: a record does not fit its checksum, a hash has none.
TEST_F(DamagedLogTest, AFlippedBitIsFoundInTheLogInTheStreamAndInTheTree) {
  struct Flip {
    std::string family, key;
    size_t byte;
    std::vector<std::string> found;
    std::string root;
  };
  const std::string tile = eventstore::TileKey(0, (kPosition - 1) / eventstore::kTileWidth);
  for (const Flip& flip : std::vector<Flip>{
           {"log", eventstore::LogKey(kPosition), 40, {"UNREADABLE 300"}, ""},
           {"streams",
            eventstore::StreamKey(record_.stream(), record_.revision()),
            40,
            {"UNREADABLE " + place_},
            root_},
           {"tree",
            tile,
            (kPosition - 1) % eventstore::kTileWidth * 32,
            {"TREE 300", "TREE", "COPY 300 " + place_},
            root_},
       }) {
    SCOPED_TRACE(flip.family);
    const auto change = [&](RawDatabase& database) { database.FlipBit(flip.family, flip.key, flip.byte, 3); };
    const Verdict check = CheckedAfter(change);
    EXPECT_EQ(check.Places(), flip.found);
    EXPECT_EQ(check.end.root(), flip.root);
    // Flipped back, it is sound again: nothing else was found than what was planted.
    const Verdict again = CheckedAfter(change);
    EXPECT_THAT(again.Places(), IsEmpty());
    EXPECT_EQ(again.end.root(), root_);
  }
}

TEST_F(DamagedLogTest, WhatWasRewrittenWithItsChecksumIsFoundByTheOthersThatKnowIt) {
  const auto rewrite = [](eventstore::v1::Record* record) { record->set_data(record->data() + "x"); };
  std::string other;
  const Verdict both = CheckedAfter([&](RawDatabase& database) {
    database.Edit(kPosition, rewrite, true, true);
    other = Where(database, record_.stream(), record_.revision() + 1);
  });
  EXPECT_THAT(both.Places(), ElementsAre("TREE 300", "TREE", "COPY 300 " + place_, "LINK " + other));
  EXPECT_THAT(both.end.root(), Not(root_));
  EXPECT_THAT(both.findings[0].problem(), HasSubstr("the record at position 301 has leaf hash "));

  const auto back = [&](eventstore::v1::Record* record) {
    *record = record_;
    record->set_record_time_us(record_.record_time_us() - 1);
  };
  const Verdict earlier = CheckedAfter([&](RawDatabase& database) {
    database.Edit(
        kPosition, [&](auto* record) { *record = record_; }, true, true);
    database.Edit(kPosition, back, true, false);
  });
  EXPECT_THAT(earlier.Places(), ElementsAre("TREE 300", "ORDER 300 " + place_, "TREE"));

  const Verdict shorter = CheckedAfter([&](RawDatabase& database) {
    database.Edit(
        kPosition, [&](auto* record) { *record = record_; }, true, false);
    const uint64_t head = *eventstore::DecodeNumber(database.Get("heads", record_.stream()).substr(0, 8));
    other = Where(database, record_.stream(), head);
    database.Put("heads", record_.stream(), eventstore::EncodeNumber(head - 1));
  });
  EXPECT_THAT(shorter.Places(), ElementsAre("HEAD " + other));
  EXPECT_EQ(shorter.end.root(), root_);
}

TEST_F(DamagedLogTest, DamageBeneathARunningServerIsFoundAndWhatIsSoundStillRead) {
  const std::vector<std::string> files = RawDatabase(directory_).TableFiles("log");
  ASSERT_THAT(files, SizeIs(1));
  Serve(eventstore::OpenRocksDb(directory_));
  eventstore::TempDirectory::FlipBit(files[0], eventstore::TempDirectory::Size(files[0]) * 2 / 5, 3);
  const Verdict check = Checked();
  // A block of the file, with the records in it, is lost.
  ASSERT_FALSE(check.findings.empty());
  EXPECT_LT(check.findings.size(), 600u);
  int64_t log_index = check.findings[0].log_index();
  for (const VerifyFinding& finding : check.findings) {
    EXPECT_EQ(finding.kind(), trust::v1::VERIFY_FINDING_KIND_UNREADABLE);
    EXPECT_EQ(finding.log_index(), log_index++);
  }
  EXPECT_EQ(check.end.root(), "");
  // A partnership is read from its stream.
  trust::v1::AssessTrustRequest question;
  question.set_partnership("x");
  grpc::ClientContext context;
  trust::v1::AssessTrustResponse answer;
  EXPECT_TRUE(trust_->AssessTrust(&context, question, &answer).ok());
}

// Its blocks are cached, so that every record and row reads as ever.
TEST_F(DamagedLogTest, DamageBeneathWhatIsCachedIsToldAsThatOfAFile) {
  Serve(eventstore::OpenRocksDb(directory_));
  ASSERT_TRUE(Found("w").ok());
  server_ = nullptr;
  Serve(eventstore::OpenRocksDb(directory_));  // What the write-ahead log had is in files now.
  ASSERT_THAT(Checked().findings, IsEmpty());
  const std::string table = directory_.Files(".sst").back();
  eventstore::TempDirectory::FlipBit(table, eventstore::TempDirectory::Size(table) / 2, 3);
  const Verdict check = Checked();
  ASSERT_FALSE(check.findings.empty());
  EXPECT_EQ(check.findings[0].kind(), trust::v1::VERIFY_FINDING_KIND_FILE);
  EXPECT_THAT(check.findings[0].problem(), HasSubstr(table.substr(table.rfind('/') + 1)));
}

// A store in memory of which a node of the tree is said to be another.
class WrongNodeStore final : public support::FaultyStore {
 public:
  using FaultyStore::FaultyStore;
  absl::StatusOr<eventstore::Sha256Digest> ReadTreeNode(int level, uint64_t index) const override {
    absl::StatusOr<eventstore::Sha256Digest> node = FaultyStore::ReadTreeNode(level, index);
    if (wrong && node.ok() && level == 2 && index == 0) (*node)[0] ^= 1;
    return node;
  }
  std::atomic<bool> wrong = false;
};

class WrongNodeTest : public ServerTest {
 protected:
  void SetUp() override {
    auto store = std::make_unique<WrongNodeStore>(&memory_);
    store_ = store.get();
    Serve(std::move(store));
  }

  void TearDown() override { server_ = nullptr; }

  eventstore::MemoryStore memory_;
  WrongNodeStore* store_ = nullptr;
};

TEST_F(WrongNodeTest, ARootThatIsNoLongerThatOfTheCheckpointIsFound) {
  for (const char* partnership : {"x", "y", "z"}) ASSERT_TRUE(Found(partnership).ok());
  // What it proves has a checkpoint of everything made.
  trust::v1::GetInclusionProofRequest request;
  request.set_log_index(5);
  grpc::ClientContext context;
  trust::v1::GetInclusionProofResponse proof;
  ASSERT_TRUE(trust::v1::AuditService::NewStub(channel_)->GetInclusionProof(&context, request, &proof).ok());

  Check sound(channel_);
  ASSERT_TRUE(sound.Run().ok());
  EXPECT_THAT(sound.told.Places(), IsEmpty());
  EXPECT_EQ(sound.told.end.checkpoint_size(), 6);
  EXPECT_TRUE(sound.told.end.matches_checkpoint());
  store_->wrong = true;
  Check check(channel_);
  ASSERT_TRUE(check.Run().ok());
  EXPECT_THAT(check.told.Places(), ElementsAre("TREE", "TREE", "CHECKPOINT"));
  EXPECT_THAT(check.told.findings[0].problem(),
              HasSubstr("the node 0 of level 2 of the tree, over positions 1 to 4, is "));
  EXPECT_EQ(check.told.end.finding_count(), 3);
  EXPECT_FALSE(check.told.end.matches_checkpoint());
  EXPECT_EQ(check.told.end.root(), sound.told.end.root()) << "the records are what they were";
}

// A store of which reads of the log from its middle wait, each until it is let through.
class GatedStore final : public support::FaultyStore {
 public:
  using FaultyStore::FaultyStore;

  absl::Status ReadLog(uint64_t after, eventstore::EventVisitor visit) const override {
    if (after > 0 && after < LogSize()) {
      std::unique_lock<std::mutex> lock(mutex_);
      const int number = arrived_++;
      changed_.notify_all();
      changed_.wait(lock, [&] { return MayPass(number); });
    }
    return FaultyStore::ReadLog(after, visit);
  }

  // Waits until so many have come.
  void AwaitArrived(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }
  int arrived() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return arrived_;
  }
  // Lets one through, by its number from 0 as they came; with -1 all, for ever.
  void LetThrough(int number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    let_through_.insert(number);
    changed_.notify_all();
  }

 private:
  bool MayPass(int number) const { return let_through_.contains(number) || let_through_.contains(-1); }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int arrived_ = 0;
  std::set<int> let_through_;
};

class VerifySlotsTest : public ServerTest {
 protected:
  // As many records as make some pieces of a check. The first is made without waiting.
  static constexpr int kRecords = 20'001, kPieces = 11;

  void SetUp() override {
    support::StoredLog log(&memory_);
    for (int i = 0; i < kRecords; ++i) {
      trust::v1::Event event = support::StoredLog::On(18262);
      event.mutable_partnership_suspended();
      ASSERT_NE(log.Append("$nobody", event), 0u);
    }
    auto store = std::make_unique<GatedStore>(&memory_);
    gate_ = store.get();
    ServerOptions options;
    options.read_threads = 4;
    Serve(std::move(store), options);
  }

  void TearDown() override {
    gate_->LetThrough(-1);
    server_ = nullptr;
  }

  eventstore::MemoryStore memory_;
  GatedStore* gate_ = nullptr;
};

TEST_F(VerifySlotsTest, MoreChecksThanThereAreSlotsAreRefusedAndOneThatIsCancelledGivesItsSlotBack) {
  const auto expect_refused = [&] {
    Check one_more(channel_);
    const grpc::Status refused = one_more.Run();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
    EXPECT_FALSE(one_more.told.has_end);
  };
  Check first(channel_);
  gate_->AwaitArrived(1);
  Check second(channel_);
  gate_->AwaitArrived(2);
  expect_refused();

  first.context.TryCancel();
  EXPECT_EQ(first.stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  gate_->LetThrough(0);
  std::unique_ptr<Check> next;
  VerifyLogResponse response;
  int pieces = 2;
  for (int attempts = 0;; ++attempts) {
    next = std::make_unique<Check>(channel_);
    if (next->stream->Read(&response)) break;
    ASSERT_EQ(ReasonOf(next->stream->Finish()), "OVERLOADED");
    ASSERT_LT(attempts, 100'000) << "the slot does not come back";
    // The server may hear of it some pieces later, long before the last.
    if (gate_->arrived() > pieces) gate_->LetThrough(pieces++);
    ASSERT_LT(pieces, kPieces) << "it goes on although nobody waits for it";
  }
  expect_refused();
  gate_->LetThrough(-1);
  for (Check* check : {&second, next.get()}) {
    EXPECT_TRUE(check->Run().ok());
    EXPECT_THAT(check->told.Places(), IsEmpty());
    EXPECT_EQ(check->told.end.tree_size(), kRecords);
  }
}

}  // namespace
}  // namespace services
