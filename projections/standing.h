// Where a partnership stands on a day, boiled down to what questions across partnerships ask: each direction's stage
// and condition, how long it holds, what needs care, and when to look again. A row of the standing index; what changed
// between two of them is what a watch is told. Pure but for the history, which may advance.

#ifndef PROJECTIONS_STANDING_H_
#define PROJECTIONS_STANDING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/standing.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

// The row of a partnership as of a day, of the held view. Until the day before its next_day it reads the same, but for
// day and next_day themselves, if nothing more happens. Directions before their first contact are left out.
trust::v1::StandingRow ReadStanding(TrustHistory& history, Day today);

// Why a row was read again.
enum class StandingCause { kEvents, kSilence, kPolicy };

// What a watch is told of the change from one row to the next, in a fixed order: changes of stage or condition, then
// the timelines that read differently on earlier days. A direction that was not there before has START as its cause.
// Takes time linear in the rows but for a search for each direction. REQUIRES: rows as ReadStanding makes them.
std::vector<trust::v1::WatchTrustResponse> DiffStanding(absl::string_view partnership,
                                                        const trust::v1::StandingRow& before,
                                                        const trust::v1::StandingRow& after, StandingCause cause);

}  // namespace projections

#endif  // PROJECTIONS_STANDING_H_
