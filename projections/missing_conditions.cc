#include "projections/missing_conditions.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "projections/event_name.h"
#include "projections/plain_words.h"

namespace projections {
namespace {

using trust::v1::StageCondition;

// A ceiling names at most so many of the events that it comes from.
constexpr size_t kEventsMax = 100;

int64_t Milli(Mass mass) { return static_cast<int64_t>(mass >> 30); }

// Finds what one step up lacks.
class Finder {
 public:
  Finder(const Policy& policy, const DirectionWalk& walk, const DirectionState& state)
      : policy_(policy), rules_(policy.rules()), walk_(walk), state_(state) {}

  void Limit(int stage) {
    const projections::Ceiling ceiling = walk_.balance().CeilingAt(state_.day);
    if (ceiling.stage >= stage) return;
    Unmet& unmet = Add(stage, 0, trust::v1::STAGE_CONDITION_CEILING, ceiling.stage, stage);
    unmet.records = ceiling.records;
    if (unmet.records.size() > kEventsMax) unmet.records.resize(kEventsMax);
  }

  // What keeps a facet from being established, as a condition of the stage after it.
  void Entry(int stage, size_t facet) {
    if (state_.flags.established[facet]) return;
    const FacetRule& rule = rules_.facets[facet];
    const FacetMass& mass = state_.masses[facet];
    Scored(stage, facet, rule.enter_score);
    Weight(stage, facet, trust::v1::STAGE_CONDITION_MASS, mass.positive, rule.enter);
    Weight(stage, facet, trust::v1::STAGE_CONDITION_CONFIRMED_MASS, walk_.balance().ConfirmedAt(facet, state_.day),
           rule.confirmed);
    Recovery(stage, facet);
    Coverage(stage, facet);
  }

  // What keeps the practice of a stage from beginning.
  void Practice(int stage, size_t facet) {
    if (state_.flags.begun[facet]) return;
    Weight(stage, facet, trust::v1::STAGE_CONDITION_PRACTICE, state_.masses[facet].positive,
           rules_.facets[facet].begin);
    if (facet == kNurture) Scored(stage, facet, rules_.facets[facet].hold_score);
  }

  std::vector<Unmet> Take() { return std::move(unmet_); }

 private:
  Unmet& Add(int stage, size_t facet, StageCondition condition, int64_t present, int64_t needed) {
    Unmet& unmet = unmet_.emplace_back();
    unmet.stage = stage;
    unmet.facet = facet;
    unmet.condition = condition;
    unmet.present = present;
    unmet.needed = needed;
    return unmet;
  }

  void Scored(int stage, size_t facet, int64_t threshold) {
    const __int128 margin = ScoreMargin(rules_.prior, state_.masses[facet], threshold);
    if (margin >= 0) return;
    const int64_t score = Score(rules_.prior, state_.masses[facet]);
    Unmet& unmet = Add(stage, facet, trust::v1::STAGE_CONDITION_SCORE, score, threshold);
    // Each unit of good mass moves the margin by what the threshold leaves of 10000.
    if (threshold < 10000) unmet.lacking_milli = Milli(static_cast<Mass>(-margin / (10000 - threshold))) + 1;
  }

  void Weight(int stage, size_t facet, StageCondition condition, Mass present, Mass needed) {
    if (present >= needed) return;
    Unmet& unmet = Add(stage, facet, condition, Milli(present), Milli(needed));
    unmet.lacking_milli = Milli(needed - present - 1) + 1;
  }

  void Recovery(int stage, size_t facet) {
    const trust::v1::Severity severity_min = policy_.document().recovery_severity_min();
    const std::optional<Day> violated = walk_.balance().LastViolation(facet, severity_min);
    if (!violated.has_value()) return;
    const size_t before = unmet_.size();
    Weight(stage, facet, trust::v1::STAGE_CONDITION_RECOVERY,
           walk_.balance().PositiveAfter(facet, *violated, state_.day), rules_.facets[facet].recovery);
    if (unmet_.size() == before) return;
    unmet_.back().records.push_back(*walk_.balance().LastViolationRecord(facet, severity_min));
  }

