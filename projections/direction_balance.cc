#include "projections/direction_balance.h"

#include <algorithm>

namespace projections {
namespace {

std::vector<uint32_t> Distinct(std::vector<uint32_t> indexes) {
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  return indexes;
}

// The standing's factor once all verdicts up to `day` are folded over the first standing. (Section 13, C6: an
// acknowledgement changes the label and keeps the factor.)
uint64_t FoldStanding(uint8_t first, const std::vector<VerdictEntry>& verdicts, Day day, const PolicyRules& rules) {
  namespace v1 = trust::v1;
  int label = first;
  uint64_t factor = rules.standing[first];
  const auto set = [&](int to) {
    label = to;
    factor = rules.standing[static_cast<size_t>(to)];
  };
  for (const VerdictEntry& entry : verdicts) {
    if (entry.day > day) break;
    const bool open = label == v1::STANDING_ALLEGED || label == v1::STANDING_DISPUTED;
    switch (entry.verdict) {
      case Verdict::kDisputed:
        if (label == v1::STANDING_ALLEGED) set(v1::STANDING_DISPUTED);
        break;
      case Verdict::kAcknowledged:
        if (open) label = v1::STANDING_ACKNOWLEDGED;
        break;
      case Verdict::kWithdrawn:
        if (open) set(v1::STANDING_WITHDRAWN);
        break;
      case Verdict::kUnfounded:
        set(v1::STANDING_UNFOUNDED);
        break;
      case Verdict::kPartly:
        set(v1::STANDING_PARTLY);
        break;
      case Verdict::kSubstantiated:
        set(v1::STANDING_SUBSTANTIATED);
        break;
    }
  }
  return factor;
}

}  // namespace

// ---- Masses

FacetMasses DirectionBalance::At(Day day) const {
  FacetMasses masses;
  const auto add = [&](const std::vector<Column>& columns, Mass FacetMass::*side) {
    for (const Column& column : columns) {
      const uint64_t left =
          policy_->rules().decays[static_cast<size_t>(column.half_life)].At(int64_t{day} - column.day);
      for (size_t facet = 0; facet < kFacetCount; ++facet) masses[facet].*side += Mass{column.weights[facet]} * left;
    }
  };
  const Decay& decay = policy_->positive_decay();
  for (const Column& column : positives_) {
    const uint64_t left = decay.At(int64_t{day} - column.day);
    for (size_t facet = 0; facet < kFacetCount; ++facet) masses[facet].positive += Mass{column.weights[facet]} * left;
  }
  add(credits_, &FacetMass::positive);
  add(plain_negatives_, &FacetMass::negative);
  add(matter_negatives_, &FacetMass::negative);
  for (const uint32_t conflict : rival_credits_) {
    const Credit& credit = *BestCredit(conflicts_[conflict], std::nullopt, day);
    const uint64_t left = decay.At(int64_t{day} - credit.day);
    for (size_t facet = 0; facet < kFacetCount; ++facet) masses[facet].positive += Mass{credit.weights[facet]} * left;
  }
  return masses;
}

FacetMass DirectionBalance::At(size_t facet, Day day) const {
  FacetMass mass;
  const auto sum = [&](const std::vector<Column>& columns) {
    Mass total = 0;
    for (const Column& column : columns) {
      const uint64_t left =
          policy_->rules().decays[static_cast<size_t>(column.half_life)].At(int64_t{day} - column.day);
      total += Mass{column.weights[facet]} * left;
    }
    return total;
  };
  mass.positive = sum(positives_) + sum(credits_);
  for (const uint32_t conflict : rival_credits_) {
    const Credit& credit = *BestCredit(conflicts_[conflict], std::nullopt, day);
    mass.positive += Mass{credit.weights[facet]} * policy_->positive_decay().At(int64_t{day} - credit.day);
  }
  mass.negative = sum(plain_negatives_) + sum(matter_negatives_);
  return mass;
}

Mass DirectionBalance::ConfirmedAt(size_t facet, Day day) const {
  const Decay& decay = policy_->positive_decay();
  Mass mass = 0;
  for (size_t i = 0; i < confirmed_.size(); ++i) {
    mass += Mass{confirmed_[i][facet]} * decay.At(int64_t{day} - positives_[i].day);
  }
  for (const Column& column : credits_) mass += Mass{column.weights[facet]} * decay.At(int64_t{day} - column.day);
  for (const uint32_t conflict : rival_credits_) {
    const Credit& credit = *BestCredit(conflicts_[conflict], std::nullopt, day);
    mass += Mass{credit.weights[facet]} * decay.At(int64_t{day} - credit.day);
  }
  return mass;
}

Mass DirectionBalance::PositiveAfter(size_t facet, Day after, Day day) const {
  const Decay& decay = policy_->positive_decay();
  Mass mass = 0;
  for (const auto* const columns : {&positives_, &credits_}) {
    for (auto column = columns->rbegin(); column != columns->rend() && column->day > after; ++column) {
      mass += Mass{column->weights[facet]} * decay.At(int64_t{day} - column->day);
    }
  }
  for (const uint32_t conflict : rival_credits_) {
    const Credit* const credit = BestCredit(conflicts_[conflict], after, day);
    if (credit != nullptr) mass += Mass{credit->weights[facet]} * decay.At(int64_t{day} - credit->day);
  }
  return mass;
}

bool DirectionBalance::Covers(size_t facet, std::optional<Day> after) const {
  const CoverageNeed& need = policy_->rules().coverage[facet];
  uint32_t notions = 0;
  int64_t count = 0;
  Day first = 0, last = 0;
  for (size_t i = coverage_.size(); i-- > 0;) {
    const Day day = positives_[i].day;
    if (after.has_value() && day <= *after) break;
    const Coverage& covered = coverage_[i][facet];
    notions |= covered.notions;
    if (covered.count == 0) continue;
    if (count == 0) last = day;
    first = day;
    count += need.counts_acts ? covered.count : 1;
  }
  for (const uint32_t set : need.notion_sets) {
    if ((notions & set) == 0) return false;
  }
  return count >= need.count_min && (need.count_min == 0 || int64_t{last} - first >= need.span_days_min);
}

// ---- Days

bool DirectionBalance::Enter(Day day, const DayInputs& inputs) {
  if (!last_day_.has_value() || *last_day_ != day) {
    positives_.push_back({day, 0, {}});
    confirmed_.emplace_back();
    coverage_.emplace_back();
    plain_negatives_before_ = plain_negatives_.size();
  }
  last_day_ = day;
  eligible_ = inputs.eligible;
  SetColumn(positives_.back().weights, inputs.positive, &positives_.back());
  confirmed_.back() = inputs.confirmed;
  coverage_.back() = inputs.coverage;
  EnterPlain(inputs);
  if (!inputs.conflicts.empty()) {
    conflicts_.resize(ledger_->conflicts().size());
    for (const uint32_t conflict : Distinct(inputs.conflicts)) EnterConflict(conflict);
  }
  if (!inputs.violations.empty()) {
    reports_.resize(ledger_->reports().size());
    EnterViolations(Distinct(inputs.violations));
  }
  return eligible_;
}

void DirectionBalance::EnterPlain(const DayInputs& inputs) {
  while (plain_negatives_.size() > plain_negatives_before_) {
    SetColumn(plain_negatives_.back().weights, {}, &plain_negatives_.back());
    plain_negatives_.pop_back();
  }
  for (const PlainNegative& negative : inputs.negatives) {
    plain_negatives_.push_back({*last_day_, negative.half_life, {}});
    SetColumn({}, negative.weights, &plain_negatives_.back());
  }
}

// Replaces one share of a column by another.
void DirectionBalance::SetColumn(const Weights& from, const Weights& to, Column* column) {
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    const uint64_t before = from[facet], after = to[facet];
    column->weights[facet] += after - before;
    rounding_max_[facet] += after;
    rounding_max_[facet] -= before;
  }
}

