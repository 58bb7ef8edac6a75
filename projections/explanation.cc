#include "projections/explanation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "projections/contributions.h"
#include "projections/missing_conditions.h"
#include "projections/plain_words.h"
#include "projections/suggestion.h"

namespace projections {
namespace {

using trust::v1::ExplainTrustResponse;
using trust::v1::RiskedCondition;
using trust::v1::StageCondition;

// The summary names at most so many missing conditions and events.
constexpr int kSummedUpMax = 3;

// ---- What the stage rests on

// Finds the conditions that hold a stage, each with the last day on which it is met.
class RiskFinder {
 public:
  RiskFinder(const Policy& policy, const DirectionWalk& walk, const DirectionState& state)
      : policy_(policy), walk_(walk), state_(state) {}

  // Nearest to failing first.
  std::vector<RiskedCondition> Find() {
    for (int step = 2; step <= state_.flags.stage; ++step) {
      const size_t entered = static_cast<size_t>(step - 2), practised = static_cast<size_t>(step - 1);
      Add(step, entered, trust::v1::STAGE_CONDITION_SCORE);
      Add(step, entered, trust::v1::STAGE_CONDITION_MASS);
      Add(step, practised, trust::v1::STAGE_CONDITION_PRACTICE);
      if (practised == kNurture) Add(step, practised, trust::v1::STAGE_CONDITION_SCORE);
    }
    std::stable_sort(risks_.begin(), risks_.end(), [](const RiskedCondition& a, const RiskedCondition& b) {
      const auto key = [](const RiskedCondition& risk) {
        return std::make_tuple(risk.holds_until_date().empty(), risk.holds_until_date());
      };
      return key(a) < key(b);
    });
    return std::move(risks_);
  }

 private:
  void Add(int stage, size_t facet, StageCondition condition) {
    const PolicyRules& rules = policy_.rules();
    const FacetRule& rule = rules.facets[facet];
    const bool scored = condition == trust::v1::STAGE_CONDITION_SCORE;
    const Mass least = condition == trust::v1::STAGE_CONDITION_PRACTICE ? rule.stop : rule.hold;
    const auto holds = [&](Day day) {
      const FacetMass mass = walk_.balance().At(facet, day);
      return scored ? ScoreMargin(rules.prior, mass, rule.hold_score) >= 0 : mass.positive >= least;
    };
    const std::optional<Day> failure = FirstFailureAfter(*walk_.last_day(), policy_, holds);
    const FacetMass& mass = state_.masses[facet];
    RiskedCondition& risk = risks_.emplace_back();
    risk.set_stage(static_cast<trust::v1::Stage>(stage));
    risk.set_facet(static_cast<trust::v1::Facet>(facet + 1));
    risk.set_condition(condition);
    risk.set_present(scored ? Score(rules.prior, mass) : static_cast<int64_t>(mass.positive >> 30));
    risk.set_needed(scored ? rule.hold_score : static_cast<int64_t>(least >> 30));
    if (failure.has_value()) risk.set_holds_until_date(FormatDay(*failure - 1));
    risk.set_text(TextOf(risk, facet));
  }

  static std::string TextOf(const RiskedCondition& risk, size_t facet) {
    std::string text = absl::StrCat(StageInWords(risk.stage()), " needs ");
    if (risk.condition() == trust::v1::STAGE_CONDITION_SCORE) {
      absl::StrAppend(&text, "a score of ", FacetInWords(facet), " of ", PercentInWords(risk.needed()), "; it is ",
                      PercentInWords(risk.present()), " now");
    } else {
      absl::StrAppend(&text, UnitsInWords(risk.needed()), " units of good evidence in ", FacetInWords(facet),
                      "; there are ", UnitsInWords(risk.present()), " now");
    }
    if (risk.holds_until_date().empty()) return absl::StrCat(text, "; silence alone never takes it away");
    return absl::StrCat(text, "; in silence that lasts until ", risk.holds_until_date());
  }

