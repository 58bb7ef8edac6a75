#include "projections/contributions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "projections/direction_balance.h"
#include "projections/event_name.h"
#include "projections/plain_words.h"

namespace projections {
namespace {

// Whether a record belongs to a violation or a conflict, so that what it weighs may depend on others.
bool IsOfMatter(const Record& record) {
  switch (record.role) {
    case RecordRole::kConflictAct:
    case RecordRole::kResolution:
    case RecordRole::kViolation:
    case RecordRole::kVerdict:
    case RecordRole::kRepair:
    case RecordRole::kAcknowledgement:
      return true;
    case RecordRole::kNothing:
    case RecordRole::kAct:
    case RecordRole::kAttestation:
    case RecordRole::kConfirmation:
    case RecordRole::kDeparture:
      return false;
  }
  return false;
}

bool IsEarlier(const MassShare& a, const MassShare& b) { return a.record < b.record; }

// Folding violations and conflicts again for what is listed takes in at most so many of their records, or what the
// least number to list needs.
constexpr size_t kFoldedRecordsMax = 4'000'000;
constexpr size_t kListedMin = 10;

}  // namespace

std::vector<int32_t> SharesOf(const std::vector<Mass>& masses) {
  std::vector<int32_t> shares(masses.size());
  const Mass total = std::accumulate(masses.begin(), masses.end(), Mass{0});
  if (total == 0) return shares;
  std::vector<Mass> remainders(masses.size());
  int32_t left = 10000;
  for (size_t i = 0; i < masses.size(); ++i) {
    shares[i] = static_cast<int32_t>(masses[i] * 10000 / total);
    remainders[i] = masses[i] * 10000 % total;
    left -= shares[i];
  }
  std::vector<size_t> order(masses.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];
  return shares;
}

Contributions::Contributions(const Policy* policy, const EvidenceLog* log, int trustor, int trustee, Day first_contact,
                             const DirectionWalk& walk, const DirectionState& state)
    : policy_(policy),
      log_(log),
      trustor_(trustor),
      trustee_(trustee),
      first_contact_(first_contact),
      day_(state.day),
      masses_(state.masses) {
  DirectionLedger ledger(policy, log, trustor, trustee, first_contact);
  ledger.NoteShares(day_, &shares_);
  ledger.Update();
  for (uint32_t index = 0; index < log->records().size(); ++index) {
    if (IsOfMatter(log->records()[index])) matter_records_.push_back(index);
  }
  walk.balance().AddMatterShares(day_, &shares_);
  std::stable_sort(shares_.begin(), shares_.end(), IsEarlier);
}

Mass Contributions::LeftOf(const MassShare& share, size_t facet) const {
  const Decay& decay = policy_->rules().decays[static_cast<size_t>(share.half_life)];
  return Mass{share.weights[facet]} * decay.At(int64_t{day_} - share.day);
}

// The largest first, of equal ones the earlier revision; without those of which nothing is left.
std::vector<Contributions::Part> Contributions::PartsOf(size_t facet, bool negative) const {
  std::vector<Part> parts;
  for (const MassShare& share : shares_) {
    const Mass mass = share.negative == negative ? LeftOf(share, facet) : 0;
    if (mass > 0) parts.push_back({share.record, mass});
  }
  size_t last = 0;  // An event may have several shares, one after the other.
  for (size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].record == parts[last].record) {
      parts[last].mass += parts[i].mass;
    } else {
      parts[++last] = parts[i];
    }
  }
  if (!parts.empty()) parts.resize(last + 1);
  // Records stand in the order of revisions.
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.mass > b.mass; });
  return parts;
}

void Contributions::Render(size_t facet, int contributions_max, trust::v1::FacetExplanation* to) {
  to->set_facet(static_cast<trust::v1::Facet>(facet + 1));
  to->set_positive_mass(DecimalOf(masses_[facet].positive));
  to->set_negative_mass(DecimalOf(masses_[facet].negative));
  // Of both signs, in every facet.
  const size_t affordable = kFoldedRecordsMax / (size_t{2} * kFacetCount * (matter_records_.size() + 1));
  const size_t max = std::min(static_cast<size_t>(contributions_max), std::max(kListedMin, affordable));
  RenderParts(facet, false, max, to);
  RenderParts(facet, true, max, to);
  RenderSources(facet, to);
}

