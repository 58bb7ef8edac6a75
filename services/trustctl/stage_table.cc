#include "services/trustctl/stage_table.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr trust::v1::Facet kFacets[] = {trust::v1::FACET_CREDIBILITY, trust::v1::FACET_RAPPORT,
                                        trust::v1::FACET_RELIABILITY, trust::v1::FACET_NURTURE};

std::vector<Column> Columns() {
  std::vector<Column> columns = {{"partnership"},
                                 {"trustor -> trustee"},
                                 {"stage"},
                                 {"since"},
                                 {"condition"},
                                 {.heading = "ceiling", .wraps = true},
                                 {.heading = "holds until", .wraps = true}};
  for (trust::v1::Facet facet : kFacets) columns.push_back({.heading = InWords(facet).substr(0, 4), .right = true});
  return columns;
}

std::string CeilingInWords(const trust::v1::DirectionReading& reading) {
  const bool limited =
      reading.ceiling() != trust::v1::STAGE_UNSPECIFIED && reading.ceiling() != trust::v1::STAGE_MAINTAINING_COMMITMENT;
  if (!limited && reading.ceiling_events().empty()) return "";
  std::vector<std::string> events;
  for (const std::string& event : reading.ceiling_events()) events.push_back(absl::StrCat(RevisionOf(event)));
  std::string text = StageInWords(reading.ceiling());
  if (!events.empty())
    absl::StrAppend(&text, " (event", events.size() == 1 ? " " : "s ", absl::StrJoin(events, ", "), ")");
  return text;
}

std::string ScoreOf(const trust::v1::DirectionReading& reading, trust::v1::Facet facet) {
  for (const trust::v1::FacetReading& read : reading.facets()) {
    if (read.facet() == facet) return Percent(read.score_bp());
  }
  return "";
}

std::string HoldsUntil(const trust::v1::DirectionReading& reading) {
  if (reading.holds_until_date().empty()) return "";
  return absl::StrCat(reading.holds_until_date(), ", then ", StageInWords(reading.stage_after()));
}

}  // namespace

StageTable::StageTable() : table_(Columns()) {}

void StageTable::Add(const trust::v1::AssessTrustResponse& reading) {
  std::string partnership = reading.partnership();
  for (const trust::v1::DirectionReading& direction : reading.directions()) {
    std::vector<Cell> cells = {partnership,
                               DirectionInWords(direction.trustor(), direction.trustee()),
                               Cell(StageInWords(direction.stage()), Style::kStrong),
                               direction.since_date(),
                               ConditionCell(direction.condition()),
                               Cell(CeilingInWords(direction), Style::kWarning),
                               HoldsUntil(direction)};
    for (trust::v1::Facet facet : kFacets) cells.emplace_back(ScoreOf(direction, facet));
    table_.Add(std::move(cells));
    partnership.clear();
  }
  if (reading.has_whole()) {
    const trust::v1::PartnershipReading& whole = reading.whole();
    const std::string apart = whole.asymmetry() == 0 ? "" : absl::StrCat(Count(whole.asymmetry(), "stage"), " apart");
    table_.Add({partnership, "whole", Cell(StageInWords(whole.stage()), Style::kStrong), "", apart, "",
                whole.holds_until_date()});
  }
  days_.insert(absl::StrCat(reading.as_of_date(), ViewInWords(reading.view())));
  policies_.insert(PolicyInWords(reading.policy_version(), reading.policy_sha256()));
}

void StageTable::PrintFootnote(const Console& console, absl::string_view known) const {
  if (days_.empty()) return;
  std::string text = absl::StrCat("As of ", absl::StrJoin(days_, ", "));
  if (!known.empty()) absl::StrAppend(&text, ", from what was known by ", known);
  absl::StrAppend(&text, ", ", absl::StrJoin(policies_, ", "), ".");
  console.out << "\n" << Styled(console, Style::kFaint, text) << "\n";
}

}  // namespace trustctl