  const Policy& policy_;
  const DirectionWalk& walk_;
  const DirectionState& state_;
  std::vector<RiskedCondition> risks_;
};

// ---- In a few sentences

// "17 and 18", "17, 18, 19 and 4 others": the numbers of events.
std::string EventsInWords(const trust::v1::Transition& change) {
  std::vector<std::string> numbers;
  for (int i = 0; i < std::min(kSummedUpMax, change.events_size()); ++i) {
    const std::string& name = change.events(i);
    numbers.push_back(name.substr(name.rfind('/') + 1));
  }
  const int64_t more = change.event_count() - static_cast<int64_t>(numbers.size());
  if (more > 0) numbers.push_back(absl::StrCat(more, more == 1 ? " other" : " others"));
  return Enumerated(numbers);
}

std::string HowItCame(const trust::v1::Transition& change) {
  switch (change.cause()) {
    case trust::v1::TRANSITION_CAUSE_START:
      return "the day they met";
    case trust::v1::TRANSITION_CAUSE_SILENCE:
      return absl::StrCat("down from ", StageInWords(change.stage_before()), " by silence");
    case trust::v1::TRANSITION_CAUSE_EVENT:
      return absl::StrCat(change.stage() > change.stage_before() ? "up from " : "down from ",
                          StageInWords(change.stage_before()), " by event", change.event_count() == 1 ? " " : "s ",
                          EventsInWords(change));
    case trust::v1::TRANSITION_CAUSE_POLICY:  // Never on a path, which one policy makes.
    case trust::v1::TRANSITION_CAUSE_UNSPECIFIED:
    case trust::v1::TransitionCause_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::TransitionCause_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "";
}

// A strain comes from what speaks against the trustee, or else from a conflict.
std::string StrainInWords(const trust::v1::DirectionReading& reading, const Policy& policy) {
  std::vector<std::string> facets;
  for (int facet = 0; facet < reading.facets_size(); ++facet) {
    if (reading.facets(facet).disbelief_bp() < policy.document().strained_disbelief_bp()) continue;
    facets.push_back(FacetInWords(static_cast<size_t>(facet)));
  }
  if (facets.empty()) return " It is strained: a conflict is not resolved.";
  return absl::StrCat(" It is strained: much speaks against the trustee in ", Enumerated(facets), ".");
}

std::string ConditionInWords(const trust::v1::DirectionReading& reading, const Policy& policy) {
  switch (reading.condition()) {
    case trust::v1::CONDITION_DORMANT:
      return " It is dormant: little that is recent is known in a facet once established.";
    case trust::v1::CONDITION_STRAINED:
      return StrainInWords(reading, policy);
    case trust::v1::CONDITION_BREACHED:
      return " It is breached: a grave violation without verified remedy, a deception or a formal dispute limits it.";
    case trust::v1::CONDITION_REPAIRING:
      return " It is under repair: what limits it has begun to be made good.";
    case trust::v1::CONDITION_ENDED:
      return " The partnership has ended, and trust stands as it stood at the end.";
    case trust::v1::CONDITION_STEADY:
    case trust::v1::CONDITION_UNSPECIFIED:
    case trust::v1::Condition_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::Condition_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "";
}

std::string WhatIsMissing(const ExplainTrustResponse& response) {
  const trust::v1::Stage stage = response.reading().stage();
  if (stage == trust::v1::STAGE_MAINTAINING_COMMITMENT) return " There is no higher stage.";
  const std::string next = StageInWords(static_cast<trust::v1::Stage>(stage + 1));
  if (response.missing_size() == 0) {
    return absl::StrCat(" Nothing is missing for ", next, ": the next good act that counts brings it.");
  }
  std::vector<std::string> texts;
  for (int i = 0; i < std::min(kSummedUpMax, response.missing_size()); ++i) texts.push_back(response.missing(i).text());
  const int others = response.missing_size() - kSummedUpMax;
  if (others > 0) texts.push_back(absl::StrCat("and ", others, others == 1 ? " other condition" : " other conditions"));
  return absl::StrCat(" Missing for ", next, ": ", absl::StrJoin(texts, "; "), ".");
}

// The acts of a plan, counted by kind.
std::string WhatWouldDo(const ExplainTrustResponse& response) {
  if (response.suggestions_size() == 0) return "";
  std::map<std::string, int> counts;
  for (const trust::v1::SuggestedAct& act : response.suggestions()) ++counts[act.kind()];
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    parts.push_back(absl::StrCat(KindInWords(kind), count == 1 ? "" : absl::StrCat(" (", count, " times)")));
  }
  const std::string& last = response.suggestions(response.suggestions_size() - 1).date();
  return absl::StrCat(" For example ", Enumerated(parts), ", the last on ", last, ", would bring it.");
}

std::string HowLong(const trust::v1::DirectionReading& reading) {
  if (reading.condition() == trust::v1::CONDITION_ENDED) return "";
  if (reading.holds_until_date().empty()) return " Silence alone does not lower it.";
  return absl::StrCat(" If nothing happens it holds until ", reading.holds_until_date(), ", then comes ",
                      StageInWords(reading.stage_after()), ".");
}

std::string Summarize(const ExplainTrustResponse& response, const Policy& policy) {
  const trust::v1::DirectionReading& reading = response.reading();
  if (reading.stage() == trust::v1::STAGE_UNSPECIFIED) {
    return absl::StrCat(reading.trustor(), " and ", reading.trustee(),
                        " had not met by then, so there is no stage to explain.");
  }
  std::string summary = absl::StrCat("The trust of ", reading.trustor(), " in ", reading.trustee(), " has been at ",
                                     StageInWords(reading.stage()), " since ", reading.since_date());
  const trust::v1::Transition& last = response.transitions(response.transitions_size() - 1);
  absl::StrAppend(&summary, " (", HowItCame(last), ").", ConditionInWords(reading, policy));
  if (reading.condition() != trust::v1::CONDITION_ENDED) {
    absl::StrAppend(&summary, WhatIsMissing(response), WhatWouldDo(response));
  }
  return absl::StrCat(summary, HowLong(reading), " This is what the policy ", policy.version(),
                      " makes of the record: policy, not measurement.");
}

}  // namespace

// Sees what a history keeps to itself.
class Explainer {
 public:
  Explainer(TrustHistory& history, absl::string_view trustor, absl::string_view trustee, Day as_of)
      : history_(history),
        policy_(*history.policy_),
        trustor_(trustor.data(), trustor.size()),
        trustee_(trustee.data(), trustee.size()),
        as_of_(as_of) {}

