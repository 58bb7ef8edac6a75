// What one event adds to the masses of a direction as it counts on some day, before it fades. Plain values.

#ifndef PROJECTIONS_MASS_SHARE_H_
#define PROJECTIONS_MASS_SHARE_H_

#include <cstdint>

#include "projections/day.h"
#include "projections/facet_mass.h"

namespace projections {

struct MassShare {
  uint32_t record = 0;  // Of the log.
  Day day = 0;          // From which it fades.
  int half_life = 0;    // An index into PolicyRules::decays.
  bool negative = false;
  uint8_t source = 0;  // Who stands behind the event on the day asked about.
  Weights weights{};
};

}  // namespace projections

#endif  // PROJECTIONS_MASS_SHARE_H_
