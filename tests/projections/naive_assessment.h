// The specification, sections 6, 7 and 13, transcribed as directly as can be, and slowly: no buckets, nothing kept from
// day to day but the flags, its own tables of weights. What the evaluator is compared with; it shares nothing with it
// but days and decay.

#ifndef TESTS_PROJECTIONS_NAIVE_ASSESSMENT_H_
#define TESTS_PROJECTIONS_NAIVE_ASSESSMENT_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "projections/day.h"
#include "tests/projections/naive_masses.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

class NaiveAssessment : private NaiveMasses {
 public:
  NaiveAssessment(std::string partnership, const std::vector<trust::v1::Event>& events, std::string trustor,
                  std::string trustee, Day as_of)
      : NaiveMasses(std::move(partnership), events, std::move(trustor), std::move(trustee)) {
    const bool ended = end_ <= as_of;
    as_of = std::min(as_of, end_);
    reading.set_trustor(trustor_);
    reading.set_trustee(trustee_);
    if (!t0_.has_value() || as_of < *t0_) {
      reading.set_ceiling(trust::v1::STAGE_MAINTAINING_COMMITMENT);
      for (int f = 0; f < 4; ++f) {
        auto& facet = *reading.add_facets();
        facet.set_facet(static_cast<trust::v1::Facet>(f + 1));
        facet.set_score_bp(5000);
        facet.set_uncertainty_bp(10000);
        facet.set_deviation_bp(2886);  // 5000 / sqrt(3)
      }
      return;
    }
    Run(as_of);
    Render(as_of, ended);
  }

  trust::v1::DirectionReading reading;
  std::vector<trust::v1::Transition> timeline;

 private:
  struct Flags {
    bool est[3] = {}, ever[3] = {}, begun[4] = {};
  };

  bool Holds(bool practice, int f, Day t) const;
  int Target() const;
  void Silence(Day p, Day until);
  void Change(Day day, int to, trust::v1::TransitionCause cause);
  void Run(Day as_of);
  void Render(Day as_of, bool ended);

  Flags flags_;
  int stage_ = 0;
};

// ---- The algorithm (7.5)

inline bool NaiveAssessment::Holds(bool practice, int f, Day t) const {
  const int hold_e[] = {5000, 5500, 6000, 5000};
  const int hold_r[] = {500, 750, 1500, 0};
  const int stop_r[] = {0, 125, 250, 350};
  const Big r = R(f, t, false, {});
  if (practice) return r >= (Big{stop_r[f]} << 30) && (f != 3 || E(f, t) >= 5000);
  return E(f, t) >= hold_e[f] && r >= (Big{hold_r[f]} << 30);
}

inline int NaiveAssessment::Target() const {
  int target = 1;
  for (int k = 1; k <= 3 && flags_.est[k - 1] && flags_.begun[k]; ++k) ++target;
  return target;
}

inline void NaiveAssessment::Change(Day day, int to, trust::v1::TransitionCause cause) {
  auto& change = timeline.emplace_back();
  change.set_trustor(trustor_);
  change.set_trustee(trustee_);
  change.set_date(FormatDay(day));
  change.set_stage_before(static_cast<trust::v1::Stage>(stage_));
  change.set_stage(static_cast<trust::v1::Stage>(to));
  change.set_cause(cause);
  if (cause != trust::v1::TRANSITION_CAUSE_SILENCE) {
    for (const int64_t id : applied_[day])
      change.add_events(absl::StrCat("partnerships/", partnership_, "/events/", id));
    change.set_event_count(static_cast<int64_t>(applied_[day].size()));
  }
  stage_ = to;
}

inline void NaiveAssessment::Silence(Day p, Day until) {
  std::map<Day, std::vector<bool*>> drops;
  const auto look = [&](bool* flag, bool practice, int f) {
    if (!*flag || until <= p || Holds(practice, f, until)) return;
    Day good = p, bad = until;
    while (bad - good > 1) {
      const Day middle = good + (bad - good) / 2;
      (Holds(practice, f, middle) ? good : bad) = middle;
    }
    drops[bad].push_back(flag);
  };
  for (int f = 0; f < 3; ++f) look(&flags_.est[f], false, f);
  for (int f = 1; f < 4; ++f) look(&flags_.begun[f], true, f);
  for (const auto& [day, dropped] : drops) {
    for (bool* flag : dropped) *flag = false;
    if (Target() < stage_) Change(day, Target(), trust::v1::TRANSITION_CAUSE_SILENCE);
  }
}