  void Explain(int contributions_max, ExplainTrustResponse* response) {
    *response->mutable_reading() = history_.Read(trustor_, trustee_, as_of_);
    AddTransitions(response);
    const TrustHistory::Sight sight = history_.Look(trustor_, trustee_, as_of_);
    AddFacets(sight, contributions_max, response);
    if (sight.walk != nullptr && sight.ending == Ending::kOpen) {
      AddMissing(sight, response);
      for (RiskedCondition& risk : RiskFinder(policy_, *sight.walk, sight.state).Find()) {
        *response->add_at_risk() = std::move(risk);
      }
    }
    response->set_summary(Summarize(*response, policy_));
  }

 private:
  void AddTransitions(ExplainTrustResponse* response) const {
    std::vector<trust::v1::Transition> changes = history_.Timeline(trustor_, trustee_, as_of_);
    const size_t skipped = changes.size() - std::min(changes.size(), static_cast<size_t>(kExplainedTransitionsMax));
    for (size_t i = skipped; i < changes.size(); ++i) {
      auto& events = *changes[i].mutable_events();
      if (events.size() > kExplainedTransitionEventsMax) {
        events.DeleteSubrange(kExplainedTransitionEventsMax, events.size() - kExplainedTransitionEventsMax);
      }
      *response->add_transitions() = std::move(changes[i]);
    }
  }

  void AddFacets(const TrustHistory::Sight& sight, int contributions_max, ExplainTrustResponse* response) const {
    std::optional<Contributions> contributions;
    if (sight.walk != nullptr) {
      contributions.emplace(&policy_, &history_.log_, Number(trustor_), Number(trustee_), sight.ledger->first_contact(),
                            *sight.walk, sight.state);
    }
    const DirectionFlags& flags = sight.state.flags;
    for (size_t facet = 0; facet < kFacetCount; ++facet) {
      trust::v1::FacetExplanation& to = *response->add_facets();
      to.set_facet(static_cast<trust::v1::Facet>(facet + 1));
      for (std::string* const mass : {to.mutable_positive_mass(), to.mutable_negative_mass(),
                                      to.mutable_other_positive_mass(), to.mutable_other_negative_mass()}) {
        mass->assign(1, '0');
      }
      if (contributions.has_value()) contributions->Render(facet, contributions_max, &to);
      if (facet < kEstablishableCount && flags.established[facet]) {
        to.set_established_since_date(FormatDay(flags.established_since[facet]));
      }
      if (flags.begun[facet]) to.set_begun_since_date(FormatDay(flags.begun_since[facet]));
    }
  }

  void AddMissing(const TrustHistory::Sight& sight, ExplainTrustResponse* response) const {
    const int next = sight.state.flags.stage + 1;
    if (next > kHighestStage) return;
    const std::vector<Unmet> missing = MissingFor(policy_, *sight.walk, sight.state, next);
    for (const Unmet& unmet : missing) *response->add_missing() = RenderMissing(history_.log_, unmet);
    if (missing.empty() || missing.front().condition == trust::v1::STAGE_CONDITION_CEILING) return;
    // Looking ahead, what takes effect later is not known; but in hindsight every standing is.
    const bool hindsight = history_.log_.hindsight();
    const EvidenceLog log = history_.log_.Only([this, hindsight](const Record& record) {
      return record.day <= as_of_ || (hindsight && record.role == RecordRole::kVerdict);
    });
    const PlanningGround ground = {policy_, log, trustor_, trustee_, sight.ledger->first_contact(), as_of_};
    for (const PlannedAct& act : PlanActs(ground, next)) {
      trust::v1::SuggestedAct& suggestion = *response->add_suggestions();
      suggestion.set_kind(KindName(act.kind));
      suggestion.set_date(FormatDay(act.day));
    }
  }

  int Number(const std::string& organization) const { return history_.log_.FindNumber(organization); }

  TrustHistory& history_;
  const Policy& policy_;
  const std::string trustor_, trustee_;
  const Day as_of_;
};

void Explain(TrustHistory& history, absl::string_view trustor, absl::string_view trustee, Day as_of,
             int contributions_max, ExplainTrustResponse* response) {
  Explainer(history, trustor, trustee, as_of).Explain(contributions_max, response);
}

}  // namespace projections
