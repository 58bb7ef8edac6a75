// What collected evidence weighs on a day, and what that permits (the specification, sections 6.5, 6.6 and 7.2 to 7.4;
// C6 to C8, C10): standings, discharge, masses, coverage, recovery, ceilings. Its own tables; only decay is the
// evaluator's.

#ifndef TESTS_PROJECTIONS_NAIVE_MASSES_H_
#define TESTS_PROJECTIONS_NAIVE_MASSES_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "projections/day.h"
#include "projections/decay.h"
#include "tests/projections/naive_collection.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

class NaiveMasses : public NaiveCollection {
 public:
  using NaiveCollection::NaiveCollection;

 protected:
  // What is added to both sides of every score.
  static constexpr Big kUnit = Big{1000} << 30;

  Day RepairDay(const Negative& v, int type) const;
  bool Resolved(const Negative& n, Day t) const;
  Big R(int f, Day t, bool confirmed_only, std::optional<Day> after) const;
  Big S(int f, Day t) const;
  Big E(int f, Day t) const;
  std::optional<Day> Last(int f, Day t, int severity_min) const;
  bool Coverage(int f, Day t) const;
  int CeilingBy(const Negative& n, Day t) const;
  int Ceiling(Day t) const;

 private:
  Big D(int half_life, Day age) const;
  std::pair<int, int> StandingAt(const Negative& v, Day t) const;  // Label and factor.
  Big Discharge(const Negative& n, Day t) const;
  Weights4 WeightAt(const Negative& n, Day t) const;
};

// ---- Weights and masses on a day (6.5, 6.6, 7.2, C6-C8)

inline NaiveMasses::Big NaiveMasses::D(int half_life, Day age) const {
  static const std::map<int, Decay> kDecays = {
      {365, Decay(365)}, {540, Decay(540)}, {730, Decay(730)}, {1095, Decay(1095)}, {1460, Decay(1460)}};
  return kDecays.at(half_life).At(age);
}

inline std::pair<int, int> NaiveMasses::StandingAt(const Negative& v, Day t) const {
  using namespace trust::v1;  // NOLINT: enum values.
  const int factors[] = {0, 750, 500, 1000, 1000, 500, 0, 0};
  std::vector<Verdict> fold;
  for (const Verdict& x : verdicts_) {
    if (x.key == v.key && std::max(x.own, v.day) <= t) fold.push_back(x);
  }
  std::sort(fold.begin(), fold.end(), [&](const Verdict& a, const Verdict& b) {
    return std::make_tuple(std::max(a.own, v.day), a.own, a.rank) <
           std::make_tuple(std::max(b.own, v.day), b.own, b.rank);
  });
  int label = v.standing, factor = factors[v.standing];
  for (const Verdict& x : fold) {
    if (x.rank == 0 && label != STANDING_ALLEGED) continue;
    if ((x.rank == 1 || x.rank == 2) && label != STANDING_ALLEGED && label != STANDING_DISPUTED) continue;
    const int labels[] = {STANDING_DISPUTED,  STANDING_ACKNOWLEDGED, STANDING_WITHDRAWN,
                          STANDING_UNFOUNDED, STANDING_PARTLY,       STANDING_SUBSTANTIATED};
    label = labels[x.rank];
    if (x.rank != 1) factor = factors[label];
  }
  return {label, factor};
}

inline Day NaiveMasses::RepairDay(const Negative& v, int type) const {
  Day first = 1 << 30;
  for (const Repair& x : repairs_) {
    if (x.key == v.key && x.type == type && (x.named || v.witness_only))
      first = std::min(first, std::max(x.own, v.day));
  }
  return first;
}

inline NaiveMasses::Big NaiveMasses::Discharge(const Negative& n, Day t) const {
  Big discharge = 0;
  if (n.conflict) {
    for (const Resolution& x : resolutions_) {
      if (x.key == n.key && x.day >= n.day && x.day <= t) discharge = std::max<Big>(discharge, x.discharge);
    }
  }
  if (n.violation) {
    const int table[3][5] = {{50, 200, 350, 200, 800}, {50, 100, 300, 150, 600}, {0, 50, 200, 150, 400}};
    for (int type = 0; type < 4; ++type) {
      if (RepairDay(n, type) <= t) discharge += table[n.basis][type];
    }
    discharge = std::min<Big>(discharge, table[n.basis][4]);
    if (n.deception) discharge /= 2;
  }
  return discharge;
}

inline NaiveMasses::Weights4 NaiveMasses::WeightAt(const Negative& n, Day t) const {
  Weights4 w = n.w0;
  Big standing = 1000, recid = 1000;
  if (n.violation) {
    standing = StandingAt(n, t).second;
    for (const Negative& o : negatives_) {
      const bool earlier = o.violation && o.basis == n.basis && n.day - o.day > 0 && n.day - o.day <= 1460;
      if (earlier && StandingAt(o, t).second > 0) recid += 500;
    }
    recid = std::min<Big>(recid, 3000);
  }
  for (int f = 0; f < 4; ++f) w[f] = w[f] * standing / 1000 * recid / 1000 * (1000 - Discharge(n, t)) / 1000;
  return w;
}

