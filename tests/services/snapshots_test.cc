#include "services/snapshots.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "projections/assessed_reading.h"
#include "projections/canonical_text.h"
#include "projections/policy.h"
#include "services/reading_cache.h"
#include "services/snapshot_directory.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_store.h"
#include "tests/support/memory_snapshots.h"
#include "tests/support/step_executor.h"
#include "tests/support/stored_log.h"
#include "tests/support/test_seed.h"

namespace services::snapshots_test {
namespace {

using projections::TrustHistory;
using support::StoredLog;

constexpr char kAlpha[] = "alpha";
constexpr projections::Day kFirstDay = 18262;  // 2020-01-01
constexpr int64_t kEventsMin = 20;

// A store, a cache that keeps snapshots of what it folds, and a log that tells it what is appended. A restart leaves
// what the store and the files hold.
class World {
 public:
  explicit World(support::MemorySnapshots* files, uint32_t seed = 1) : files_(files), random_(seed) { Restart(); }

  void Restart() {
    while (pool_.RunOne()) continue;  // It may hold work of the cache.
    cache_ = nullptr;
    policies_ = std::make_unique<PolicyRegistry>();
    EXPECT_TRUE(policies_->CatchUp(store_).ok());
    snapshots_ = std::make_unique<Snapshots>(Snapshots::Config{kEventsMin}, files_, &store_, policies_.get(), &clock_);
    cache_ = std::make_unique<ReadingCache>(&store_, policies_.get(), 64 << 20, snapshots_.get(), &pool_);
    log_ = std::make_unique<StoredLog>(&store_, std::vector<Publisher*>{policies_.get(), cache_.get()});
  }

  void Found(const std::string& partnership = kAlpha) {
    trust::v1::Event founding = StoredLog::On(kFirstDay), contact = StoredLog::On(kFirstDay);
    for (const char* id : {"acme", "globex"}) {
      founding.mutable_partnership_proposed()->add_partners()->set_organization(id);
      contact.mutable_initial_contact_made()->add_organizations(id);
    }
    log_->Append(partnership, founding);
    log_->Append(partnership, contact);
  }

  void Append(int count, const std::string& partnership = kAlpha) {
    for (int i = 0; i < count; ++i) {
      trust::v1::Event event = StoredLog::On(kFirstDay + static_cast<projections::Day>(random_() % 1000));
      trust::v1::Evidence& evidence = *event.mutable_evidence();
      const bool there = random_() % 2 == 0;
      evidence.set_actor(there ? "acme" : "globex");
      evidence.add_affected(there ? "globex" : "acme");
      evidence.set_source(random_() % 3 == 0 ? trust::v1::SOURCE_SELF : trust::v1::SOURCE_COUNTERPART);
      switch (random_() % 6) {
        case 0:
          evidence.mutable_credibility_assessed();
          break;
        case 1:
          evidence.mutable_shared_experience_held();
          break;
        case 2:
          evidence.mutable_conflict_raised();
          break;
        case 3:
          evidence.mutable_violation_reported()->set_type(trust::v1::VIOLATION_TYPE_DECEPTION);
          break;
        case 4:
          evidence.mutable_commitment_missed();
          break;
        default:
          evidence.mutable_commitment_fulfilled();
      }
      log_->Append(partnership, event);
    }
  }

  std::string Read(const std::string& partnership = kAlpha) { return ReadFrom(*cache_, partnership); }

  // What a cache without snapshots answers, which folds everything.
  std::string ReadAfresh(const std::string& partnership = kAlpha) {
    ReadingCache cache(&store_, policies_.get(), 64 << 20);
    return ReadFrom(cache, partnership);
  }

  // Reads, and lets the pool do what that left it.
  void ReadAndKeep(const std::string& partnership = kAlpha) {
    Read(partnership);
    while (pool_.RunOne()) continue;
  }

  static std::string FileOf(const std::string& partnership) { return eventstore::Sha256Hex(partnership); }

  eventstore::MemoryStore& store() { return store_; }
  StoredLog& log() { return *log_; }
  ReadingCache& cache() { return *cache_; }
  Snapshots& snapshots() { return *snapshots_; }
  support::StepExecutor& pool() { return pool_; }
  support::FakeClock& clock() { return clock_; }
  std::mt19937& random() { return random_; }

 private:
  static std::string ReadFrom(ReadingCache& cache, const std::string& partnership) {
    std::string bytes;
    const absl::Status read = cache.Read(partnership, [&](TrustHistory& history) {
      for (const projections::Day day : {kFirstDay + 500, kFirstDay + 2000}) {
        trust::v1::AssessTrustResponse reading;
        projections::ReadAssessed(history, "", "", day, false, &reading);
        absl::StrAppend(&bytes, reading.SerializeAsString());
      }
    });
    EXPECT_TRUE(read.ok()) << read;
    return bytes;
  }

