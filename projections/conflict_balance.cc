#include "projections/conflict_balance.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace projections {
namespace {

constexpr Day kLongAgo = std::numeric_limits<Day>::min();

void Mark(uint32_t conflict, bool holds, std::set<uint32_t>* set) {
  if (holds) {
    set->insert(conflict);
  } else {
    set->erase(conflict);
  }
}

}  // namespace

const ConflictBalance& ConflictBalance::None() {
  static const ConflictBalance none;
  return none;
}

bool ConflictBalance::Enter(Day day, const std::vector<uint32_t>& conflicts) {
  day_ = day;
  states_.resize(ledger_->conflicts().size());
  bool earned = false;
  for (const uint32_t conflict : conflicts) {
    const ConflictMatter& matter = ledger_->conflicts()[conflict];
    State& state = states_[conflict];
    shares_ += matter.acts.size() - state.acts.size();
    state.acts.resize(matter.acts.size());
    WeighActs(matter, &state);
    credits_earned_ -= state.earned.size();
    earned = CollectCredits(matter, &state) || earned;
    credits_earned_ += state.earned.size();
    Mark(conflict, !state.earned.empty(), &credited_);
    PlaceCredits(conflict, &state);
    MarkOpen(conflict, matter, &state);
  }
  return earned;
}

// Each act is discharged by the largest of the resolutions from its own day on.
void ConflictBalance::WeighActs(const ConflictMatter& matter, State* state) {
  std::vector<std::pair<Day, int64_t>> largest_from;  // Descending by day: the largest discharge from that day on.
  for (auto resolution = matter.resolutions.rbegin(); resolution != matter.resolutions.rend(); ++resolution) {
    if (resolution->day > day_) continue;
    const int64_t so_far = largest_from.empty() ? 0 : largest_from.back().second;
    largest_from.emplace_back(resolution->day, std::max(so_far, resolution->discharge));
  }
  for (size_t i = 0; i < matter.acts.size(); ++i) {
    const ConflictAct& act = matter.acts[i];
    if (act.day > day_) continue;
    const auto end = std::partition_point(largest_from.begin(), largest_from.end(),
                                          [&](const auto& entry) { return entry.first >= act.day; });
    const int64_t discharge = end == largest_from.begin() ? 0 : std::prev(end)->second;
    Share& share = state->acts[i];
    if (!share.entered) {
      share.entered = true;
      share.column = negatives_.FindLast(act.day, act.half_life);
    }
    const Weights weights =
        ledger_->AfterDeparture(Scale(act.weights, static_cast<uint64_t>(1000 - discharge)), act.departed, day_);
    negatives_.Replace(share.column, share.weights, weights);
    share.weights = weights;
  }
}

// Of several credits of one conflict only one counts on a day: that with the largest mass in rapport, of equal ones the
// latest. One that a later one outweighs is outweighed for ever, since both fade alike. True when one was earned today.
bool ConflictBalance::CollectCredits(const ConflictMatter& matter, State* state) {
  bool earned_today = false;
  std::vector<Credit>& credits = state->credits;
  credits.clear();
  state->earned.clear();
  for (const Resolution& resolution : matter.resolutions) {
    if (!resolution.credit || !resolution.applied || resolution.credit_day > day_) continue;
    const Weights weights = ledger_->CreditOf(matter, resolution, day_);
    if (IsZero(weights)) continue;
    earned_today = earned_today || resolution.credit_day == day_;
    const Credit credit = {resolution.day, resolution.record, weights};
    state->earned.push_back(credit);
    const uint64_t rapport = weights[kRapport];
    if (!credits.empty() && credits.back().day == resolution.day && credits.back().weights[kRapport] > rapport)
      continue;
    while (!credits.empty() && credits.back().weights[kRapport] <= rapport) credits.pop_back();
    credits.push_back(credit);
  }
  return earned_today;
}

// A lone credit has its place in a column; of rivals the one that counts is sought on each day of reading.
void ConflictBalance::PlaceCredits(uint32_t conflict, State* state) {
  if (state->placed.has_value()) {
    credits_.Replace(credits_.FindOrInsert(state->placed->day), state->placed->weights, {});
    state->placed.reset();
  }
  for (size_t facet = 0; facet < kFacetCount; ++facet) rival_sums_[facet] -= state->rivals[facet];
  state->rivals = {};
  if (state->credits.size() == 1) {
    state->placed = state->credits.front();
    credits_.Replace(credits_.FindOrInsert(state->placed->day), {}, state->placed->weights);
  } else {
    for (const Credit& credit : state->credits) {
      for (size_t facet = 0; facet < kFacetCount; ++facet) state->rivals[facet] += credit.weights[facet];
    }
  }
  for (size_t facet = 0; facet < kFacetCount; ++facet) rival_sums_[facet] += state->rivals[facet];
  Mark(conflict, state->credits.size() > 1, &rivals_);
}