inline void NaiveAssessment::Run(Day as_of) {
  const int enter_e[] = {6500, 6500, 7000};
  const Big enter_r[] = {2000, 3000, 5000};
  const Big begin_r[] = {0, 500, 750, 1000};
  std::set<Day> days = {*t0_};
  for (const auto& [day, ids] : applied_) {
    if (day >= *t0_ && day <= as_of) days.insert(day);
  }
  Day p = *t0_;
  for (const Day d : days) {
    if (d > *t0_) Silence(p, d - 1);
    const bool eligible = d == *t0_ ? !eligible_.empty() && *eligible_.begin() <= d : eligible_.count(d) > 0;
    for (int f = 0; f < 3; ++f) flags_.est[f] = flags_.est[f] && Holds(false, f, d);
    for (int f = 1; f < 4; ++f) flags_.begun[f] = flags_.begun[f] && Holds(true, f, d);
    const int c = Ceiling(d);
    for (int f = 0; f < 3; ++f) flags_.est[f] = flags_.est[f] && f + 1 < c;
    if (eligible) {
      for (int f = 0; f < 3; ++f) {
        if (f + 1 >= c || flags_.est[f]) continue;
        const std::optional<Day> violated = Last(f, d, trust::v1::SEVERITY_MODERATE);
        flags_.est[f] = E(f, d) >= enter_e[f] && R(f, d, false, {}) >= (enter_r[f] << 30) &&
                        R(f, d, true, {}) >= (enter_r[f] << 30) / 2 && Coverage(f, d) &&
                        (!violated.has_value() || R(f, d, false, violated) >= (enter_r[f] << 30) / 2);
        flags_.ever[f] = flags_.ever[f] || flags_.est[f];
      }
      for (int f = 1; f < 4; ++f) {
        if (R(f, d, false, {}) >= (begin_r[f] << 30) && (f != 3 || E(f, d) >= 5000)) flags_.begun[f] = true;
      }
    }
    const int target = std::min(c, Target());
    if (stage_ == 0) {
      Change(d, 1, trust::v1::TRANSITION_CAUSE_START);
    } else if (target < stage_) {
      Change(d, target, trust::v1::TRANSITION_CAUSE_EVENT);
    } else if (target > stage_ && eligible) {
      Change(d, stage_ + 1, trust::v1::TRANSITION_CAUSE_EVENT);
    }
    p = d;
  }
  Silence(p, as_of);
}

// ---- What is shown (C12, C13)

inline void NaiveAssessment::Render(Day t, bool ended) {
  using namespace trust::v1;  // NOLINT: enum values.
  reading.set_stage(static_cast<Stage>(stage_));
  reading.set_since_date(timeline.back().date());
  const int ceiling = Ceiling(t);
  reading.set_ceiling(static_cast<Stage>(ceiling));
  bool repairing = false, strained = false, dormant = false;
  for (const Negative& n : negatives_) {
    if (n.day <= t && n.conflict && !Resolved(n, t)) strained = true;
    if (ceiling == 4 || CeilingBy(n, t) != ceiling) continue;
    reading.add_ceiling_events(absl::StrCat("partnerships/", partnership_, "/events/", n.id));
    for (int type = 0; type < 4; ++type) repairing = repairing || (n.violation && RepairDay(n, type) <= t);
  }
  for (int f = 0; f < 4; ++f) {
    const Big r = R(f, t, false, {}), s = S(f, t), total = r + s + 2 * kUnit;
    const int e = static_cast<int>(E(f, t)), b = static_cast<int>(10000 * r / total),
              d = static_cast<int>(10000 * s / total);
    auto& facet = *reading.add_facets();
    facet.set_facet(static_cast<Facet>(f + 1));
    facet.set_score_bp(e);
    facet.set_belief_bp(b);
    facet.set_disbelief_bp(d);
    facet.set_uncertainty_bp(10000 - b - d);
    const Big variance = Big{e} * (10000 - e) * kUnit / (total + kUnit);
    int sd = 0;
    while (Big{sd + 1} * (sd + 1) <= variance) ++sd;
    facet.set_deviation_bp(sd);
    facet.set_positive_milli(static_cast<int64_t>(r >> 30));
    facet.set_negative_milli(static_cast<int64_t>(s >> 30));
    facet.set_established(f < 3 && flags_.est[f]);
    facet.set_begun(flags_.begun[f]);
    strained = strained || d >= 2500;
    dormant = dormant || (f < 3 && flags_.ever[f] && 10000 - b - d >= 8000);
  }
  reading.set_condition(ended         ? CONDITION_ENDED
                        : ceiling < 4 ? (repairing ? CONDITION_REPAIRING : CONDITION_BREACHED)
                        : strained    ? CONDITION_STRAINED
                        : dormant     ? CONDITION_DORMANT
                                      : CONDITION_STEADY);
  if (ended) return;
  // Looking ahead: nothing after t counts.
  const auto later = [t](const auto& x) { return x.day > t; };
  const auto own_later = [t](const auto& x) { return x.own > t; };
  std::erase_if(positives_, later);
  std::erase_if(negatives_, later);
  std::erase_if(resolutions_, later);
  std::erase_if(verdicts_, own_later);
  std::erase_if(repairs_, own_later);
  const std::vector<Transition> so_far = timeline;
  const int stage = stage_;
  Silence(t, t + 20000);
  if (timeline.size() > so_far.size()) {
    const Transition& fall = timeline[so_far.size()];
    reading.set_stage_after(fall.stage());
    absl::CivilDay day;
    absl::ParseCivilTime(fall.date(), &day);
    reading.set_holds_until_date(absl::FormatCivilTime(day - 1));
  }
  timeline = so_far;
  stage_ = stage;
}

}  // namespace projections

#endif  // TESTS_PROJECTIONS_NAIVE_ASSESSMENT_H_
