// What counts for one partner's trust in another, as the specification says it (sections 6.4 and 6.5; C5, C8, C9): good
// and bad acts with their weights on their own days, verdicts, repairs, resolutions and the days of evaluation.

#ifndef TESTS_PROJECTIONS_NAIVE_COLLECTION_H_
#define TESTS_PROJECTIONS_NAIVE_COLLECTION_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "trust/v1/events.pb.h"

namespace projections {

class NaiveCollection {
 public:
  // The history of one partnership, of which what counts for trustor's trust in trustee is kept.
  NaiveCollection(std::string partnership, const std::vector<trust::v1::Event>& events, std::string trustor,
                  std::string trustee)
      : partnership_(std::move(partnership)), trustor_(std::move(trustor)), trustee_(std::move(trustee)) {
    Collect(events);
  }

 protected:
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

 private:
  void Collect(const std::vector<trust::v1::Event>& events);
  void CollectOne(const trust::v1::Event& event);
  void CollectAct(const trust::v1::Evidence& e, Day day, int64_t id, bool witness);
  void CollectCredits(const std::vector<trust::v1::Event>& events);
  bool Counts(const trust::v1::Evidence& e, bool* witness) const;
  std::string Key(const std::string& reference) const;
};

inline std::string NaiveCollection::Key(const std::string& reference) const {
  const auto revision = ParseEventName(partnership_, reference);
  return revision.has_value() ? absl::StrCat(*revision) : "";
}

inline bool NaiveCollection::Counts(const trust::v1::Evidence& e, bool* witness) const {
  const auto has = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (e.actor() != trustee_ && !(e.actor() == "*" && has(e.affected(), trustee_))) return false;
  *witness = !has(e.affected(), trustor_);
  return !*witness || has(e.witnesses(), trustor_);
}

inline void NaiveCollection::Collect(const std::vector<trust::v1::Event>& events) {
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

inline void NaiveCollection::CollectOne(const trust::v1::Event& event) {
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

inline void NaiveCollection::CollectAct(const trust::v1::Evidence& e, Day day, int64_t id, bool witness) {
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

inline void NaiveCollection::CollectCredits(const std::vector<trust::v1::Event>& events) {
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

}  // namespace projections

#endif  // TESTS_PROJECTIONS_NAIVE_COLLECTION_H_