  support::MemorySnapshots* const files_;
  std::mt19937 random_;
  eventstore::MemoryStore store_;
  support::FakeClock clock_{projections::StartOf(20'000)};
  support::StepExecutor pool_;
  std::unique_ptr<PolicyRegistry> policies_;
  std::unique_ptr<Snapshots> snapshots_;
  std::unique_ptr<ReadingCache> cache_;
  std::unique_ptr<StoredLog> log_;
};

TEST(SnapshotsTest, AfterARestartALargeHistoryIsTakenUpFromItsSnapshot) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();
  ASSERT_EQ(world.snapshots().counts().kept, 1);
  world.Append(7);
  const std::string before = world.Read();
  world.Restart();
  EXPECT_EQ(world.Read(), before);
  EXPECT_EQ(world.snapshots().counts().restored, 1);
  EXPECT_EQ(before, world.ReadAfresh());
}

TEST(SnapshotsTest, WhateverIsReadAndWheneverItRestartsTheAnswersAreThoseOfAFullFold) {
  const uint32_t seed = support::AnySeed();
  int64_t restored = 0;
  for (uint32_t i = 0; i < 30; ++i) {
    support::MemorySnapshots files;
    World world(&files, seed + i);
    world.Found();
    for (int step = 0; step < 40; ++step) {
      world.Append(static_cast<int>(world.random()() % 12));
      world.clock().Pass(absl::Seconds(30));
      if (world.random()() % 3 != 0) {
        ASSERT_EQ(world.Read(), world.ReadAfresh()) << "TRUSTD_TEST_SEED=" << seed + i;
      }
      if (world.random()() % 3 == 0) world.pool().RunOne();
      if (world.random()() % 5 != 0) continue;
      restored += world.snapshots().counts().restored;
      world.Restart();
    }
  }
  EXPECT_GT(restored, 50);
}

TEST(SnapshotsTest, ASmallHistoryLeavesNone) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(kEventsMin - 3);
  world.ReadAndKeep();
  EXPECT_TRUE(files.files.empty());
  world.Append(1);
  world.ReadAndKeep();
  EXPECT_EQ(files.files.size(), 1u);
}

TEST(SnapshotsTest, ANetworkThreadHasThemKeptToo) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.ReadAndKeep();
  world.Append(kEventsMin);
  EXPECT_TRUE(world.cache().TryRead(kAlpha, [](TrustHistory&) {}));
  EXPECT_TRUE(files.files.empty()) << "it wrote a file itself";
  EXPECT_TRUE(world.pool().RunOne());
  EXPECT_EQ(files.files.size(), 1u);
}

TEST(SnapshotsTest, OneIsKeptAtATimeAndOfAPartnershipOneAMinute) {
  support::MemorySnapshots files;
  World world(&files);
  for (const char* partnership : {"alpha", "beta"}) {
    world.Found(partnership);
    world.Append(50, partnership);
    world.Read(partnership);
  }
  EXPECT_TRUE(world.pool().RunOne());
  EXPECT_FALSE(world.pool().RunOne());
  world.ReadAndKeep("beta");
  EXPECT_EQ(world.snapshots().counts().kept, 2);

  world.Append(50);
  world.clock().Pass(absl::Seconds(59));
  world.ReadAndKeep();
  EXPECT_EQ(world.snapshots().counts().kept, 2);
  world.clock().Pass(absl::Seconds(1));
  world.ReadAndKeep();
  EXPECT_EQ(world.snapshots().counts().kept, 3);
}

TEST(SnapshotsTest, AStopKeepsWhatIsMissing) {
  support::MemorySnapshots files;
  World world(&files);
  for (const char* partnership : {"alpha", "beta", "small"}) {
    world.Found(partnership);
    world.Append(partnership == std::string("small") ? 3 : 50, partnership);
    world.pool().full = true;
    world.Read(partnership);
  }
  world.cache().KeepSnapshots(absl::Seconds(10));
  EXPECT_EQ(world.snapshots().counts().kept, 2);
  world.cache().KeepSnapshots(absl::Seconds(10));
  EXPECT_EQ(world.snapshots().counts().kept, 2) << "they had one already";
}

TEST(SnapshotsTest, WhatCannotBeWrittenIsTriedAgainAfterAMinute) {
  support::MemorySnapshots files;
  files.full = true;
  World world(&files);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();
  files.full = false;
  world.ReadAndKeep();
  EXPECT_TRUE(files.files.empty());
  world.clock().Pass(absl::Minutes(1));
  world.ReadAndKeep();
  EXPECT_EQ(files.files.size(), 1u);
}

TEST(SnapshotsTest, NoFlippedBitAndNoPartOfOneIsTakenUp) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(30);
  world.ReadAndKeep();
  std::string& file = files.files.at(World::FileOf(kAlpha));
  const std::string whole = file;
  ASSERT_TRUE(world.snapshots().Restore(kAlpha).has_value());
  for (size_t byte = 0; byte < whole.size(); ++byte) {
    file = whole;
    file[byte] = static_cast<char>(file[byte] ^ (1 << byte % 8));
    ASSERT_FALSE(world.snapshots().Restore(kAlpha).has_value()) << "byte " << byte;
    file = whole.substr(0, byte);
    ASSERT_FALSE(world.snapshots().Restore(kAlpha).has_value()) << byte << " bytes";
  }
}

