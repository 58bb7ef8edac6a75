// Runs seeds by hand: `simulate --seed=17 --verbose` repeats one and prints its trace, `simulate --seeds=100000` runs
// many. Prints the hash of each trace, or what was found and how to repeat it; ends with 1 when something was found.

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "tests/simulation/quiet_log.h"
#include "tests/simulation/simulation.h"

ABSL_FLAG(uint64_t, seed, 1, "The first seed.");
ABSL_FLAG(uint64_t, seeds, 1, "How many.");
ABSL_FLAG(std::string, engine, "journal", "journal or rocksdb.");
ABSL_FLAG(std::string, plant, "", "The mistake to plant, by its name.");
ABSL_FLAG(bool, verbose, false, "Print the traces, and what the server logs.");
ABSL_FLAG(bool, quiet, false, "Print no hashes.");

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  simulation::Options options;
  const std::string engine = absl::GetFlag(FLAGS_engine), plant = absl::GetFlag(FLAGS_plant);
  if (engine != "journal" && engine != "rocksdb") {
    std::fprintf(stderr, "simulate: --engine is journal or rocksdb\n");
    return 2;
  }
  options.engine = engine == "journal" ? simulation::Engine::kJournal : simulation::Engine::kRocksDb;
  if (!plant.empty()) {
    const auto known = simulation::PlantOfName(plant);
    if (!known) {
      std::fprintf(stderr, "simulate: --plant is one of these:\n");
      for (const simulation::PlantInfo& info : simulation::Plants()) std::fprintf(stderr, "  %s\n", info.name);
      return 2;
    }
    options.plant = *known;
  }
  options.verbose = absl::GetFlag(FLAGS_verbose);
  const uint64_t first = absl::GetFlag(FLAGS_seed), count = absl::GetFlag(FLAGS_seeds);
  uint64_t found = 0;
  std::map<std::string, int64_t> seen;
  for (options.seed = first; options.seed < first + count; ++options.seed) {
    simulation::Outcome outcome;
    if (options.verbose) {
      outcome = simulation::Simulate(options);
    } else {
      const simulation::QuietLog quiet;
      outcome = simulation::Simulate(options);
    }
    for (const auto& [what, times] : outcome.seen) seen[what] += times;
    if (!outcome.failure.empty()) {
      ++found;
      std::printf("seed %llu: %s\n  %s\n", static_cast<unsigned long long>(options.seed), outcome.failure.c_str(),
                  simulation::HowToRepeat(options).c_str());
    } else if (!absl::GetFlag(FLAGS_quiet)) {
      std::printf("seed %llu %s\n", static_cast<unsigned long long>(options.seed), outcome.trace_hash.c_str());
    }
  }
  for (const auto& [what, times] : seen) std::printf("%10lld %s\n", static_cast<long long>(times), what.c_str());
  std::printf("%llu seeds, %llu found something\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(found));
  return found == 0 ? 0 : 1;
}