// The column of the day being taken in, for what belongs to violations and conflicts.
size_t DirectionBalance::MatterColumn(Day day, int half_life) {
  for (size_t i = matter_negatives_.size(); i-- > 0 && matter_negatives_[i].day == day;) {
    if (matter_negatives_[i].half_life == half_life) return i;
  }
  matter_negatives_.push_back({day, half_life, {}});
  return matter_negatives_.size() - 1;
}

// ---- Conflicts

void DirectionBalance::EnterConflict(uint32_t conflict) {
  const ConflictMatter& matter = ledger_->conflicts()[conflict];
  ConflictState& state = conflicts_[conflict];
  state.acts.resize(matter.acts.size());
  WeighConflictActs(matter, &state);
  CollectCredits(matter, &state);
  PlaceCredit(conflict, &state);

  Day last_act = std::numeric_limits<Day>::min(), last_resolution = std::numeric_limits<Day>::min();
  for (const Resolution& resolution : matter.resolutions) {
    if (resolution.day <= *last_day_) last_resolution = std::max(last_resolution, resolution.day);
  }
  state.open_disputes.clear();
  for (const ConflictAct& act : matter.acts) {
    if (act.day > *last_day_) continue;
    last_act = std::max(last_act, act.day);
    if (act.dispute && act.day > last_resolution) state.open_disputes.push_back(act.record);
  }
  const auto mark = [conflict](bool holds, std::set<uint32_t>* set) {
    if (holds) {
      set->insert(conflict);
    } else {
      set->erase(conflict);
    }
  };
  mark(last_act > last_resolution, &open_conflicts_);
  mark(!state.open_disputes.empty(), &open_disputes_);
}

