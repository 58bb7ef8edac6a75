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

// Basis points as a whole percentage, rounded: "86%".
std::string Percent(int basis_points);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_READING_WORDS_H_
