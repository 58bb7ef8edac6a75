// What is open in a partnership on a day and needs care: promises past due, conflicts, formal disputes, violations
// without verified remedy, reviews not held. (Specification, section 13, "Attention".) Pure; the held view.

#ifndef PROJECTIONS_OPEN_MATTERS_H_
#define PROJECTIONS_OPEN_MATTERS_H_

#include <optional>
#include <vector>

#include "projections/conduct_log.h"
#include "projections/day.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

inline constexpr int kReviewIntervalDays = 365;
// Of one kind, in one partnership: the oldest.
inline constexpr size_t kOpenMattersMax = 1000;

struct OpenMatters {
  // Ordered by kind, then date, then event; without the partnership's id.
  std::vector<trust::v1::AttentionItem> items;
  // The next day on which there is more, if nothing more happens.
  std::optional<Day> next_day;
};

// From the end on only what can still be settled is open: conflicts, disputes, violations.
OpenMatters ReadOpenMatters(const ConductLog& log, Day today);

}  // namespace projections

#endif  // PROJECTIONS_OPEN_MATTERS_H_
