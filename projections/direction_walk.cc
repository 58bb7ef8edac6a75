#include "projections/direction_walk.h"

#include <algorithm>
#include <limits>

namespace projections {
namespace {

// How many days after `last` nothing changes any more.
int64_t Horizon(Day last, const Policy& policy) {
  int64_t horizon = 1;
  for (const Decay& decay : policy.rules().decays) horizon = std::max(horizon, decay.lifetime_days());
  return std::min<int64_t>(horizon, std::numeric_limits<Day>::max() - int64_t{last} - 1);
}

// The first number that does not hold, by halves, between one that does and one that does not.
int64_t FirstBad(int64_t good, int64_t bad, absl::FunctionRef<bool(int64_t)> holds) {
  while (bad - good > 1) {
    const int64_t middle = good + (bad - good) / 2;
    (holds(middle) ? good : bad) = middle;
  }
  return bad;
}

}  // namespace

// ---- Walking

void DirectionWalk::Invalidate(Day earliest) {
  if (!last_day_.has_value() || earliest > *last_day_) return;
  if (earliest < *last_day_) return Restart();
  stale_last_day_ = true;
}

void DirectionWalk::Restart() {
  balance_ = DirectionBalance(policy_, ledger_);
  last_day_.reset();
  flags_ = flags_before_ = {};
  changes_.clear();
  changes_before_ = 0;
  stale_last_day_ = false;
  eligible_at_first_ = false;
}

void DirectionWalk::Advance(Day day) {
  const Day first = ledger_->first_contact();
  if (day < first) return;
  if (!last_day_.has_value()) {
    EnterFirstDay();
  } else if (stale_last_day_ && day >= *last_day_) {
    flags_ = flags_before_;
    changes_.resize(changes_before_);
    const auto inputs = ledger_->days().find(*last_day_);
    if (inputs != ledger_->days().end()) {
      const bool eligible = balance_.Enter(*last_day_, inputs->second);
      const bool at_first = *last_day_ == first && eligible_at_first_;
      Judge(eligible || at_first, inputs->second.records, MassesOn(*last_day_), true);
    }
    stale_last_day_ = false;
  }
  const auto& days = ledger_->days();
  for (auto next = days.upper_bound(*last_day_); next != days.end() && next->first <= day; ++next) {
    EnterDay(next->first, next->second);
  }
}

// The first contact is a day of judgement whatever happened on it, and all that happened before counts from it on.
void DirectionWalk::EnterFirstDay() {
  const Day first = ledger_->first_contact();
  const auto& days = ledger_->days();
  const auto end = days.lower_bound(first);
  for (auto day = days.begin(); day != end; ++day) {
    eligible_at_first_ = balance_.Enter(day->first, day->second) || eligible_at_first_;
  }
  last_day_ = first;
  const bool named = end != days.end() && end->first == first;
  const bool eligible = named && balance_.Enter(first, end->second);
  Judge(eligible || eligible_at_first_, named ? absl::MakeConstSpan(end->second.records) : absl::Span<const uint32_t>(),
        MassesOn(first), true);
}

void DirectionWalk::EnterDay(Day day, const DayInputs& inputs) {
  // The masses of this day before its own evidence tell mostly that nothing lapsed in silence.
  const DayMasses before = MassesOn(day);
  const bool held = Silence(day - 1, before, &flags_, &changes_);
  flags_before_ = flags_;
  changes_before_ = changes_.size();
  last_day_ = day;
  const bool eligible = balance_.Enter(day, inputs);
  const bool rises = inputs.AddsPositiveAlone();
  const DayMasses after = rises && before.are_known() ? before.With(inputs.positive) : MassesOn(day);
  Judge(eligible, inputs.records, after, !held || !rises);
}

// ---- Masses

// The sums of a few days are made sooner than their bounds.
bool DirectionWalk::HasFewDays() const {
  constexpr size_t kFew = 64;
  return balance_.column_count() <= kFew;
}

// For questions about several facets.
DirectionWalk::DayMasses DirectionWalk::MassesOn(Day day) const {
  return HasFewDays() ? DayMasses(balance_, day, balance_.At(day)) : DayMasses(balance_, day);
}

// For questions about one facet.
DirectionWalk::DayMasses DirectionWalk::MassesOn(size_t facet, Day day) const {
  if (!HasFewDays()) return DayMasses(balance_, day);
  FacetMasses masses;
  masses[facet] = balance_.At(facet, day);
  return DayMasses(balance_, day, masses);
}

DirectionWalk::DayMasses DirectionWalk::DayMasses::With(const Weights& positive) const {
  FacetMasses masses = *masses_;
  for (size_t facet = 0; facet < kFacetCount; ++facet) masses[facet].positive += ToMass(positive[facet]);
  return DayMasses(balance_, day_, masses);
}

const FacetBounds& DirectionWalk::DayMasses::Bounds(size_t facet) const {
  std::optional<FacetBounds>& bounds = bounds_[facet];
  if (!bounds.has_value()) bounds = balance_.BoundsAt(facet, day_);
  return *bounds;
}

bool DirectionWalk::DayMasses::IsPositive(size_t facet, Mass least) const {
  if (masses_.has_value()) return (*masses_)[facet].positive >= least;
  const MassBounds& bounds = Bounds(facet).positive;
  if (bounds.least >= least) return true;
  return bounds.most >= least && balance_.At(facet, day_).positive >= least;
}

bool DirectionWalk::DayMasses::IsConfirmed(size_t facet, Mass least) const {
  if (balance_.IsAllConfirmed(facet)) return IsPositive(facet, least);
  if (masses_.has_value()) return balance_.ConfirmedAt(facet, day_) >= least;
  const MassBounds bounds = balance_.ConfirmedBoundsAt(facet, day_);
  if (bounds.least >= least) return true;
  return bounds.most >= least && balance_.ConfirmedAt(facet, day_) >= least;
}

// The margin grows with what speaks for and falls with what speaks against.
bool DirectionWalk::DayMasses::HasMargin(size_t facet, const Prior& prior, int64_t threshold_bp, __int128 least) const {
  if (masses_.has_value()) return ScoreMargin(prior, (*masses_)[facet], threshold_bp) >= least;
  const auto& [positive, negative] = Bounds(facet);
  if (ScoreMargin(prior, {positive.least, negative.most}, threshold_bp) >= least) return true;
  return ScoreMargin(prior, {positive.most, negative.least}, threshold_bp) >= least &&
         ScoreMargin(prior, balance_.At(facet, day_), threshold_bp) >= least;
}

// ---- One day of judgement

void DirectionWalk::Judge(bool eligible, absl::Span<const uint32_t> records, const DayMasses& masses, bool may_lapse) {
  const int ceiling = balance_.CeilingStageAt(*last_day_);
  Lapse(masses, ceiling, may_lapse);
  if (eligible) Establish(masses, ceiling);
  const int target = std::min(ceiling, Target(flags_));
  if (flags_.stage == 0) {
    Record(1, trust::v1::TRANSITION_CAUSE_START, records);
  } else if (target < flags_.stage) {
    Record(target, trust::v1::TRANSITION_CAUSE_EVENT, records);
  } else if (target > flags_.stage && eligible) {
    Record(flags_.stage + 1, trust::v1::TRANSITION_CAUSE_EVENT, records);
  }
}

void DirectionWalk::Lapse(const DayMasses& masses, int ceiling, bool may_lapse) {
  VisitSet(flags_, [&](Flag flag) {
    // A ceiling unestablishes the facets from its own number on.
    const bool barred = !flag.practice && static_cast<int>(flag.facet) + 1 >= ceiling;
    if (barred || (may_lapse && !Holds(flag, masses))) Clear(flag, &flags_);
  });
}

void DirectionWalk::Establish(const DayMasses& masses, int ceiling) {
  for (size_t facet = 0; facet < kEstablishableCount && static_cast<int>(facet) + 1 < ceiling; ++facet) {
    if (flags_.established[facet] || !MayEstablish(facet, masses)) continue;
    flags_.established[facet] = flags_.ever_established[facet] = true;
    flags_.established_since[facet] = *last_day_;
  }
  for (size_t facet = kRapport; facet < kFacetCount; ++facet) {
    const FacetRule& rule = policy_->rules().facets[facet];
    // Only silence or a stop ends a practice: a good act that falls short of a beginning does not.
    if (flags_.begun[facet] || !masses.IsPositive(facet, rule.begin) || !Holds({true, facet}, masses)) continue;
    flags_.begun[facet] = true;
    flags_.begun_since[facet] = *last_day_;
  }
}

bool DirectionWalk::MayEstablish(size_t facet, const DayMasses& masses) const {
  const PolicyRules& rules = policy_->rules();
  const FacetRule& rule = rules.facets[facet];
  if (!masses.HasMargin(facet, rules.prior, rule.enter_score) || !masses.IsPositive(facet, rule.enter)) return false;
  if (!masses.IsConfirmed(facet, rule.confirmed)) return false;
  const trust::v1::PolicyDocument& document = policy_->document();
  const std::optional<Day> violated = balance_.LastViolation(facet, document.recovery_severity_min());
  if (violated.has_value() && balance_.PositiveAfter(facet, *violated, *last_day_) < rule.recovery) return false;
  return balance_.Covers(facet, balance_.LastViolation(facet, document.anchor_severity_min()));
}

void DirectionWalk::Record(int stage, trust::v1::TransitionCause cause, absl::Span<const uint32_t> records) {
  StageChange change;
  change.day = *last_day_;
  change.before = flags_.stage;
  change.after = stage;
  change.cause = cause;
  change.revisions.reserve(records.size());
  for (const uint32_t record : records) change.revisions.push_back(ledger_->log().records()[record].revision);
  std::vector<int64_t>& revisions = change.revisions;
  std::sort(revisions.begin(), revisions.end());
  revisions.erase(std::unique(revisions.begin(), revisions.end()), revisions.end());
  change.revision_count = static_cast<int64_t>(revisions.size());
  if (revisions.size() > StageChange::kRevisionsMax) revisions.resize(StageChange::kRevisionsMax);
  revisions.shrink_to_fit();
  changes_.push_back(std::move(change));
  flags_.stage = stage;
}

// ---- Flags

void DirectionWalk::Clear(Flag flag, DirectionFlags* flags) {
  if (flag.practice) {
    flags->begun[flag.facet] = false;
  } else {
    flags->established[flag.facet] = false;
  }
}

// The stage that the flags speak for: one step for each facet established whose following practice has begun, from the
// first on.
int DirectionWalk::Target(const DirectionFlags& flags) {
  int stage = 1;
  while (stage < kHighestStage && flags.established[static_cast<size_t>(stage - 1)] &&
         flags.begun[static_cast<size_t>(stage)]) {
    ++stage;
  }
  return stage;
}

bool DirectionWalk::Holds(Flag flag, const DayMasses& masses) const {
  const PolicyRules& rules = policy_->rules();
  const FacetRule& rule = rules.facets[flag.facet];
  if (!masses.IsPositive(flag.facet, flag.practice ? rule.stop : rule.hold)) return false;
  return !IsScored(flag) || masses.HasMargin(flag.facet, rules.prior, rule.hold_score);
}

// ---- Silence

// True when the flag holds under `masses`, read after some silence, and cannot have failed earlier in that silence. The
// positive mass never grows in silence. The margin of the score would never become positive again but for the rounding
// of each weight's decay; beyond what rounding can amount to, it is proof.
bool DirectionWalk::SurelyHeldUntil(Flag flag, const DayMasses& masses) const {
  if (!IsScored(flag)) return Holds(flag, masses);
  const PolicyRules& rules = policy_->rules();
  const FacetRule& rule = rules.facets[flag.facet];
  return masses.IsPositive(flag.facet, flag.practice ? rule.stop : rule.hold) &&
         masses.HasMargin(flag.facet, rules.prior, rule.hold_score,
                          static_cast<__int128>(balance_.RoundingMax(flag.facet) * 10000));
}

// The first day after the last one walked on which the flag fails if nothing more happens. Depends on nothing but the
// last day and its evidence, so that the answer is the same whoever asks for whatever day.
std::optional<Day> DirectionWalk::FirstFailure(Flag flag) const {
  const auto holds = [&](Day day) { return Holds(flag, MassesOn(flag.facet, day)); };
  // What only ever falls fails once for all, so that it does not matter where the search begins.
  const bool only_falls = IsScored(flag) ? balance_.FadesAlone(flag.facet) : !balance_.HasRivals();
  return only_falls ? FirstFailureNear(GuessFailure(flag), *last_day_, *policy_, holds)
                    : FirstFailureAfter(*last_day_, *policy_, holds);
}

// When the flag would fail if all that speaks for it faded as one weight and nothing spoke against it.
Day DirectionWalk::GuessFailure(Flag flag) const {
  const PolicyRules& rules = policy_->rules();
  const FacetRule& rule = rules.facets[flag.facet];
  const Mass least = flag.practice ? rule.stop : rule.hold;
  const Mass today = HasFewDays() ? balance_.At(flag.facet, *last_day_).positive
                                  : balance_.BoundsAt(flag.facet, *last_day_).positive.least;
  const Decay& decay = policy_->positive_decay();
  const int64_t days = FirstBad(0, decay.lifetime_days(), [&](int64_t age) {
    const Mass left = (today * decay.At(age)) >> 30;
    return left >= least && (!IsScored(flag) || ScoreMargin(rules.prior, {left, 0}, rule.hold_score) >= 0);
  });
  return static_cast<Day>(std::min(*last_day_ + days, int64_t{std::numeric_limits<Day>::max()}));
}

// Searches in doubling steps, then by halves.
std::optional<Day> FirstFailureAfter(Day last, const Policy& policy, absl::FunctionRef<bool(Day)> holds_on) {
  const int64_t horizon = Horizon(last, policy);
  const auto holds = [&](int64_t days) { return holds_on(static_cast<Day>(last + days)); };
  int64_t good = 0, bad = 1;
  while (holds(bad)) {
    if (bad == horizon) return std::nullopt;
    good = bad;
    bad = std::min(horizon, bad * 2);
  }
  return static_cast<Day>(last + FirstBad(good, bad, holds));
}

// Steps away from the guess, each twice as long as the one before, then searches by halves.
std::optional<Day> FirstFailureNear(Day guess, Day last, const Policy& policy, absl::FunctionRef<bool(Day)> holds_on) {
  const int64_t horizon = Horizon(last, policy);
  const auto holds = [&](int64_t days) { return holds_on(static_cast<Day>(last + days)); };
  int64_t bad = std::clamp(int64_t{guess} - last, int64_t{1}, horizon);
  int64_t good = bad - 1;
  if (holds(bad)) {
    for (int64_t step = 1;; step *= 2) {
      if (bad == horizon) return std::nullopt;
      good = bad;
      bad = std::min(horizon, bad + step);
      if (!holds(bad)) break;
    }
  } else {
    for (int64_t step = 1; good > 0 && !holds(good); step *= 2) {
      bad = good;
      good = std::max(int64_t{0}, good - step);
    }
  }
  return static_cast<Day>(last + FirstBad(good, bad, holds));
}

// Drops the flags that fail after the last day up to `until`. `probe` are the masses of a day not before `until`,
// without evidence after the last day. True when all flags hold under them for certain.
bool DirectionWalk::Silence(Day until, const DayMasses& probe, DirectionFlags* flags,
                            std::vector<StageChange>* changes) const {
  bool all_hold = true;
  std::vector<Drop> drops;
  VisitSet(*flags, [&](Flag flag) {
    if (SurelyHeldUntil(flag, probe)) return;
    all_hold = false;
    const std::optional<Day> failure = FirstFailure(flag);
    if (failure.has_value() && *failure <= until) drops.push_back({*failure, flag});
  });
  std::sort(drops.begin(), drops.end(), [](const Drop& a, const Drop& b) { return a.day < b.day; });
  for (size_t i = 0; i < drops.size(); ++i) {
    Clear(drops[i].flag, flags);
    if (i + 1 < drops.size() && drops[i + 1].day == drops[i].day) continue;
    const int target = Target(*flags);
    if (target >= flags->stage) continue;
    changes->push_back({drops[i].day, flags->stage, target, trust::v1::TRANSITION_CAUSE_SILENCE, {}, 0});
    flags->stage = target;
  }
  return all_hold;
}

DirectionState DirectionWalk::At(Day day) const {
  DirectionState state;
  state.day = day;
  state.flags = flags_;
  state.masses = balance_.At(day);
  Silence(day, DayMasses(balance_, day, state.masses), &state.flags, &state.silent);
  return state;
}

std::optional<StageFall> DirectionWalk::NextFall(const DirectionState& state, int stage) const {
  std::vector<Drop> drops;
  VisitSet(state.flags, [&](Flag flag) {
    const std::optional<Day> failure = FirstFailure(flag);
    if (failure.has_value()) drops.push_back({*failure, flag});
  });
  std::sort(drops.begin(), drops.end(), [](const Drop& a, const Drop& b) { return a.day < b.day; });
  DirectionFlags flags = state.flags;
  for (size_t i = 0; i < drops.size(); ++i) {
    Clear(drops[i].flag, &flags);
    if (i + 1 < drops.size() && drops[i + 1].day == drops[i].day) continue;
    flags.stage = std::min(flags.stage, Target(flags));
    if (flags.stage < stage) return StageFall{drops[i].day, flags.stage};
  }
  return std::nullopt;
}

size_t DirectionWalk::memory_bytes() const {
  return sizeof(*this) - sizeof(balance_) + balance_.memory_bytes() + changes_.capacity() * (sizeof(StageChange) + 32);
}

}  // namespace projections
