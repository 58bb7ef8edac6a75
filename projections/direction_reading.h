// Turns a direction's walk into what callers see: its reading on a day and its changes of stage. Pure.

#ifndef PROJECTIONS_DIRECTION_READING_H_
#define PROJECTIONS_DIRECTION_READING_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/direction_walk.h"
#include "projections/policy.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// Whether the partnership, or the tie, has ended by the day of reading; the reading is then that of the end.
enum class Ending { kOpen, kEnded };

// The reading of a direction before its first contact: no stage, nothing known.
trust::v1::DirectionReading RenderNothing(const Policy& policy);

// The reading of a direction in this state, without the names of its two organizations and without what silence will
// bring. REQUIRES: `state` is what walk.At returned.
trust::v1::DirectionReading RenderReading(const Policy& policy, const DirectionLedger& ledger,
                                          const DirectionWalk& walk, const DirectionState& state, Ending ending);

// The changes of stage, as for a reading.
std::vector<trust::v1::Transition> RenderTimeline(absl::string_view partnership, const DirectionWalk& walk,
                                                  const DirectionState& state);

}  // namespace projections

#endif  // PROJECTIONS_DIRECTION_READING_H_
