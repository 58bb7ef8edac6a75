// The course of stages as characters on a terminal: a step line for each direction, its stages at the left, years or
// dates below. Pure.

#ifndef SERVICES_TRUSTCTL_STAGE_PLOT_H_
#define SERVICES_TRUSTCTL_STAGE_PLOT_H_

#include <string>
#include <vector>

#include "trust/v1/reading.pb.h"

namespace trustctl {

struct StagePlotForm {
  int width = 80;     // Columns in all; fewer than 50 are taken for 50.
  bool utf8 = false;  // Draw with the characters for lines; otherwise with ASCII.
};

// The plot of each direction among the transitions, in the order in which they first appear, from the first day of all
// to last_date; lines that each end in a line feed. Empty without transitions or when a date is none.
std::string PlotStages(const std::vector<trust::v1::Transition>& transitions, const std::string& last_date,
                       const StagePlotForm& form);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_STAGE_PLOT_H_
