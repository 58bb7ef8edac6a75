#include "projections/direction_ledger.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace projections {
namespace {

bool Contains(const std::vector<int>& organizations, int organization) {
  return std::find(organizations.begin(), organizations.end(), organization) != organizations.end();
}

void Add(const Weights& weights, Weights* sum) {
  for (size_t facet = 0; facet < weights.size(); ++facet) (*sum)[facet] += weights[facet];
}

void Add(const Coverages& coverage, Coverages* sum) {
  for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
    (*sum)[facet].notions |= coverage[facet].notions;
    (*sum)[facet].count += coverage[facet].count;
  }
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
  if (generation_ != log_->generation() || NewDepartureMatters()) Reset();
  departures_taken_ = log_->departure_count();
  const size_t count = takes_only_ ? only_.size() : log_->records().size();
  while (taken_ < count) {
    if (Take(takes_only_ ? only_[taken_] : static_cast<uint32_t>(taken_))) {
      ++taken_;
    } else {
      Reset();  // Once at most: what is taken in from the start reckons with all confirmations there are.
    }
  }
  return earliest_;
}

void DirectionLedger::Reset() {
  if (taken_ > 0) earliest_ = std::numeric_limits<Day>::min();
  taken_ = 0;
  generation_ = log_->generation();
  confirmations_.clear();
  contacts_.clear();
  late_coverage_.clear();
  personal_rapports_.clear();
  days_.clear();
  last_touched_ = nullptr;
  touches_ = revaluation_count_ = matter_bytes_ = 0;
  if (shares_ != nullptr) shares_->clear();
  reports_.clear();
  violations_.clear();
  conflicts_.clear();
  violation_index_.clear();
  conflict_index_.clear();
}

// Whether somebody left on whom something rests that was taken in.
bool DirectionLedger::NewDepartureMatters() const {
  if (departures_taken_ == log_->departure_count() || contacts_.empty()) return false;
  for (size_t i = taken_; i < log_->records().size(); ++i) {
    const Record& record = log_->records()[i];
    if (record.role == RecordRole::kDeparture && contacts_.contains(log_->ContactsOf(record).other)) return true;
  }
  return false;
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

// False when all must be taken in anew.
bool DirectionLedger::Take(uint32_t index) {
  const Record& record = log_->records()[index];
  const Part part = PartIn(record.cast);
  switch (record.role) {
    case RecordRole::kNothing:
    case RecordRole::kDeparture:
      return true;
    case RecordRole::kAct:
      if (part.counts) TakeAct(index, part);
      return true;
    case RecordRole::kAttestation:
      if (part.counts) TakeAttestation(index, part);
      return true;
    case RecordRole::kConflictAct:
      if (part.counts) TakeConflictAct(index, part);
      return true;
    case RecordRole::kResolution:
      if (part.counts) TakeResolution(index);
      return true;
    case RecordRole::kViolation:
      if (part.counts) TakeViolation(index, part);
      return true;
    case RecordRole::kVerdict:
      TakeVerdict(index);
      return true;
    case RecordRole::kRepair:
      TakeRepair(index, part);
      return true;
    case RecordRole::kAcknowledgement:
      TakeVerdict(index);
      TakeRepair(index, part);
      return true;
    case RecordRole::kConfirmation:
      return TakeConfirmation(index);
  }
  return true;
}

// When one of a record's two people left. Remembers the two.
Day DirectionLedger::DepartureOf(const Record& record) {
  if (record.contacts == 0) return kNever;
  const ContactPair& pair = log_->ContactsOf(record);
  contacts_.insert(pair.one);
  contacts_.insert(pair.other);
  return log_->DepartureOf(record);
}

// ---- Acts

void DirectionLedger::TakeAct(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const std::optional<PositiveAct> act = PositiveActOf(index, part);
  if (act.has_value()) AddPositive(*act);
  if (const NegativeRule* const rule = policy_->FindNegative(record.kind, record.variant); rule != nullptr) {
    const Weights weights = Scale(rule->weights, policy_->rules().materiality[record.materiality]);
    AddNegative(index, Weigh(weights, record, RoleFactor(record, part, rule->hearsay)), rule->half_life);
  }
}

void DirectionLedger::TakeAttestation(uint32_t index, const Part& part) {
  const Record& record = log_->records()[index];
  const PolicyRules& rules = policy_->rules();
  const PositiveAct act = *PositiveActOf(index, part);
  AddPositive(act);
  const uint64_t full = static_cast<uint64_t>(policy_->document().attestation().full_milli());
  const uint64_t good = static_cast<uint64_t>(policy_->document().attestation().point_milli()) * record.points;
  const Weights bad = {full - std::min(full, good), 0, 0, 0};
  AddNegative(index, Weigh(Scale(bad, rules.materiality[record.materiality]), record, act.role),
              rules.attestation.half_life);
}

// The good part of a record that counts, before it is known who confirmed it and who left; nothing when there is none.
std::optional<PositiveAct> DirectionLedger::PositiveActOf(uint32_t index, const Part& part) const {
  const Record& record = log_->records()[index];
  PositiveAct act;
  act.record = index;
  if (record.role == RecordRole::kAttestation) {
    const trust::v1::AttestationRow& row = policy_->document().attestation();
    const uint64_t good = static_cast<uint64_t>(row.point_milli()) * record.points;
    act.base = {std::min(static_cast<uint64_t>(row.full_milli()), good), 0, 0, 0};
  } else {
    act.rule = policy_->FindPositive(record.kind, record.variant);
    if (act.rule == nullptr) return std::nullopt;
    act.base = act.rule->weights;
  }
  act.base = Scale(act.base, policy_->rules().materiality[record.materiality]);
  act.role = RoleFactor(record, part, act.rule != nullptr && act.rule->hearsay);
  return act;
}

bool DirectionLedger::IsConfirmed(const PositiveAct& act, Day day) const {
  return log_->records()[act.record].source != trust::v1::SOURCE_SELF || act.confirmed <= day;
}

Weights DirectionLedger::ValueOf(const PositiveAct& act, Day day) const {
  const Record& record = log_->records()[act.record];
  const size_t source = act.confirmed <= day ? size_t{trust::v1::SOURCE_JOINT} : size_t{record.source};
  const Weights weights = Weigh(Scale(act.base, policy_->rules().source[source]), record, act.role);
  return AfterDeparture(weights, act.departed, day);
}

// weights: what the act weighs on the day.
Coverages DirectionLedger::CoverageOf(const PositiveAct& act, Day day, const Weights& weights) const {
  Coverages coverages{};
  if (act.rule == nullptr || !IsConfirmed(act, day)) return coverages;
  for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
    if (weights[facet] > 0) coverages[facet] = {act.rule->notions[facet], act.rule->counted[facet] ? 1u : 0u};
  }
  return coverages;
}

