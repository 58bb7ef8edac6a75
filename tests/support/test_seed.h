// The seed of what a test draws at random. The environment variable TRUSTD_TEST_SEED gives one back to repeat a run.

#ifndef TESTS_SUPPORT_TEST_SEED_H_
#define TESTS_SUPPORT_TEST_SEED_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <vector>

#include "absl/strings/numbers.h"

namespace support {

// The seed that was asked for; nothing when none was, or when it is no number.
inline std::optional<uint32_t> AskedSeed() {
  const char* const asked = std::getenv("TRUSTD_TEST_SEED");
  uint32_t seed = 0;
  if (asked == nullptr || !absl::SimpleAtoi(asked, &seed)) return std::nullopt;
  return seed;
}

// Of a test that draws other things each time: the seed asked for, or any; printed as it is to be asked for.
inline uint32_t AnySeed() {
  const std::optional<uint32_t> asked = AskedSeed();
  const uint32_t seed = asked.has_value() ? *asked : std::random_device()();
  std::printf("TRUSTD_TEST_SEED=%u\n", seed);
  return seed;
}

// Of a test that draws the same each time: 1 to count, or the seed asked for alone.
inline std::vector<uint32_t> Seeds(uint32_t count) {
  if (const std::optional<uint32_t> asked = AskedSeed(); asked.has_value()) return {*asked};
  std::vector<uint32_t> seeds;
  for (uint32_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

}  // namespace support

#endif  // TESTS_SUPPORT_TEST_SEED_H_
