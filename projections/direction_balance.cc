#include "projections/direction_balance.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace projections {
namespace {

std::vector<uint32_t> Distinct(const DayInputs::Indexes& repeated) {
  std::vector<uint32_t> indexes(repeated.begin(), repeated.end());
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  return indexes;
}

}  // namespace

DirectionBalance::DirectionBalance(const Policy* policy, const DirectionLedger* ledger)
    : policy_(policy),
      ledger_(ledger),
      positives_(&policy->rules().decays),
      confirmed_(&policy->rules().decays),
      plain_negatives_(&policy->rules().decays),
      credit_rule_(ledger->credit_rule()) {}

// ---- Days

bool DirectionBalance::Enter(Day day, const DayInputs& inputs) {
  if (last_day_ != day) {
    positives_.Append(day, 0);
    confirmed_.Append(day, 0);
    for (size_t facet = 0; !coverage_.empty() && facet < kEstablishableCount; ++facet) {
      AddCovered(facet, coverage_.back(), &covered_before_[facet]);
    }
    coverage_.push_back({day, {}});
    plain_negatives_before_ = plain_negatives_.size();
  } else {
    for (auto done = revaluations_.rbegin(); done != revaluations_.rend(); ++done) Revalue(*done, /*undo=*/true);
  }
  last_day_ = day;
  for (auto [columns, weights] : {std::pair(&positives_, &inputs.positive), {&confirmed_, &inputs.confirmed}}) {
    const size_t last = columns->size() - 1;
    columns->Replace(last, columns->weights(last), *weights);
  }
  coverage_.back().coverage = inputs.coverage;
  EnterPlain(day, inputs);
  revaluations_ = inputs.revaluations;
  for (const Revaluation& revaluation : revaluations_) Revalue(revaluation, /*undo=*/false);
  bool eligible = inputs.eligible;
  if (!inputs.conflicts.empty()) {
    if (own_conflicts_ == nullptr) {
      own_conflicts_ = std::make_unique<ConflictBalance>(policy_, ledger_);
      conflicts_ = own_conflicts_.get();
    }
    eligible = own_conflicts_->Enter(day, Distinct(inputs.conflicts)) || eligible;
  }
  if (!inputs.violations.empty()) {
    if (own_violations_ == nullptr) {
      own_violations_ = std::make_unique<ViolationBalance>(policy_, ledger_);
      violations_ = own_violations_.get();
    }
    own_violations_->Enter(day, Distinct(inputs.violations));
  }
  return eligible;
}

void DirectionBalance::EnterPlain(Day day, const DayInputs& inputs) {
  plain_negatives_.Truncate(plain_negatives_before_);
  for (const PlainNegative& negative : inputs.negatives) {
    plain_negatives_.Replace(plain_negatives_.Append(day, negative.half_life), {}, negative.weights);
  }
}

void DirectionBalance::Revalue(const Revaluation& revaluation, bool undo) {
  const Weights& from = undo ? revaluation.to : revaluation.from;
  const Weights& to = undo ? revaluation.from : revaluation.to;
  switch (revaluation.sum) {
    case Revaluation::Sum::kPositive:
      return positives_.Replace(positives_.FindOrInsert(revaluation.day), from, to);
    case Revaluation::Sum::kConfirmed:
      return confirmed_.Replace(confirmed_.FindOrInsert(revaluation.day), from, to);
    case Revaluation::Sum::kNegative:
      return plain_negatives_.Replace(plain_negatives_.Find(revaluation.day, revaluation.half_life), from, to);
  }
}

// ---- Masses

FacetMasses DirectionBalance::At(Day day) const {
  MassSums positive{}, negative{};
  positives_.AddMasses(day, &positive);
  conflicts_->AddCredits(day, &positive);
  plain_negatives_.AddMasses(day, &negative);
  conflicts_->negatives().AddMasses(day, &negative);
  violations_->negatives().AddMasses(day, &negative);
  FacetMasses masses;
  for (size_t facet = 0; facet < kFacetCount; ++facet) masses[facet] = {positive[facet], negative[facet]};
  return masses;
}

