#include "services/trustctl/reading_words.h"

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

Style StyleOf(trust::v1::Condition condition) {
  switch (condition) {
    case trust::v1::CONDITION_BREACHED:
      return Style::kBad;
    case trust::v1::CONDITION_STRAINED:
    case trust::v1::CONDITION_REPAIRING:
      return Style::kWarning;
    case trust::v1::CONDITION_DORMANT:
    case trust::v1::CONDITION_ENDED:
      return Style::kFaint;
    case trust::v1::CONDITION_UNSPECIFIED:
    case trust::v1::CONDITION_STEADY:
    case trust::v1::Condition_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::Condition_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return Style::kPlain;
}

std::string ConditionInWords(trust::v1::Condition condition) {
  return condition == trust::v1::CONDITION_UNSPECIFIED ? "none" : InWords(condition);
}

}  // namespace

std::string DirectionInWords(absl::string_view trustor, absl::string_view trustee) {
  return absl::StrCat(trustor, " -> ", trustee);
}

std::string StageInWords(trust::v1::Stage stage) {
  return stage == trust::v1::STAGE_UNSPECIFIED ? "before contact" : InWords(stage);
}

const char* ViewInWords(trust::v1::View view) { return view == trust::v1::VIEW_HINDSIGHT ? ", in hindsight" : ""; }

Cell ConditionCell(trust::v1::Condition condition) { return Cell(InWords(condition), StyleOf(condition)); }

std::string ChangeInWords(const trust::v1::ReadingChange& change) {
  std::vector<std::string> parts;
  if (change.stage_before() != change.stage()) {
    parts.push_back(absl::StrCat(StageInWords(change.stage_before()), " -> ", StageInWords(change.stage())));
  }
  if (change.condition_before() != change.condition()) {
    parts.push_back(
        absl::StrCat(ConditionInWords(change.condition_before()), " -> ", ConditionInWords(change.condition())));
  }
  return absl::StrCat(DirectionInWords(change.trustor(), change.trustee()), ": ", absl::StrJoin(parts, ", "));
}

std::string Percent(int basis_points) { return absl::StrCat((basis_points + 50) / 100, "%"); }

std::string SignedPoints(int basis_points) {
  return absl::StrFormat("%s%d.%02d", basis_points < 0 ? "-" : "+", std::abs(basis_points) / 100,
                         std::abs(basis_points) % 100);
}

}  // namespace trustctl
