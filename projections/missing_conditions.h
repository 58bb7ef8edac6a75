// What a direction lacks for a stage: the conditions of entry and of beginning that are not met, and the ceiling.
// (Specification, sections 7.3, 7.5 and C13.) Pure.

#ifndef PROJECTIONS_MISSING_CONDITIONS_H_
#define PROJECTIONS_MISSING_CONDITIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "projections/day.h"
#include "projections/direction_walk.h"
#include "projections/policy.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

// A condition that is not met.
struct Unmet {
  int stage = 0;     // That it is a condition of.
  size_t facet = 0;  // An index; of no meaning for a ceiling.
  trust::v1::StageCondition condition = trust::v1::STAGE_CONDITION_UNSPECIFIED;
  int64_t present = 0, needed = 0;  // In the unit of the condition.
  int64_t lacking_milli = 0;        // Of SCORE and of masses: the good mass that would just do.
  uint32_t notions = 0;             // Of NOTION: the bits, one of which is needed.
  bool counts_acts = false;         // Of COUNT and SPAN: acts, or else days.
  Day first_counted = 0;            // Of SPAN.
  std::vector<uint32_t> records;    // In the way: what a ceiling comes from, the violation to recover from.
};

// All that is missing for a stage, ceiling first, then in the order in which stages are climbed. Empty iff an otherwise
// empty day with a good act would find every condition of it met. REQUIRES: state is what walk.At returned; 2 <= stage
// <= kHighestStage.
std::vector<Unmet> MissingFor(const Policy& policy, const DirectionWalk& walk, const DirectionState& state, int stage);

// As data and in words.
trust::v1::MissingCondition RenderMissing(const EvidenceLog& log, const Unmet& unmet);

}  // namespace projections

#endif  // PROJECTIONS_MISSING_CONDITIONS_H_
