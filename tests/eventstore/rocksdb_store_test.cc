// What only the RocksDB engine promises: how it opens, and what it makes of damage.

#include "eventstore/rocksdb_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "eventstore/key_layout.h"
#include "eventstore/record_codec.h"
#include "gmock/gmock.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/raw_database.h"
#include "tests/eventstore/story.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const TempDirectory& directory) {
  RocksDbOptions options;
  options.directory = directory.store();
  options.memory_bytes = size_t{16} << 20;
  return RocksDbStore::Open(options);
}

// Events enough to be spread over several blocks of the WAL and of the tables.
void FillStore(EventStore& store, uint64_t appends) {
  std::mt19937_64 random(1);
  for (uint64_t i = store.LogSize(); i < appends; ++i) {
    std::string data(200, '\0');
    for (char& c : data) c = static_cast<char>(random());
    ASSERT_TRUE(store.Write(AppendOf({To("a", i, {data})}, {{"t", absl::StrCat(i), data}})).ok());
  }
}

// Opens and reads everything: how many events a reader gets, or what stops it.
absl::StatusOr<uint64_t> ReadAll(const TempDirectory& directory) {
  auto store = Open(directory);
  if (!store.ok()) return store.status();
  uint64_t events = 0;
  const auto count = [&](const auto&...) {
    ++events;
    return true;
  };
  if (absl::Status status = (*store)->ReadLog(0, count); !status.ok()) return status;
  events = 0;
  if (absl::Status status = (*store)->ReadStream("a", 0, count); !status.ok()) return status;
  if (events != (*store)->LogSize()) return absl::InternalError("the stream and the log differ");
  const uint64_t rows_before = events;
  if (absl::Status status = (*store)->ScanRows("t", "", count); !status.ok()) return status;
  if (events - rows_before != rows_before) return absl::InternalError("the rows and the log differ");
  return rows_before;
}

TEST(RocksDbStoreTest, WhatAProcessThatDiesHasAcknowledgedIsThere) {
  TempDirectory directory, copy;
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  FillStore(**store, 50);
  directory.CopyStoreTo(copy);
  EXPECT_EQ(*ReadAll(copy), 50);
}

TEST(RocksDbStoreTest, RecoveryRefusesDamageInsteadOfDroppingWhatFollows) {
  TempDirectory directory;
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  // What RocksDB itself says that it was opened with.
  std::stringstream options;
  for (const std::string& path : directory.Files("")) {
    if (path.find("/OPTIONS-") != std::string::npos) options << std::ifstream(path).rdbuf();
  }
  EXPECT_THAT(options.str(), HasSubstr("wal_recovery_mode=kTolerateCorruptedTailRecords"));
  EXPECT_THAT(options.str(), HasSubstr("track_and_verify_wals_in_manifest=true"));
  EXPECT_THAT(options.str(), HasSubstr("paranoid_checks=true"));
  EXPECT_THAT(options.str(), HasSubstr("atomic_flush=true"));
  EXPECT_THAT(options.str(), HasSubstr("avoid_flush_during_recovery=false"));
}

TEST(RocksDbStoreTest, AFlippedBitInTheWalIsNeverASilentlyShorterLog) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    FillStore(**store, 100);
    const uint32_t seed = support::AnySeed();
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 60; ++i) {
      TempDirectory copy;
      directory.CopyStoreTo(copy);
      const std::string wal = copy.Files(".log").back();
      const uint64_t byte = random() % TempDirectory::Size(wal);
      TempDirectory::FlipBit(wal, byte, static_cast<int>(random() % 8));
      const absl::StatusOr<uint64_t> events = ReadAll(copy);
      EXPECT_TRUE(absl::IsDataLoss(events.status()) || (events.ok() && *events == 100))
          << "byte " << byte << ": " << events.status() << " " << events.value_or(0);
    }
  }
  EXPECT_EQ(*ReadAll(directory), 100);
}