// Each act is discharged by the largest of the resolutions from its own day on.
void DirectionBalance::WeighConflictActs(const ConflictMatter& matter, ConflictState* state) {
  std::vector<std::pair<Day, int64_t>> largest_from;  // Descending by day: the largest discharge from that day on.
  for (auto resolution = matter.resolutions.rbegin(); resolution != matter.resolutions.rend(); ++resolution) {
    if (resolution->day > *last_day_) continue;
    const int64_t so_far = largest_from.empty() ? 0 : largest_from.back().second;
    largest_from.emplace_back(resolution->day, std::max(so_far, resolution->discharge));
  }
  for (size_t i = 0; i < matter.acts.size(); ++i) {
    const ConflictAct& act = matter.acts[i];
    if (act.day > *last_day_) continue;
    // The entries of days on or after the act's come first; the last of them counts.
    const auto end = std::partition_point(largest_from.begin(), largest_from.end(),
                                          [&](const auto& entry) { return entry.first >= act.day; });
    const int64_t discharge = end == largest_from.begin() ? 0 : std::prev(end)->second;
    ActState& share = state->acts[i];
    if (!share.entered) {
      share.entered = true;
      share.column = MatterColumn(act.day, act.half_life);
    }
    const Weights weights = Scale(act.weights, static_cast<uint64_t>(1000 - discharge));
    SetColumn(share.weights, weights, &matter_negatives_[share.column]);
    share.weights = weights;
  }
}

// Of several credits of one conflict only one counts on a day: that with the largest mass in rapport, of equal ones the
// latest. One that a later one outweighs does so for ever, since both fade alike.
void DirectionBalance::CollectCredits(const ConflictMatter& matter, ConflictState* state) {
  state->credits.clear();
  const PositiveRule* const rule = ledger_->credit_rule();
  for (const Resolution& resolution : matter.resolutions) {
    if (!resolution.credit || !resolution.applied || resolution.day > *last_day_) continue;
    const Weights weights = ledger_->CreditOf(matter, resolution);
    if (IsZero(weights)) continue;
    if (resolution.day == *last_day_) {
      eligible_ = true;
      for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
        if (weights[facet] == 0) continue;
        coverage_.back()[facet].notions |= rule->notions[facet];
        coverage_.back()[facet].count += rule->counted[facet] ? 1 : 0;
      }
    }
    std::vector<Credit>& credits = state->credits;
    const uint64_t rapport = weights[kRapport];
    if (!credits.empty() && credits.back().day == resolution.day && credits.back().weights[kRapport] > rapport)
      continue;
    while (!credits.empty() && credits.back().weights[kRapport] <= rapport) credits.pop_back();
    credits.push_back({resolution.day, weights});
  }
}

// A lone credit has its place in a column; of rivals the one that counts is sought on each day of reading.
void DirectionBalance::PlaceCredit(uint32_t conflict, ConflictState* state) {
  const auto column_of = [this](Day day) -> Column& {
    auto found = std::lower_bound(credits_.begin(), credits_.end(), day,
                                  [](const Column& column, Day wanted) { return column.day < wanted; });
    if (found == credits_.end() || found->day != day) found = credits_.insert(found, {day, 0, {}});
    return *found;
  };
  if (state->placed.has_value()) SetColumn(state->placed->weights, {}, &column_of(state->placed->day));
  state->placed.reset();
  Column rivals;  // No column of its own: only their sum matters, for rounding.
  SetColumn(state->rivals, {}, &rivals);
  state->rivals = {};
  if (state->credits.size() == 1) {
    state->placed = state->credits.front();
    SetColumn({}, state->placed->weights, &column_of(state->placed->day));
  }
  if (state->credits.size() > 1) {
    rival_credits_.insert(conflict);
    for (const Credit& credit : state->credits) {
      for (size_t facet = 0; facet < kFacetCount; ++facet) state->rivals[facet] += credit.weights[facet];
    }
    SetColumn({}, state->rivals, &rivals);
  } else {
    rival_credits_.erase(conflict);
  }
}