TEST(SnapshotsTest, ADeletedOrDamagedOneIsMadeAnewAndChangesNoAnswer) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();
  const std::string whole = files.files.at(World::FileOf(kAlpha));
  const std::string answer = world.Read();
  for (const bool deleted : {true, false}) {
    if (deleted) {
      files.files.clear();
    } else {
      files.files.at(World::FileOf(kAlpha))[whole.size() / 2] ^= 1;
    }
    world.Restart();
    EXPECT_EQ(world.Read(), answer);
    EXPECT_EQ(world.snapshots().counts().restored, 0);
    EXPECT_EQ(world.snapshots().counts().refused, deleted ? 0 : 1);
    world.ReadAndKeep();
    EXPECT_EQ(files.files.at(World::FileOf(kAlpha)), whole);
    world.Restart();
    EXPECT_EQ(world.Read(), answer);
    EXPECT_EQ(world.snapshots().counts().restored, 1);
  }
}

TEST(SnapshotsTest, OneOfAnotherLogIsNotTakenUp) {
  support::MemorySnapshots files;
  World world(&files, 1);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();

  World longer(&files, 2);
  longer.Found();
  longer.Append(60);
  EXPECT_EQ(longer.Read(), longer.ReadAfresh()) << "it has as many events, and others";
  EXPECT_EQ(longer.snapshots().counts().refused, 1);

  World shorter(&files, 1);
  shorter.Found();
  shorter.Append(30);
  EXPECT_EQ(shorter.Read(), shorter.ReadAfresh()) << "a store that was put back";
  EXPECT_EQ(shorter.snapshots().counts().refused, 1);
}

TEST(SnapshotsTest, OneUnderTheNameOfAnotherPartnershipIsNotTakenUp) {
  support::MemorySnapshots files;
  World world(&files);
  for (const char* partnership : {"alpha", "beta"}) {
    world.Found(partnership);
    world.Append(50, partnership);
    world.ReadAndKeep(partnership);
  }
  files.files[World::FileOf("beta")] = files.files.at(World::FileOf("alpha"));
  world.Restart();
  EXPECT_EQ(world.Read("beta"), world.ReadAfresh("beta"));
  EXPECT_EQ(world.snapshots().counts().refused, 1);
}

