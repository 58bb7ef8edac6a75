// An example of acts that would bring the next stage: found act by act, and checked by evaluating the history with
// them. Pure.

#ifndef PROJECTIONS_SUGGESTION_H_
#define PROJECTIONS_SUGGESTION_H_

#include <string>
#include <vector>

#include "projections/day.h"
#include "projections/evidence_log.h"
#include "projections/policy.h"

namespace projections {

// An act of a kind (the number of its field in Evidence) on a day: done by the trustee towards the trustor, of medium
// materiality, recorded by the trustor.
struct PlannedAct {
  int kind = 0;
  Day day = 0;
};

// The direction to plan for.
struct PlanningGround {
  const Policy& policy;
  const EvidenceLog& log;  // What takes effect by as_of, and nothing else.
  std::string trustor, trustee;
  Day first_contact = 0;
  Day as_of = 0;
};

// No plan has more acts or reaches further.
inline constexpr int kPlannedActsMax = 24;
inline constexpr int kPlannedDaysMax = 400;

// Acts after as_of, in ascending order of days, the last of which brings the stage; none of them can be left out. Empty
// when none were found within the bounds. Folds the log at most twice as often as a plan may have acts.
std::vector<PlannedAct> PlanActs(const PlanningGround& ground, int stage);

}  // namespace projections

#endif  // PROJECTIONS_SUGGESTION_H_
