#include "projections/direction_reading.h"

#include <algorithm>

#include "projections/event_name.h"
#include "projections/silent_change.h"

namespace projections {
namespace {

using trust::v1::Stage;

Stage ToStage(int stage) { return static_cast<Stage>(stage); }

void RenderFacets(const Policy& policy, const FacetMasses& masses, const DirectionFlags& flags,
                  trust::v1::DirectionReading* reading) {
  const Prior& prior = policy.rules().prior;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    const FacetMass& mass = masses[facet];
    trust::v1::FacetReading* const to = reading->add_facets();
    to->set_facet(static_cast<trust::v1::Facet>(facet + 1));
    to->set_score_bp(static_cast<int32_t>(Score(prior, mass)));
    to->set_belief_bp(static_cast<int32_t>(Belief(prior, mass)));
    to->set_disbelief_bp(static_cast<int32_t>(Disbelief(prior, mass)));
    to->set_uncertainty_bp(static_cast<int32_t>(Uncertainty(prior, mass)));
    to->set_deviation_bp(static_cast<int32_t>(Deviation(prior, mass)));
    to->set_positive_milli(static_cast<int64_t>(mass.positive >> 30));
    to->set_negative_milli(static_cast<int64_t>(mass.negative >> 30));
    to->set_established(facet < kEstablishableCount && flags.established[facet]);
    to->set_begun(flags.begun[facet]);
  }
}

void RenderChange(absl::string_view partnership, const StageChange& change, trust::v1::Transition* to) {
  to->set_date(FormatDay(change.day));
  to->set_stage_before(ToStage(change.before));
  to->set_stage(ToStage(change.after));
  to->set_cause(change.cause);
  for (const int64_t revision : change.revisions) to->add_events(EventName(partnership, revision));
  to->set_event_count(change.revision_count);
}

}  // namespace

trust::v1::DirectionReading RenderNothing(const Policy& policy) {
  trust::v1::DirectionReading reading;
  reading.set_ceiling(trust::v1::STAGE_MAINTAINING_COMMITMENT);
  RenderFacets(policy, FacetMasses(), DirectionFlags(), &reading);
  return reading;
}

trust::v1::DirectionReading RenderReading(const Policy& policy, const DirectionLedger& ledger,
                                          const DirectionWalk& walk, const DirectionState& state, Ending ending) {
  trust::v1::DirectionReading reading;
  reading.set_stage(ToStage(state.flags.stage));
  const StageChange& last = state.silent.empty() ? walk.changes().back() : state.silent.back();
  reading.set_since_date(FormatDay(last.day));
  const Ceiling ceiling = walk.balance().CeilingAt(state.day);
  reading.set_condition(ending == Ending::kEnded ? trust::v1::CONDITION_ENDED : ConditionOf(policy, walk, state));
  reading.set_ceiling(ToStage(ceiling.stage));
  for (const uint32_t record : ceiling.records) {
    const EvidenceLog& log = ledger.log();
    reading.add_ceiling_events(EventName(log.partnership(), log.records()[record].revision));
  }
  RenderFacets(policy, state.masses, state.flags, &reading);
  reading.set_key_person_dependent(walk.balance().RestsOnOnePair(state.masses[kRapport].positive, state.day));
  return reading;
}

std::vector<trust::v1::Transition> RenderTimeline(absl::string_view partnership, const DirectionWalk& walk,
                                                  const DirectionState& state) {
  std::vector<trust::v1::Transition> timeline(walk.changes().size() + state.silent.size());
  auto next = timeline.begin();
  for (const StageChange& change : walk.changes()) RenderChange(partnership, change, &*next++);
  for (const StageChange& change : state.silent) RenderChange(partnership, change, &*next++);
  return timeline;
}

}  // namespace projections