const DirectionBalance::Credit* DirectionBalance::BestCredit(const ConflictState& state, std::optional<Day> after,
                                                             Day day) const {
  const Decay& decay = policy_->positive_decay();
  const Credit* best = nullptr;
  Mass largest = 0;
  for (const Credit& credit : state.credits) {
    if (after.has_value() && credit.day <= *after) continue;
    const Mass mass = Mass{credit.weights[kRapport]} * decay.At(int64_t{day} - credit.day);
    if (best == nullptr || mass >= largest) {
      best = &credit;
      largest = mass;
    }
  }
  return best;
}

// ---- Violations

void DirectionBalance::EnterViolations(const std::vector<uint32_t>& matters) {
  judged_.clear();
  for (const uint32_t index : matters) {
    const ViolationMatter& matter = ledger_->violations()[index];
    std::array<std::optional<uint64_t>, 8> factors;  // By first standing.
    for (const uint32_t report : matter.reports) {
      if (ledger_->reports()[report].day > *last_day_) continue;
      const uint8_t first = ledger_->reports()[report].standing;
      if (!factors[first].has_value()) {
        factors[first] = FoldStanding(first, matter.verdicts, *last_day_, policy_->rules());
      }
      JudgeReport(report, *factors[first]);
    }
  }
  for (std::vector<ReportGroup>& groups : groups_) CountEarlier(groups);
  for (const uint32_t report : judged_) WeighReport(report);
}

// Brings the report's standing, repairs and part in recidivism up to the day being taken in.
void DirectionBalance::JudgeReport(uint32_t index, uint64_t standing) {
  const ViolationReport& report = ledger_->reports()[index];
  const ViolationMatter& matter = ledger_->violations()[report.matter];
  ReportState& state = reports_[index];
  if (!state.entered) {
    state.entered = true;
    state.column = MatterColumn(report.day, report.half_life);
    state.group = GroupOf(report);
    groups_[report.basis][state.group].reports.push_back(index);
    entered_.push_back(index);
    const trust::v1::DeceptionCeiling& deception = policy_->document().deception_ceiling();
    if (policy_->rules().ceilings[report.basis][report.severity] < kHighestStage ||
        (report.deception && report.severity >= deception.severity_min())) {
      limiting_.push_back(index);
    }
  }
  ReportGroup& group = groups_[report.basis][state.group];
  const bool active = standing > 0;
  group.change += static_cast<int64_t>(active) - static_cast<int64_t>(state.active);
  state.active = active;
  state.standing = standing;

  const RepairRule& rule = policy_->rules().repairs[report.basis];
  const auto& repairs = report.witnessed ? matter.repairs : matter.counted_repairs;
  int64_t discharge = 0;
  state.repair_begun = false;
  for (size_t kind = 0; kind < kRepairKindCount; ++kind) {
    if (repairs[kind] > *last_day_) continue;
    state.repair_begun = true;
    discharge += rule.discharge[kind];
  }
  discharge = std::min(discharge, rule.cap);
  if (report.deception) discharge /= policy_->document().deception_discharge_divisor();
  state.discharge = discharge;
  const Day verified = repairs[static_cast<size_t>(RepairKind::kVerified)];
  state.verified_day = verified > *last_day_ ? kNever : std::max(verified, report.day);
  judged_.push_back(index);
}

// Reports enter in ascending order of days, so that a new group is the last.
size_t DirectionBalance::GroupOf(const ViolationReport& report) {
  std::vector<ReportGroup>& groups = groups_[report.basis];
  if (groups.empty() || groups.back().day != report.day) {
    groups.emplace_back();
    groups.back().day = report.day;
    groups.back().dirty = true;
  }
  return groups.size() - 1;
}

