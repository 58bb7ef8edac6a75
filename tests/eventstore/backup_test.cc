// Backups and the way back, on disks that fail and files that change.

#include "eventstore/backup.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/rocksdb_backup.h"
#include "eventstore/rocksdb_key_store.h"
#include "eventstore/rocksdb_store.h"
#include "gmock/gmock.h"
#include "rocksdb/env.h"
#include "tests/eventstore/failing_disk.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/story.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/support/test_seed.h"

namespace eventstore::backup_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr size_t kKeyBytes = 32;

std::string RandomText(uint32_t seed, size_t bytes) {
  std::mt19937 random(seed);
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(random());
  return text;
}

std::unique_ptr<RocksDbStore> OpenStore(const std::string& path) {
  RocksDbOptions options;
  options.directory = path;
  options.memory_bytes = size_t{16} << 20;
  auto store = RocksDbStore::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// Appends events until the log has so many, a hundred at once.
void Fill(EventStore& store, uint64_t size, size_t bytes = 200) {
  while (store.LogSize() < size) {
    const uint64_t begin = store.LogSize();
    std::vector<std::string> data;
    for (uint64_t i = begin; i < std::min(size, begin + 100); ++i) {
      data.push_back(RandomText(static_cast<uint32_t>(i), bytes));
    }
    ASSERT_TRUE(store.Write(AppendOf({To("a", begin, data)}, {{"t", absl::StrCat(begin), "row"}})).ok());
  }
}

Sha256Digest RootOf(const EventStore& store, uint64_t size) {
  const auto root = RootAt(size, [&](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
  EXPECT_TRUE(root.ok()) << root.status();
  return root.ok() ? *root : Sha256Digest{};
}

// What a server would say of the log as it is.
BackupDescription DescriptionOf(const EventStore& store, absl::Time made = AtSecond(1'700'000'000)) {
  BackupDescription description;
  description.made = made;
  description.checkpoint = {"log.example.com", store.LogSize(), RootOf(store, store.LogSize())};
  description.latest_record_time = store.LatestRecordTime();
  description.note = "a note\nof two lines\n";
  return description;
}

class BackupTest : public testing::Test {
 protected:
  BackupTest() : store_(OpenStore(directory_.store())) {}

  std::string backups() const { return directory_.path() + "/backups"; }
  std::string PrivateOf(int id) const { return absl::StrCat(backups(), "/private/", id); }
  std::string target() const { return directory_.path() + "/restored"; }

  RocksDbBackupOptions Options(size_t kept = 3) const {
    RocksDbBackupOptions options;
    options.directory = backups();
    options.retention.kept_max = kept;
    return options;
  }

  BackupMade Make(size_t kept = 3) {
    RocksDbBackups maker(Options(kept), store_.get());
    auto made = maker.Make(DescriptionOf(*store_));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : BackupMade{};
  }

  std::vector<uint64_t> Ids() const {
    std::vector<uint64_t> ids;
    const auto listed = ListBackups(backups());
    if (!listed.ok()) return ids;
    for (const ListedBackup& backup : *listed) {
      EXPECT_THAT(backup.problem, IsEmpty());
      ids.push_back(backup.description.id);
    }
    return ids;
  }

  absl::Status Restore(uint64_t id = 0) const {
    std::filesystem::remove_all(target());
    const auto restoration = Restoration::Begin(backups(), id, target());
    return restoration.ok() ? restoration->Finish() : restoration.status();
  }

  // That a restored store is whole, and has what the description promises; how many records it has.
  uint64_t Prove(const BackupDescription& description) const {
    const auto restored = OpenStore(target());
    if (restored == nullptr) return 0;
    EXPECT_GE(restored->LogSize(), description.checkpoint.size);
    EXPECT_EQ(RootOf(*restored, description.checkpoint.size), description.checkpoint.root);
    EXPECT_THAT(Problems(Verify(*restored)), IsEmpty());
    return restored->LogSize();
  }

  TempDirectory directory_;
  std::unique_ptr<RocksDbStore> store_;
};

TEST(BackupDescriptionTest, ADescriptionIsReadAsItWasWrittenAndInNoOtherWay) {
  BackupDescription description;
  description.id = 7;
  description.store = "identity";
  description.made = AtSecond(1'700'000'000);
  description.bytes = 12345;
  description.engine_sha256 = Sha256Hex("list");
  description.checkpoint = {"log.example.com", 42, Sha256("root")};
  description.latest_record_time = AtSecond(1'600'000'000);
  description.note = "log.example.com\n42\n\nsha256 of nothing\n";
  const std::string text = DescriptionText(description);
  const auto read = ParseDescription(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(DescriptionText(*read), text);
  EXPECT_EQ(read->checkpoint, description.checkpoint);
  EXPECT_EQ(read->note, description.note);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ParseDescription(changed).ok()) << i;
    EXPECT_FALSE(ParseDescription(text.substr(0, i)).ok()) << i;
  }
}

TEST(BackupDescriptionTest, ANewerDescriptionIsLeftToANewerProgram) {
  std::string text = DescriptionText(BackupDescription());
  text = absl::StrCat("backup/2\n", text.substr(text.find('\n') + 1));
  text = text.substr(0, text.rfind("sha256 "));
  absl::StrAppend(&text, "sha256 ", Sha256Hex(text), "\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(ParseDescription(text).status()));
}

TEST_F(BackupTest, ARestoredStoreIsTheStoreOfTheCall) {
  Fill(*store_, 300);
  const BackupMade made = Make();
  EXPECT_EQ(made.description.id, 1u);
  EXPECT_EQ(made.bytes_new, made.description.bytes);
  const std::string then = LogText(*store_);
  Fill(*store_, 400);
  ASSERT_TRUE(Restore().ok());
  EXPECT_EQ(Prove(made.description), 300u);
  const auto restored = OpenStore(target());
  EXPECT_EQ(LogText(*restored), then);
  // It goes on as a store of its own.
  EXPECT_EQ(restored->Write(AppendOf({To("a", 300, {"next"})}))->first_position, 301u);
}

TEST_F(BackupTest, AnEmptyStoreIsBackedUpToo) {
  const BackupMade made = Make();
  ASSERT_TRUE(Restore().ok());
  EXPECT_EQ(Prove(made.description), 0u);
}

TEST_F(BackupTest, ALaterBackupCopiesOnlyWhatIsNew) {
  Fill(*store_, 1000, 2000);
  const BackupMade first = Make();
  EXPECT_EQ(first.bytes_new, first.description.bytes);
  EXPECT_GT(first.bytes_new, uint64_t{1000} * 2000);
  // What the engine merges behind our back is new, too: so the least of some.
  uint64_t least = first.bytes_new;
  for (uint64_t size : {1010, 1020, 1030}) {
    Fill(*store_, size, 2000);
    least = std::min(least, Make().bytes_new);
  }
  EXPECT_LT(least, first.bytes_new / 5);
  // The control: keys are backed up each by itself, so that there the same question has the other answer.
  const auto keys = *RocksDbKeyStore::Open({directory_.path() + "/keys"});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(keys->Put(absl::StrCat("p", i), RandomText(i, kKeyBytes)).ok());
  RocksDbBackupOptions options = Options();
  options.directory = directory_.path() + "/key-backups";
  RocksDbBackups maker(options, keys.get());
  const auto one = maker.Make(BackupDescription{}), two = maker.Make(BackupDescription{});
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  EXPECT_EQ(two->bytes_new, two->description.bytes);
}

TEST_F(BackupTest, WhatWasAcknowledgedBeforeTheCallIsInItWhileOthersWrite) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (uint64_t i = 0; !stop; ++i) ASSERT_TRUE(store_->Write(AppendOf({To("b", i, {RandomText(1, 500)})})).ok());
  });
  std::vector<BackupDescription> made;
  for (int i = 0; i < 3; ++i) {
    const uint64_t from = store_->LogSize();
    while (store_->LogSize() < from + 200) std::this_thread::yield();
    made.push_back(Make().description);
  }
  stop = true;
  writer.join();
  for (const BackupDescription& description : made) {
    ASSERT_TRUE(Restore(description.id).ok());
    const uint64_t size = Prove(description);
    // What it has beyond that is the live log's, too.
    EXPECT_EQ(RootOf(*OpenStore(target()), size), RootOf(*store_, size));
  }
}

TEST_F(BackupTest, TheOldestGoWhenThereAreTooManyAndWhatTheyAloneHeldWithThem) {
  for (uint64_t i = 1; i <= 4; ++i) {
    Fill(*store_, 100 * i);
    Make(/*kept=*/2);
  }
  EXPECT_THAT(Ids(), ElementsAre(3, 4));
  EXPECT_FALSE(std::filesystem::exists(PrivateOf(1)));
  ASSERT_TRUE(Restore(3).ok());
  EXPECT_TRUE(absl::IsNotFound(Restore(1)));
}

TEST_F(BackupTest, WhatAKillLeftOfOneThatWasBeingDeletedGoesWithTheNextBackup) {
  Fill(*store_, 10);
  Make();
  const std::string left = PrivateOf(7);
  std::filesystem::create_directory(left);
  std::ofstream(left + "/MANIFEST-000005") << "of a backup whose list is gone already";
  Fill(*store_, 10);
  Make();
  EXPECT_FALSE(std::filesystem::exists(left));
  ASSERT_TRUE(Restore().ok());
}

TEST_F(BackupTest, ABackupThatIsTooOldGoesEvenWhenItIsTheNewest) {
  RocksDbBackupOptions options = Options();
  options.retention.age_max = absl::Hours(24);
  RocksDbBackups maker(options, store_.get());
  const absl::Time made = AtSecond(1'700'000'000);
  ASSERT_TRUE(maker.Prune(made).ok()) << "before there is anything";
  ASSERT_TRUE(maker.Make(DescriptionOf(*store_, made)).ok());
  ASSERT_TRUE(maker.Prune(made + absl::Hours(24)).ok());
  EXPECT_THAT(Ids(), ElementsAre(1));
  ASSERT_TRUE(maker.Prune(made + absl::Hours(25)).ok());
  EXPECT_THAT(Ids(), ElementsAre());
}

TEST_F(BackupTest, NothingIsRestoredOverAnything) {
  Fill(*store_, 10);
  Make();
  const std::string file = directory_.path() + "/file";
  std::ofstream(file) << "kept";
  for (const std::string& taken : {directory_.store(), directory_.store() + "/", file, backups()}) {
    EXPECT_TRUE(absl::IsAlreadyExists(Restoration::Begin(backups(), 0, taken).status())) << taken;
  }
  // Nor over what came while it was restored.
  const auto restoration = Restoration::Begin(backups(), 0, target());
  ASSERT_TRUE(restoration.ok());
  std::filesystem::create_directory(target());
  std::ofstream(target() + "/CURRENT") << "another";
  EXPECT_TRUE(absl::IsAlreadyExists(restoration->Finish()));
  std::filesystem::remove(target() + "/CURRENT");
  EXPECT_TRUE(restoration->Finish().ok()) << "an empty directory is nothing";
  EXPECT_EQ(OpenStore(target())->LogSize(), 10u);
}

TEST_F(BackupTest, ARestoreThatWasCutShortLeavesNothingThatLooksLikeAStore) {
  Fill(*store_, 10);
  Make();
  { const auto cut = Restoration::Begin(backups(), 0, target()); }
  EXPECT_FALSE(std::filesystem::exists(target()));
  std::filesystem::create_directory(target() + ".restoring/left");
  ASSERT_TRUE(Restore().ok());
  EXPECT_FALSE(std::filesystem::exists(target() + "/left"));
  EXPECT_FALSE(std::filesystem::exists(target() + ".restoring"));
  EXPECT_EQ(OpenStore(target())->LogSize(), 10u);
}

// Whatever a bit is flipped in, the description and the engine's own lists included.
TEST_F(BackupTest, AFlippedBitOrAMissingFileIsFoundAndNamed) {
  std::mt19937 random(support::AnySeed());
  Fill(*store_, 200);
  const BackupMade made = Make();
  ASSERT_TRUE(Restore().ok()) << "the control: nothing is wrong yet";
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(backups())) {
    if (entry.is_regular_file() && entry.path().filename() != "LOCK") files.push_back(entry.path().string());
  }
  ASSERT_GE(files.size(), 7u);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const auto size = std::filesystem::file_size(file);
    for (int i = 0; i < 4 && size > 0; ++i) {
      const uint64_t byte = random() % size;
      const int bit = static_cast<int>(random() % 8);
      TempDirectory::FlipBit(file, byte, bit);
      const absl::Status refused = Restore();
      EXPECT_TRUE(absl::IsDataLoss(refused)) << byte << "." << bit << ": " << refused;
      EXPECT_THAT(std::string(refused.message()), HasSubstr(std::filesystem::path(file).filename().string()));
      EXPECT_FALSE(std::filesystem::exists(target()));
      TempDirectory::FlipBit(file, byte, bit);
    }
    std::filesystem::rename(file, file + ".away");
    const absl::Status refused = Restore();
    // Without its description a backup does not count.
    if (absl::StrContains(file, "/described/")) {
      EXPECT_TRUE(absl::IsNotFound(refused)) << refused;
    } else {
      EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
      const auto listed = ListBackups(backups());
      ASSERT_TRUE(listed.ok()) << listed.status();
      EXPECT_THAT(listed->front().problem, Not(IsEmpty()));
    }
    EXPECT_THAT(std::string(refused.message()), Not(IsEmpty()));
    std::filesystem::rename(file + ".away", file);
  }
  ASSERT_TRUE(Restore().ok());
  EXPECT_EQ(Prove(made.description), 200u);
}

// A file that several backups share has rotted since: the next one must not build on it in silence.
TEST_F(BackupTest, ABackupThatSharesADamagedFileIsNotMade) {
  Fill(*store_, 500);
  Make();
  std::string table;
  for (const auto& entry : std::filesystem::directory_iterator(backups() + "/shared_checksum")) {
    if (entry.file_size() > 1000) table = entry.path().string();
  }
  ASSERT_FALSE(table.empty());
  TempDirectory::FlipBit(table, std::filesystem::file_size(table) / 2, 3);
  Fill(*store_, 510);
  RocksDbBackups maker(Options(), store_.get());
  const auto refused = maker.Make(DescriptionOf(*store_));
  EXPECT_TRUE(absl::IsDataLoss(refused.status())) << refused.status();
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(std::filesystem::path(table).filename().string()));
  EXPECT_THAT(Ids(), ElementsAre(1));
  EXPECT_TRUE(store_->Write(AppendOf({To("a", 510, {"on"})})).ok());
}

// One call fails, or the disk is full from then on: for every call there is.
TEST_F(BackupTest, ABackupThatFailsAnywhereIsNoneAndTheNextOneIsWhole) {
  Fill(*store_, 50);
  Make();
  Fill(*store_, 60);
  const std::string before = directory_.path() + "/before";
  std::filesystem::copy(backups(), before, std::filesystem::copy_options::recursive);
  int faults = 0, none = 0;
  for (const bool full : {false, true}) {
    for (int call = 1;; ++call) {
      SCOPED_TRACE(absl::StrCat("call ", call, full ? " and all after it" : ""));
      std::filesystem::remove_all(backups());
      std::filesystem::copy(before, backups(), std::filesystem::copy_options::recursive);
      FailingDisk disk(backups());
      disk.FailAt(call, full ? FailingDisk::Kind::kNoSpace : FailingDisk::Kind::kIoError, /*for_ever=*/full);
      RocksDbBackupOptions options = Options(/*kept=*/1);
      options.env = disk.env();
      RocksDbBackups maker(options, store_.get());
      const auto made = maker.Make(DescriptionOf(*store_));
      const std::vector<uint64_t> ids = Ids();
      if (!disk.has_failed()) {
        ASSERT_TRUE(made.ok()) << made.status();
        EXPECT_THAT(ids, ElementsAre(2));
        break;
      }
      ++faults;
      ASSERT_FALSE(ids.empty());
      if (ids == std::vector<uint64_t>{1}) {
        ++none;
        EXPECT_FALSE(made.ok());
        EXPECT_EQ(absl::IsResourceExhausted(made.status()), full) << made.status();
      }
      if (call % 4 == 0) {
        ASSERT_TRUE(Restore().ok()) << "the newest that counts is whole";
        RocksDbBackups again(Options(/*kept=*/1), store_.get());
        const auto next = again.Make(DescriptionOf(*store_));
        ASSERT_TRUE(next.ok()) << next.status();
        ASSERT_TRUE(Restore().ok());
        EXPECT_EQ(Prove(next->description), store_->LogSize());
        // Nothing is left of what failed.
        EXPECT_EQ(std::distance(std::filesystem::directory_iterator(backups() + "/private"), {}), 1);
      }
    }
  }
  std::printf("%d planted faults, after %d of which there was no new backup\n", faults, none);
  EXPECT_GT(none, 20);
}

TEST_F(BackupTest, ADirectoryThatCannotBeMadeOrIsInUseIsToldOf) {
  RocksDbBackupOptions options = Options();
  options.directory = directory_.path() + "/missing" + "/backups";
  RocksDbBackups nowhere(options, store_.get());
  EXPECT_TRUE(absl::IsPermissionDenied(nowhere.Make(DescriptionOf(*store_)).status()));
  options.directory = directory_.path() + "/file";
  std::ofstream(options.directory) << "a file";
  RocksDbBackups file(options, store_.get());
  EXPECT_TRUE(absl::IsPermissionDenied(file.Make(DescriptionOf(*store_)).status()));
  Make();
  rocksdb::FileLock* lock = nullptr;
  ASSERT_TRUE(rocksdb::Env::Default()->LockFile(backups() + "/LOCK", &lock).ok());
  RocksDbBackups second(Options(), store_.get());
  EXPECT_TRUE(absl::IsFailedPrecondition(second.Make(DescriptionOf(*store_)).status()));
  ASSERT_TRUE(rocksdb::Env::Default()->UnlockFile(lock).ok());
}

TEST_F(BackupTest, TheBackupsOfAnotherStoreAreNotPushedOut) {
  Fill(*store_, 10);
  Make(/*kept=*/1);
  TempDirectory other_directory;
  const auto other = OpenStore(other_directory.store());
  RocksDbBackups mistaken(Options(/*kept=*/1), other.get());
  const auto refused = mistaken.Make(DescriptionOf(*other));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_THAT(Ids(), ElementsAre(1));
  // A store that was restored goes on with its own.
  ASSERT_TRUE(Restore().ok());
  const auto restored = OpenStore(target());
  RocksDbBackups own(Options(), restored.get());
  EXPECT_TRUE(own.Make(DescriptionOf(*restored)).ok());
}

TEST_F(BackupTest, OneThatIsStoppedEndsSoonAndDoesNotCount) {
  Fill(*store_, 2000, 4000);
  RocksDbBackupOptions options = Options();
  options.bytes_per_second_max = 1 << 20;  // It would take many seconds.
  RocksDbBackups maker(options, store_.get());
  std::thread stopper([&] {
    while (!std::filesystem::exists(PrivateOf(1))) std::this_thread::yield();
    maker.Stop();
  });
  const auto stopped = maker.Make(DescriptionOf(*store_));
  stopper.join();
  EXPECT_TRUE(absl::IsCancelled(stopped.status())) << stopped.status();
  EXPECT_TRUE(absl::IsCancelled(maker.Make(DescriptionOf(*store_)).status()));
  EXPECT_THAT(Ids(), ElementsAre());
  Make();
  EXPECT_THAT(Ids(), ElementsAre(1));
}

TEST_F(BackupTest, TheDirectoryIsClosedToOthersAndSoIsWhatIsRestored) {
  Make();
  ASSERT_TRUE(Restore().ok());
  for (const std::string& path : {backups(), target()}) {
    struct stat status = {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u) << path;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Keys.

bool AnyFileHas(const std::string& directory, const std::string& bytes) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (absl::StrContains(content, bytes)) return true;
  }
  return false;
}

class KeyBackupTest : public BackupTest {
 protected:
  KeyBackupTest() : keys_(*RocksDbKeyStore::Open({directory_.path() + "/keys"})) {}

  void MakeKeys(size_t kept, absl::Time made = AtSecond(0), absl::Duration age_max = absl::InfiniteDuration()) {
    RocksDbBackupOptions options = Options(kept);
    options.retention.age_max = age_max;
    RocksDbBackups maker(options, keys_.get());
    BackupDescription description;
    description.made = made;
    const auto outcome = maker.Make(description);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }

  std::unique_ptr<RocksDbKeyStore> keys_;
};

TEST_F(KeyBackupTest, KeysComeBackAndSoDoesTheirRightToBeForgotten) {
  const std::string ada = RandomText(1, kKeyBytes), bert = RandomText(2, kKeyBytes);
  ASSERT_TRUE(keys_->Put("ada", ada).ok());
  ASSERT_TRUE(keys_->Put("bert", bert).ok());
  MakeKeys(1);
  ASSERT_TRUE(Restore().ok());
  const auto restored = RocksDbKeyStore::Open({target()});
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(*(*restored)->Get("ada"), ada);
  ASSERT_TRUE((*restored)->Erase({"ada"}).ok());
  EXPECT_FALSE(AnyFileHas(target(), ada));
  EXPECT_TRUE(AnyFileHas(target(), bert));
  // And its backups stand where the others do.
  RocksDbBackups maker(Options(), restored->get());
  EXPECT_TRUE(maker.Make(BackupDescription{}).ok());
}

TEST_F(KeyBackupTest, AnErasedKeyIsInNoBackupOnceThoseBeforeTheErasureAreGone) {
  const std::string ada = RandomText(1, kKeyBytes), bert = RandomText(2, kKeyBytes);
  ASSERT_TRUE(keys_->Put("ada", ada).ok());
  ASSERT_TRUE(keys_->Put("bert", bert).ok());
  MakeKeys(2);
  ASSERT_TRUE(AnyFileHas(backups(), ada)) << "the search finds what it looks for";
  ASSERT_TRUE(keys_->Erase({"ada"}).ok());
  MakeKeys(2);
  EXPECT_TRUE(AnyFileHas(backups(), ada)) << "the first backup is still kept";
  MakeKeys(2);
  EXPECT_FALSE(AnyFileHas(backups(), ada));
  EXPECT_TRUE(AnyFileHas(backups(), bert));
}

TEST_F(KeyBackupTest, AnErasedKeyIsInNoBackupOnceThatIsTooOldThoughNoOtherIsMade) {
  const std::string ada = RandomText(1, kKeyBytes);
  ASSERT_TRUE(keys_->Put("ada", ada).ok());
  MakeKeys(5, AtSecond(0), absl::Hours(24));
  ASSERT_TRUE(keys_->Erase({"ada"}).ok());
  RocksDbBackupOptions options = Options(5);
  options.retention.age_max = absl::Hours(24);
  RocksDbBackups maker(options, keys_.get());
  ASSERT_TRUE(maker.Prune(AtSecond(0) + absl::Hours(24)).ok());
  EXPECT_TRUE(AnyFileHas(backups(), ada));
  ASSERT_TRUE(maker.Prune(AtSecond(0) + absl::Hours(24) + absl::Seconds(1)).ok());
  EXPECT_FALSE(AnyFileHas(backups(), ada));
}

}  // namespace eventstore::backup_test
