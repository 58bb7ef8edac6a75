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

// The intervals of days before `as_of`, exclusive, on which the stages of the two paths differ, in ascending order. An
// interval that lasts to the day before as_of has no last_date. Both paths are as TrustHistory::StagePath gives them;
// what they say of as_of and later is not looked at.
std::vector<trust::v1::RevisedInterval> RevisedIntervals(absl::string_view trustor, absl::string_view trustee,
                                                         const std::vector<StageStep>& before,
                                                         const std::vector<StageStep>& after, Day as_of);

}  // namespace projections

#endif  // PROJECTIONS_TIMELINE_REVISION_H_
