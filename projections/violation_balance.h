// Where the violations of a direction stand after the days taken in so far: their standing, repair and recidivism, what
// they weigh, what they limit. (Specification, sections 6.5, 6.6, 7.4 and C6, C7.) An effective weight is reckoned anew
// only on days on which it can change. Days are taken in ascending order; the last may be taken again. Not
// synchronised.

#ifndef PROJECTIONS_VIOLATION_BALANCE_H_
#define PROJECTIONS_VIOLATION_BALANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "projections/day.h"
#include "projections/direction_ledger.h"
#include "projections/policy.h"
#include "projections/weight_columns.h"

namespace projections {

class ViolationBalance {
 public:
  // That of a direction without violations: into it no day is ever entered.
  static const ViolationBalance& None();

  // policy and ledger must outlive the balance.
  ViolationBalance(const Policy* policy, const DirectionLedger* ledger)
      : policy_(policy), ledger_(ledger), negatives_(&policy->rules().decays) {}

  // Takes in what happened on a day in these matters, each named once.
  void Enter(Day day, const std::vector<uint32_t>& matters);

  const WeightColumns& negatives() const { return negatives_; }
  // Whether no violation was reported so far.
  bool empty() const { return entered_.empty(); }

  // The day of the last violation of at least this severity that touches the facet and whose standing still counts.
  std::optional<Day> LastViolation(size_t facet, trust::v1::Severity severity_min) const;
  // Its report, as an index into the ledger's.
  std::optional<uint32_t> LastReport(size_t facet, trust::v1::Severity severity_min) const;

  // Adds what each report weighs.
  void AddShares(std::vector<MassShare>* shares) const;

  // The highest stage that the violations permit on a day not before the last one.
  int CeilingStageAt(Day day) const;

  // The days after `day` on which some violation ceases by itself to limit the stage, ascending.
  std::vector<Day> CeilingEndsAfter(Day day) const;

  // Those that limit the stage to just this one, and whether some repair of one of them was made.
  struct Limits {
    std::vector<uint32_t> records;
    bool repair_begun = false;
  };
  Limits LimitsAt(Day day, int stage) const;

  size_t memory_bytes() const {
    return sizeof(*this) + negatives_.memory_bytes() + states_.capacity() * (sizeof(State) + 16);
  }

 private:
  ViolationBalance() : policy_(nullptr), ledger_(nullptr), negatives_(nullptr) {}

  // Where one report stands.
  struct State {
    bool entered = false;
    bool active = false;    // Its standing weighs something.
    bool limiting = false;  // It can set a ceiling.
    bool repair_begun = false;
    Day verified_day = kNever;
    uint64_t standing = 0;
    int64_t discharge = 0;
    size_t column = 0;
    size_t group = 0;
    Weights weights{};  // Its share in its column.
  };

  // The reports of one basis and day, which have the same earlier violations.
  struct Group {
    Day day = 0;
    bool is_new = true;
    int64_t active = 0;
    int64_t change = 0;   // Of active, on the day being taken in.
    int64_t earlier = 0;  // Violations within the window before.
    std::vector<uint32_t> reports;
  };

  void Judge(uint32_t index, uint64_t standing);
  void EnterReport(uint32_t index);
  void Repair(uint32_t index);
  void CountEarlier(std::vector<Group>& groups);
  int64_t RepetitionFactor(const Group& group) const;
  void Weigh(uint32_t index);
  void MarkLimit(uint32_t index, bool add);
  bool IsGraveDeception(const ViolationReport& report) const;
  int CeilingOf(uint32_t index, Day day) const;

  const Policy* policy_;
  const DirectionLedger* ledger_;
  Day day_ = 0;                               // The one being taken in, or the last.
  std::vector<State> states_;                 // By report.
  WeightColumns negatives_;                   // By day and half-life.
  std::vector<uint32_t> entered_;             // Reports, by day.
  std::vector<uint32_t> changed_;             // Reports whose weight may change on the day being taken in. May repeat.
  std::array<std::vector<Group>, 4> groups_;  // By basis, then day.

  std::vector<uint32_t> limiting_;  // Reports that can set a ceiling.
  std::array<int64_t, kHighestStage + 1>
      unremedied_{};            // How many of them do, by ceiling, as long as they are not verified.
  std::multiset<Day> watched_;  // The verification days of the verified deceptions among them.
};

}  // namespace projections

#endif  // PROJECTIONS_VIOLATION_BALANCE_H_