void DirectionLedger::AddPositive(PositiveAct act) {
  const Record& record = log_->records()[act.record];
  Confirmation confirmation;
  if (record.source == trust::v1::SOURCE_SELF) {
    confirmation = log_->ConfirmationOf(record);
    act.confirmed = confirmation.day;
    if (act.confirmed != kNever) confirmations_[act.record] = {act.confirmed, confirmation.records.size()};
  }
  act.departed = DepartureOf(record);
  NoteShare(act);
  Weights weights = ValueOf(act, record.day);
  if (!IsZero(weights)) {
    DayInputs& day = Touch(record.day, act.record);
    day.eligible = true;
    Add(weights, &day.positive);
    if (IsConfirmed(act, record.day)) Add(weights, &day.confirmed);
    if (act.confirmed == record.day) {
      for (const uint32_t other : confirmation.records) Touch(record.day, other);
    }
  }
  if (log_->ContactsOf(record).one >= 0) AddPersonalRapport(act);

  LateCoverage covered = {record.day, record.day, kNever, CoverageOf(act, record.day, weights)};
  const auto turn = [&](Day day) {
    weights = Turn(act, day, weights);
    const Coverages coverage = CoverageOf(act, day, weights);
    if (coverage == covered.coverage) return;
    covered.until = day;
    AddLateCoverage(covered);
    covered = {record.day, day, kNever, coverage};
  };
  const auto [first, second] = std::minmax(act.confirmed, act.departed);
  if (first > record.day && first != kNever) turn(first);
  if (second > record.day && second != kNever && second != first) turn(second);
  if (covered.since != record.day) return AddLateCoverage(covered);
  if (covered.coverage == Coverages{}) return;
  Add(covered.coverage, &Inputs(record.day).coverage);
}

