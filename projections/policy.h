// A trust policy: a document of numbers, checked once and compiled into tables. Immutable; safe to share between
// threads, which is why it is handed about as a shared pointer: readings under it may outlive its place in the
// registry.

#ifndef PROJECTIONS_POLICY_H_
#define PROJECTIONS_POLICY_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/decay.h"
#include "projections/facet_mass.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/policy.pb.h"

namespace projections {

// The highest stage there is: what a ceiling is when nothing limits it.
inline constexpr int kHighestStage = 4;

// No act weighs more than this many milli-units, whatever the factors: a billion ordinary acts. Keeps every sum within
// 128 bits.
inline constexpr uint64_t kWeightMax = 1'000'000'000'000;

// weight * permille / 1000, rounded down, at most kWeightMax. REQUIRES: weight <= kWeightMax, permille <= 10^6; or
// weight <= 10^6 and permille <= 10^9.
inline uint64_t Scale(uint64_t weight, uint64_t permille) {
  const uint64_t scaled = weight * permille / 1000;
  return scaled < kWeightMax ? scaled : kWeightMax;
}

inline Weights Scale(const Weights& weights, uint64_t permille) {
  return {Scale(weights[0], permille), Scale(weights[1], permille), Scale(weights[2], permille),
          Scale(weights[3], permille)};
}

// What a kind of good act weighs and covers.
struct PositiveRule {
  Weights weights{};
  bool hearsay = false;
  // For each facet that can be established: the bits of the notions that the act covers there, and whether it is
  // counted there.
  std::array<uint32_t, kEstablishableCount> notions{};
  std::array<bool, kEstablishableCount> counted{};
};

// What a kind of bad act weighs.
struct NegativeRule {
  Weights weights{};
  trust::v1::Basis basis = trust::v1::BASIS_UNSPECIFIED;
  int half_life = 0;  // An index into PolicyRules::decays.
  bool hearsay = false;
};

// The thresholds of a facet, as scores and masses.
struct FacetRule {
  int64_t enter_score = 0, hold_score = 0;
  Mass enter = 0, hold = 0, begin = 0, stop = 0, confirmed = 0, recovery = 0;
};

// What the evidence must cover in a facet.
struct CoverageNeed {
  std::vector<uint32_t> notion_sets;  // Of each, one bit at least.
  bool counts_acts = false;           // Acts, or else days.
  int64_t count_min = 0;
  int64_t span_days_min = 0;
};

// The kinds of repair, in the order of a repair row.
enum class RepairKind : uint8_t { kAcknowledged, kApology, kCompleted, kVerified };
inline constexpr int kRepairKindCount = 4;

// What repair takes off, by basis.
struct RepairRule {
  std::array<int64_t, kRepairKindCount> discharge{};
  int64_t cap = 0;
};

// A policy document compiled: arrays are indexed by the numbers of the enums, with the default in the place of
// UNSPECIFIED.
struct PolicyRules {
  Prior prior;
  std::vector<Decay> decays;  // The first is that of good acts.
  std::array<FacetRule, kFacetCount> facets;
  std::array<CoverageNeed, kEstablishableCount> coverage;
  std::array<RepairRule, 4> repairs;                  // By Basis.
  std::array<std::array<int, 5>, 4> ceilings{};       // By Basis, then Severity.
  std::array<uint64_t, 5> materiality{}, severity{};  // By Materiality, by Severity.
  std::array<uint64_t, 6> source{};                   // By Source.
  std::array<uint64_t, 8> standing{};                 // By Standing.
  std::array<int64_t, 6> resolution{};                // By ResolutionMode.
  NegativeRule attestation;                           // The half-life of the bad part; its weights stay 0.
};

class Policy {
 public:
  // A document in protobuf's JSON form of trust.v1.PolicyDocument.
  // Errors: InvalidArgument, when the text is no such document; when it breaks rules, with every broken rule in the
  // message, each by its name (V1 to V14 of PARAMETERS.md, or "document" for what is incomplete or contradicts itself).
  static absl::StatusOr<std::shared_ptr<const Policy>> Parse(absl::string_view json);

  // The policy the program comes with: projections/policies/trust-stages-1.0.0.json.
  static std::shared_ptr<const Policy> Default();

  // Not for callers: use Parse. REQUIRES: the document breaks no rule.
  explicit Policy(trust::v1::PolicyDocument document);

  const std::string& version() const { return document_.version(); }
  // What a digest of the policy is taken of. Parse accepts it and gives an equal policy.
  const std::string& canonical_text() const { return canonical_text_; }
  const trust::v1::PolicyDocument& document() const { return document_; }
  const PolicyRules& rules() const { return rules_; }
  const Decay& positive_decay() const { return rules_.decays.front(); }

  // The rule for a kind of evidence (the number of its field) and its result or type (the number of its enum value, 0
  // where it has none). Null when it weighs nothing. Lives as long as the policy.
  const PositiveRule* FindPositive(int kind, int variant) const;
  const NegativeRule* FindNegative(int kind, int variant) const;

 private:
  void CompileFacets();
  void CompileRows();
  void CompileFactors();
  int DecayIndex(int half_life_days);
  PositiveRule Compile(const trust::v1::PositiveRow& row) const;

  trust::v1::PolicyDocument document_;
  std::string canonical_text_;
  PolicyRules rules_;
  std::vector<int> half_lives_;  // Of rules_.decays.
  std::vector<PositiveRule> positive_;
  std::vector<NegativeRule> negative_;
  // By kind, then variant: an index into the rows, -1 for none.
  std::vector<std::array<int16_t, 8>> positive_index_, negative_index_;
};

}  // namespace projections

#endif  // PROJECTIONS_POLICY_H_