void ConflictBalance::MarkOpen(uint32_t conflict, const ConflictMatter& matter, State* state) {
  Day last_act = kLongAgo, last_resolution = kLongAgo;
  for (const Resolution& resolution : matter.resolutions) {
    if (resolution.day <= day_) last_resolution = std::max(last_resolution, resolution.day);
  }
  state->open_disputes.clear();
  for (const ConflictAct& act : matter.acts) {
    if (act.day > day_) continue;
    last_act = std::max(last_act, act.day);
    if (act.dispute && act.day > last_resolution) state->open_disputes.push_back(act.record);
  }
  Mark(conflict, last_act > last_resolution, &open_conflicts_);
  Mark(conflict, !state->open_disputes.empty(), &open_disputes_);
}

// ---- Credits on a day

const ConflictBalance::Credit* ConflictBalance::BestRival(const State& state, std::optional<Day> after, Day day) const {
  const Decay& decay = policy_->positive_decay();
  const Credit* best = nullptr;
  Mass largest = 0;
  for (const Credit& credit : state.credits) {
    if (after.has_value() && credit.day <= *after) continue;
    const Mass mass = Mass{credit.weights[kRapport]} * decay.At(int64_t{day} - credit.day);
    if (best != nullptr && mass < largest) continue;
    best = &credit;
    largest = mass;
  }
  return best;
}

void ConflictBalance::AddCredits(Day day, MassSums* sums) const {
  credits_.AddMasses(day, sums);
  for (const uint32_t conflict : rivals_) {
    const Credit& credit = *BestRival(states_[conflict], std::nullopt, day);
    const uint64_t left = policy_->positive_decay().At(int64_t{day} - credit.day);
    for (size_t facet = 0; facet < kFacetCount; ++facet) (*sums)[facet] += Mass{credit.weights[facet]} * left;
  }
}

Mass ConflictBalance::CreditsOf(size_t facet, Day day) const {
  return credits_.MassOf(facet, day) + RivalsOf(facet, day);
}

void ConflictBalance::AddCreditBounds(size_t facet, Day day, MassBounds* bounds) const {
  credits_.AddBounds(facet, day, bounds);
  const Mass rivals = RivalsOf(facet, day);
  bounds->least += rivals;
  bounds->most += rivals;
}

Mass ConflictBalance::RivalsOf(size_t facet, Day day) const {
  Mass mass = 0;
  for (const uint32_t conflict : rivals_) {
    const Credit& credit = *BestRival(states_[conflict], std::nullopt, day);
    mass += Mass{credit.weights[facet]} * policy_->positive_decay().At(int64_t{day} - credit.day);
  }
  return mass;
}

Mass ConflictBalance::CreditsAfter(size_t facet, Day after, Day day) const {
  Mass mass = credits_.MassAfter(facet, after, day);
  for (const uint32_t conflict : rivals_) {
    const Credit* const credit = BestRival(states_[conflict], after, day);
    if (credit == nullptr) continue;
    mass += Mass{credit->weights[facet]} * policy_->positive_decay().At(int64_t{day} - credit->day);
  }
  return mass;
}

uint8_t ConflictBalance::SourceOf(uint32_t record) const { return ledger_->log().records()[record].source; }

// Credits need both sides.
void ConflictBalance::AddShares(Day day, std::vector<MassShare>* shares) const {
  for (size_t conflict = 0; conflict < states_.size(); ++conflict) {
    const State& state = states_[conflict];
    for (size_t i = 0; i < state.acts.size(); ++i) {
      if (!state.acts[i].entered) continue;
      const ConflictAct& act = ledger_->conflicts()[conflict].acts[i];
      shares->push_back({act.record, act.day, act.half_life, true, SourceOf(act.record), state.acts[i].weights});
    }
    if (state.credits.empty()) continue;
    const Credit& credit = *BestRival(state, std::nullopt, day);
    shares->push_back({credit.record, credit.day, 0, false, trust::v1::SOURCE_JOINT, credit.weights});
  }
}

void ConflictBalance::VisitCredits(absl::FunctionRef<void(Day, const Weights&)> visit) const {
  for (const uint32_t conflict : credited_) {
    for (const Credit& credit : states_[conflict].earned) visit(credit.day, credit.weights);
  }
}

void ConflictBalance::VisitCounted(Day day, absl::FunctionRef<void(uint32_t, Mass)> visit) const {
  for (const uint32_t conflict : credited_) {
    const Credit& credit = *BestRival(states_[conflict], std::nullopt, day);
    visit(credit.record, Mass{credit.weights[kRapport]} * policy_->positive_decay().At(int64_t{day} - credit.day));
  }
}

std::vector<uint32_t> ConflictBalance::OpenDisputes() const {
  std::vector<uint32_t> records;
  for (const uint32_t conflict : open_disputes_) {
    const std::vector<uint32_t>& disputes = states_[conflict].open_disputes;
    records.insert(records.end(), disputes.begin(), disputes.end());
  }
  return records;
}

}  // namespace projections
