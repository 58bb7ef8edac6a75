// How weight fades with age: D_H[k], the whole part of 2^30 * 2^(-k/H), exact, without floating point. (Specification,
// section 4, deterministic decay.) Immutable once made; safe to share between threads.

#ifndef PROJECTIONS_DECAY_H_
#define PROJECTIONS_DECAY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace projections {

// The decay of one half-life, as a flat table by age.
class Decay {
 public:
  // Undecayed weight: D_H[0].
  static constexpr uint32_t kOne = uint32_t{1} << 30;

  // REQUIRES: half_life_days >= 1. Takes a few microseconds for each day of the half-life.
  explicit Decay(int half_life_days);

  // What remains at this age in whole days, out of kOne. REQUIRES: age_days >= 0. 0 once nothing is left, about 31
  // half-lives on.
  uint32_t At(int64_t age_days) const {
    return static_cast<uint64_t>(age_days) < table_.size() ? table_[static_cast<size_t>(age_days)] : 0;
  }

  // The first age at which nothing is left.
  int64_t lifetime_days() const { return static_cast<int64_t>(table_.size()); }

 private:
  std::vector<uint32_t> table_;
};

// The largest x <= 2^30 with x^H * 2^m <= 2^(30 H), by bisection over big integers: the definition itself. Slow for
// large H; Decay falls back on it where its fixed-point value lies too near an integer to be sure, and the tests
// compare the two. REQUIRES: half_life_days >= 1, 0 <= age_days < half_life_days.
uint32_t DecayByDefinition(int half_life_days, int age_days);

}  // namespace projections

#endif  // PROJECTIONS_DECAY_H_
