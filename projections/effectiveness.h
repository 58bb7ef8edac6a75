// What is read beside trust and never moves it: how well a partnership works, counted over a window of days, and what
// people say about their trust. (Specification, sections 6.7 and 13, "Effectiveness".) Pure; whole numbers only.

#ifndef PROJECTIONS_EFFECTIVENESS_H_
#define PROJECTIONS_EFFECTIVENESS_H_

#include "absl/strings/string_view.h"
#include "projections/conduct_log.h"
#include "projections/day.h"
#include "trust/v1/reading.pb.h"

namespace projections {

inline constexpr int kEffectivenessWindowDays = 365;

// The figures of the days from as_of - window_days + 1 to as_of. hindsight counts by the day on which things happened,
// else by the day on which those affected learned of them. Costs the days of the window on which something happened and
// the conflicts and reviews of effectiveness, not the events. REQUIRES: window_days > 0.
trust::v1::EffectivenessReading ReadEffectiveness(const ConductLog& log, Day as_of, int window_days, bool hindsight);

// Sets `stated` in a direction's reading, when a health check up to the day states it; the latest one counts.
// Logarithmic in what health checks ever stated.
// REQUIRES: reading names its two organizations and has its four facets, read for that day.
void ReadStatedTrust(const ConductLog& log, Day as_of, bool hindsight, trust::v1::DirectionReading* reading);

}  // namespace projections

#endif  // PROJECTIONS_EFFECTIVENESS_H_
