// Where an event changed what could already be read: two stage paths of one direction compared, that before the event
// and that after it. Pure.

#ifndef PROJECTIONS_TIMELINE_REVISION_H_
#define PROJECTIONS_TIMELINE_REVISION_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// The intervals of days on which the stages of the two paths differ and that begin before `as_of`, in ascending order.
// One that includes as_of has no last_date: the paths differ from there on. What begins on as_of is a change and no
// revision. Both paths are as TrustHistory::StagePath gives them; what they say of later days is not looked at.
std::vector<trust::v1::RevisedInterval> RevisedIntervals(absl::string_view trustor, absl::string_view trustee,
                                                         const std::vector<StageStep>& before,
                                                         const std::vector<StageStep>& after, Day as_of);

}  // namespace projections

#endif  // PROJECTIONS_TIMELINE_REVISION_H_
