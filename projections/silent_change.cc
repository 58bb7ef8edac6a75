#include "projections/silent_change.h"

#include <algorithm>
#include <limits>

namespace projections {
namespace {

using trust::v1::Condition;

// What masses mean for a condition that no ceiling decides.
class MassCondition {
 public:
  MassCondition(const Policy& policy, const DirectionWalk& walk, const DirectionFlags& flags)
      : policy_(policy), walk_(walk), flags_(flags) {}

  Condition Of(const FacetMasses& masses) const {
    if (Strained(masses)) return trust::v1::CONDITION_STRAINED;
    return Dormant(masses) ? trust::v1::CONDITION_DORMANT : trust::v1::CONDITION_STEADY;
  }

  // The condition of all days of a silence that begins with the masses `first` and ends with `last`, where that is
  // sure: no mass grows in silence, so that each lies between the two.
  std::optional<Condition> OfAll(const FacetMasses& first, const FacetMasses& last) const {
    FacetMasses most = first, least = first;  // Disbelief.
    for (size_t facet = 0; facet < kFacetCount; ++facet) {
      most[facet].positive = last[facet].positive;
      least[facet].negative = last[facet].negative;
    }
    if (Strained(least)) return trust::v1::CONDITION_STRAINED;
    if (Strained(most)) return std::nullopt;
    bool possibly = false;
    for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
      if (!flags_.ever_established[facet]) continue;
      const int64_t bound = policy_.document().dormant_uncertainty_bp();
      // Belief and disbelief are each rounded down, so that the sum of their bounds bounds what they leave.
      const Prior& prior = policy_.rules().prior;
      const FacetMass much_for = {first[facet].positive, last[facet].negative};
      const FacetMass little_for = {last[facet].positive, first[facet].negative};
      const int64_t uncertain_min = 10000 - Belief(prior, much_for) - Disbelief(prior, little_for);
      const int64_t uncertain_max = 10000 - Belief(prior, little_for) - Disbelief(prior, much_for);
      if (uncertain_min >= bound) return trust::v1::CONDITION_DORMANT;
      possibly = possibly || uncertain_max >= bound;
    }
    return possibly ? std::nullopt : std::make_optional(trust::v1::CONDITION_STEADY);
  }

  // The first day in (`after`, `last`] with another condition than `now`.
  std::optional<Day> FirstOther(Condition now, Day after, const FacetMasses& masses_after, Day last,
                                const FacetMasses& masses_last) const {
    if (OfAll(masses_after, masses_last) == now) return std::nullopt;
    if (last - after <= 1) return Of(masses_last) == now ? std::nullopt : std::make_optional(last);
    const Day middle = after + (last - after) / 2;
    const FacetMasses masses = walk_.balance().At(middle);
    const std::optional<Day> early = FirstOther(now, after, masses_after, middle, masses);
    return early.has_value() ? early : FirstOther(now, middle, masses, last, masses_last);
  }

 private:
  bool Strained(const FacetMasses& masses) const {
    return walk_.balance().has_open_conflict() || std::any_of(masses.begin(), masses.end(), [&](const FacetMass& mass) {
             return Disbelief(policy_.rules().prior, mass) >= policy_.document().strained_disbelief_bp();
           });
  }

  bool Dormant(const FacetMasses& masses) const {
    for (size_t facet = 0; facet < kEstablishableCount; ++facet) {
      const bool unknown =
          Uncertainty(policy_.rules().prior, masses[facet]) >= policy_.document().dormant_uncertainty_bp();
      if (unknown && flags_.ever_established[facet]) return true;
    }
    return false;
  }

  const Policy& policy_;
  const DirectionWalk& walk_;
  const DirectionFlags& flags_;
};

Condition LimitedCondition(const Ceiling& ceiling) {
  return ceiling.repair_begun ? trust::v1::CONDITION_REPAIRING : trust::v1::CONDITION_BREACHED;
}

// The first day after the state's on which the condition is another, up to `until` at most.
std::optional<Day> NextOtherCondition(const Policy& policy, const DirectionWalk& walk, const DirectionState& state,
                                      Condition now, Day until) {
  const MassCondition by_mass(policy, walk, state.flags);
  // Ceilings that end by themselves cut the future into spans.
  std::vector<Day> turns = walk.balance().CeilingEndsAfter(state.day);
  turns.push_back(kNever);
  Day begin = state.day;  // The last day known to have the same condition.
  for (const Day turn : turns) {
    const Day last = std::min(until, turn == kNever ? until : turn - 1);
    if (begin < last && walk.balance().CeilingStageAt(begin) == kHighestStage) {
      // Spans grow, since less and less changes.
      FacetMasses masses = walk.balance().At(begin);
      for (int64_t step = 64; begin < last; step *= 2) {
        const Day end = static_cast<Day>(std::min<int64_t>(last, begin + step));
        const FacetMasses masses_end = walk.balance().At(end);
        const std::optional<Day> other = by_mass.FirstOther(now, begin, masses, end, masses_end);
        if (other.has_value()) return other;
        begin = end;
        masses = masses_end;
      }
    }
    if (turn >= until) return std::nullopt;
    const Ceiling ceiling = walk.balance().CeilingAt(turn);
    const Condition then =
        ceiling.stage < kHighestStage ? LimitedCondition(ceiling) : by_mass.Of(walk.balance().At(turn));
    if (then != now) return turn;
    begin = turn;
  }
  return std::nullopt;
}

}  // namespace

Condition ConditionOf(const Policy& policy, const DirectionWalk& walk, const DirectionState& state) {
  const Ceiling ceiling = walk.balance().CeilingAt(state.day);
  if (ceiling.stage < kHighestStage) return LimitedCondition(ceiling);
  return MassCondition(policy, walk, state.flags).Of(state.masses);
}

std::optional<SilentChange> NextSilentChange(const Policy& policy, const DirectionWalk& walk,
                                             const DirectionState& state) {
  int64_t lifetime = 1;  // Once nothing is left, nothing changes any more.
  for (const Decay& decay : policy.rules().decays) lifetime = std::max(lifetime, decay.lifetime_days());
  const auto latest = [](int64_t day) { return static_cast<Day>(std::min<int64_t>(day, kNever - 1)); };
  Day until = latest(state.day + lifetime);
  for (const Day turn : walk.balance().CeilingEndsAfter(state.day)) until = std::max(until, latest(int64_t{turn} + 1));
  const std::optional<StageFall> fall = walk.NextFall(state, state.flags.stage);
  if (fall.has_value()) until = fall->day;
  const Condition now = ConditionOf(policy, walk, state);
  const std::optional<Day> other = NextOtherCondition(policy, walk, state, now, until);
  if (!other.has_value() && !fall.has_value()) return std::nullopt;
  const DirectionState then = walk.At(other.value_or(until));
  return SilentChange{then.day, then.flags.stage, ConditionOf(policy, walk, then)};
}

}  // namespace projections
