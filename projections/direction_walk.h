// The stages of one direction, day by day: which facets are established, which practices have begun, what silence takes
// away, what a day of evidence gives. (Specification, section 7.5 with section 13.) Advances over a ledger's days and
// never looks back: a change to the last day redoes that day alone, one to an earlier day begins again. Not
// synchronised.

#ifndef PROJECTIONS_DIRECTION_WALK_H_
#define PROJECTIONS_DIRECTION_WALK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "projections/day.h"
#include "projections/direction_balance.h"
#include "projections/direction_ledger.h"
#include "projections/facet_mass.h"
#include "projections/policy.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// What a direction remembers from day to day beside its evidence.
struct DirectionFlags {
  int stage = 0;
  std::array<bool, kEstablishableCount> established{};
  std::array<bool, kEstablishableCount> ever_established{};
  std::array<bool, kFacetCount> begun{};  // Never credibility.
  // Since when, of those that are set.
  std::array<Day, kEstablishableCount> established_since{};
  std::array<Day, kFacetCount> begun_since{};
};

// A change of stage.
struct StageChange {
  Day day = 0;
  int before = 0, after = 0;
  trust::v1::TransitionCause cause = trust::v1::TRANSITION_CAUSE_UNSPECIFIED;
  std::vector<int64_t> revisions;  // Of the records applied on that day, ascending; the first kRevisionsMax.
  int64_t revision_count = 0;      // Of all.

  static constexpr size_t kRevisionsMax = 1000;
};

// A direction on one day.
struct DirectionState {
  Day day = 0;
  DirectionFlags flags;
  FacetMasses masses;
  std::vector<StageChange> silent;  // Changes by silence since the walk's last day.
};

// A fall of the stage that silence will bring.
struct StageFall {
  Day day = 0;  // The first day of the lower stage.
  int after = 0;
};

// The first day after `last` on which a condition fails that, once failed, stays failed; nothing when it never does.
// holds must depend on its day alone and be the same on all days on which nothing is left to fade.
std::optional<Day> FirstFailureAfter(Day last, const Policy& policy, absl::FunctionRef<bool(Day)> holds);
// The same, found sooner when the guess is near. REQUIRES: once it failed, the condition stays failed for ever.
std::optional<Day> FirstFailureNear(Day guess, Day last, const Policy& policy, absl::FunctionRef<bool(Day)> holds);

class DirectionWalk {
 public:
  // policy and ledger must outlive the walk.
  DirectionWalk(const Policy* policy, const DirectionLedger* ledger)
      : policy_(policy), ledger_(ledger), balance_(policy, ledger) {}

  // Tells that the ledger's inputs of `earliest`, and perhaps of later days, have changed.
  void Invalidate(Day earliest);
  // Begins again at the next Advance.
  void Restart();
  // Walks up to a day, inclusive. Nothing happens when it is not after the last one, or lies before the first contact.
  void Advance(Day day);

  // The last day walked. Nothing before the first.
  std::optional<Day> last_day() const { return last_day_; }
  // The changes up to the last day walked.
  const std::vector<StageChange>& changes() const { return changes_; }
  const DirectionBalance& balance() const { return balance_; }

  // The direction on a day when nothing more happens until then. REQUIRES: last_day() is set and not after `day`.
  DirectionState At(Day day) const;
  // When the stage falls below `stage` for the first time after the state's day if nothing more happens; nothing when
  // it never does. REQUIRES: `state` is what At returned.
  std::optional<StageFall> NextFall(const DirectionState& state, int stage) const;

  // An estimate, in constant time.
  size_t memory_bytes() const;

 private:
  // A remembered flag: an established facet or a begun practice.
  struct Flag {
    bool practice = false;
    size_t facet = 0;
  };

  struct Drop {
    Day day = 0;
    Flag flag;
  };

  // What speaks for and against on one day, asked only as closely as each question needs: bounds decide nearly always,
  // in a time that does not grow with the days walked, and what they leave open is reckoned to the last unit.
  class DayMasses {
   public:
    // balance must outlive it.
    DayMasses(const DirectionBalance& balance, Day day) : balance_(balance), day_(day) {}
    // Of masses that are known.
    DayMasses(const DirectionBalance& balance, Day day, const FacetMasses& masses)
        : balance_(balance), day_(day), masses_(masses) {}

    bool IsPositive(size_t facet, Mass least) const;
    bool IsConfirmed(size_t facet, Mass least) const;
    bool HasMargin(size_t facet, const Prior& prior, int64_t threshold_bp, __int128 least = 0) const;

    // The same with weights of this very day that speak for. REQUIRES: are_known().
    DayMasses With(const Weights& positive) const;
    bool are_known() const { return masses_.has_value(); }

   private:
    const FacetBounds& Bounds(size_t facet) const;

    const DirectionBalance& balance_;
    const Day day_;
    std::optional<FacetMasses> masses_;
    mutable std::array<std::optional<FacetBounds>, kFacetCount> bounds_;  // Those asked for.
  };

  bool HasFewDays() const;
  DayMasses MassesOn(Day day) const;
  DayMasses MassesOn(size_t facet, Day day) const;  // Of that facet alone.
  // Those that are set, to Visit(Flag); it may clear the one that it is given.
  template <class Visit>
  static void VisitSet(const DirectionFlags& flags, Visit visit) {
    for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
      if (flags.established[facet]) visit(Flag{false, facet});
    }
    for (size_t facet = kRapport; facet < kFacetCount; ++facet) {
      if (flags.begun[facet]) visit(Flag{true, facet});
    }
  }
  static void Clear(Flag flag, DirectionFlags* flags);
  static int Target(const DirectionFlags& flags);

  bool Holds(Flag flag, const DayMasses& masses) const;
  bool IsScored(Flag flag) const { return !flag.practice || flag.facet == kNurture; }
  bool SurelyHeldUntil(Flag flag, const DayMasses& masses) const;
  Day GuessFailure(Flag flag) const;
  std::optional<Day> FirstFailure(Flag flag) const;
  bool Silence(Day until, const DayMasses& probe, DirectionFlags* flags, std::vector<StageChange>* changes) const;

  void EnterFirstDay();
  void EnterDay(Day day, const DayInputs& inputs);
  // masses: of the last day, after its evidence. may_lapse: false when they are known to keep up all that stood.
  void Judge(bool eligible, absl::Span<const uint32_t> records, const DayMasses& masses, bool may_lapse);
  void Lapse(const DayMasses& masses, int ceiling, bool may_lapse);
  void Establish(const DayMasses& masses, int ceiling);
  bool MayEstablish(size_t facet, const DayMasses& masses) const;
  void Record(int stage, trust::v1::TransitionCause cause, absl::Span<const uint32_t> records);

  const Policy* const policy_;
  const DirectionLedger* const ledger_;
  DirectionBalance balance_;
  std::optional<Day> last_day_;
  DirectionFlags flags_;
  std::vector<StageChange> changes_;
  // As they were just before the last day, silence until then included.
  DirectionFlags flags_before_;
  size_t changes_before_ = 0;
  bool stale_last_day_ = false;
  bool eligible_at_first_ = false;  // Some day before the first contact was eligible.
};

}  // namespace projections

#endif  // PROJECTIONS_DIRECTION_WALK_H_