TEST(RocksDbStoreTest, AnAppendOfWhichAPowerCutLeftSomePagesIsDroppedAndTheStoreOpens) {
  TempDirectory directory;
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  FillStore(**store, 20);
  const std::string wal = directory.Files(".log").back();
  const uint64_t acknowledged = TempDirectory::Size(wal);
  ASSERT_TRUE((*store)->Write(AppendOf({To("a", 20, {std::string(9000, 'x')})})).ok());
  const uint64_t size = TempDirectory::Size(wal);
  int torn = 0;
  for (uint64_t written = (acknowledged / 4096 + 1) * 4096; written < size; written += 4096, ++torn) {
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    const std::string copied = copy.Files(".log").back();
    std::filesystem::resize_file(copied, written);
    std::filesystem::resize_file(copied, size);  // Zeros.
    EXPECT_EQ(ReadAll(copy).value_or(0), 20) << written;
    auto reopened = Open(copy);
    ASSERT_TRUE(reopened.ok()) << reopened.status();
    EXPECT_TRUE((*reopened)->Write(AppendOf({To("a", 20, {"again"})})).ok());
  }
  EXPECT_GE(torn, 2);
}

// RocksDB alone drops the damaged record and all that follow: see rocksdb_log_file.h.
TEST(RocksDbStoreTest, AFlippedBitInTheLastRecordsOfTheWalIsNeverASilentlyShorterLog) {
  TempDirectory directory;
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  FillStore(**store, 2);
  const std::string wal = directory.Files(".log").back();
  const uint64_t last_record = TempDirectory::Size(wal);
  FillStore(**store, 3);
  for (uint64_t byte = last_record; byte < last_record + 7; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      TempDirectory copy;
      directory.CopyStoreTo(copy);
      TempDirectory::FlipBit(copy.Files(".log").back(), byte, bit);
      EXPECT_TRUE(absl::IsDataLoss(ReadAll(copy).status())) << "byte " << byte - last_record << " bit " << bit;
    }
  }
}

TEST(RocksDbStoreTest, AnAppendThatWasCutOffIsNotThereAndTheOthersAre) {
  TempDirectory directory;
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  FillStore(**store, 2);
  const uint64_t last_record = TempDirectory::Size(directory.Files(".log").back());
  FillStore(**store, 3);
  const uint64_t end = TempDirectory::Size(directory.Files(".log").back());
  for (uint64_t size = last_record; size < end; size += 41) {
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    std::filesystem::resize_file(copy.Files(".log").back(), size);
    const absl::StatusOr<uint64_t> events = ReadAll(copy);
    EXPECT_TRUE(events.ok() && *events == 2) << size - last_record << " bytes: " << events.status();
  }
}

TEST(RocksDbStoreTest, AFlippedBitInATableIsNeverASilentlyShorterLog) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    FillStore(**store, 300);
  }
  // Opening writes what recovery has read into tables.
  ASSERT_EQ(*ReadAll(directory), 300);
  const uint32_t seed = support::AnySeed();
  SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 60; ++i) {
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    const std::vector<std::string> tables = copy.Files(".sst");
    ASSERT_GE(tables.size(), 4);
    const std::string& table = tables[random() % tables.size()];
    const uint64_t byte = random() % TempDirectory::Size(table);
    TempDirectory::FlipBit(table, byte, static_cast<int>(random() % 8));
    const absl::StatusOr<uint64_t> events = ReadAll(copy);
    EXPECT_TRUE(absl::IsDataLoss(events.status()) || (events.ok() && *events == 300))
        << table << " byte " << byte << ": " << events.status();
  }
}

TEST(RocksDbStoreTest, AFlippedBitInTheManifestIsNeverASilentlyShorterLog) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    FillStore(**store, 20);
  }
  ASSERT_EQ(*ReadAll(directory), 20);
  const auto manifest_of = [](const TempDirectory& any) {
    for (const std::string& path : any.Files("")) {
      if (path.find("/MANIFEST-") != std::string::npos) return path;
    }
    return std::string();
  };
  std::mt19937_64 random(support::AnySeed());
  for (uint64_t byte = 0; byte < TempDirectory::Size(manifest_of(directory)); byte += 3) {
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    TempDirectory::FlipBit(manifest_of(copy), byte, static_cast<int>(random() % 8));
    const absl::StatusOr<uint64_t> events = ReadAll(copy);
    EXPECT_TRUE(absl::IsDataLoss(events.status()) || (events.ok() && *events == 20))
        << "byte " << byte << ": " << events.status();
  }
}

