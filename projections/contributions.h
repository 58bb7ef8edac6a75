// What each event contributes to the facets of a direction on a day: exact shares that add up, and what the score would
// be without it. (Specification, sections 4 and 7.7.) Pure.

#ifndef PROJECTIONS_CONTRIBUTIONS_H_
#define PROJECTIONS_CONTRIBUTIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/direction_walk.h"
#include "projections/facet_mass.h"
#include "projections/policy.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

// Shares of 10000 in proportion to the masses, by largest remainder (of equal ones the earlier), so that they sum to
// 10000 exactly; all 0 when the masses are. REQUIRES: the sum of the masses is below 2^114.
std::vector<int32_t> SharesOf(const std::vector<Mass>& masses);

class Contributions {
 public:
  // The contributions in the state, which walk.At returned. trustor and trustee are the log's numbers.
  Contributions(const Policy* policy, const EvidenceLog* log, int trustor, int trustee, Day first_contact,
                const DirectionWalk& walk, const DirectionState& state);

  // Fills in the masses, the largest contributions_max contributions of each sign and the sources of a facet (an
  // index). Each event listed that belongs to a violation or a conflict costs a fold of all of those, of whatever
  // direction; in a history of very many, less is listed than was asked for, though never less than 10. Other events
  // cost a search.
  void Render(size_t facet, int contributions_max, trust::v1::FacetExplanation* to);

 private:
  // One event in one facet.
  struct Part {
    uint32_t record = 0;
    Mass mass = 0;
  };

  Mass LeftOf(const MassShare& share, size_t facet) const;
  std::vector<Part> PartsOf(size_t facet, bool negative) const;
  void RenderParts(size_t facet, bool negative, size_t max, trust::v1::FacetExplanation* to);
  void RenderSources(size_t facet, trust::v1::FacetExplanation* to) const;
  int32_t EffectOf(size_t facet, uint32_t index);
  const FacetMasses& MattersWithout(std::optional<uint32_t> index);

  const Policy* const policy_;
  const EvidenceLog* const log_;
  const int trustor_, trustee_;
  const Day first_contact_;
  const Day day_;
  const FacetMasses masses_;
  std::vector<MassShare> shares_;                                   // By record.
  std::vector<uint32_t> matter_records_;                            // Of violations, conflicts and what follows them.
  std::map<std::optional<uint32_t>, FacetMasses> matters_without_;  // What they weigh without one of them, or in all.
};

}  // namespace projections

#endif  // PROJECTIONS_CONTRIBUTIONS_H_
