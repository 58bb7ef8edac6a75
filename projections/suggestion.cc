#include "projections/suggestion.h"

#include <algorithm>
#include <optional>

#include "projections/direction_ledger.h"
#include "projections/direction_walk.h"
#include "projections/missing_conditions.h"
#include "trust/v1/events.pb.h"

namespace projections {
namespace {

using trust::v1::Evidence;

// From one act to the next, unless a span asks for more.
constexpr Day kDaysBetween = 7;
constexpr int64_t kFull = 10000;

// The acts that are ordinary enough to suggest, with the facet they are practised for and the number of their result.
// Of two that help alike, the first is taken.
struct OrdinaryAct {
  int kind;
  int variant;
  size_t facet;
};
constexpr OrdinaryAct kOrdinaryActs[] = {
    {Evidence::kCommitmentFulfilled, trust::v1::FULFILMENT_RESULT_ON_TIME, kReliability},
    {Evidence::kPartnerGoalSupported, 0, kReliability},
    {Evidence::kSharedExperienceHeld, 0, kRapport},
    {Evidence::kOpenCommunicationObserved, 0, kRapport},
    {Evidence::kTransparencyDemonstrated, 0, kNurture},
    {Evidence::kFeedbackActedOn, 0, kNurture},
    {Evidence::kAdaptationMade, 0, kNurture},
    {Evidence::kCredibilityAssessed, trust::v1::CREDIBILITY_RESULT_SUPPORTED, kCredibility},
    {Evidence::kIntentionsAssessed, trust::v1::INTENTIONS_RESULT_ALIGNED, kCredibility},
};

// The direction as it would be if planned acts were done.
class WhatIf {
 public:
  explicit WhatIf(const PlanningGround& ground)
      : ground_(ground),
        log_(ground.log),
        ledger_(&ground.policy, &log_, log_.Number(ground.trustor), log_.Number(ground.trustee), ground.first_contact),
        walk_(&ground.policy, &ledger_) {
    ledger_.Update();
    walk_.Advance(ground.as_of);
  }
  WhatIf(const WhatIf&) = delete;
  WhatIf& operator=(const WhatIf&) = delete;

  // REQUIRES: no act of a later day was done.
  void Do(const PlannedAct& act) {
    trust::v1::Event event;
    event.set_revision(log_.records().empty() ? 1 : log_.records().back().revision + 1);
    *event.mutable_occur_time() = ToTimestamp(StartOf(act.day));
    *event.mutable_record_time() = event.occur_time();
    Evidence& evidence = *event.mutable_evidence();
    evidence.set_actor(ground_.trustee);
    evidence.add_affected(ground_.trustor);
    evidence.set_source(trust::v1::SOURCE_COUNTERPART);
    evidence.set_materiality(trust::v1::MATERIALITY_MEDIUM);
    // The kinds are messages, so that naming one is having one.
    const auto* const field = Evidence::descriptor()->FindFieldByNumber(act.kind);
    Evidence::GetReflection()->MutableMessage(&evidence, field);
    log_.Append(event);
    walk_.Invalidate(ledger_.Update());
    walk_.Advance(act.day);
  }

  DirectionState At(Day day) const { return walk_.At(day); }
  std::vector<Unmet> Missing(Day day, int stage) const {
    return MissingFor(ground_.policy, walk_, walk_.At(day), stage);
  }

