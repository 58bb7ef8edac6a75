#include "projections/effectiveness.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "projections/event_name.h"

namespace projections {
namespace {

constexpr int64_t kWholeBp = 10000;
constexpr int64_t kYearDays = 365;

int32_t RateBp(int64_t part, int64_t whole) { return static_cast<int32_t>(kWholeBp * part / whole); }

// The days that conflicts took whose resolution lies from `first` to `last`: from the event that began the conflict to
// the first resolution that is not before it.
std::vector<Day> ResolutionDays(const ConductLog& log, Day first, Day last, bool hindsight) {
  struct Course {
    std::optional<Day> begin, resolved;
  };
  absl::btree_map<int64_t, Course> courses;
  std::vector<std::pair<int64_t, Day>> resolutions;
  for (const int64_t revision : log.conflict_acts()) {
    const Conduct& act = *log.Find(revision);
    if (act.kind == ConductKind::kResolution) {
      resolutions.emplace_back(act.matter, act.day(hindsight));
    } else if (act.matter == act.revision) {
      courses[act.matter].begin = act.day(hindsight);
    }
  }
  for (const auto& [matter, day] : resolutions) {
    const auto course = courses.find(matter);
    if (course == courses.end() || day < *course->second.begin) continue;
    course->second.resolved = std::min(course->second.resolved.value_or(day), day);
  }
  std::vector<Day> days;
  for (const auto& [matter, course] : courses) {
    if (course.resolved && *course.resolved >= first && *course.resolved <= last) {
      days.push_back(*course.resolved - *course.begin);
    }
  }
  return days;
}

}  // namespace

trust::v1::EffectivenessReading ReadEffectiveness(const ConductLog& log, Day as_of, int window_days, bool hindsight) {
  const Day first = as_of - window_days + 1;
  trust::v1::EffectivenessReading reading;
  reading.set_since_date(FormatDay(first));
  reading.set_window_days(window_days);

  int64_t on_time = 0, late = 0, missed = 0, achieved = 0, not_achieved = 0, reviews = 0, renewals = 0;
  const auto& tallies = log.tallies(hindsight);
  for (auto day = tallies.lower_bound(first); day != tallies.end() && day->first <= as_of; ++day) {
    on_time += day->second.kept_on_time;
    late += day->second.kept_late;
    missed += day->second.missed;
    achieved += day->second.objectives_achieved;
    not_achieved += day->second.objectives_missed;
    reviews += day->second.reviews;
    renewals += day->second.renewals;
  }
  const int64_t kept = on_time + late;
  reading.set_commitments(static_cast<int32_t>(kept + missed));
  reading.set_renewals(static_cast<int32_t>(renewals));
  if (kept + missed > 0) reading.set_kept_bp(RateBp(kept, kept + missed));
  if (kept > 0) reading.set_on_time_bp(RateBp(on_time, kept));
  if (achieved + not_achieved > 0) reading.set_objectives_achieved_bp(RateBp(achieved, achieved + not_achieved));

  std::vector<Day> resolutions = ResolutionDays(log, first, as_of, hindsight);
  if (!resolutions.empty()) {
    const auto median = resolutions.begin() + static_cast<std::ptrdiff_t>((resolutions.size() - 1) / 2);
    std::nth_element(resolutions.begin(), median, resolutions.end());
    reading.set_resolution_days(*median);
  }

  const std::optional<Day> met = log.first_contact();
  if (met.has_value() && *met <= as_of) {
    reading.set_reviews_per_year_centi(static_cast<int32_t>(reviews * kYearDays * 100 / window_days));
    const Day end = std::min(as_of, log.end(hindsight).value_or(as_of));
    reading.set_age_days(std::max(end - *met, 0));
  }

  const auto [revision, review] = log.LastFiguresReview(as_of, hindsight);
  if (review != nullptr) {
    for (const trust::v1::EffectivenessFigure& figure : review->figures()) {
      trust::v1::ReportedFigure& reported = *reading.add_reported();
      reported.set_name(figure.name());
      reported.set_value_bp(figure.value_basis_points());
      reported.set_event(EventName(log.partnership(), revision));
    }
  }
  return reading;
}

void ReadStatedTrust(const ConductLog& log, Day as_of, bool hindsight, trust::v1::DirectionReading* reading) {
  const std::optional<ConductLog::Stated> said =
      log.LastStated(reading->trustor(), reading->trustee(), as_of, hindsight);
  if (!said.has_value()) return;
  int64_t scores = 0;
  for (const trust::v1::FacetReading& facet : reading->facets()) scores += facet.score_bp();
  const auto evidenced = static_cast<int32_t>(scores / std::max(reading->facets_size(), 1));
  trust::v1::StatedTrustReading& stated = *reading->mutable_stated();
  stated.set_event(EventName(log.partnership(), said->revision));
  stated.set_date(FormatDay(said->day));
  stated.set_stated_bp(said->basis_points);
  stated.set_evidenced_bp(evidenced);
  stated.set_gap_bp(said->basis_points - evidenced);
}

}  // namespace projections
