#include "projections/facet_mass.h"

namespace projections {
namespace {

Mass Total(const Prior& prior, const FacetMass& mass) { return mass.positive + mass.negative + prior.weight; }

// The whole part of the square root. REQUIRES: value < 2^62.
int64_t SquareRoot(int64_t value) {
  int64_t root = 0;
  for (int64_t bit = int64_t{1} << 30; bit > 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) root += bit;
  }
  return root;
}

}  // namespace

int64_t Score(const Prior& prior, const FacetMass& mass) {
  return static_cast<int64_t>((mass.positive * 10000 + prior.expectation) / Total(prior, mass));
}

int64_t Belief(const Prior& prior, const FacetMass& mass) {
  return static_cast<int64_t>(mass.positive * 10000 / Total(prior, mass));
}

int64_t Disbelief(const Prior& prior, const FacetMass& mass) {
  return static_cast<int64_t>(mass.negative * 10000 / Total(prior, mass));
}

int64_t Uncertainty(const Prior& prior, const FacetMass& mass) {
  return 10000 - Belief(prior, mass) - Disbelief(prior, mass);
}

int64_t Deviation(const Prior& prior, const FacetMass& mass) {
  const int64_t score = Score(prior, mass);
  const Mass unit = ToMass(1000);
  const Mass variance = Mass(score * (10000 - score)) * unit / (Total(prior, mass) + unit);
  return SquareRoot(static_cast<int64_t>(variance));
}

__int128 ScoreMargin(const Prior& prior, const FacetMass& mass, int64_t threshold_bp) {
  return static_cast<__int128>(mass.positive * 10000 + prior.expectation) -
         static_cast<__int128>(Total(prior, mass) * static_cast<Mass>(threshold_bp));
}

}  // namespace projections
