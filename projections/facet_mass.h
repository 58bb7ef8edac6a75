// The mass of evidence in one facet and what it says: score, belief, disbelief, uncertainty, deviation. (Specification,
// section 7.2.) Plain values and pure integer arithmetic.

#ifndef PROJECTIONS_FACET_MASS_H_
#define PROJECTIONS_FACET_MASS_H_

#include <array>
#include <cstdint>

namespace projections {

// The four facets, as indexes: credibility, rapport, reliability, nurture.
inline constexpr int kFacetCount = 4;
inline constexpr int kCredibility = 0;
inline constexpr int kRapport = 1;
inline constexpr int kReliability = 2;
inline constexpr int kNurture = 3;
// Only the first three can be established.
inline constexpr int kEstablishableCount = 3;

// Milli-units in each facet.
using Weights = std::array<uint64_t, kFacetCount>;

inline bool IsZero(const Weights& weights) { return (weights[0] | weights[1] | weights[2] | weights[3]) == 0; }

// Milli-units times 2^30.
using Mass = unsigned __int128;

// Milli-units as undecayed mass.
inline constexpr Mass ToMass(uint64_t milli) { return Mass{milli} << 30; }

// What speaks for and against, decayed to one day.
struct FacetMass {
  Mass positive = 0;
  Mass negative = 0;
};

using FacetMasses = std::array<FacetMass, kFacetCount>;

// Between what a mass lies, both included.
struct MassBounds {
  Mass least = 0, most = 0;
};

// Between what each side of a facet lies.
struct FacetBounds {
  MassBounds positive, negative;
};

// The prior that evidence is weighed against.
struct Prior {
  Mass weight = 0;       // Above 0.
  Mass expectation = 0;  // 10000 * weight * base rate.
};

// All in basis points, rounded down; uncertainty is what belief and disbelief leave of 10000.
int64_t Score(const Prior& prior, const FacetMass& mass);
int64_t Belief(const Prior& prior, const FacetMass& mass);
int64_t Disbelief(const Prior& prior, const FacetMass& mass);
int64_t Uncertainty(const Prior& prior, const FacetMass& mass);
int64_t Deviation(const Prior& prior, const FacetMass& mass);

// How far the score lies above the threshold: not negative iff Score >= threshold_bp. In units of 10000 * Mass.
__int128 ScoreMargin(const Prior& prior, const FacetMass& mass, int64_t threshold_bp);

}  // namespace projections

#endif  // PROJECTIONS_FACET_MASS_H_