// Brings each group's number of earlier violations up to date, and marks as judged the reports whose number changed.
void DirectionBalance::CountEarlier(std::vector<ReportGroup>& groups) {
  const int64_t window = policy_->document().recidivism().window_days();
  size_t changed = groups.size();
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].change != 0 || groups[i].dirty) {
      changed = i;
      break;
    }
  }
  if (changed == groups.size()) return;
  for (size_t i = changed; i < groups.size(); ++i) groups[i].active += groups[i].change;
  // A sliding window over the groups before each one; the first that can have changed is the one after the first
  // change.
  size_t begin = changed;
  while (begin > 0 && int64_t{groups[changed].day} - groups[begin - 1].day <= window) --begin;
  int64_t sum = 0;
  for (size_t i = begin; i < changed; ++i) sum += groups[i].active;
  for (size_t i = changed; i < groups.size(); ++i) {
    while (begin < i && int64_t{groups[i].day} - groups[begin].day > window) sum -= groups[begin++].active;
    ReportGroup& group = groups[i];
    if (sum != group.earlier) judged_.insert(judged_.end(), group.reports.begin(), group.reports.end());
    group.earlier = sum;
    group.change = 0;
    group.dirty = false;
    sum += group.active;
  }
}

void DirectionBalance::WeighReport(uint32_t index) {
  const ViolationReport& report = ledger_->reports()[index];
  ReportState& state = reports_[index];
  const trust::v1::Recidivism& recidivism = policy_->document().recidivism();
  const int64_t earlier = groups_[report.basis][state.group].earlier;
  const int64_t repeated =
      std::min<int64_t>(1000 + int64_t{recidivism.step_permille()} * earlier, recidivism.cap_permille());
  Weights weights = Scale(Scale(report.weights, state.standing), static_cast<uint64_t>(repeated));
  weights = Scale(weights, static_cast<uint64_t>(1000 - state.discharge));
  SetColumn(state.weights, weights, &matter_negatives_[state.column]);
  state.weights = weights;
}

std::optional<Day> DirectionBalance::LastViolation(size_t facet, trust::v1::Severity severity_min) const {
  for (auto index = entered_.rbegin(); index != entered_.rend(); ++index) {
    const ViolationReport& report = ledger_->reports()[*index];
    if (report.severity >= severity_min && report.weights[facet] > 0 && reports_[*index].active) return report.day;
  }
  return std::nullopt;
}

// ---- Ceilings

// What one report limits the stage to.
int DirectionBalance::CeilingOf(uint32_t index, Day day) const {
  const ReportState& state = reports_[index];
  if (!state.active) return kHighestStage;
  const ViolationReport& report = ledger_->reports()[index];
  if (state.verified_day == kNever) return policy_->rules().ceilings[report.basis][report.severity];
  const trust::v1::DeceptionCeiling& deception = policy_->document().deception_ceiling();
  const bool watched = report.deception && report.severity >= deception.severity_min() &&
                       int64_t{day} - state.verified_day < deception.window_days();
  return watched ? int{deception.ceiling()} : kHighestStage;
}

int DirectionBalance::CeilingStageAt(Day day) const {
  int stage = kHighestStage;
  for (const uint32_t index : limiting_) stage = std::min(stage, CeilingOf(index, day));
  if (!open_disputes_.empty()) stage = std::min(stage, int{policy_->document().dispute_ceiling()});
  return stage;
}

Ceiling DirectionBalance::CeilingAt(Day day) const {
  Ceiling ceiling;
  ceiling.stage = CeilingStageAt(day);
  if (ceiling.stage == kHighestStage) return ceiling;
  for (const uint32_t index : limiting_) {
    if (CeilingOf(index, day) != ceiling.stage) continue;
    ceiling.records.push_back(ledger_->reports()[index].record);
    ceiling.repair_begun = ceiling.repair_begun || reports_[index].repair_begun;
  }
  if (ceiling.stage == policy_->document().dispute_ceiling()) {
    for (const uint32_t conflict : open_disputes_) {
      const std::vector<uint32_t>& disputes = conflicts_[conflict].open_disputes;
      ceiling.records.insert(ceiling.records.end(), disputes.begin(), disputes.end());
    }
  }
  std::sort(ceiling.records.begin(), ceiling.records.end());
  return ceiling;
}

size_t DirectionBalance::memory_bytes() const {
  return sizeof(*this) +
         (positives_.capacity() + plain_negatives_.capacity() + matter_negatives_.capacity() + credits_.capacity()) *
             sizeof(Column) +
         confirmed_.capacity() * sizeof(Weights) + coverage_.capacity() * sizeof(coverage_[0]) +
         reports_.capacity() * (sizeof(ReportState) + 16) + conflicts_.capacity() * (sizeof(ConflictState) + 128);
}

}  // namespace projections
