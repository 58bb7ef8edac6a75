// The one source of chance of a simulation: what is drawn from a seed is the same on every machine. Not thread-safe.

#ifndef TESTS_SIMULATION_DICE_H_
#define TESTS_SIMULATION_DICE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace simulation {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  // The next 64 bits (SplitMix64).
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // From 0 to limit - 1. REQUIRES: limit > 0.
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  int Int(int limit) { return static_cast<int>(Below(static_cast<uint64_t>(limit))); }
  bool Chance(int percent) { return Int(100) < percent; }

  template <class Element>
  Element& Pick(std::vector<Element>& elements) {
    return elements[Below(elements.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_DICE_H_
