#include "projections/direction_ledger.h"

#include <algorithm>
#include <utility>

namespace projections {
namespace {

bool Contains(const std::vector<int>& organizations, int organization) {
  return std::find(organizations.begin(), organizations.end(), organization) != organizations.end();
}

void Add(const Weights& weights, Weights* sum) {
  for (size_t facet = 0; facet < weights.size(); ++facet) (*sum)[facet] += weights[facet];
}

// The entry of a matter, made at its first mention. The key 0 names nothing: each of its mentions is a matter of its
// own.
template <typename Matter>
uint32_t IndexOf(int64_t key, absl::flat_hash_map<int64_t, uint32_t>* index, std::vector<Matter>* matters) {
  const uint32_t next = static_cast<uint32_t>(matters->size());
  const uint32_t found = key == 0 ? next : index->emplace(key, next).first->second;
  if (found == next) matters->emplace_back();
  return found;
}

}  // namespace

Day DirectionLedger::Update() {
  earliest_ = kNever;
  for (; taken_ < log_->records().size(); ++taken_) Take(static_cast<uint32_t>(taken_));
  return earliest_;
}

// ---- Who counts

DirectionLedger::Part DirectionLedger::PartIn(uint32_t cast_index) {
  if (cast_index >= parts_.size()) parts_.resize(log_->casts().size());
  Part& part = parts_[cast_index];
  if (part.known) return part;
  const Cast& cast = log_->casts()[cast_index];
  const bool affected = Contains(cast.affected, trustor_);
  const bool witness = Contains(cast.witnesses, trustor_);
  const bool trustee_acts = cast.actor == trustee_ || (cast.actor == Cast::kAll && Contains(cast.affected, trustee_));
  part.known = true;
  part.affected = trustee_acts && affected;
  part.counts = trustee_acts && (affected || witness);
  part.concerned = cast.actor == trustor_ || affected || witness;
  return part;
}

uint64_t DirectionLedger::RoleFactor(const Record& record, const Part& part, bool hearsay) const {
  const trust::v1::RoleFactors& role = policy_->document().role();
  int factor = part.affected && !hearsay ? role.affected_permille() : role.witness_permille();
  if (record.interpersonal) factor = std::min(factor, role.interpersonal_permille());
  return static_cast<uint64_t>(factor);
}

// What is left of weights once the trustor's role is reckoned in: between people only credibility and rapport are.
Weights DirectionLedger::Weigh(const Weights& weights, const Record& record, uint64_t role) const {
  Weights weighed = Scale(weights, role);
  if (record.interpersonal) weighed[kReliability] = weighed[kNurture] = 0;
  return weighed;
}

// ---- Records

void DirectionLedger::Take(uint32_t index) {
  const Record& record = log_->records()[index];
  if (passed_over_ && passed_over_(record)) return;
  const Part part = PartIn(record.cast);
  switch (record.role) {
    case RecordRole::kNothing:
      return;
    case RecordRole::kAct:
      if (part.counts) TakeAct(index, part);
      return;
    case RecordRole::kAttestation:
      if (part.counts) TakeAttestation(index, part);
      return;
    case RecordRole::kConflictAct:
      if (part.counts) TakeConflictAct(index, part);
      return;
    case RecordRole::kResolution:
      if (part.counts) TakeResolution(index);
      return;
    case RecordRole::kViolation:
      if (part.counts) TakeViolation(index, part);
      return;
    case RecordRole::kVerdict:
      return TakeVerdict(index);
    case RecordRole::kRepair:
      return TakeRepair(index, part);
    case RecordRole::kAcknowledgement:
      TakeVerdict(index);
      return TakeRepair(index, part);
  }
}

void DirectionLedger::TakeAct(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const PolicyRules& rules = policy_->rules();
  if (const PositiveRule* const rule = policy_->FindPositive(record.kind, record.variant); rule != nullptr) {
    Weights weights = Scale(Scale(rule->weights, rules.materiality[record.materiality]), rules.source[record.source]);
    AddPositive(index, Weigh(weights, record, RoleFactor(record, part, rule->hearsay)), rule);
  }
  if (const NegativeRule* const rule = policy_->FindNegative(record.kind, record.variant); rule != nullptr) {
    const Weights weights = Scale(rule->weights, rules.materiality[record.materiality]);
    AddNegative(index, Weigh(weights, record, RoleFactor(record, part, rule->hearsay)), rule->half_life);
  }
}

void DirectionLedger::TakeAttestation(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const PolicyRules& rules = policy_->rules();
  const trust::v1::AttestationRow& row = policy_->document().attestation();
  const uint64_t role = RoleFactor(record, part, false);
  const uint64_t full = static_cast<uint64_t>(row.full_milli());
  const uint64_t good = std::min(full, static_cast<uint64_t>(row.point_milli()) * record.points);
  const uint64_t materiality = rules.materiality[record.materiality];
  const Weights positive = Scale(Scale(Weights{good, 0, 0, 0}, materiality), rules.source[record.source]);
  AddPositive(index, Weigh(positive, record, role), nullptr);
  AddNegative(index, Weigh(Scale(Weights{full - good, 0, 0, 0}, materiality), record, role),
              rules.attestation.half_life);
}

void DirectionLedger::AddPositive(uint32_t index, const Weights& weights, const PositiveRule* rule) {
  if (IsZero(weights)) return;
  const Record& record = log_->records()[index];
  DayInputs& day = Touch(record.day, index);
  day.eligible = true;
  Add(weights, &day.positive);
  NoteShare({index, record.day, 0, false, record.source, weights});
  if (record.source == trust::v1::SOURCE_SELF) return;
  Add(weights, &day.confirmed);
  for (size_t facet = 0; rule != nullptr && facet < kEstablishableCount; ++facet) {
    if (weights[facet] == 0) continue;
    day.coverage[facet].notions |= rule->notions[facet];
    day.coverage[facet].count += rule->counted[facet] ? 1 : 0;
  }
}

void DirectionLedger::AddNegative(uint32_t index, const Weights& weights, int half_life) {
  const Weights weighed = Scale(weights, static_cast<uint64_t>(policy_->document().loss_permille()));
  if (IsZero(weighed)) return;
  const Record& record = log_->records()[index];
  DayInputs& day = Touch(record.day, index);
  NoteShare({index, record.day, half_life, true, record.source, weighed});
  for (PlainNegative& negative : day.negatives) {
    if (negative.half_life == half_life) return Add(weighed, &negative.weights);
  }
  day.negatives.push_back({half_life, weighed});
}

void DirectionLedger::NoteShare(const MassShare& share) {
  if (shares_ != nullptr && share.day <= shares_day_) shares_->push_back(share);
}

// ---- Conflicts

void DirectionLedger::TakeConflictAct(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const NegativeRule* const rule = policy_->FindNegative(record.kind, record.variant);
  if (rule == nullptr) return;
  const uint64_t materiality = policy_->rules().materiality[record.materiality];
  Weights weights = Weigh(Scale(rule->weights, materiality), record, RoleFactor(record, part, rule->hearsay));
  weights = Scale(weights, static_cast<uint64_t>(policy_->document().loss_permille()));
  if (IsZero(weights)) return;
  const uint32_t conflict = ConflictIndex(record.matter);
  ConflictMatter& matter = conflicts_[conflict];
  matter.acts.push_back({record.day, index, weights, rule->half_life, materiality,
                         record.kind == trust::v1::Evidence::kFormalDisputeOpened});
  TouchConflict(record.day, index, conflict);
  for (Resolution& resolution : matter.resolutions) {
    if (resolution.applied || resolution.day < record.day) continue;
    resolution.applied = true;
    TouchConflict(resolution.day, resolution.record, conflict);
  }
}

void DirectionLedger::TakeResolution(uint32_t index) {
  const Record& record = log_->records()[index];
  const uint32_t conflict = ConflictIndex(record.matter);
  ConflictMatter& matter = conflicts_[conflict];
  Resolution resolution;
  resolution.day = record.day;
  resolution.record = index;
  resolution.discharge = policy_->rules().resolution[record.variant];
  resolution.applied = std::any_of(matter.acts.begin(), matter.acts.end(),
                                   [&](const ConflictAct& act) { return act.day <= record.day; });
  resolution.credit = record.variant == trust::v1::RESOLUTION_MODE_JOINT && record.source == trust::v1::SOURCE_JOINT &&
                      credit_rule() != nullptr;
  const auto later = std::upper_bound(matter.resolutions.begin(), matter.resolutions.end(), record.day,
                                      [](Day day, const Resolution& other) { return day < other.day; });
  matter.resolutions.insert(later, resolution);
  if (resolution.applied) TouchConflict(record.day, index, conflict);
}

const PositiveRule* DirectionLedger::credit_rule() const {
  return policy_->FindPositive(trust::v1::Evidence::kConflictResolved, trust::v1::RESOLUTION_MODE_JOINT);
}

Weights DirectionLedger::CreditOf(const ConflictMatter& conflict, const Resolution& resolution) const {
  const Record& record = log_->records()[resolution.record];
  uint64_t materiality = policy_->rules().materiality[record.materiality];
  for (const ConflictAct& act : conflict.acts) {
    if (act.day <= resolution.day) materiality = std::min(materiality, act.materiality);
  }
  const PositiveRule& rule = *credit_rule();
  const Weights weights = Scale(Scale(rule.weights, materiality), policy_->rules().source[record.source]);
  return Weigh(weights, record, RoleFactor(record, parts_[record.cast], rule.hearsay));
}

// ---- Violations

void DirectionLedger::TakeViolation(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const NegativeRule* const rule = policy_->FindNegative(record.kind, record.variant);
  if (rule == nullptr) return;
  const trust::v1::PolicyDocument& document = policy_->document();
  uint64_t severity = policy_->rules().severity[record.severity];
  if (int64_t{record.day} - first_contact_ < document.early_violation().window_days()) {
    severity = severity * static_cast<uint64_t>(document.early_violation().multiplier_permille()) / 1000;
  }
  ViolationReport report;
  report.day = record.day;
  report.record = index;
  report.weights = Weigh(Scale(rule->weights, severity), record, RoleFactor(record, part, rule->hearsay));
  report.weights = Scale(report.weights, static_cast<uint64_t>(document.loss_permille()));
  if (IsZero(report.weights)) return;
  report.half_life = rule->half_life;
  report.basis = static_cast<uint8_t>(rule->basis);
  report.severity = record.severity;
  report.standing = record.standing;
  report.deception = record.deception;
  report.witnessed = !part.affected;
  report.matter = ViolationIndex(record.matter);

  ViolationMatter& matter = violations_[report.matter];
  matter.reports.push_back(static_cast<uint32_t>(reports_.size()));
  reports_.push_back(report);
  TouchViolation(report.day, index, report.matter);
  std::set<Day>& days = report.witnessed ? matter.witnessed_days : matter.affected_days;
  if (!days.insert(report.day).second) return;
  // What was decided or repaired before the report applies on the day of the report.
  const auto apply = [&](uint32_t other) {
    TouchViolation(std::max(report.day, log_->records()[other].day), other, report.matter);
  };
  for (const VerdictEntry& verdict : matter.verdicts) apply(verdict.record);
  for (const uint32_t repair : matter.counted_repair_records) apply(repair);
  if (!report.witnessed) return;
  for (const uint32_t repair : matter.other_repair_records) apply(repair);
}

void DirectionLedger::TakeVerdict(uint32_t index) {
  const Record& record = log_->records()[index];
  const uint32_t matter = ViolationIndex(record.matter);
  std::vector<VerdictEntry>& verdicts = violations_[matter].verdicts;
  const auto order = [](const VerdictEntry& a, const VerdictEntry& b) {
    return a.day != b.day ? a.day < b.day : a.verdict < b.verdict;
  };
  const VerdictEntry entry = {record.day, record.verdict, index};
  verdicts.insert(std::upper_bound(verdicts.begin(), verdicts.end(), entry, order), entry);
  ApplyOnReportDays(matter, index, violations_[matter].affected_days);
  ApplyOnReportDays(matter, index, violations_[matter].witnessed_days);
}

void DirectionLedger::TakeRepair(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const size_t kind = record.repair;
  if (kind == static_cast<size_t>(RepairKind::kVerified) &&
      (record.source == trust::v1::SOURCE_SELF || record.source == trust::v1::SOURCE_SYSTEM)) {
    return;  // Nobody verifies his own remedy.
  }
  const uint32_t index_of_matter = ViolationIndex(record.matter);
  ViolationMatter& matter = violations_[index_of_matter];
  matter.repairs[kind] = std::min(matter.repairs[kind], record.day);
  ApplyOnReportDays(index_of_matter, index, matter.witnessed_days);
  if (!part.concerned) {
    matter.other_repair_records.push_back(index);
    return;
  }
  matter.counted_repairs[kind] = std::min(matter.counted_repairs[kind], record.day);
  matter.counted_repair_records.push_back(index);
  ApplyOnReportDays(index_of_matter, index, matter.affected_days);
}

void DirectionLedger::ApplyOnReportDays(uint32_t matter, uint32_t record, const std::set<Day>& report_days) {
  if (report_days.empty()) return;
  const Day own = log_->records()[record].day;
  if (*report_days.begin() <= own) TouchViolation(own, record, matter);
  for (auto day = report_days.upper_bound(own); day != report_days.end(); ++day) TouchViolation(*day, record, matter);
}

// ---- Days and matters

DayInputs& DirectionLedger::Touch(Day day, uint32_t record) {
  if (last_touched_ == nullptr || last_touched_day_ != day) {
    DayInputs*& inputs = day_index_[day];
    if (inputs == nullptr) inputs = &days_[day];
    last_touched_ = inputs;
    last_touched_day_ = day;
  }
  earliest_ = std::min(earliest_, day);
  if (last_touched_->records.empty() || last_touched_->records.back() != record) {
    last_touched_->records.push_back(record);
    ++touches_;
  }
  return *last_touched_;
}

void DirectionLedger::TouchViolation(Day day, uint32_t record, uint32_t matter) {
  std::vector<uint32_t>& violations = Touch(day, record).violations;
  if (violations.empty() || violations.back() != matter) violations.push_back(matter);
}

void DirectionLedger::TouchConflict(Day day, uint32_t record, uint32_t conflict) {
  std::vector<uint32_t>& conflicts = Touch(day, record).conflicts;
  if (conflicts.empty() || conflicts.back() != conflict) conflicts.push_back(conflict);
}

uint32_t DirectionLedger::ViolationIndex(int64_t key) { return IndexOf(key, &violation_index_, &violations_); }

uint32_t DirectionLedger::ConflictIndex(int64_t key) { return IndexOf(key, &conflict_index_, &conflicts_); }

size_t DirectionLedger::memory_bytes() const {
  return sizeof(*this) + days_.size() * (sizeof(DayInputs) + 64) + touches_ * (2 * sizeof(uint32_t)) +
         reports_.size() * (sizeof(ViolationReport) + 4) + violations_.size() * (sizeof(ViolationMatter) + 128) +
         conflicts_.size() * (sizeof(ConflictMatter) + 128);
}

}  // namespace projections
