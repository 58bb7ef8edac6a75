// The specification, sections 6, 7 and 13, transcribed as directly as can be, and slowly: no buckets, nothing kept from
// day to day but the flags, its own tables of weights. What the evaluator is compared with; it shares nothing with it
// but days and decay.

#ifndef TESTS_PROJECTIONS_NAIVE_ASSESSMENT_H_
#define TESTS_PROJECTIONS_NAIVE_ASSESSMENT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "projections/day.h"
#include "projections/decay.h"
#include "projections/event_name.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

class NaiveAssessment {
 public:
  NaiveAssessment(std::string partnership, const std::vector<trust::v1::Event>& events, std::string trustor,
                  std::string trustee, Day as_of);

  trust::v1::DirectionReading reading;
  std::vector<trust::v1::Transition> timeline;

 private:
  using Big = __int128;
  using Weights4 = std::array<Big, 4>;
  enum Notion {
    kNone,
    kCred,
    kIntent,
    kShared,
    kOpen,
    kFulfil,
    kJointly,
    kGoal,
    kTransparent,
    kFeedback,
    kAdapt,
    kRenew
  };
  enum BasisOf { kAbility, kBenevolence, kIntegrity };

  struct Positive {
    Day day;
    int64_t id;
    Weights4 w;
    Weights4 base;
    bool confirmed;
    Notion notion;
    std::string credit_of = {};  // The conflict's key.
  };
  struct Negative {
    Day day;
    int64_t id;
    Weights4 w0;
    int half_life;
    BasisOf basis;
    bool violation = false;
    int severity = 0, standing = 0;
    bool deception = false, witness_only = false;
    bool conflict = false, dispute = false;
    int materiality = 0;
    std::string key = {};
  };
  struct Verdict {
    Day own;
    int64_t id;
    int rank;
    std::string key;
  };
  struct Repair {
    Day own;
    int64_t id;
    int type;
    std::string key;
    bool named;
  };
  struct Resolution {
    Day day;
    int64_t id;
    int discharge;
    std::string key;
  };
  struct Flags {
    bool est[3] = {}, ever[3] = {}, begun[4] = {};
  };

  void Collect(const std::vector<trust::v1::Event>& events);
  void CollectOne(const trust::v1::Event& event);
  void CollectAct(const trust::v1::Evidence& e, Day day, int64_t id, bool witness);
  void CollectCredits(const std::vector<trust::v1::Event>& events);
  bool Counts(const trust::v1::Evidence& e, bool* witness) const;
  std::string Key(const std::string& reference) const;
  Big D(int half_life, Day age) const;

  std::pair<int, int> StandingAt(const Negative& v, Day t) const;  // Label and factor.
  Big Discharge(const Negative& n, Day t) const;
  Day RepairDay(const Negative& v, int type) const;
  bool Resolved(const Negative& n, Day t) const;
  Weights4 WeightAt(const Negative& n, Day t) const;
  Big R(int f, Day t, bool confirmed_only, std::optional<Day> after) const;
  Big S(int f, Day t) const;
  Big E(int f, Day t) const;
  std::optional<Day> Last(int f, Day t, int severity_min) const;
  bool Coverage(int f, Day t) const;
  int CeilingBy(const Negative& n, Day t) const;
  int Ceiling(Day t) const;
  bool Holds(bool practice, int f, Day t) const;
  int Target() const;
  void Silence(Day p, Day until);
  void Change(Day day, int to, trust::v1::TransitionCause cause);
  void Run(Day as_of);
  void Render(Day as_of, bool ended);

  const std::string partnership_, trustor_, trustee_;
  std::optional<Day> t0_;
  Day end_ = 1 << 30;
  std::vector<Positive> positives_;
  std::vector<Negative> negatives_;
  std::vector<Verdict> verdicts_;
  std::vector<Repair> repairs_;
  std::vector<Resolution> resolutions_;
  std::map<Day, std::set<int64_t>> applied_;  // Days of evaluation with their ids.
  std::set<Day> eligible_;
  Flags flags_;
  int stage_ = 0;
};

// ---- What counts (6.4, 6.5, C5, C8, C9)