void Contributions::RenderParts(size_t facet, bool negative, size_t max, trust::v1::FacetExplanation* to) {
  const std::vector<Part> parts = PartsOf(facet, negative);
  std::vector<Mass> masses;
  masses.reserve(parts.size());
  for (const Part& part : parts) masses.push_back(part.mass);
  const std::vector<int32_t> shares = SharesOf(masses);
  const size_t listed = std::min(parts.size(), max);
  for (size_t i = 0; i < listed; ++i) {
    const Record& record = log_->records()[parts[i].record];
    trust::v1::Contribution& contribution = negative ? *to->add_negative() : *to->add_positive();
    contribution.set_event(EventName(log_->partnership(), record.revision));
    contribution.set_kind(KindName(record.kind));
    contribution.set_date(FormatDay(record.day));
    contribution.set_mass(DecimalOf(parts[i].mass));
    contribution.set_share_bp(shares[i]);
    contribution.set_effect_bp(EffectOf(facet, parts[i].record));
  }
  Mass others = 0;
  for (size_t i = listed; i < parts.size(); ++i) others += parts[i].mass;
  (negative ? to->mutable_other_negative_mass() : to->mutable_other_positive_mass())->assign(DecimalOf(others));
}

void Contributions::RenderSources(size_t facet, trust::v1::FacetExplanation* to) const {
  std::map<int, Mass> by_source;
  for (const MassShare& share : shares_) {
    const Mass mass = LeftOf(share, facet);
    if (!share.negative && mass > 0) by_source[share.source] += mass;
  }
  std::vector<Mass> masses;
  for (const auto& [source, mass] : by_source) masses.push_back(mass);
  const std::vector<int32_t> shares = SharesOf(masses);
  size_t next = 0;
  for (const auto& [source, mass] : by_source) {
    trust::v1::SourceShare& share = *to->add_sources();
    share.set_source(static_cast<trust::v1::Source>(source));
    share.set_share_bp(shares[next++]);
  }
}

// ---- Without one event

// An act adds to the masses and that is all. What belongs to a matter may also change what others weigh, by recidivism,
// by standing, by rivalry: there the matters are folded again without it.
int32_t Contributions::EffectOf(size_t facet, uint32_t index) {
  const Record& record = log_->records()[index];
  FacetMass without = masses_[facet];
  if (!IsOfMatter(record)) {
    MassShare wanted;
    wanted.record = index;
    const auto [begin, end] = std::equal_range(shares_.begin(), shares_.end(), wanted, IsEarlier);
    for (auto share = begin; share != end; ++share) {
      (share->negative ? without.negative : without.positive) -= LeftOf(*share, facet);
    }
  } else {
    const FacetMass& all = MattersWithout(std::nullopt)[facet];
    const FacetMass& rest = MattersWithout(index)[facet];
    without.positive = without.positive - all.positive + rest.positive;
    without.negative = without.negative - all.negative + rest.negative;
  }
  const Prior& prior = policy_->rules().prior;
  return static_cast<int32_t>(Score(prior, masses_[facet]) - Score(prior, without));
}

const FacetMasses& Contributions::MattersWithout(std::optional<uint32_t> index) {
  const auto [entry, is_new] = matters_without_.emplace(index, FacetMasses());
  if (!is_new) return entry->second;
  std::vector<uint32_t> records = matter_records_;
  if (index.has_value()) records.erase(std::lower_bound(records.begin(), records.end(), *index));
  DirectionLedger ledger(policy_, log_, trustor_, trustee_, first_contact_);
  ledger.TakeOnly(std::move(records));
  ledger.Update();
  DirectionBalance balance(policy_, &ledger);
  for (const auto& [day, inputs] : ledger.days()) {
    if (day > day_) break;
    balance.Enter(day, inputs);
  }
  return entry->second = balance.At(day_);
}

}  // namespace projections
