// Where a direction stands after the days taken in so far: masses for and against on any later day, what is covered,
// what limits the stage. Days are taken in ascending order; taking the last one again replaces it, so that it may have
// gained inputs meanwhile. Effective weights of violations and conflicts are kept and touched only on days on which
// they change. Not synchronised.

#ifndef PROJECTIONS_DIRECTION_BALANCE_H_
#define PROJECTIONS_DIRECTION_BALANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/facet_mass.h"
#include "projections/policy.h"

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
  DirectionBalance(const Policy* policy, const DirectionLedger* ledger) : policy_(policy), ledger_(ledger) {}

  // Takes in a day. True when some good act of that day weighs something. REQUIRES: no later day was taken in.
  bool Enter(Day day, const DayInputs& inputs);

  // For all below: REQUIRES: no day after `day` was taken in. `facet` is an index; for coverage, recovery and the like
  // of one that can be established.

  FacetMasses At(Day day) const;
  FacetMass At(size_t facet, Day day) const;
  Mass ConfirmedAt(size_t facet, Day day) const;
  // What speaks for the trustee from days after `after` alone.
  Mass PositiveAfter(size_t facet, Day after, Day day) const;
  // True when the acts after `after`, or all if nothing is given, cover what the facet needs.
  bool Covers(size_t facet, std::optional<Day> after) const;
  // The day of the last violation of at least this severity that touches the facet and still counts.
  std::optional<Day> LastViolation(size_t facet, trust::v1::Severity severity_min) const;

  int CeilingStageAt(Day day) const;
  Ceiling CeilingAt(Day day) const;
  bool has_open_conflict() const { return !open_conflicts_.empty(); }

  // The sum of all weights of the facet, for and against, without decay: what rounding can amount to, in units of Mass.
  Mass RoundingMax(size_t facet) const { return rounding_max_[facet]; }

  // An estimate, in constant time.
  size_t memory_bytes() const;

 private:
  // Weights of one day and half-life.
  struct Column {
    Day day = 0;
    int half_life = 0;
    Weights weights{};
  };

  // One violation report's share in a column.
  struct ReportState {
    bool entered = false;
    bool active = false;  // Its standing weighs something.
    bool repair_begun = false;
    Day verified_day = kNever;
    uint64_t standing = 0;
    int64_t discharge = 0;
    size_t column = 0;
    size_t group = 0;
    Weights weights{};
  };

  // The reports of one basis and day, which have the same earlier violations.
  struct ReportGroup {
    Day day = 0;
    int64_t active = 0;
    int64_t change = 0;   // Of active, on the day being taken in.
    int64_t earlier = 0;  // Violations within the window before.
    bool dirty = false;
    std::vector<uint32_t> reports;
  };

  struct ActState {
    bool entered = false;
    size_t column = 0;
    Weights weights{};
  };

  struct Credit {
    Day day = 0;
    Weights weights{};
  };

  struct ConflictState {
    std::vector<ActState> acts;
    std::vector<uint32_t> open_disputes;  // Records.
    std::vector<Credit> credits;          // Those that some later one does not outweigh for ever, by day.
    std::optional<Credit> placed;         // The one whose weight is in credits_.
    Weights rivals{};                     // The sum of credits when there are several.
  };

  void EnterPlain(const DayInputs& inputs);
  void SetColumn(const Weights& from, const Weights& to, Column* column);
  size_t MatterColumn(Day day, int half_life);

  void EnterConflict(uint32_t conflict);
  void WeighConflictActs(const ConflictMatter& matter, ConflictState* state);
  void CollectCredits(const ConflictMatter& matter, ConflictState* state);
  void PlaceCredit(uint32_t conflict, ConflictState* state);
  const Credit* BestCredit(const ConflictState& state, std::optional<Day> after, Day day) const;

  void EnterViolations(const std::vector<uint32_t>& matters);
  void JudgeReport(uint32_t report, uint64_t standing);
  size_t GroupOf(const ViolationReport& report);
  void CountEarlier(std::vector<ReportGroup>& groups);
  void WeighReport(uint32_t report);
  int CeilingOf(uint32_t report, Day day) const;

  const Policy* policy_;
  const DirectionLedger* ledger_;
  std::optional<Day> last_day_;
  bool eligible_ = false;

  // By day taken in.
  std::vector<Column> positives_;
  std::vector<Weights> confirmed_;
  std::vector<std::array<Coverage, kEstablishableCount>> coverage_;
  // By day and half-life.
  std::vector<Column> plain_negatives_;
  size_t plain_negatives_before_ = 0;  // How many there were before the last day.
  std::vector<Column> matter_negatives_;
  std::vector<Column> credits_;
  std::array<Mass, kFacetCount> rounding_max_{};

  std::vector<ReportState> reports_;                // As in the ledger.
  std::vector<uint32_t> entered_;                   // Reports, by day.
  std::vector<uint32_t> limiting_;                  // Those of them that can set a ceiling.
  std::array<std::vector<ReportGroup>, 4> groups_;  // By basis, then day.
  std::vector<uint32_t> judged_;                    // Reports touched on the day being taken in.

  std::vector<ConflictState> conflicts_;  // As in the ledger.
  std::set<uint32_t> open_conflicts_;     // Some act is not resolved.
  std::set<uint32_t> open_disputes_;      // Some formal dispute is not.
  std::set<uint32_t> rival_credits_;      // More than one credit may count, depending on the day.
};

}  // namespace projections

#endif  // PROJECTIONS_DIRECTION_BALANCE_H_