inline NaiveMasses::Big NaiveMasses::R(int f, Day t, bool confirmed_only, std::optional<Day> after) const {
  Big sum = 0;
  std::map<std::string, const Positive*> credits;
  for (const Positive& p : positives_) {
    if (p.day > t || (confirmed_only && !p.confirmed) || (after.has_value() && p.day <= *after)) continue;
    if (p.credit_of.empty()) {
      sum += p.w[f] * D(365, t - p.day);
      continue;
    }
    const Positive*& best = credits[p.credit_of];
    const auto rank = [&](const Positive& c) { return std::make_tuple(c.w[1] * D(365, t - c.day), c.day, c.id); };
    if (best == nullptr || rank(p) > rank(*best)) best = &p;
  }
  for (const auto& [key, p] : credits) sum += p->w[f] * D(365, t - p->day);
  return sum;
}

inline NaiveMasses::Big NaiveMasses::S(int f, Day t) const {
  Big sum = 0;
  for (const Negative& n : negatives_) {
    if (n.day <= t) sum += WeightAt(n, t)[f] * D(n.half_life, t - n.day);
  }
  return sum;
}

inline NaiveMasses::Big NaiveMasses::E(int f, Day t) const {
  const Big r = R(f, t, false, {}), s = S(f, t);
  return 10000 * (r + kUnit) / (r + s + 2 * kUnit);
}

// ---- Coverage, recovery, ceilings (7.3, 7.4, C10)

inline std::optional<Day> NaiveMasses::Last(int f, Day t, int severity_min) const {
  std::optional<Day> last;
  for (const Negative& n : negatives_) {
    if (n.violation && n.day <= t && n.severity >= severity_min && n.w0[f] > 0 && StandingAt(n, t).second > 0) {
      last = std::max(last.value_or(n.day), n.day);
    }
  }
  return last;
}

inline bool NaiveMasses::Coverage(int f, Day t) const {
  const std::optional<Day> anchor = Last(f, t, trust::v1::SEVERITY_MAJOR);
  std::set<Notion> notions;
  std::vector<Day> days;
  for (const Positive& p : positives_) {
    if (p.day > t || !p.confirmed || p.w[f] == 0 || (anchor.has_value() && p.day <= *anchor)) continue;
    if (f == 1 && p.base[1] < 500) continue;
    notions.insert(p.notion);
    if (f == 1 || (f == 2 && (p.notion == kFulfil || p.notion == kJointly))) days.push_back(p.day);
  }
  const auto any = [&](std::initializer_list<Notion> wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [&](Notion n) { return notions.count(n) > 0; });
  };
  std::sort(days.begin(), days.end());
  if (f == 1) days.erase(std::unique(days.begin(), days.end()), days.end());
  const bool three = days.size() >= 3;
  if (f == 0) return any({kCred, kFulfil, kJointly}) && any({kIntent, kGoal, kAdapt, kRenew});
  if (f == 1) {
    return any({kShared, kJointly}) && any({kOpen, kTransparent, kFeedback}) && three &&
           days.back() - days.front() >= 30;
  }
  return three && days.back() - days.front() >= 90 && any({kGoal, kJointly});
}

inline bool NaiveMasses::Resolved(const Negative& n, Day t) const {
  return std::any_of(resolutions_.begin(), resolutions_.end(),
                     [&](const Resolution& x) { return x.key == n.key && x.day >= n.day && x.day <= t; });
}

inline int NaiveMasses::CeilingBy(const Negative& n, Day t) const {
  using namespace trust::v1;  // NOLINT: enum values.
  int ceiling = 4;
  if (n.day > t) return 4;
  if (n.dispute && !Resolved(n, t)) return 2;
  if (!n.violation || StandingAt(n, t).second == 0) return 4;
  const Day verified = RepairDay(n, 3);
  if (verified > t) {
    if (n.severity == SEVERITY_CRITICAL) ceiling = n.basis == kAbility ? 2 : 1;
    if (n.severity == SEVERITY_MAJOR) ceiling = n.basis == kAbility ? 3 : 2;
  } else if (n.deception && n.severity >= SEVERITY_MAJOR && t - verified < 1825) {
    ceiling = 3;
  }
  return ceiling;
}

inline int NaiveMasses::Ceiling(Day t) const {
  int ceiling = 4;
  for (const Negative& n : negatives_) ceiling = std::min(ceiling, CeilingBy(n, t));
  return ceiling;
}

}  // namespace projections

#endif  // TESTS_PROJECTIONS_NAIVE_MASSES_H_
