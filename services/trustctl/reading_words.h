// Readings of trust as people read them: stages, conditions and directions, with the style they are shown in. Pure.

#ifndef SERVICES_TRUSTCTL_READING_WORDS_H_
#define SERVICES_TRUSTCTL_READING_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// "klm -> northwest".
std::string DirectionInWords(absl::string_view trustor, absl::string_view trustee);

// "building rapport", or "before contact" when there is no stage.
std::string StageInWords(trust::v1::Stage stage);

// The condition; nothing for a steady one stands out.
Cell ConditionCell(trust::v1::Condition condition);

// "klm -> northwest: building rapport -> initial contact, steady -> strained"; what did not change is left out.
std::string ChangeInWords(const trust::v1::ReadingChange& change);

// ", in hindsight" behind a day, or nothing for the held view, which goes without saying.
const char* ViewInWords(trust::v1::View view);

// What each condition says, the ceiling, and the facets; the last as a part of a sentence.
inline constexpr char kConditionsExplained[] =
    "The conditions: steady, none of those that follow; dormant, so little recent evidence in a facet once established "
    "that nothing much can be said; strained, an unresolved conflict, or much against the trustee in some facet; "
    "breached, a grave violation without a verified remedy, or an open formal dispute, holds the stage down; "
    "repairing, the same, and repair has begun; ended, the partnership is over and the reading is that of its end.";
inline constexpr char kCeilingExplained[] =
    "The ceiling is the highest stage that open violations and disputes permit; without any there is none.";
inline constexpr char kFacetsExplained[] =
    "credibility (is the other able, does it mean well), rapport (do people understand each other), reliability (does "
    "it keep promises and help) and nurture (is the relationship looked after)";

// Basis points as a whole percentage, rounded: "86%".
std::string Percent(int basis_points);

// Basis points with a sign, as points of a hundred: "+3.20".
std::string SignedPoints(int basis_points);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_READING_WORDS_H_