 private:
  const PlanningGround& ground_;
  EvidenceLog log_;
  DirectionLedger ledger_;
  DirectionWalk walk_;
};

// How far an act of the rule on a day goes towards a condition, out of kFull.
int64_t Progress(const Unmet& unmet, const PositiveRule& rule, Day day) {
  const int64_t weight = static_cast<int64_t>(rule.weights[unmet.facet]);
  if (weight == 0) return 0;
  switch (unmet.condition) {
    case trust::v1::STAGE_CONDITION_SCORE:
    case trust::v1::STAGE_CONDITION_MASS:
    case trust::v1::STAGE_CONDITION_CONFIRMED_MASS:
    case trust::v1::STAGE_CONDITION_RECOVERY:
    case trust::v1::STAGE_CONDITION_PRACTICE:
      return unmet.lacking_milli <= 0 ? 0 : std::min(kFull, weight * kFull / unmet.lacking_milli);
    case trust::v1::STAGE_CONDITION_NOTION:
      return (rule.notions[unmet.facet] & unmet.notions) != 0 ? kFull : 0;
    case trust::v1::STAGE_CONDITION_COUNT:
      return rule.counted[unmet.facet] ? kFull / (unmet.needed - unmet.present) : 0;
    case trust::v1::STAGE_CONDITION_SPAN:
      return rule.counted[unmet.facet] && day - unmet.first_counted >= unmet.needed ? kFull : 0;
    case trust::v1::STAGE_CONDITION_CEILING:
    case trust::v1::STAGE_CONDITION_UNSPECIFIED:
    case trust::v1::StageCondition_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::StageCondition_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return 0;
}

// The act that goes furthest towards what is missing in the first facet that any act of its own helps.
std::optional<int> ChooseKind(const Policy& policy, const std::vector<Unmet>& missing, Day day) {
  for (const Unmet& first : missing) {
    std::optional<int> chosen;
    int64_t furthest = 0;
    for (const OrdinaryAct& act : kOrdinaryActs) {
      const PositiveRule* const rule = policy.FindPositive(act.kind, act.variant);
      if (act.facet != first.facet || rule == nullptr) continue;
      int64_t progress = 0;
      for (const Unmet& unmet : missing) {
        if (unmet.facet == first.facet) progress += Progress(unmet, *rule, day);
      }
      if (progress <= furthest) continue;
      furthest = progress;
      chosen = act.kind;
    }
    if (chosen.has_value()) return chosen;
  }
  if (!missing.empty()) return std::nullopt;
  // Any good act will do: the stage rises by one step a day.
  for (const OrdinaryAct& act : kOrdinaryActs) {
    const PositiveRule* const rule = policy.FindPositive(act.kind, act.variant);
    if (rule != nullptr && !IsZero(rule->weights)) return act.kind;
  }
  return std::nullopt;
}

// The day of the next act: later where nothing but the length of spans is missing.
Day NextDay(const std::vector<Unmet>& missing, Day day) {
  const bool waits = !missing.empty() && std::all_of(missing.begin(), missing.end(), [](const Unmet& unmet) {
    return unmet.condition == trust::v1::STAGE_CONDITION_SPAN;
  });
  for (const Unmet& unmet : missing) {
    if (waits) day = std::max(day, static_cast<Day>(unmet.first_counted + std::min<int64_t>(unmet.needed, 10'000)));
  }
  return day;
}

std::vector<PlannedAct> Search(const PlanningGround& ground, int stage) {
  WhatIf what_if(ground);
  std::vector<PlannedAct> plan;
  Day day = ground.as_of + 1;
  while (plan.size() < static_cast<size_t>(kPlannedActsMax)) {
    day = NextDay(what_if.Missing(day, stage), day);
    if (day - ground.as_of > kPlannedDaysMax) return {};
    const std::optional<int> kind = ChooseKind(ground.policy, what_if.Missing(day, stage), day);
    if (!kind.has_value()) return {};
    plan.push_back({*kind, day});
    what_if.Do(plan.back());
    if (what_if.At(day).flags.stage >= stage) return plan;
    day += kDaysBetween;
  }
  return {};
}

bool Brings(const PlanningGround& ground, const std::vector<PlannedAct>& plan, int stage) {
  if (plan.empty()) return false;
  WhatIf what_if(ground);
  for (const PlannedAct& act : plan) what_if.Do(act);
  return what_if.At(plan.back().day).flags.stage >= stage;
}

}  // namespace

std::vector<PlannedAct> PlanActs(const PlanningGround& ground, int stage) {
  std::vector<PlannedAct> plan = Search(ground, stage);
  // What a later act has made needless is left out again.
  for (size_t i = plan.size(); i-- > 0;) {
    std::vector<PlannedAct> shorter = plan;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    if (Brings(ground, shorter, stage)) plan = std::move(shorter);
  }
  return Brings(ground, plan, stage) ? plan : std::vector<PlannedAct>();
}

}  // namespace projections