// Revalues an act on a later day on which it was confirmed or one of its people left. Its weight from then on.
Weights DirectionLedger::Turn(const PositiveAct& act, Day turn, const Weights& before) {
  const Record& record = log_->records()[act.record];
  const Weights after = ValueOf(act, turn);
  if (turn == act.confirmed && (!IsZero(after) || !IsZero(before))) {
    for (const uint32_t other : log_->ConfirmationOf(record).records) Touch(turn, other).eligible |= !IsZero(after);
  }
  if (turn == act.departed && !IsZero(before)) {
    for (const uint32_t other : log_->DeparturesOn(record, turn)) Touch(turn, other);
  }
  const Weights confirmed_before = IsConfirmed(act, turn - 1) ? before : Weights{};
  const Weights confirmed_after = IsConfirmed(act, turn) ? after : Weights{};
  if (before == after && confirmed_before == confirmed_after) return after;
  std::vector<Revaluation>& revaluations = Inputs(turn).revaluations;
  revaluations.push_back({Revaluation::Sum::kPositive, 0, record.day, before, after});
  revaluations.push_back({Revaluation::Sum::kConfirmed, 0, record.day, confirmed_before, confirmed_after});
  ++revaluation_count_;
  return after;
}

void DirectionLedger::AddPersonalRapport(const PositiveAct& act) {
  const Record& record = log_->records()[act.record];
  std::array<uint64_t, 4> rapport{};
  for (size_t state = 0; state < rapport.size(); ++state) {
    PositiveAct then = act;
    then.confirmed = (state & 1) != 0 ? record.day : kNever;
    then.departed = (state & 2) != 0 ? record.day : kNever;
    rapport[state] = ValueOf(then, record.day)[kRapport];
  }
  if (rapport == std::array<uint64_t, 4>{}) return;
  std::array<uint64_t, 4>& sum = personal_rapports_[{record.contacts, record.day, act.confirmed, act.departed}];
  for (size_t state = 0; state < rapport.size(); ++state) sum[state] += rapport[state];
}

void DirectionLedger::AddLateCoverage(const LateCoverage& coverage) {
  if (coverage.coverage == Coverages{}) return;
  const auto order = [](const LateCoverage& a, const LateCoverage& b) {
    return std::tie(a.day, a.since, a.until) < std::tie(b.day, b.since, b.until);
  };
  const auto place = std::lower_bound(late_coverage_.begin(), late_coverage_.end(), coverage, order);
  if (place == late_coverage_.end() || order(coverage, *place)) {
    late_coverage_.insert(place, coverage);
    return;
  }
  Add(coverage.coverage, &place->coverage);
}

// Takes in a confirmation. False when that takes more than adding to what was taken in.
bool DirectionLedger::TakeConfirmation(uint32_t index) {
  const std::optional<uint32_t> confirmed = log_->Find(log_->records()[index].matter);
  if (!confirmed.has_value() || *confirmed >= taken_) return true;
  const Record& record = log_->records()[*confirmed];
  const Part part = PartIn(record.cast);
  if (record.source != trust::v1::SOURCE_SELF || !part.counts) return true;
  std::optional<PositiveAct> act;
  if (record.role == RecordRole::kAct || record.role == RecordRole::kAttestation) act = PositiveActOf(*confirmed, part);
  if (!act.has_value() && record.role != RecordRole::kResolution) return true;
  const Confirmation now = log_->ConfirmationOf(record);
  const auto reckoned = confirmations_.find(*confirmed);
  const std::pair<Day, size_t> known =
      reckoned == confirmations_.end() ? std::make_pair(kNever, size_t{0}) : reckoned->second;
  if (known == std::make_pair(now.day, now.records.size())) return true;
  if (known.first != kNever || !act.has_value() || record.contacts != 0 || now.day <= record.day) return false;
  act->confirmed = now.day;
  confirmations_[*confirmed] = {now.day, now.records.size()};
  PositiveAct alone = *act;
  alone.confirmed = kNever;
  const Weights weights = Turn(*act, now.day, ValueOf(alone, record.day));
  AddLateCoverage({record.day, now.day, kNever, CoverageOf(*act, now.day, weights)});
  return true;
}

