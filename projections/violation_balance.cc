#include "projections/violation_balance.h"

#include <algorithm>

namespace projections {
namespace {

// The standing's factor once all verdicts up to a day are folded over the first standing. An acknowledgement changes
// the label and keeps the factor, so that admitting never costs.
uint64_t FoldStanding(uint8_t first, const std::vector<VerdictEntry>& verdicts, Day day, const PolicyRules& rules) {
  auto standing = static_cast<trust::v1::Standing>(first);
  uint64_t factor = rules.standing[first];
  for (const VerdictEntry& entry : verdicts) {
    if (entry.day > day) break;
    const trust::v1::Standing after = StandingAfter(standing, entry.verdict);
    const bool keeps = after == standing || entry.verdict == Verdict::kAcknowledged;
    if (!keeps) factor = rules.standing[static_cast<size_t>(after)];
    standing = after;
  }
  return factor;
}

}  // namespace

const ViolationBalance& ViolationBalance::None() {
  static const ViolationBalance none;
  return none;
}

void ViolationBalance::Enter(Day day, const std::vector<uint32_t>& matters) {
  day_ = day;
  states_.resize(ledger_->reports().size());
  changed_.clear();
  // In hindsight every violation has the standing finally known. (Specification, C6.)
  const Day known = ledger_->log().hindsight() ? kNever : day;
  for (const uint32_t index : matters) {
    const ViolationMatter& matter = ledger_->violations()[index];
    std::array<std::optional<uint64_t>, 8> factors;  // By first standing.
    for (const uint32_t report : matter.reports) {
      if (ledger_->reports()[report].day > day) continue;
      const uint8_t first = ledger_->reports()[report].standing;
      if (!factors[first].has_value()) factors[first] = FoldStanding(first, matter.verdicts, known, policy_->rules());
      Judge(report, *factors[first]);
    }
  }
  for (std::vector<Group>& groups : groups_) CountEarlier(groups);
  for (const uint32_t report : changed_) Weigh(report);
}

// Brings a report's standing, repairs and part in recidivism up to the day.
void ViolationBalance::Judge(uint32_t index, uint64_t standing) {
  State& state = states_[index];
  if (state.entered) {
    MarkLimit(index, false);
  } else {
    EnterReport(index);
  }
  const bool active = standing > 0;
  Group& group = groups_[ledger_->reports()[index].basis][state.group];
  group.change += static_cast<int64_t>(active) - static_cast<int64_t>(state.active);
  state.active = active;
  state.standing = standing;
  Repair(index);
  MarkLimit(index, true);
  changed_.push_back(index);
}

// Reports enter on their own day, so that a new group is the last of its basis.
void ViolationBalance::EnterReport(uint32_t index) {
  const ViolationReport& report = ledger_->reports()[index];
  State& state = states_[index];
  state.entered = true;
  state.column = negatives_.FindLast(report.day, report.half_life);
  state.limiting = policy_->rules().ceilings[report.basis][report.severity] < kHighestStage || IsGraveDeception(report);
  if (state.limiting) limiting_.push_back(index);
  entered_.push_back(index);
  std::vector<Group>& groups = groups_[report.basis];
  if (groups.empty() || groups.back().day != report.day) {
    groups.emplace_back();
    groups.back().day = report.day;
  }
  state.group = groups.size() - 1;
  groups.back().reports.push_back(index);
}

// Sums up the repairs made so far, each kind once.
void ViolationBalance::Repair(uint32_t index) {
  const ViolationReport& report = ledger_->reports()[index];
  const ViolationMatter& matter = ledger_->violations()[report.matter];
  const RepairRule& rule = policy_->rules().repairs[report.basis];
  const auto& repairs = report.witnessed ? matter.repairs : matter.counted_repairs;
  State& state = states_[index];
  int64_t discharge = 0;
  state.repair_begun = false;
  for (size_t kind = 0; kind < kRepairKindCount; ++kind) {
    if (repairs[kind] > day_) continue;
    state.repair_begun = true;
    discharge += rule.discharge[kind];
  }
  discharge = std::min(discharge, rule.cap);
  if (report.deception) discharge /= policy_->document().deception_discharge_divisor();
  state.discharge = discharge;
  const Day verified = repairs[static_cast<size_t>(RepairKind::kVerified)];
  state.verified_day = verified > day_ ? kNever : std::max(verified, report.day);
}

// Brings each group's number of earlier violations up to date; where that changes a factor, the group's reports have
// changed.
void ViolationBalance::CountEarlier(std::vector<Group>& groups) {
  const auto first =
      std::find_if(groups.begin(), groups.end(), [](const Group& group) { return group.change != 0 || group.is_new; });
  if (first == groups.end()) return;
  const int64_t window = policy_->document().recidivism().window_days();
  // A window that slides over the groups before each one, from the first that changed.
  const size_t changed = static_cast<size_t>(first - groups.begin());
  size_t begin = changed;
  int64_t sum = 0;
  while (begin > 0 && int64_t{first->day} - groups[begin - 1].day <= window) sum += groups[--begin].active;
  for (size_t i = changed; i < groups.size(); ++i) {
    Group& group = groups[i];
    for (; begin < i && int64_t{group.day} - groups[begin].day > window; ++begin) sum -= groups[begin].active;
    const int64_t before = RepetitionFactor(group);
    group.earlier = sum;
    if (RepetitionFactor(group) != before) changed_.insert(changed_.end(), group.reports.begin(), group.reports.end());
    group.active += group.change;
    group.change = 0;
    group.is_new = false;
    sum += group.active;
  }
}

int64_t ViolationBalance::RepetitionFactor(const Group& group) const {
  const trust::v1::Recidivism& recidivism = policy_->document().recidivism();
  return std::min<int64_t>(1000 + int64_t{recidivism.step_permille()} * group.earlier, recidivism.cap_permille());
}

void ViolationBalance::Weigh(uint32_t index) {
  const ViolationReport& report = ledger_->reports()[index];
  State& state = states_[index];
  const int64_t repeated = RepetitionFactor(groups_[report.basis][state.group]);
  Weights weights = Scale(Scale(report.weights, state.standing), static_cast<uint64_t>(repeated));
  weights = Scale(weights, static_cast<uint64_t>(1000 - state.discharge));
  weights = ledger_->AfterDeparture(weights, report.departed, day_);
  negatives_.Replace(state.column, state.weights, weights);
  state.weights = weights;
}

std::optional<Day> ViolationBalance::LastViolation(size_t facet, trust::v1::Severity severity_min) const {
  const std::optional<uint32_t> last = LastReport(facet, severity_min);
  return last.has_value() ? std::make_optional(ledger_->reports()[*last].day) : std::nullopt;
}

std::optional<uint32_t> ViolationBalance::LastReport(size_t facet, trust::v1::Severity severity_min) const {
  for (auto index = entered_.rbegin(); index != entered_.rend(); ++index) {
    const ViolationReport& report = ledger_->reports()[*index];
    if (report.severity >= severity_min && report.weights[facet] > 0 && states_[*index].active) return *index;
  }
  return std::nullopt;
}

void ViolationBalance::AddShares(std::vector<MassShare>* shares) const {
  for (const uint32_t index : entered_) {
    const ViolationReport& report = ledger_->reports()[index];
    const uint8_t source = ledger_->log().records()[report.record].source;
    shares->push_back({report.record, report.day, report.half_life, true, source, states_[index].weights});
  }
}

// ---- Ceilings

bool ViolationBalance::IsGraveDeception(const ViolationReport& report) const {
  return report.deception && report.severity >= policy_->document().deception_ceiling().severity_min();
}

// Counts a report among those that limit the stage as they now stand, or takes it out again.
void ViolationBalance::MarkLimit(uint32_t index, bool add) {
  const State& state = states_[index];
  if (!state.limiting || !state.active) return;
  const ViolationReport& report = ledger_->reports()[index];
  if (state.verified_day == kNever) {
    unremedied_[static_cast<size_t>(policy_->rules().ceilings[report.basis][report.severity])] += add ? 1 : -1;
  } else if (IsGraveDeception(report)) {
    if (add) {
      watched_.insert(state.verified_day);
    } else {
      watched_.erase(watched_.find(state.verified_day));
    }
  }
}

int ViolationBalance::CeilingStageAt(Day day) const {
  int stage = 1;
  while (stage < kHighestStage && unremedied_[static_cast<size_t>(stage)] == 0) ++stage;
  if (watched_.empty()) return stage;
  const trust::v1::DeceptionCeiling& deception = policy_->document().deception_ceiling();
  const bool limited = int64_t{day} - *watched_.rbegin() < deception.window_days();
  return limited ? std::min(stage, int{deception.ceiling()}) : stage;
}

std::vector<Day> ViolationBalance::CeilingEndsAfter(Day day) const {
  std::vector<Day> ends;
  if (watched_.empty()) return ends;
  const int64_t window = policy_->document().deception_ceiling().window_days();
  for (const Day verified : watched_) {
    const int64_t end = verified + window;
    if (end > day && end < kNever && (ends.empty() || ends.back() != end)) ends.push_back(static_cast<Day>(end));
  }
  return ends;
}

// What one report limits the stage to.
int ViolationBalance::CeilingOf(uint32_t index, Day day) const {
  const State& state = states_[index];
  if (!state.active) return kHighestStage;
  const ViolationReport& report = ledger_->reports()[index];
  if (state.verified_day == kNever) return policy_->rules().ceilings[report.basis][report.severity];
  const trust::v1::DeceptionCeiling& deception = policy_->document().deception_ceiling();
  const bool watched = IsGraveDeception(report) && int64_t{day} - state.verified_day < deception.window_days();
  return watched ? int{deception.ceiling()} : kHighestStage;
}

ViolationBalance::Limits ViolationBalance::LimitsAt(Day day, int stage) const {
  Limits limits;
  for (const uint32_t index : limiting_) {
    if (CeilingOf(index, day) != stage) continue;
    limits.records.push_back(ledger_->reports()[index].record);
    limits.repair_begun = limits.repair_begun || states_[index].repair_begun;
  }
  return limits;
}

}  // namespace projections