TEST(SnapshotsTest, OneOfAnotherPolicyIsJudgedByTheOneThatApplies) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();
  const std::string mild = world.Read();
  trust::v1::PolicyDocument document = projections::Policy::Default()->document();
  document.set_version("strict/1.0.0");
  document.set_prior_weight_milli(900'000);
  const std::string sha256 = world.log().Publish(projections::CanonicalText(document), 20'100);
  const auto reads_restored = [&](const std::string& unlike) {
    world.Restart();
    const std::string reading = world.Read();
    EXPECT_EQ(reading, world.ReadAfresh());
    EXPECT_NE(reading, unlike);
    EXPECT_EQ(world.snapshots().counts().restored, 1);
    return reading;
  };
  world.log().Activate(sha256, 20'100);
  const std::string strict = reads_restored(mild);
  document.set_version("stricter/1.0.0");
  document.set_prior_weight_milli(9'000'000);
  // Tied to another policy than the one in force: first behind the snapshot, then before it.
  world.log().Pin(kAlpha, world.log().Publish(projections::CanonicalText(document), 20'101), 20'101);
  reads_restored(strict);
  world.Append(30);
  world.clock().Pass(absl::Minutes(1));
  world.ReadAndKeep();
  reads_restored(strict);
}

TEST(SnapshotsTest, TheSweepOfTheStartWaitsForThePoolAndNothingIsKeptMeanwhile) {
  support::MemorySnapshots files;
  files.files[World::FileOf("gone")] = "of another program";
  World world(&files);
  world.Found();
  world.Append(50);
  world.cache().SweepSnapshots();
  world.Read();  // A snapshot is due.
  EXPECT_EQ(files.files.count(World::FileOf("gone")), 1u) << "the caller has waited for the disk";
  ASSERT_TRUE(world.pool().RunOne());
  EXPECT_EQ(files.files.count(World::FileOf("gone")), 0u);
  EXPECT_FALSE(world.pool().RunOne()) << "one was to be kept during the sweep";
  world.ReadAndKeep();
  EXPECT_EQ(files.files.count(World::FileOf(kAlpha)), 1u);
}

TEST(SnapshotsTest, ASweepDeletesWhatNothingIsRestoredFromAndNothingElse) {
  support::MemorySnapshots files;
  World world(&files);
  world.Found();
  world.Append(50);
  world.ReadAndKeep();
  const std::string whole = files.files.at(World::FileOf(kAlpha));
  world.snapshots().Sweep();
  EXPECT_EQ(files.files.count(World::FileOf(kAlpha)), 1u);

  files.files[World::FileOf("gone")] = whole;
  files.files[World::FileOf("cut")] = whole.substr(0, 20);
  files.files[World::FileOf(kAlpha) + ".new"] = whole;
  files.files["000012.sst"] = "of somebody else";
  world.snapshots().Sweep();
  ASSERT_EQ(files.files.size(), 2u);
  EXPECT_EQ(files.files.at(World::FileOf(kAlpha)), whole);
  EXPECT_EQ(files.files.count("000012.sst"), 1u);

  World shorter(&files, 2);
  shorter.Found();
  shorter.snapshots().Sweep();
  EXPECT_EQ(files.files.count(World::FileOf(kAlpha)), 0u) << "it is newer than the store";
}

TEST(SnapshotDirectoryTest, AFileIsReadAsItWasWrittenReplacedAndDeleted) {
  const eventstore::TempDirectory folder;
  SnapshotDirectory directory(folder.path() + "/snapshots", 0);
  EXPECT_TRUE(absl::IsNotFound(directory.Read("a", 10).status()));
  EXPECT_TRUE(directory.List().empty());
  directory.Delete("a");
  const std::string content(100'000, 'x');
  ASSERT_TRUE(directory.Write("a", content).ok());
  ASSERT_TRUE(directory.Write("b", "").ok());
  EXPECT_EQ(*directory.Read("a", 1 << 20), content);
  EXPECT_EQ(*directory.Read("a", 10), content.substr(0, 10));
  EXPECT_EQ(*directory.Read("b", 10), "");
  EXPECT_EQ(directory.List().size(), 2u);
  ASSERT_TRUE(directory.Write("a", "short").ok());
  EXPECT_EQ(*directory.Read("a", 1 << 20), "short");
  directory.Delete("a");
  EXPECT_EQ(directory.List(), std::vector<std::string>{"b"});
  ASSERT_TRUE(directory.Write("b", "kept").ok());
  const SnapshotDirectory next_life(folder.path() + "/snapshots", 0);
  EXPECT_EQ(*next_life.Read("b", 10), "kept");
  EXPECT_TRUE(absl::IsNotFound(next_life.Read("a", 10).status()));
}

TEST(SnapshotDirectoryTest, NothingIsWrittenIntoTheReserveOfTheDisk) {
  const eventstore::TempDirectory folder;
  SnapshotDirectory directory(folder.path() + "/snapshots", uint64_t{1} << 62);
  EXPECT_TRUE(absl::IsUnavailable(directory.Write("a", "content")));
  EXPECT_TRUE(directory.List().empty());
}

TEST(SnapshotDirectoryTest, WhatIsNoFileOrCannotBeMadeIsUnavailable) {
  const eventstore::TempDirectory folder;
  SnapshotDirectory directory(folder.path(), 0);
  ASSERT_EQ(mkdir((folder.path() + "/a").c_str(), 0700), 0);
  EXPECT_TRUE(absl::IsUnavailable(directory.Write("a", "content")));
  EXPECT_TRUE(absl::IsUnavailable(directory.Read("a", 10).status()));
  std::ofstream(folder.path() + "/file") << "content";
  SnapshotDirectory in_a_file(folder.path() + "/file", 0);
  EXPECT_TRUE(absl::IsUnavailable(in_a_file.Write("a", "content")));
}

}  // namespace
}  // namespace services::snapshots_test
