// Where the conflicts of a direction stand after the days taken in so far: what they still weigh, which are open, and
// the credit that solving them together earned. (Specification, sections 6.4, 6.6 and C8.) Days are taken in ascending
// order; the last may be taken again. Not synchronised.

#ifndef PROJECTIONS_CONFLICT_BALANCE_H_
#define PROJECTIONS_CONFLICT_BALANCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/policy.h"
#include "projections/weight_columns.h"

namespace projections {

class ConflictBalance {
 public:
  // That of a direction without conflicts: into it no day is ever entered.
  static const ConflictBalance& None();

  // policy and ledger must outlive the balance.
  ConflictBalance(const Policy* policy, const DirectionLedger* ledger)
      : policy_(policy), ledger_(ledger), negatives_(&policy->rules().decays), credits_(&policy->rules().decays) {}

  // Takes in what happened on a day in these conflicts, each named once. True when a credit that weighs something was
  // earned on that very day.
  bool Enter(Day day, const std::vector<uint32_t>& conflicts);

  const WeightColumns& negatives() const { return negatives_; }

  // The mass of the credits on a day not before the last one; with `after`, of those earned later than that day alone.
  void AddCredits(Day day, MassSums* sums) const;
  Mass CreditsOf(size_t facet, Day day) const;
  Mass CreditsAfter(size_t facet, Day after, Day day) const;
  // Adds between what CreditsOf lies. Costs what the number of conflicts with several credits does.
  void AddCreditBounds(size_t facet, Day day, MassBounds* bounds) const;
  // How many weights stand in columns.
  size_t column_count() const { return negatives_.size() + credits_.size(); }
  // The sum of their weights, undecayed.
  Mass CreditSum(size_t facet) const { return credits_.sums()[facet] + rival_sums_[facet]; }

  // Each credit earned so far with its own day, whether or not it is the one of its conflict that counts.
  void VisitCredits(absl::FunctionRef<void(Day, const Weights&)> visit) const;
  // The record and the mass in rapport of each credit that counts on a day not before the last one.
  void VisitCounted(Day day, absl::FunctionRef<void(uint32_t, Mass)> visit) const;

  // Whether some act of a conflict is not resolved.
  bool has_open_conflict() const { return !open_conflicts_.empty(); }
  bool has_open_dispute() const { return !open_disputes_.empty(); }
  // Whether some conflict earned several credits.
  bool has_rivals() const { return !rivals_.empty(); }
  // The records of the formal disputes not resolved.
  std::vector<uint32_t> OpenDisputes() const;

  // Adds what each act and each credit that counts weighs on a day not before the last one.
  void AddShares(Day day, std::vector<MassShare>* shares) const;

  size_t memory_bytes() const {
    return sizeof(*this) + negatives_.memory_bytes() + credits_.memory_bytes() +
           states_.capacity() * (sizeof(State) + 128) + shares_ * sizeof(Share) + 2 * credits_earned_ * sizeof(Credit);
  }

 private:
  ConflictBalance() : policy_(nullptr), ledger_(nullptr), negatives_(nullptr), credits_(nullptr) {}

  // One act's share in a column.
  struct Share {
    bool entered = false;
    size_t column = 0;
    Weights weights{};
  };

  struct Credit {
    Day day = 0;
    uint32_t record = 0;
    Weights weights{};
  };

  // Where one conflict stands.
  struct State {
    std::vector<Share> acts;
    std::vector<uint32_t> open_disputes;  // Records.
    std::vector<Credit> earned;           // All credits.
    std::vector<Credit> credits;          // Those that no later one outweighs for ever, by day.
    std::optional<Credit> placed;         // The lone one, whose weight is in a column.
    Weights rivals{};                     // The sum of several.
  };

  void WeighActs(const ConflictMatter& matter, State* state);
  bool CollectCredits(const ConflictMatter& matter, State* state);
  void PlaceCredits(uint32_t conflict, State* state);
  void MarkOpen(uint32_t conflict, const ConflictMatter& matter, State* state);
  uint8_t SourceOf(uint32_t record) const;
  Mass RivalsOf(size_t facet, Day day) const;
  const Credit* BestRival(const State& state, std::optional<Day> after, Day day) const;

  const Policy* policy_;
  const DirectionLedger* ledger_;
  Day day_ = 0;  // The one being taken in, or the last.
  std::vector<State> states_;
  WeightColumns negatives_;  // By day and half-life.
  WeightColumns credits_;    // By day.
  MassSums rival_sums_{};
  size_t shares_ = 0, credits_earned_ = 0;  // In the states.
  std::set<uint32_t> credited_;             // Conflicts with credits.
  std::set<uint32_t> rivals_;               // Those with several, of which the day of reading decides.
  std::set<uint32_t> open_conflicts_, open_disputes_;
};

}  // namespace projections

#endif  // PROJECTIONS_CONFLICT_BALANCE_H_