FacetMass DirectionBalance::At(size_t facet, Day day) const {
  return {positives_.MassOf(facet, day) + conflicts_->CreditsOf(facet, day),
          plain_negatives_.MassOf(facet, day) + conflicts_->negatives().MassOf(facet, day) +
              violations_->negatives().MassOf(facet, day)};
}

FacetBounds DirectionBalance::BoundsAt(size_t facet, Day day) const {
  FacetBounds bounds;
  positives_.AddBounds(facet, day, &bounds.positive);
  conflicts_->AddCreditBounds(facet, day, &bounds.positive);
  plain_negatives_.AddBounds(facet, day, &bounds.negative);
  conflicts_->negatives().AddBounds(facet, day, &bounds.negative);
  violations_->negatives().AddBounds(facet, day, &bounds.negative);
  return bounds;
}

MassBounds DirectionBalance::ConfirmedBoundsAt(size_t facet, Day day) const {
  MassBounds bounds;
  confirmed_.AddBounds(facet, day, &bounds);
  conflicts_->AddCreditBounds(facet, day, &bounds);
  return bounds;
}

// Credits need both sides, and so are confirmed.
Mass DirectionBalance::ConfirmedAt(size_t facet, Day day) const {
  return confirmed_.MassOf(facet, day) + conflicts_->CreditsOf(facet, day);
}

Mass DirectionBalance::PositiveAfter(size_t facet, Day after, Day day) const {
  return positives_.MassAfter(facet, after, day) + conflicts_->CreditsAfter(facet, after, day);
}

Mass DirectionBalance::RoundingMax(size_t facet) const {
  return positives_.sums()[facet] + conflicts_->CreditSum(facet) + plain_negatives_.sums()[facet] +
         conflicts_->negatives().sums()[facet] + violations_->negatives().sums()[facet];
}

// ---- What establishing takes, and what bars it

// What acts cover for a part of the time, and what credits cover, whether or not each is the one of its conflict that
// counts. Latest first.
std::vector<DirectionBalance::DayCoverage> DirectionBalance::ExtraCoverage() const {
  std::vector<DayCoverage> extra;
  for (const LateCoverage& late : ledger_->late_coverage()) {
    if (late.since <= *last_day_ && *last_day_ < late.until) extra.push_back({late.day, late.coverage});
  }
  conflicts_->VisitCredits([&](Day day, const Weights& credit) {
    DayCoverage covered = {day, {}};
    for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
      if (credit[facet] == 0) continue;
      covered.coverage[facet] = {credit_rule_->notions[facet], credit_rule_->counted[facet] ? 1u : 0u};
    }
    extra.push_back(covered);
  });
  std::stable_sort(extra.begin(), extra.end(),
                   [](const DayCoverage& a, const DayCoverage& b) { return a.day > b.day; });
  return extra;
}

void DirectionBalance::AddCovered(size_t facet, const DayCoverage& day, Covered* sum) const {
  const Coverage& covered = day.coverage[facet];
  sum->notions |= covered.notions;
  if (covered.count == 0) return;
  if (sum->count == 0) sum->first = day.day;
  if (policy_->rules().coverage[facet].counts_acts) {
    sum->count += covered.count;
  } else if (sum->count == 0 || day.day != sum->last) {
    ++sum->count;
  }
  sum->last = day.day;
}

DirectionBalance::Covered DirectionBalance::CoveredAfter(size_t facet, std::optional<Day> after) const {
  if (!after.has_value() && CoverageIsPlain()) {
    Covered sum = covered_before_[facet];
    if (!coverage_.empty()) AddCovered(facet, coverage_.back(), &sum);
    return sum;
  }
  std::vector<const DayCoverage*> days;  // Latest first.
  const std::vector<DayCoverage> extra = ExtraCoverage();
  auto next = extra.begin();
  for (auto day = coverage_.rbegin(); day != coverage_.rend(); ++day) {
    if (after.has_value() && day->day <= *after) break;
    for (; next != extra.end() && next->day > day->day; ++next) {
      if (!after.has_value() || next->day > *after) days.push_back(&*next);
    }
    days.push_back(&*day);
  }
  for (; next != extra.end() && (!after.has_value() || next->day > *after); ++next) days.push_back(&*next);
  Covered sum;
  for (auto day = days.rbegin(); day != days.rend(); ++day) AddCovered(facet, **day, &sum);
  return sum;
}