  void Coverage(int stage, size_t facet) {
    const CoverageNeed& need = rules_.coverage[facet];
    const std::optional<Day> anchor = walk_.balance().LastViolation(facet, policy_.document().anchor_severity_min());
    const DirectionBalance::Covered covered = walk_.balance().CoveredAfter(facet, anchor);
    for (const uint32_t set : need.notion_sets) {
      if ((covered.notions & set) != 0) continue;
      Add(stage, facet, trust::v1::STAGE_CONDITION_NOTION, 0, 1).notions = set;
    }
    if (covered.count < need.count_min) {
      Add(stage, facet, trust::v1::STAGE_CONDITION_COUNT, covered.count, need.count_min).counts_acts = need.counts_acts;
    }
    const int64_t span_days = int64_t{covered.last} - covered.first;
    if (need.count_min == 0 || span_days >= need.span_days_min) return;
    Unmet& unmet = Add(stage, facet, trust::v1::STAGE_CONDITION_SPAN, span_days, need.span_days_min);
    unmet.counts_acts = need.counts_acts;
    unmet.first_counted = covered.count > 0 ? covered.first : state_.day;
  }

  const Policy& policy_;
  const PolicyRules& rules_;
  const DirectionWalk& walk_;
  const DirectionState& state_;
  std::vector<Unmet> unmet_;
};

std::string TextOf(const Unmet& unmet) {
  const std::string facet = FacetInWords(unmet.facet);
  const auto units = [&](absl::string_view what) {
    return absl::StrCat(facet, ": ", what, " ", UnitsInWords(unmet.present), " units, needed ",
                        UnitsInWords(unmet.needed));
  };
  switch (unmet.condition) {
    case trust::v1::STAGE_CONDITION_SCORE:
      return absl::StrCat(facet, ": the score is ", PercentInWords(unmet.present), ", needed ",
                          PercentInWords(unmet.needed));
    case trust::v1::STAGE_CONDITION_MASS:
      return units("good evidence weighs");
    case trust::v1::STAGE_CONDITION_CONFIRMED_MASS:
      return units("good evidence beside the trustee's own word weighs");
    case trust::v1::STAGE_CONDITION_NOTION:
      return absl::StrCat(facet, ": no confirmed act that counts yet, of the kinds ", NotionsInWords(unmet.notions));
    case trust::v1::STAGE_CONDITION_COUNT:
      return absl::StrCat(facet,
                          unmet.counts_acts ? ": acts that count: " : ": days with an act that counts: ", unmet.present,
                          ", needed ", unmet.needed);
    case trust::v1::STAGE_CONDITION_SPAN:
      return absl::StrCat(facet, ": the acts that count span ", unmet.present, " days, needed ", unmet.needed);
    case trust::v1::STAGE_CONDITION_RECOVERY:
      return units("good evidence since the last violation weighs");
    case trust::v1::STAGE_CONDITION_PRACTICE:
      return units("the practice has not begun, good evidence weighs");
    case trust::v1::STAGE_CONDITION_CEILING:
      return absl::StrCat(
          "a violation without verified remedy, a deception not long past or an open dispute permits no ", "more than ",
          StageInWords(static_cast<trust::v1::Stage>(unmet.present)));
    case trust::v1::STAGE_CONDITION_UNSPECIFIED:
    case trust::v1::StageCondition_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::StageCondition_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "";
}

}  // namespace

std::vector<Unmet> MissingFor(const Policy& policy, const DirectionWalk& walk, const DirectionState& state, int stage) {
  Finder finder(policy, walk, state);
  finder.Limit(stage);
  for (int step = 2; step <= stage; ++step) {
    finder.Entry(step, static_cast<size_t>(step - 2));
    finder.Practice(step, static_cast<size_t>(step - 1));
  }
  return finder.Take();
}

trust::v1::MissingCondition RenderMissing(const EvidenceLog& log, const Unmet& unmet) {
  trust::v1::MissingCondition missing;
  missing.set_stage(static_cast<trust::v1::Stage>(unmet.stage));
  if (unmet.condition != trust::v1::STAGE_CONDITION_CEILING) {
    missing.set_facet(static_cast<trust::v1::Facet>(unmet.facet + 1));
  }
  missing.set_condition(unmet.condition);
  missing.set_present(unmet.present);
  missing.set_needed(unmet.needed);
  missing.set_text(TextOf(unmet));
  for (const uint32_t record : unmet.records) {
    missing.add_events(EventName(log.partnership(), log.records()[record].revision));
  }
  return missing;
}

}  // namespace projections
