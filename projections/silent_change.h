// What silence will change in a direction: the next day on which its stage or its condition is another, if nothing more
// happens. Stages only fall in silence and are searched by halves; a condition may come and go, and is searched exactly
// by ruling out whole spans of days. Pure.

#ifndef PROJECTIONS_SILENT_CHANGE_H_
#define PROJECTIONS_SILENT_CHANGE_H_

#include <optional>

#include "projections/day.h"
#include "projections/direction_walk.h"
#include "projections/policy.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// A direction from a day on.
struct SilentChange {
  Day day = 0;
  int stage = 0;
  trust::v1::Condition condition = trust::v1::CONDITION_UNSPECIFIED;
};

// The condition of a direction that has not ended, in this state. REQUIRES: `state` is what walk.At returned.
// (Specification, C13.)
trust::v1::Condition ConditionOf(const Policy& policy, const DirectionWalk& walk, const DirectionState& state);

// The first change after the state's day; nothing when there never is one. REQUIRES: as for ConditionOf.
std::optional<SilentChange> NextSilentChange(const Policy& policy, const DirectionWalk& walk,
                                             const DirectionState& state);

}  // namespace projections

#endif  // PROJECTIONS_SILENT_CHANGE_H_
