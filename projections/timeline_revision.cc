#include "projections/timeline_revision.h"

#include <algorithm>

namespace projections {

std::vector<trust::v1::RevisedInterval> RevisedIntervals(absl::string_view trustor, absl::string_view trustee,
                                                         const std::vector<StageStep>& before,
                                                         const std::vector<StageStep>& after, Day as_of) {
  std::vector<trust::v1::RevisedInterval> intervals;
  int stage_before = 0, stage = 0;
  auto old_step = before.begin(), new_step = after.begin();
  while (true) {
    Day day = as_of + 1;
    if (old_step != before.end()) day = std::min(day, old_step->day);
    if (new_step != after.end()) day = std::min(day, new_step->day);
    if (day > as_of) return intervals;
    const bool differed = stage_before != stage;
    for (; old_step != before.end() && old_step->day == day; ++old_step) stage_before = old_step->stage;
    for (; new_step != after.end() && new_step->day == day; ++new_step) stage = new_step->stage;
    if (!differed && stage_before != stage) {
      if (day == as_of) return intervals;
      trust::v1::RevisedInterval& interval = intervals.emplace_back();
      interval.set_trustor(trustor.data(), trustor.size());
      interval.set_trustee(trustee.data(), trustee.size());
      interval.set_first_date(FormatDay(day));
      interval.set_stage_before(static_cast<trust::v1::Stage>(stage_before));
      interval.set_stage(static_cast<trust::v1::Stage>(stage));
    } else if (differed && stage_before == stage) {
      intervals.back().set_last_date(FormatDay(day - 1));
    }
  }
}

}  // namespace projections
