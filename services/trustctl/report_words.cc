#include "services/trustctl/report_words.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {

std::string NumberedStage(trust::v1::Stage stage) {
  if (stage == trust::v1::STAGE_UNSPECIFIED) return StageInWords(stage);
  return absl::StrCat(static_cast<int>(stage), " ", StageInWords(stage));
}

std::string HoldsInWords(const trust::v1::DirectionReading& reading) {
  if (reading.holds_until_date().empty()) return "";
  return absl::StrCat("until ", reading.holds_until_date(), ", then ", NumberedStage(reading.stage_after()));
}

std::string DirectionOnPage(absl::string_view trustor, absl::string_view trustee) {
  return WithArrows(DirectionInWords(trustor, trustee));
}

std::string WithArrows(absl::string_view text) { return absl::StrReplaceAll(text, {{" -> ", " → "}}); }

std::string ScoreInWords(const trust::v1::FacetReading& facet) {
  return absl::StrCat((facet.score_bp() + 50) / 100, " % ± ", (facet.deviation_bp() + 50) / 100);
}

std::string EventNumbers(const google::protobuf::RepeatedPtrField<std::string>& events, int64_t count, int shown) {
  std::vector<std::string> numbers;
  for (int i = 0; i < std::min(shown, events.size()); ++i) numbers.push_back(absl::StrCat(RevisionOf(events.Get(i))));
  std::string text = absl::StrJoin(numbers, ", ");
  if (count > static_cast<int64_t>(numbers.size()))
    absl::StrAppend(&text, " and ", WithSeparators(count - static_cast<int64_t>(numbers.size())), " more");
  return text;
}

std::string NameOfPartner(const trust::v1::Partner& partner) {
  const std::string& id = partner.organization();
  const std::string& name = partner.display_name();
  return name.empty() || name == id ? id : absl::StrCat(name, " (", id, ")");
}

std::string WhenInWords(const trust::v1::Event& event) {
  return FormatTime(event.occur_time(), event.occur_time_precision());
}

std::string WhatInWords(const ReportedEvent& reported) {
  const std::string label = LabelOf(reported.event);
  return label.empty() ? WhatHappened(reported.event) : absl::StrCat(WhatHappened(reported.event), ", ", label);
}

Html Paragraph(absl::string_view text) { return HtmlElement("p", {}, text); }

}  // namespace trustctl