void DirectionLedger::AddNegative(uint32_t index, const Weights& weights, int half_life) {
  const Weights weighed = Scale(weights, static_cast<uint64_t>(policy_->document().loss_permille()));
  if (IsZero(weighed)) return;
  const Record& record = log_->records()[index];
  const Day departed = DepartureOf(record);
  DayInputs& day = Touch(record.day, index);
  const Weights own = AfterDeparture(weighed, departed, record.day);
  NoteShare({index, record.day, half_life, true, record.source, AfterDeparture(weighed, departed, shares_day_)});
  const auto same = std::find_if(day.negatives.begin(), day.negatives.end(),
                                 [&](const PlainNegative& negative) { return negative.half_life == half_life; });
  if (same != day.negatives.end()) {
    Add(own, &same->weights);
  } else {
    day.negatives.push_back({half_life, own});
  }
  if (departed <= record.day || departed == kNever) return;
  for (const uint32_t other : log_->DeparturesOn(record, departed)) Touch(departed, other);
  Inputs(departed).revaluations.push_back(
      {Revaluation::Sum::kNegative, half_life, record.day, weighed, AfterDeparture(weighed, departed, departed)});
  ++revaluation_count_;
}

void DirectionLedger::NoteShare(const PositiveAct& act) {
  if (shares_ == nullptr) return;
  const Record& record = log_->records()[act.record];
  const uint8_t source = act.confirmed <= shares_day_ ? uint8_t{trust::v1::SOURCE_JOINT} : record.source;
  NoteShare({act.record, record.day, 0, false, source, ValueOf(act, shares_day_)});
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
  const Day departed = DepartureOf(record);
  matter.acts.push_back({record.day, index, weights, rule->half_life, materiality,
                         record.kind == trust::v1::Evidence::kFormalDisputeOpened, departed});
  matter_bytes_ += sizeof(ConflictAct);
  TouchConflict(record.day, index, conflict);
  if (departed > record.day && departed != kNever) {
    for (const uint32_t other : log_->DeparturesOn(record, departed)) TouchConflict(departed, other, conflict);
  }
  for (Resolution& resolution : matter.resolutions) {
    if (resolution.applied || resolution.day < record.day) continue;
    resolution.applied = true;
    ApplyResolution(conflict, resolution);
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
  Confirmation confirmation;
  if (record.source == trust::v1::SOURCE_SELF) {
    confirmation = log_->ConfirmationOf(record);
    if (confirmation.day != kNever) confirmations_[index] = {confirmation.day, confirmation.records.size()};
  }
  if (record.variant == trust::v1::RESOLUTION_MODE_JOINT && credit_rule() != nullptr) {
    resolution.credit = record.source == trust::v1::SOURCE_JOINT || confirmation.day != kNever;
    resolution.credit_day = record.source == trust::v1::SOURCE_JOINT ? record.day : confirmation.day;
    resolution.departed = DepartureOf(record);
  }
  const auto later = std::upper_bound(matter.resolutions.begin(), matter.resolutions.end(), record.day,
                                      [](Day day, const Resolution& other) { return day < other.day; });
  matter.resolutions.insert(later, resolution);
  matter_bytes_ += sizeof(Resolution);
  if (resolution.applied) ApplyResolution(conflict, resolution);
}

// The days on which a resolution does something: its own, that on which it earned credit, that on which one of the two
// who solved it left.
void DirectionLedger::ApplyResolution(uint32_t conflict, const Resolution& resolution) {
  TouchConflict(resolution.day, resolution.record, conflict);
  if (!resolution.credit) return;
  const Record& record = log_->records()[resolution.record];
  if (record.source == trust::v1::SOURCE_SELF) {
    for (const uint32_t other : log_->ConfirmationOf(record).records) {
      TouchConflict(resolution.credit_day, other, conflict);
    }
  }
  if (resolution.departed == kNever || resolution.departed <= resolution.credit_day) return;
  for (const uint32_t other : log_->DeparturesOn(record, resolution.departed)) {
    TouchConflict(resolution.departed, other, conflict);
  }
}

const PositiveRule* DirectionLedger::credit_rule() const {
  return policy_->FindPositive(trust::v1::Evidence::kConflictResolved, trust::v1::RESOLUTION_MODE_JOINT);
}

Weights DirectionLedger::CreditOf(const ConflictMatter& conflict, const Resolution& resolution, Day day) const {
  const Record& record = log_->records()[resolution.record];
  uint64_t materiality = policy_->rules().materiality[record.materiality];
  for (const ConflictAct& act : conflict.acts) {
    if (act.day <= resolution.day) materiality = std::min(materiality, act.materiality);
  }
  const PositiveRule& rule = *credit_rule();
  const Weights weights = Scale(Scale(rule.weights, materiality), policy_->rules().source[trust::v1::SOURCE_JOINT]);
  return AfterDeparture(Weigh(weights, record, RoleFactor(record, parts_[record.cast], rule.hearsay)),
                        resolution.departed, day);
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
  report.departed = DepartureOf(record);

  ViolationMatter& matter = violations_[report.matter];
  matter.reports.push_back(static_cast<uint32_t>(reports_.size()));
  matter_bytes_ += sizeof(uint32_t) + 48;  // Its day in a set, too.
  reports_.push_back(report);
  TouchViolation(report.day, index, report.matter);
  if (report.departed > report.day && report.departed != kNever) {
    for (const uint32_t other : log_->DeparturesOn(record, report.departed)) {
      TouchViolation(report.departed, other, report.matter);
    }
  }
  std::set<Day>& days = report.witnessed ? matter.witnessed_days : matter.affected_days;
  if (!days.insert(report.day).second) return;
  // What was decided or repaired before the report applies on the day of the report.
  const auto apply = [&](uint32_t other) {
    TouchViolation(std::max(report.day, log_->records()[other].day), other, report.matter);
  };
  if (!log_->hindsight()) {
    for (const VerdictEntry& verdict : matter.verdicts) apply(verdict.record);
  }
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
  matter_bytes_ += sizeof(VerdictEntry);
  for (const std::set<Day>* days : {&violations_[matter].affected_days, &violations_[matter].witnessed_days}) {
    if (!log_->hindsight()) {
      ApplyOnReportDays(matter, index, *days);
    } else if (!days->empty()) {
      earliest_ = std::min(earliest_, *days->begin());  // The reports were never anything else.
    }
  }
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
  matter_bytes_ += sizeof(uint32_t);
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

DayInputs& DirectionLedger::Inputs(Day day) {
  if (last_touched_ == nullptr || last_touched_day_ != day) {
    // Mostly a new day, after all others.
    const bool is_last = days_.empty() || days_.rbegin()->first < day;
    last_touched_ = is_last ? &days_.emplace_hint(days_.end(), day, DayInputs())->second : &days_[day];
    last_touched_day_ = day;
  }
  return *last_touched_;
}

DayInputs& DirectionLedger::Touch(Day day, uint32_t record) {
  Inputs(day);
  earliest_ = std::min(earliest_, day);
  if (last_touched_->records.empty() || last_touched_->records.back() != record) {
    last_touched_->records.push_back(record);
    ++touches_;
  }
  return *last_touched_;
}

void DirectionLedger::TouchViolation(Day day, uint32_t record, uint32_t matter) {
  DayInputs::Indexes& violations = Touch(day, record).violations;
  if (violations.empty() || violations.back() != matter) violations.push_back(matter);
}

void DirectionLedger::TouchConflict(Day day, uint32_t record, uint32_t conflict) {
  DayInputs::Indexes& conflicts = Touch(day, record).conflicts;
  if (conflicts.empty() || conflicts.back() != conflict) conflicts.push_back(conflict);
}

uint32_t DirectionLedger::ViolationIndex(int64_t key) { return IndexOf(key, &violation_index_, &violations_); }

uint32_t DirectionLedger::ConflictIndex(int64_t key) { return IndexOf(key, &conflict_index_, &conflicts_); }

size_t DirectionLedger::memory_bytes() const {
  return sizeof(*this) + days_.size() * (sizeof(DayInputs) + 64) + touches_ * (2 * sizeof(uint32_t)) +
         revaluation_count_ * (2 * sizeof(Revaluation)) + late_coverage_.capacity() * sizeof(LateCoverage) +
         personal_rapports_.size() * 64 + (confirmations_.size() + contacts_.size()) * 32 +
         parts_.capacity() * sizeof(Part) + reports_.size() * sizeof(ViolationReport) + matter_bytes_ +
         violations_.size() * (sizeof(ViolationMatter) + 128) + conflicts_.size() * (sizeof(ConflictMatter) + 128);
}

}  // namespace projections