inline NaiveAssessment::NaiveAssessment(std::string partnership, const std::vector<trust::v1::Event>& events,
                                        std::string trustor, std::string trustee, Day as_of)
    : partnership_(std::move(partnership)), trustor_(std::move(trustor)), trustee_(std::move(trustee)) {
  Collect(events);
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

inline std::string NaiveAssessment::Key(const std::string& reference) const {
  const auto revision = ParseEventName(partnership_, reference);
  return revision.has_value() ? absl::StrCat(*revision) : "";
}

inline NaiveAssessment::Big NaiveAssessment::D(int half_life, Day age) const {
  static const std::map<int, Decay> kDecays = {
      {365, Decay(365)}, {540, Decay(540)}, {730, Decay(730)}, {1095, Decay(1095)}, {1460, Decay(1460)}};
  return kDecays.at(half_life).At(age);
}

inline bool NaiveAssessment::Counts(const trust::v1::Evidence& e, bool* witness) const {
  const auto has = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (e.actor() != trustee_ && !(e.actor() == "*" && has(e.affected(), trustee_))) return false;
  *witness = !has(e.affected(), trustor_);
  return !*witness || has(e.witnesses(), trustor_);
}

inline void NaiveAssessment::Collect(const std::vector<trust::v1::Event>& events) {
  for (const trust::v1::Event& event : events) {
    const Day day = HeldDay(event);
    if (event.has_partnership_terminated()) end_ = std::min(end_, day);
    if (event.has_partner_left()) {
      const std::string& who = event.partner_left().organization();
      if (who == trustor_ || who == trustee_) end_ = std::min(end_, day);
    }
    if (event.has_initial_contact_made()) {
      int named = 0;
      for (const std::string& who : event.initial_contact_made().organizations())
        named += who == trustor_ || who == trustee_;
      if (named == 2) t0_ = std::min(t0_.value_or(day), day);
    }
  }
  if (!t0_.has_value()) return;
  for (const trust::v1::Event& event : events) {
    if (event.has_evidence()) CollectOne(event);
  }
  CollectCredits(events);
  for (const Positive& p : positives_) {
    applied_[p.day].insert(p.id);
    eligible_.insert(p.day);
  }
  for (const Negative& n : negatives_) {
    applied_[n.day].insert(n.id);
    if (!n.violation) continue;
    for (const Verdict& x : verdicts_) {
      if (x.key == n.key) applied_[std::max(x.own, n.day)].insert(x.id);
    }
    for (const Repair& x : repairs_) {
      if (x.key == n.key && (x.named || n.witness_only)) applied_[std::max(x.own, n.day)].insert(x.id);
    }
  }
  for (const Resolution& x : resolutions_) applied_[x.day].insert(x.id);
}

inline void NaiveAssessment::CollectOne(const trust::v1::Event& event) {
  using namespace trust::v1;  // NOLINT: enum values.
  const Evidence& e = event.evidence();
  const Day day = HeldDay(event);
  const int64_t id = event.revision();
  const auto verdict = [&](int rank, const std::string& violation) {
    if (!Key(violation).empty()) verdicts_.push_back({day, id, rank, Key(violation)});
  };
  const auto repair = [&](int type, const std::string& violation) {
    if (Key(violation).empty()) return;
    if (type == 3 && (e.source() == SOURCE_SELF || e.source() == SOURCE_SYSTEM)) return;
    bool named = e.actor() == trustor_;
    for (const std::string& who : e.affected()) named = named || who == trustor_;
    for (const std::string& who : e.witnesses()) named = named || who == trustor_;
    repairs_.push_back({day, id, type, Key(violation), named});
  };
  if (e.has_violation_disputed()) return verdict(0, e.violation_disputed().violation());
  if (e.has_violation_acknowledged()) {
    verdict(1, e.violation_acknowledged().violation());
    return repair(0, e.violation_acknowledged().violation());
  }
  if (e.has_allegation_withdrawn()) return verdict(2, e.allegation_withdrawn().violation());
  if (e.has_finding_issued()) {
    const FindingResult result = e.finding_issued().result();
    if (result == FINDING_RESULT_UNFOUNDED) verdict(3, e.finding_issued().violation());
    if (result == FINDING_RESULT_PARTLY) verdict(4, e.finding_issued().violation());
    if (result == FINDING_RESULT_SUBSTANTIATED) verdict(5, e.finding_issued().violation());
    return;
  }
  if (e.has_apology_issued()) return repair(1, e.apology_issued().violation());
  if (e.has_remediation_completed()) return repair(2, e.remediation_completed().violation());
  if (e.has_remediation_verified()) return repair(3, e.remediation_verified().violation());
  bool witness = false;
  if (!e.has_conflict_resolved() && Counts(e, &witness)) CollectAct(e, day, id, witness);
}

inline void NaiveAssessment::CollectAct(const trust::v1::Evidence& e, Day day, int64_t id, bool witness) {
  using namespace trust::v1;  // NOLINT: enum values.
  const int materialities[] = {1000, 500, 1000, 2000, 4000};
  const int severities[] = {1000, 500, 1000, 2000, 4000};
  const int sources[] = {1000, 250, 1000, 1000, 1000, 750};
  const int mat = materialities[e.materiality()];
  const bool attested = e.has_interpersonal_trust_attested();
  const bool personal = attested || e.level() == LEVEL_INTERPERSONAL;
  const int role = witness || e.has_reputation_reference_received() ? 250 : personal ? 500 : 1000;

  const auto positive = [&](Big a, Big b, Big c, Big d, Notion notion) {
    Positive p{day, id, {}, {a, b, c, d}, e.source() != SOURCE_SELF, notion};
    bool any = false;
    for (int f = 0; f < 4; ++f) {
      p.w[f] = p.base[f] * mat / 1000 * sources[e.source()] / 1000 * role / 1000;
      if (personal && f >= 2) p.w[f] = 0;
      any = any || p.w[f] > 0;
    }
    if (any) positives_.push_back(p);
  };
  const auto negative = [&](Big a, Big b, Big c, Big d, BasisOf basis, int half_life) -> Negative& {
    Negative n{day, id, {a, b, c, d}, half_life, basis};
    Big m = mat;
    if (e.has_violation_reported()) {
      m = severities[e.violation_reported().severity()];
      if (day - *t0_ < 180) m = m * 1500 / 1000;
    }
    for (int f = 0; f < 4; ++f) {
      n.w0[f] = n.w0[f] * m / 1000 * role / 1000 * 1000 / 1000;
      if (personal && f >= 2) n.w0[f] = 0;
    }
    n.witness_only = witness;
    negatives_.push_back(n);
    return negatives_.back();
  };
  const auto conflict = [&](Negative& n, const std::string& reference) {
    n.conflict = true;
    n.materiality = mat;
    n.key = reference.empty() ? absl::StrCat(id) : Key(reference);
    if (n.key.empty()) n.key = absl::StrCat("unknown", id);
  };

  if (e.has_credibility_assessed() || e.has_reputation_reference_received()) {
    const auto result =
        e.has_credibility_assessed() ? e.credibility_assessed().result() : e.reputation_reference_received().result();
    if (result == CREDIBILITY_RESULT_CONTRADICTED) {
      negative(2000, 0, 0, 0, kAbility, 540);
    } else {
      positive(1000, 0, 0, 0, kCred);
    }
  }
  if (e.has_credentials_verified()) positive(750, 0, 0, 0, kCred);
  if (e.has_intentions_assessed()) {
    if (e.intentions_assessed().result() == INTENTIONS_RESULT_MISALIGNED) {
      negative(2000, 500, 0, 0, kBenevolence, 540);
    } else {
      positive(1000, 0, 0, 0, kIntent);
    }
  }
  if (e.has_confidentiality_agreement_signed()) positive(500, 0, 0, 0, kIntent);
  if (e.has_prior_tie_attested()) positive(1000, 0, 0, 0, kCred);
  if (e.has_shared_experience_held()) positive(250, 1000, 0, 0, kShared);
  if (e.has_open_communication_observed()) positive(250, 1000, 0, 0, kOpen);
  if (e.has_mutual_understanding_confirmed()) positive(250, 1000, 0, 0, kOpen);
  if (e.has_misunderstanding_clarified()) positive(0, 250, 0, 0, kOpen);
  if (e.has_commitment_fulfilled()) {
    const auto result = e.commitment_fulfilled().result();
    if (result == FULFILMENT_RESULT_LATE) {
      positive(0, 0, 250, 0, kNone);
    } else {
      positive(500, 250, result == FULFILMENT_RESULT_EXCEEDED ? 1250 : 1000, 0, kFulfil);
    }
  }
  if (e.has_partner_goal_supported()) positive(500, 500, 1000, 0, kGoal);
  if (e.has_consistency_observed()) positive(250, 0, 500, 0, kNone);
  if (e.has_shared_objective_achieved()) positive(500, 500, 1500, 0, kJointly);
  if (e.has_transparency_demonstrated()) positive(250, 500, 0, 1000, kTransparent);
  if (e.has_feedback_acted_on()) positive(250, 500, 0, 1000, kFeedback);
  if (e.has_feedback_given()) positive(0, 250, 0, 250, kFeedback);
  if (e.has_adaptation_made()) positive(250, 250, 250, 1500, kAdapt);
  if (e.has_relationship_investment_made()) positive(500, 250, 500, 1500, kAdapt);
  if (e.has_partnership_renewed()) positive(500, 500, 500, 2000, kRenew);
  if (attested) {
    const auto& rated = e.interpersonal_trust_attested();
    const int good = 125 * (std::clamp(rated.reliability(), 1, 5) + std::clamp(rated.integrity(), 1, 5) - 2);
    positive(good, 0, 0, 0, kNone);
    if (good < 1000) negative(1000 - good, 0, 0, 0, kBenevolence, 540);
  }

  if (e.has_misunderstanding_reported()) negative(0, 500, 0, 0, kBenevolence, 365);
  if (e.has_conflict_raised()) conflict(negative(0, 500, 0, 0, kBenevolence, 365), "");
  if (e.has_conflict_escalated()) {
    conflict(negative(500, 1000, 0, 500, kBenevolence, 365), e.conflict_escalated().conflict());
  }
  if (e.has_formal_dispute_opened()) {
    Negative& n = negative(1000, 2000, 0, 1000, kBenevolence, 540);
    n.dispute = true;
    conflict(n, e.formal_dispute_opened().conflict());
  }
  if (e.has_information_withheld()) negative(500, 2000, 0, 1000, kIntegrity, 540);
  if (e.has_inconsistency_observed()) negative(250, 0, 1000, 0, kIntegrity, 540);
  if (e.has_commitment_missed()) negative(500, 250, 2000, 0, kAbility, 540);
  if (e.has_feedback_ignored()) negative(0, 500, 0, 1000, kBenevolence, 540);
  if (e.has_adaptation_refused()) negative(250, 250, 250, 1500, kBenevolence, 540);
  if (e.has_violation_reported()) {
    const auto& v = e.violation_reported();
    Negative* n = nullptr;
    if (v.type() == VIOLATION_TYPE_QUALITY_FAILURE) n = &negative(1000, 250, 2000, 0, kAbility, 540);
    if (v.type() == VIOLATION_TYPE_OPPORTUNISM) n = &negative(3000, 2000, 1000, 1500, kBenevolence, 730);
    if (v.type() == VIOLATION_TYPE_CONFIDENTIALITY_BREACH) n = &negative(4000, 2500, 1000, 2000, kIntegrity, 1095);
    if (v.type() == VIOLATION_TYPE_CONTRACT_BREACH) n = &negative(2000, 1000, 3000, 1000, kIntegrity, 1095);
    if (v.type() == VIOLATION_TYPE_DECEPTION) n = &negative(5000, 3000, 2000, 3000, kIntegrity, 1460);
    if (n == nullptr) return;
    n->violation = true;
    n->severity = v.severity() == SEVERITY_UNSPECIFIED ? int{SEVERITY_MODERATE} : int{v.severity()};
    n->standing = v.standing() == STANDING_UNSPECIFIED ? int{STANDING_ALLEGED} : int{v.standing()};
    n->deception = v.deception() || v.type() == VIOLATION_TYPE_DECEPTION;
    n->key = v.violation().empty() ? absl::StrCat(id) : Key(v.violation());
    if (n->key.empty()) n->key = absl::StrCat("unknown", id);
  }
}

inline void NaiveAssessment::CollectCredits(const std::vector<trust::v1::Event>& events) {
  using namespace trust::v1;  // NOLINT: enum values.
  const int materialities[] = {1000, 500, 1000, 2000, 4000};
  const int discharges[] = {0, 1000, 1000, 500, 0, 0};
  for (const Event& event : events) {
    bool witness = false;
    const Evidence& e = event.evidence();
    if (!event.has_evidence() || !e.has_conflict_resolved() || !Counts(e, &witness)) continue;
    const Day day = HeldDay(event);
    const std::string key = Key(e.conflict_resolved().conflict());
    int smallest = materialities[e.materiality()];
    bool found = false;
    for (const Negative& n : negatives_) {
      if (!n.conflict || n.key != key || n.day > day) continue;
      found = true;
      smallest = std::min(smallest, n.materiality);
    }
    if (!found) continue;
    resolutions_.push_back({day, event.revision(), discharges[e.conflict_resolved().mode()], key});
    if (e.conflict_resolved().mode() != RESOLUTION_MODE_JOINT || e.source() != SOURCE_JOINT) continue;
    const bool personal = e.level() == LEVEL_INTERPERSONAL;
    const int role = witness ? 250 : personal ? 500 : 1000;
    Positive p{day, event.revision(), {}, {0, 500, 0, 500}, true, kOpen};
    p.credit_of = key;
    for (int f = 0; f < 4; ++f) p.w[f] = personal && f >= 2 ? 0 : p.base[f] * smallest / 1000 * role / 1000;
    positives_.push_back(p);
  }
}

// ---- Weights and masses on a day (6.5, 6.6, 7.2, C6-C8)

inline std::pair<int, int> NaiveAssessment::StandingAt(const Negative& v, Day t) const {
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

inline Day NaiveAssessment::RepairDay(const Negative& v, int type) const {
  Day first = 1 << 30;
  for (const Repair& x : repairs_) {
    if (x.key == v.key && x.type == type && (x.named || v.witness_only))
      first = std::min(first, std::max(x.own, v.day));
  }
  return first;
}

inline NaiveAssessment::Big NaiveAssessment::Discharge(const Negative& n, Day t) const {
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

inline NaiveAssessment::Weights4 NaiveAssessment::WeightAt(const Negative& n, Day t) const {
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

inline NaiveAssessment::Big NaiveAssessment::R(int f, Day t, bool confirmed_only, std::optional<Day> after) const {
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

inline NaiveAssessment::Big NaiveAssessment::S(int f, Day t) const {
  Big sum = 0;
  for (const Negative& n : negatives_) {
    if (n.day <= t) sum += WeightAt(n, t)[f] * D(n.half_life, t - n.day);
  }
  return sum;
}

constexpr __int128 kUnit = __int128{1000} << 30;

inline NaiveAssessment::Big NaiveAssessment::E(int f, Day t) const {
  const Big r = R(f, t, false, {}), s = S(f, t);
  return 10000 * (r + kUnit) / (r + s + 2 * kUnit);
}

// ---- Coverage, recovery, ceilings (7.3, 7.4, C10)

inline std::optional<Day> NaiveAssessment::Last(int f, Day t, int severity_min) const {
  std::optional<Day> last;
  for (const Negative& n : negatives_) {
    if (n.violation && n.day <= t && n.severity >= severity_min && n.w0[f] > 0 && StandingAt(n, t).second > 0) {
      last = std::max(last.value_or(n.day), n.day);
    }
  }
  return last;
}

inline bool NaiveAssessment::Coverage(int f, Day t) const {
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

inline bool NaiveAssessment::Resolved(const Negative& n, Day t) const {
  return std::any_of(resolutions_.begin(), resolutions_.end(),
                     [&](const Resolution& x) { return x.key == n.key && x.day >= n.day && x.day <= t; });
}

inline int NaiveAssessment::CeilingBy(const Negative& n, Day t) const {
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

inline int NaiveAssessment::Ceiling(Day t) const {
  int ceiling = 4;
  for (const Negative& n : negatives_) ceiling = std::min(ceiling, CeilingBy(n, t));
  return ceiling;
}

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