TEST(RocksDbStoreTest, AManifestThatAPowerCutLeftUnflushedKeepsNobodyFromTheOneInUse) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    FillStore(**store, 20);
  }
  ASSERT_EQ(*ReadAll(directory), 20);
  std::filesystem::path manifest;
  for (const std::string& path : directory.Files("")) {
    if (path.find("/MANIFEST-") != std::string::npos) manifest = path;
  }
  std::string content;
  {
    std::ifstream file(manifest, std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(file), {});
  }
  // Its first page never came to the disk; sound records follow.
  const std::string torn = std::string(4096, '\0') + content;
  std::ofstream(manifest.replace_filename("MANIFEST-999999"), std::ios::binary) << torn;
  const absl::StatusOr<uint64_t> events = ReadAll(directory);
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ(*events, 20);
}

TEST(RocksDbStoreTest, AMissingFileIsDataLoss) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    FillStore(**store, 20);
  }
  ASSERT_EQ(*ReadAll(directory), 20);
  for (const std::string ending : {"CURRENT", ".sst"}) {
    TempDirectory copy;
    directory.CopyStoreTo(copy);
    std::filesystem::remove(copy.Files(ending).front());
    const size_t files = copy.Files("").size();
    const absl::Status status = ReadAll(copy).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << ending << ": " << status;
    // The refusal deletes nothing that a repair could need.
    EXPECT_GE(copy.Files("").size(), files);
  }
}

class DamagedRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = Open(directory_);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Write(AppendOf({To("a", 0, {"1", "2", "3"}), To("b", 0, {"4"})})).ok());
  }

  // Records enough after the first for these to be in a complete tile of the tree: they are not read by opening.
  void CompleteTile() {
    auto store = Open(directory_);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Write(AppendOf({To("z", 0, std::vector<std::string>(256, "."))})).ok());
  }

  std::string Log() {
    auto store = Open(directory_);
    return store.ok() ? LogText(**store) : store.status().ToString();
  }
  std::string Stream(absl::string_view stream) {
    auto store = Open(directory_);
    if (!store.ok()) return store.status().ToString();
    std::string text = StreamText(**store, stream);
    EXPECT_EQ(absl::StrReplaceAll(StreamsBetweenText(**store, stream, stream), {{absl::StrCat(stream, "/"), ""}}),
              text);
    return text;
  }

  TempDirectory directory_;
};

TEST_F(DamagedRowsTest, AMissingRecordIsNamedAfterWhatWasRight) {
  CompleteTile();
  RawDatabase(directory_).Delete("log", LogKey(2));
  RawDatabase(directory_).Delete("streams", StreamKey("a", 3));
  EXPECT_EQ(Log(), "1=a/1:1 DATA_LOSS: the record at position 2 is missing");
  EXPECT_EQ(Stream("a"), "1:1 2:2 DATA_LOSS: the record of stream a at revision 3 is missing");
  EXPECT_EQ(Stream("b"), "1:4");
}

TEST_F(DamagedRowsTest, ADamagedRecordIsNamed) {
  CompleteTile();
  std::string frame = RawDatabase(directory_).Get("log", LogKey(2));
  frame.back() = static_cast<char>(frame.back() ^ 1);
  RawDatabase(directory_).Put("log", LogKey(2), frame);
  RawDatabase(directory_).Put("streams", StreamKey("a", 2), frame);
  EXPECT_EQ(Log(), "1=a/1:1 DATA_LOSS: the record at position 2: its checksum does not match its bytes");
  EXPECT_EQ(Stream("a"), "1:1 DATA_LOSS: the record of stream a at revision 2: its checksum does not match its bytes");
}

TEST_F(DamagedRowsTest, ASoundRecordAtTheWrongPlaceIsNamed) {
  CompleteTile();
  const std::string frame = RawDatabase(directory_).Get("log", LogKey(3));
  RawDatabase(directory_).Put("log", LogKey(2), frame);
  RawDatabase(directory_).Put("streams", StreamKey("a", 2), frame);
  EXPECT_EQ(Log(), "1=a/1:1 DATA_LOSS: the record at position 2 says that it is at position 3");
  EXPECT_EQ(Stream("a"), "1:1 DATA_LOSS: the record of stream a at revision 2 says that it is revision 3 of stream a");
}

TEST_F(DamagedRowsTest, ALogThatEndsBeforeItsHeadsIsRefused) {
  RawDatabase(directory_).Delete("log", LogKey(4));
  RawDatabase(directory_).Put("heads", "a", EncodeNumber(4));
  EXPECT_EQ(Log(), "DATA_LOSS: the record at position 3 is revision 3 of stream a, whose head says 4");
}

