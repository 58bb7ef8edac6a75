// One simulated life of the server, drawn from one seed and run in one thread: clients, lane, pool, readings, index,
// watches, checkpoints, a clock that jumps, a disk that fills up, fails and loses its power. What may be is checked all
// along. The same seed gives the same trace.

#ifndef TESTS_SIMULATION_SIMULATION_H_
#define TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <map>
#include <string>

#include "tests/simulation/plant.h"

namespace simulation {

enum class Engine { kJournal, kRocksDb };

struct Options {
  uint64_t seed = 1;
  Engine engine = Engine::kJournal;
  Plant plant = Plant::kNone;
  bool verbose = false;  // The trace is printed.
};

struct Outcome {
  std::string trace_hash;
  std::string failure;              // What a check found; empty when it found nothing.
  std::map<std::string, int> seen;  // How often what was met.
};

Outcome Simulate(const Options& options);

// The command that repeats a seed.
std::string HowToRepeat(const Options& options);

}  // namespace simulation

#endif  // TESTS_SIMULATION_SIMULATION_H_
