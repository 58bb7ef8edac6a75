// Why a direction is at its stage, what is missing for the next one, what is at risk: everything of an explanation that
// follows from the history. Pure; the history may be advanced, as by any reading.

#ifndef PROJECTIONS_EXPLANATION_H_
#define PROJECTIONS_EXPLANATION_H_

#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

// An explanation shows the newest transitions, at most so many, and at most so many of the events of each.
inline constexpr int kExplainedTransitionsMax = 100;
inline constexpr int kExplainedTransitionEventsMax = 100;

// Explains how far trustor trusts trustee on a day, inclusive: fills in the whole response but what tells the question
// (partnership, revision, as_of_date, policy, view). Lists at most contributions_max contributions of each facet and
// sign. Before the two met, nothing is missing and nothing is at risk. The formulas are those of the reading; shares
// are by largest remainder. Costs several folds of the direction. REQUIRES: both are partners and differ;
// contributions_max >= 0.
void Explain(TrustHistory& history, absl::string_view trustor, absl::string_view trustee, Day as_of,
             int contributions_max, trust::v1::ExplainTrustResponse* response);

}  // namespace projections

#endif  // PROJECTIONS_EXPLANATION_H_