TEST_F(DamagedRowsTest, AStoreWhoseTreeCannotGrowIsRefused) {
  std::string frame = RawDatabase(directory_).Get("log", LogKey(2));
  frame.back() = static_cast<char>(frame.back() ^ 1);
  RawDatabase(directory_).Put("log", LogKey(2), frame);
  EXPECT_EQ(Log(), "DATA_LOSS: the record at position 2: its checksum does not match its bytes");
}

TEST_F(DamagedRowsTest, AHeadThatIsNoRevisionIsNamed) {
  RawDatabase(directory_).Put("heads", "a", "x");
  EXPECT_EQ(Stream("a"), "DATA_LOSS: the head of stream a is not a revision");
}

TEST_F(DamagedRowsTest, AStoreOfANewerFormatIsRefused) {
  RawDatabase(directory_).Put("default", "format", EncodeNumber(3));
  EXPECT_EQ(Log(),
            "FAILED_PRECONDITION: the store in " + directory_.store() +
                " has format version 3, and this program knows up to format version 2: a newer program wrote it. "
                "Start that program; or restore a backup from before the upgrade into another directory, and "
                "serve that one. Nothing was changed");
}

TEST_F(DamagedRowsTest, AStoreWithAFamilyOfANewerProgramIsRefused) {
  RawDatabase(directory_).CreateFamily("secrets");
  EXPECT_THAT(Log(), HasSubstr("FAILED_PRECONDITION: the store in " + directory_.store() +
                               " has format version 2 and a family secrets that this program does not know, and this "
                               "program knows up to format version 2"));
  RawDatabase(directory_).Put("default", "format", EncodeNumber(3));
  EXPECT_THAT(Log(), HasSubstr(" has format version 3 and a family secrets"));
}

TEST_F(DamagedRowsTest, AStoreThatLostItsFormatVersionIsRefused) {
  RawDatabase(directory_).Delete("default", "format");
  EXPECT_EQ(Log(), "DATA_LOSS: the store holds data, but its format version is missing");
}

TEST(RocksDbStoreTest, ItsConditionTellsWhatIsInMemoryWhatIsInTablesAndTheRoomOnTheDisk) {
  TempDirectory directory;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    const StoreCondition empty = (*store)->Condition();
    EXPECT_EQ(empty.table_bytes, 0u);
    EXPECT_EQ(empty.disk_reserve_bytes, 0u);
    EXPECT_EQ(empty.stalls, 0u);
    EXPECT_EQ(empty.background_errors, 0u);
    EXPECT_FALSE(empty.write_stopped);
    FillStore(**store, 300);
    EXPECT_GE((*store)->Condition().memtable_bytes, empty.memtable_bytes + uint64_t{300} * 600)
        << "each event is there twice, and its row";
  }
  // Opening writes what recovery has read into tables.
  RocksDbOptions options;
  options.directory = directory.store();
  options.memory_bytes = size_t{16} << 20;
  options.disk_reserve_bytes = 4096;
  const auto store = RocksDbStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const StoreCondition condition = (*store)->Condition();
  EXPECT_GE(condition.table_bytes, uint64_t{300} * 600);
  EXPECT_EQ(condition.disk_reserve_bytes, 4096u);
  const std::filesystem::space_info space = std::filesystem::space(directory.store());
  EXPECT_GT(condition.disk_free_bytes, space.available / 2);
  EXPECT_LT(condition.disk_free_bytes, space.free * 2);
}

TEST(RocksDbStoreTest, ASecondOpenerIsRefused) {
  TempDirectory directory;
  auto first = Open(directory);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Open(directory).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr("in use by another process"));
  // And the first is none the worse for it.
  FillStore(**first, 3);
  first->reset();
  EXPECT_EQ(*ReadAll(directory), 3);
}

TEST(RocksDbStoreTest, AnotherProcessThatHoldsTheLockIsRespected) {
  TempDirectory directory;
  ASSERT_TRUE(Open(directory).ok());
  const std::string lock_path = directory.store() + "/LOCK";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    // System calls alone: the threads of RocksDB did not come along.
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    const int file = open(lock_path.c_str(), O_RDWR);
    const char locked = fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
    if (write(ready[1], &locked, 1) == 1) pause();
    _exit(0);
  }
  char locked = 0;
  ASSERT_EQ(read(ready[0], &locked, 1), 1);
  EXPECT_EQ(locked, 'y');
  const absl::Status status = Open(directory).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  EXPECT_TRUE(Open(directory).ok());
}

