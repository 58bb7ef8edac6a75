#include "services/trustctl/report_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kStagesInWords[] =
    "The stages: 1 initial contact, the partners assess each other; 2 building rapport, they share experiences and "
    "communicate openly; 3 establishing reliability, they act consistently and keep commitments; 4 maintaining "
    "commitment, they are transparent, act on feedback and adapt to change. A stage is earned by evidence and lapses "
    "with silence.";

std::string CeilingText(const trust::v1::DirectionReading& direction) {
  if (direction.ceiling_events().empty()) return "";
  return absl::StrCat(NumberedStage(direction.ceiling()), ", by event ",
                      EventNumbers(direction.ceiling_events(), direction.ceiling_events_size(), 3));
}

}  // namespace

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
  return absl::StrCat((facet.score_bp() + 50) / 100, "% ± ", (facet.deviation_bp() + 50) / 100);
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

std::vector<Html> StageCells(const trust::v1::DirectionReading& direction) {
  return {HtmlText(DirectionOnPage(direction.trustor(), direction.trustee())),
          HtmlElement("strong", {}, NumberedStage(direction.stage())),
          HtmlText(direction.since_date()),
          HtmlText(InWords(direction.condition())),
          HtmlText(CeilingText(direction)),
          HtmlText(HoldsInWords(direction))};
}

Html StageLegend() {
  Html legend = HtmlElement("p", {{"class", "note"}}, kStagesInWords);
  legend.Add(HtmlElement("p", {{"class", "note"}}, absl::StrCat(kConditionsExplained, " ", kCeilingExplained)));
  return legend;
}

Html AttentionOnPage(const std::optional<trust::v1::ListAttentionResponse>& attention, bool names_partnerships) {
  if (!attention.has_value()) {
    return Paragraph(
        "What needs care is told of today alone and under the policy that applies, and so left out of a report with "
        "--as-of, --known or --policy: trustctl attention shows it.");
  }
  if (attention->items().empty())
    return Paragraph(absl::StrCat("Nothing needs care on ", attention->as_of_date(), "."));
  std::vector<std::vector<Html>> rows;
  for (const trust::v1::AttentionItem& item : attention->items()) {
    const std::string direction = item.trustor().empty() ? "" : DirectionOnPage(item.trustor(), item.trustee());
    rows.push_back({HtmlText(item.date()), HtmlText(InWords(item.kind())),
                    HtmlText(names_partnerships ? item.partnership() : ""), HtmlText(direction),
                    HtmlText(item.text())});
  }
  return HtmlTable(absl::StrCat("What needs care on ", attention->as_of_date()),
                   {"day", "matter", "partnership", "trustor → trustee", "in words"}, rows);
}

}  // namespace trustctl
