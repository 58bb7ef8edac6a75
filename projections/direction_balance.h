// Where a direction stands after the days taken in so far: masses for and against on any later day, what is covered,
// what limits the stage. Days are taken in ascending order; taking the last one again replaces it, so that it may have
// gained inputs meanwhile. Not synchronised.

#ifndef PROJECTIONS_DIRECTION_BALANCE_H_
#define PROJECTIONS_DIRECTION_BALANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "projections/conflict_balance.h"
#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/facet_mass.h"
#include "projections/policy.h"
#include "projections/violation_balance.h"
#include "projections/weight_columns.h"

namespace projections {

// What limits the stage.
struct Ceiling {
  int stage = kHighestStage;
  std::vector<uint32_t> records;  // Those that set it: no open one is lower.
  bool repair_begun = false;      // Some repair was made of a violation among them.
};

class DirectionBalance {
 public:
  // policy and ledger must outlive the balance.
  DirectionBalance(const Policy* policy, const DirectionLedger* ledger);

  // Takes in a day. True when some good act of that day weighs something. REQUIRES: no later day was taken in.
  bool Enter(Day day, const DayInputs& inputs);

  // For all below: REQUIRES: no day after `day` was taken in. `facet` is an index.

  FacetMasses At(Day day) const;
  FacetMass At(size_t facet, Day day) const;
  // Between what At(facet, day) and ConfirmedAt(facet, day) lie, in a time that grows with the conflicts that earned
  // several credits, not with the days taken in. Seldom apart by more than a hundred-thousandth.
  FacetBounds BoundsAt(size_t facet, Day day) const;
  MassBounds ConfirmedBoundsAt(size_t facet, Day day) const;
  // How many weights At sums up.
  size_t column_count() const {
    return positives_.size() + plain_negatives_.size() + conflicts_->column_count() + violations_->negatives().size();
  }
  // Whether all that speaks for the trustee is: then ConfirmedAt is the positive mass of At.
  bool IsAllConfirmed(size_t facet) const { return confirmed_.sums()[facet] == positives_.sums()[facet]; }
  // What speaks for the trustee that is not its own record.
  Mass ConfirmedAt(size_t facet, Day day) const;
  // What speaks for the trustee from days later than `after` alone.
  Mass PositiveAfter(size_t facet, Day after, Day day) const;
  // What the acts after `after`, or all if nothing is given, cover of what the facet needs. REQUIRES: it can be
  // established.
  struct Covered {
    uint32_t notions = 0;     // Bits.
    int64_t count = 0;        // Acts, or days with one, as the facet's rule counts them.
    Day first = 0, last = 0;  // Of those counted.
  };
  Covered CoveredAfter(size_t facet, std::optional<Day> after) const;
  // True when the acts after `after`, or all if nothing is given, cover what the facet needs. REQUIRES: it can be
  // established.
  bool Covers(size_t facet, std::optional<Day> after) const;
  // As ViolationBalance::LastViolation.
  std::optional<Day> LastViolation(size_t facet, trust::v1::Severity severity_min) const {
    return violations_->empty() ? std::nullopt : violations_->LastViolation(facet, severity_min);
  }

  // The record of the violation meant there.
  std::optional<uint32_t> LastViolationRecord(size_t facet, trust::v1::Severity severity_min) const;
  // Adds what violations and conflicts weigh on the day, event by event.
  void AddMatterShares(Day day, std::vector<MassShare>* shares) const;

  int CeilingStageAt(Day day) const;
  Ceiling CeilingAt(Day day) const;
  // As ViolationBalance::CeilingEndsAfter.
  std::vector<Day> CeilingEndsAfter(Day day) const { return violations_->CeilingEndsAfter(day); }
  // Whether some conflict earned several credits, of which on each day the one that weighs most in rapport counts.
  bool HasRivals() const { return conflicts_->has_rivals(); }
  // Whether nothing speaks against the trustee in the facet, and what speaks for it only ever falls in silence.
  bool FadesAlone(size_t facet) const {
    return !HasRivals() && plain_negatives_.sums()[facet] == 0 && conflicts_->negatives().sums()[facet] == 0 &&
           violations_->negatives().sums()[facet] == 0;
  }
  bool has_open_conflict() const { return conflicts_->has_open_conflict(); }

  // Whether more than the policy's share of this mass in rapport rests on one pair of people. (Specification, 7.11,
  // C11.)
  bool RestsOnOnePair(Mass rapport, Day day) const;

  // The sum of all weights of the facet, for and against, undecayed. Rounding takes off less than this many of the
  // smallest units of Mass.
  Mass RoundingMax(size_t facet) const;

  // An estimate, in constant time.
  size_t memory_bytes() const;

 private:
  // What the acts of one day cover, as far as it is the same for ever.
  struct DayCoverage {
    Day day = 0;
    Coverages coverage{};
  };
  using CoveredByFacet = std::array<Covered, kEstablishableCount>;

  void EnterPlain(Day day, const DayInputs& inputs);
  void Revalue(const Revaluation& revaluation, bool undo);
  std::vector<DayCoverage> ExtraCoverage() const;
  // Whether acts cover the same for ever, and there are no credits.
  bool CoverageIsPlain() const { return own_conflicts_ == nullptr && ledger_->late_coverage().empty(); }
  // Adds what a day after all others covers.
  void AddCovered(size_t facet, const DayCoverage& day, Covered* sum) const;

  const Policy* policy_;
  const DirectionLedger* ledger_;
  std::optional<Day> last_day_;

  // By day taken in.
  WeightColumns positives_, confirmed_;
  std::vector<DayCoverage> coverage_;
  CoveredByFacet covered_before_{};  // What the days before the last cover together.
  // By day and half-life.
  WeightColumns plain_negatives_;
  size_t plain_negatives_before_ = 0;      // How many there were before the last day.
  std::vector<Revaluation> revaluations_;  // Those of the last day.

  // Made when something first happens in them: in most directions nothing does.
  std::unique_ptr<ConflictBalance> own_conflicts_;
  std::unique_ptr<ViolationBalance> own_violations_;
  const ConflictBalance* conflicts_ = &ConflictBalance::None();
  const ViolationBalance* violations_ = &ViolationBalance::None();
  const PositiveRule* credit_rule_;
};

}  // namespace projections

#endif  // PROJECTIONS_DIRECTION_BALANCE_H_