bool DirectionBalance::Covers(size_t facet, std::optional<Day> after) const {
  const CoverageNeed& need = policy_->rules().coverage[facet];
  const Covered covered = CoveredAfter(facet, after);
  for (const uint32_t set : need.notion_sets) {
    if ((covered.notions & set) == 0) return false;
  }
  const int64_t span_days = int64_t{covered.last} - covered.first;
  return covered.count >= need.count_min && (need.count_min == 0 || span_days >= need.span_days_min);
}

std::optional<uint32_t> DirectionBalance::LastViolationRecord(size_t facet, trust::v1::Severity severity_min) const {
  const std::optional<uint32_t> report = violations_->LastReport(facet, severity_min);
  return report.has_value() ? std::make_optional(ledger_->reports()[*report].record) : std::nullopt;
}

void DirectionBalance::AddMatterShares(Day day, std::vector<MassShare>* shares) const {
  conflicts_->AddShares(day, shares);
  violations_->AddShares(shares);
}

bool DirectionBalance::RestsOnOnePair(Mass rapport, Day day) const {
  const EvidenceLog& log = ledger_->log();
  absl::flat_hash_map<uint32_t, Mass> masses;  // By pair.
  for (const auto& [personal, rapport_milli] : ledger_->personal_rapports()) {
    if (personal.day > day) continue;
    const size_t state = (personal.confirmed <= day ? 1 : 0) + (personal.departed <= day ? 2 : 0);
    masses[personal.contacts] += Mass{rapport_milli[state]} * policy_->positive_decay().At(int64_t{day} - personal.day);
  }
  conflicts_->VisitCounted(day, [&](uint32_t index, Mass mass) {
    const Record& record = log.records()[index];
    if (log.ContactsOf(record).one >= 0) masses[record.contacts] += mass;
  });
  const Mass share = static_cast<Mass>(policy_->document().key_person_share_bp());
  return std::any_of(masses.begin(), masses.end(),
                     [&](const auto& pair) { return pair.second * 10000 > rapport * share; });
}

int DirectionBalance::CeilingStageAt(Day day) const {
  const int stage = violations_->CeilingStageAt(day);
  return conflicts_->has_open_dispute() ? std::min(stage, int{policy_->document().dispute_ceiling()}) : stage;
}

Ceiling DirectionBalance::CeilingAt(Day day) const {
  Ceiling ceiling;
  ceiling.stage = CeilingStageAt(day);
  if (ceiling.stage == kHighestStage) return ceiling;
  const ViolationBalance::Limits limits = violations_->LimitsAt(day, ceiling.stage);
  ceiling.records = limits.records;
  ceiling.repair_begun = limits.repair_begun;
  if (ceiling.stage == policy_->document().dispute_ceiling()) {
    const std::vector<uint32_t> disputes = conflicts_->OpenDisputes();
    ceiling.records.insert(ceiling.records.end(), disputes.begin(), disputes.end());
  }
  std::sort(ceiling.records.begin(), ceiling.records.end());
  return ceiling;
}

size_t DirectionBalance::memory_bytes() const {
  return sizeof(*this) + positives_.memory_bytes() + confirmed_.memory_bytes() + plain_negatives_.memory_bytes() +
         coverage_.capacity() * sizeof(DayCoverage) + revaluations_.capacity() * sizeof(Revaluation) +
         (own_conflicts_ ? own_conflicts_->memory_bytes() : 0) +
         (own_violations_ ? own_violations_->memory_bytes() : 0);
}

}  // namespace projections