TEST(RocksDbStoreTest, AStoreThatCannotBeMadeSaysSo) {
  RocksDbOptions options;
  options.directory = "/proc/no/such/place";
  EXPECT_TRUE(absl::IsFailedPrecondition(RocksDbStore::Open(options).status()));
  options.memory_bytes = 1;
  EXPECT_TRUE(absl::IsInvalidArgument(RocksDbStore::Open(options).status()));
}

// Many times the write buffers: tables are written, compacted and read while events come in.
TEST(RocksDbStoreTest, ALogLargerThanItsMemoryIsWhole) {
  TempDirectory directory;
  constexpr uint64_t kEvents = 120000;
  {
    auto store = Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    std::vector<std::string> data(300, std::string(200, '.'));
    for (uint64_t i = 0; i < kEvents / 300; ++i) {
      for (std::string& item : data) item.replace(0, 20, absl::StrCat(i, " ", &item - data.data(), "      "));
      ASSERT_TRUE((*store)->Write(AppendOf({To(absl::StrCat("s", i % 7), i / 7 * 300, data)})).ok());
    }
  }
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_GT(directory.Files(".sst").size(), 4);
  uint64_t events = 0;
  const auto count = [&](const RecordedEvent&) {
    ++events;
    return true;
  };
  ASSERT_TRUE((*store)->ReadLog(0, count).ok());
  EXPECT_EQ(events, kEvents);
  events = 0;
  for (int stream = 0; stream < 7; ++stream) {
    const absl::Status status = (*store)->ReadStream(absl::StrCat("s", stream), 0, count);
    ASSERT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(events, kEvents);
  events = 0;
  ASSERT_TRUE((*store)->ReadStreams("s0", "s6", count).ok());
  EXPECT_EQ(events, kEvents);
}

// What lies beneath blocks that are cached is read from the disk: reading the records alone would not find it.
TEST(RocksDbStoreTest, ABitFlippedInAFileBeneathTheCacheIsFoundWherever) {
  TempDirectory directory;
  { FillStore(**Open(directory), 300); }
  auto opened = Open(directory);  // Writes what the WAL has to files.
  ASSERT_TRUE(opened.ok()) << opened.status();
  const RocksDbStore& store = **opened;
  ASSERT_THAT(Problems(Verify(store)), IsEmpty());  // All of it is cached now.
  const std::vector<std::string> tables = directory.Files(".sst");
  ASSERT_EQ(store.ListFiles().size(), tables.size());
  ASSERT_FALSE(tables.empty());
  const uint32_t seed = support::AnySeed();
  SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  int found_by_a_file_alone = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string& table = tables[random() % tables.size()];
    const uint64_t byte = random() % TempDirectory::Size(table);
    const int bit = static_cast<int>(random() % 8);
    TempDirectory::FlipBit(table, byte, bit);
    const LogVerifier::Report report = Verify(store);
    TempDirectory::FlipBit(table, byte, bit);
    ASSERT_GE(report.findings_count, 1) << table << " byte " << byte;
    EXPECT_EQ(report.findings[0].kind, LogFinding::Kind::kFile);
    EXPECT_THAT(report.findings[0].problem, HasSubstr(std::filesystem::path(table).filename().string()));
    if (report.findings_count == 1) ++found_by_a_file_alone;
  }
  EXPECT_GT(found_by_a_file_alone, 0);
  EXPECT_THAT(Problems(Verify(store)), IsEmpty());
}

TEST(RocksDbStoreTest, AFileThatIsGoneIsFoundAndOneThatWasReplacedIsNot) {
  TempDirectory directory;
  { FillStore(**Open(directory), 10); }
  auto store = Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->VerifyFile("999999.sst").ok());
  const std::string gone = directory.Files(".sst").front();
  const std::string name = std::filesystem::path(gone).filename().string();
  EXPECT_TRUE((*store)->VerifyFile(name).ok());
  std::filesystem::rename(gone, gone + ".away");
  const absl::Status status = (*store)->VerifyFile(name);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  std::filesystem::rename(gone + ".away", gone);
}

}  // namespace
}  // namespace eventstore
