// Lives of the server drawn from seeds, by the thousand: none shows a fault, each gives the same trace whenever it is
// lived, and every planted mistake is found.

#include "tests/simulation/simulation.h"

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/sha256_stream.h"
#include "gtest/gtest.h"
#include "tests/simulation/quiet_log.h"
#include "tests/support/histories.h"
#include "tests/support/test_seed.h"

namespace simulation {
namespace {

// Of each part, so that parts can run side by side. Under a sanitizer a life costs ten times as much, and what it looks
// for lies in code that every life runs through.
constexpr uint32_t kJournalSeeds = support::kSanitized ? 25 : 500;
constexpr uint32_t kRocksDbSeeds = support::kSanitized ? 5 : 100;
constexpr uint32_t kJournalParts = 4, kRocksDbParts = 2;

Outcome Live(const Options& options) {
  const QuietLog quiet;
  return Simulate(options);
}

// Lives the seeds of a part, or the one that was asked for; returns what they met.
std::map<std::string, int> LivePart(Engine engine, uint32_t part, uint32_t count) {
  std::map<std::string, int> seen;
  eventstore::Sha256Stream traces;
  std::vector<uint32_t> seeds = support::Seeds(count);
  if (!support::AskedSeed().has_value()) {
    for (uint32_t& seed : seeds) seed += part * count;
  }
  for (const uint32_t seed : seeds) {
    Options options;
    options.seed = seed;
    options.engine = engine;
    const Outcome outcome = Live(options);
    EXPECT_EQ(outcome.failure, "") << "TRUSTD_TEST_SEED=" << seed << "\n" << HowToRepeat(options);
    if (!outcome.failure.empty()) break;
    traces.Add(outcome.trace_hash);
    for (const auto& [what, times] : outcome.seen) seen[what] += times;
  }
  std::printf("seeds %u to %u, all traces %s\n", seeds.front(), seeds.back(), traces.Hex().c_str());
  for (const auto& [what, times] : seen) std::printf("%10d %s\n", times, what.c_str());
  return seen;
}

// What a life must meet now and then, or nothing is said of it: so often in ten lives.
void ExpectVariety(const std::map<std::string, int>& seen, size_t lives) {
  if (lives < 10) return;  // A seed of somebody's own.
  const std::map<std::string, int> in_ten_lives = {{"acknowledged", 100},
                                                   {"refused", 30},
                                                   {"revision conflicts", 2},
                                                   {"repeated", 10},
                                                   {"repeated with other content", 1},
                                                   {"power cuts", 1},
                                                   {"kills", 1},
                                                   {"crashes", 10},
                                                   {"readings", 20},
                                                   {"watched", 100},
                                                   {"checkpoints", 20},
                                                   {"clock set back", 1},
                                                   {"readings by the specification", 10}};
  for (const auto& [what, times] : in_ten_lives) {
    const auto found = seen.find(what);
    EXPECT_GE(found == seen.end() ? 0 : found->second, times * static_cast<int>(lives / 10)) << what;
  }
  for (const char* what :
       {"unknown", "fail-stops", "damage refused", "between decision and write", "between write and answer"}) {
    EXPECT_GT(seen.count(what), 0u) << what;
  }
}

class SimulatedLivesTest : public testing::TestWithParam<uint32_t> {};

TEST_P(SimulatedLivesTest, NoLifeShowsAFault) {
  ExpectVariety(LivePart(Engine::kJournal, GetParam(), kJournalSeeds), support::Seeds(kJournalSeeds).size());
}

INSTANTIATE_TEST_SUITE_P(Simulation, SimulatedLivesTest, testing::Range(0u, kJournalParts));

class LivesOnRocksDbTest : public testing::TestWithParam<uint32_t> {};

TEST_P(LivesOnRocksDbTest, NoLifeShowsAFault) {
  ExpectVariety(LivePart(Engine::kRocksDb, GetParam(), kRocksDbSeeds), support::Seeds(kRocksDbSeeds).size());
}

INSTANTIATE_TEST_SUITE_P(Simulation, LivesOnRocksDbTest, testing::Range(0u, kRocksDbParts));

// The hashes of some lives, as one text.
std::string Hashes(Engine engine, uint32_t count, Plant plant = Plant::kNone) {
  std::string hashes;
  for (const uint32_t seed : support::Seeds(count)) {
    Options options;
    options.seed = seed;
    options.engine = engine;
    options.plant = plant;
    absl::StrAppend(&hashes, "seed ", seed, " ", Live(options).trace_hash, "\n");
  }
  return hashes;
}

// The same as another process finds them.
std::string HashesOfAnotherProcess(const std::string& engine, uint32_t count) {
  const std::vector<uint32_t> seeds = support::Seeds(count);
  const std::string command = absl::StrCat(TRUSTD_SIMULATE, " --engine=", engine, " --seed=", seeds.front(),
                                           " --seeds=", seeds.size(), " 2>/dev/null");
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "no process";
  char buffer[4096];
  for (size_t size = 0; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, size);
  if (pclose(pipe) != 0) return absl::StrCat("the other process found something:\n", output);
  std::string hashes;
  for (size_t begin = 0; output.compare(begin, 5, "seed ") == 0;) {
    const size_t end = output.find('\n', begin) + 1;
    hashes += output.substr(begin, end - begin);
    begin = end;
  }
  return hashes;
}

TEST(SimulationTest, ASeedGivesTheSameTraceWheneverItIsLived) {
  for (const Engine engine : {Engine::kJournal, Engine::kRocksDb}) {
    const uint32_t count = engine == Engine::kJournal ? 20 : 5;
    const std::string hashes = Hashes(engine, count);
    EXPECT_EQ(Hashes(engine, count), hashes);
    EXPECT_EQ(HashesOfAnotherProcess(engine == Engine::kJournal ? "journal" : "rocksdb", count), hashes);
  }
  EXPECT_NE(Hashes(Engine::kJournal, 20, Plant::kChanceFromElsewhere),
            Hashes(Engine::kJournal, 20, Plant::kChanceFromElsewhere))
      << "a decision that no seed makes shows";
}

// One of a hundred thousand: the power goes while rows are read for a new day, and then the clock is set back.
TEST(SimulationTest, RowsThatWereReadForADayThatHasNotComeAgainAreThoseOfThatDay) {
  Options options;
  options.seed = 28437;
  EXPECT_EQ(Live(options).failure, "");
}

// The seeds after which a planted mistake is found; 0 when it is not.
uint32_t FoundAfter(const PlantInfo& info, Engine engine) {
  for (uint32_t seed = 1; seed <= static_cast<uint32_t>(info.seeds_max); ++seed) {
    Options options;
    options.seed = seed;
    options.engine = engine;
    options.plant = info.plant;
    const Outcome outcome = Live(options);
    bool found = !outcome.failure.empty();
    std::string how = outcome.failure;
    if (info.plant == Plant::kChanceFromElsewhere) {
      found = Live(options).trace_hash != outcome.trace_hash;
      how = "the same seed gives another trace";
    }
    if (found) {
      std::printf("%-24s seed %3u: %s\n", info.name, seed, how.c_str());
      return seed;
    }
  }
  return 0;
}

TEST(SimulationTest, EveryPlantedMistakeIsFound) {
  for (const PlantInfo& info : Plants()) {
    EXPECT_GT(FoundAfter(info, Engine::kJournal), 0u) << info.name << " is not found in " << info.seeds_max << " seeds";
  }
}

TEST(SimulationTest, EveryPlantedMistakeIsFoundUnderRocksDbToo) {
  for (const PlantInfo& info : Plants()) {
    if (!info.under_rocksdb) continue;
    EXPECT_GT(FoundAfter(info, Engine::kRocksDb), 0u) << info.name << " is not found in " << info.seeds_max << " seeds";
  }
}

}  // namespace
}  // namespace simulation
