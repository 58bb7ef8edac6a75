#include "services/trustctl/report_portfolio.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/report_proof.h"
#include "services/trustctl/report_words.h"
#include "services/trustctl/timeline_table.h"
#include "services/trustctl/words.h"

namespace trustctl {

std::string PortfolioSubtitle(const PortfolioReport& report) {
  int64_t directions = 0;
  std::set<std::string> policies;
  for (const PortfolioReport::Member& member : report.members) {
    directions += member.held.directions_size();
    policies.insert(PolicyInWords(member.held.policy_version(), member.held.policy_sha256()));
  }
  std::string text = absl::StrCat(Count(static_cast<int64_t>(report.members.size()), "partnership"), ", ",
                                  Count(directions, "direction"));
  if (!report.as_of.empty()) absl::StrAppend(&text, ", as of ", report.as_of);
  if (!report.known.empty()) absl::StrAppend(&text, ", from what was known by ", report.known);
  if (!policies.empty()) absl::StrAppend(&text, ", under ", absl::StrJoin(policies, ", "));
  if (report.policy_chosen) absl::StrAppend(&text, kChosenPolicy);
  return absl::StrCat(text, ".");
}

std::vector<ReportSection> PortfolioSections(const PortfolioReport& report) {
  if (report.members.empty()) return {{"stages", "Stages", Paragraph("There are no partnerships.")}};
  std::map<trust::v1::Stage, int64_t> counts;
  std::vector<std::vector<Html>> rows;
  int64_t directions = 0;
  for (const PortfolioReport::Member& member : report.members) {
    directions += member.held.directions_size();
    for (const trust::v1::DirectionReading& direction : member.held.directions()) {
      ++counts[direction.stage()];
      std::vector<Html> row = StageCells(direction);
      row.insert(row.begin(), HtmlText(member.partnership.partnership()));
      for (const trust::v1::FacetReading& facet : direction.facets()) row.push_back(HtmlText(ScoreInWords(facet)));
      rows.push_back(std::move(row));
    }
  }
  std::vector<std::vector<Html>> sums;
  for (const auto& [stage, count] : counts)
    sums.push_back({HtmlText(NumberedStage(stage)), HtmlText(WithSeparators(count))});
  Html stages = ChartFrame("counts", "Directions by stage");
  stages.Add(HtmlTable("Directions by stage", {"stage", "directions"}, sums));
  stages.Add(StageLegend());
  stages.Add(HtmlElement("p", {{"class", "note"}}, absl::StrCat("The facets: ", kFacetsExplained, ".")));
  stages.Add(HtmlTable("How far each partner trusts the other",
                       {"partnership", "trustor → trustee", "stage", "since", "condition", "ceiling", "holds",
                        "credibility", "rapport", "reliability", "nurture"},
                       rows));
  std::vector<std::vector<Html>> partnerships;
  std::vector<std::vector<Html>> changes;
  for (const PortfolioReport::Member& member : report.members) {
    std::vector<std::string> partners;
    for (const trust::v1::Partner& partner : member.partnership.partners()) partners.push_back(NameOfPartner(partner));
    partnerships.push_back(
        {HtmlText(member.partnership.partnership()), HtmlText(member.partnership.display_name()),
         HtmlText(absl::StrJoin(partners, ", ")), HtmlText(FormatDay(member.partnership.initial_contact_time())),
         HtmlText(NumberedStage(member.held.whole().stage())), HtmlText(WithSeparators(member.held.revision()))});
    for (const trust::v1::Transition& transition : member.path) {
      changes.push_back({HtmlText(member.partnership.partnership()),
                         HtmlText(DirectionOnPage(transition.trustor(), transition.trustee())),
                         HtmlText(transition.date()), HtmlText(NumberedStage(transition.stage())),
                         HtmlText(CauseInWords(transition.cause()))});
    }
  }
  Html paths = Paragraph(
      "Each line of bars is one direction: the higher the bar, the higher the stage, whose number stands above it "
      "where there is room.");
  if (report.directions_drawn < directions)
    paths.Add(Paragraph(absl::StrCat("Drawn are ", report.directions_drawn, " of ", Count(directions, "direction"),
                                     "; the table of stages has all.")));
  paths.Add(ChartFrame("paths", "Stages of all directions over time"));
  paths.Add(HtmlDetails(
      "All changes of stage", false,
      {HtmlTable("Changes of stage", {"partnership", "trustor → trustee", "day", "to", "cause"}, changes)}));
  return {
      {"stages", "Stages", std::move(stages)},
      {"paths", "Stages over time", std::move(paths)},
      {"attention", "What needs care", AttentionOnPage(report.attention, true)},
      {"partnerships", "Partnerships",
       HtmlTable("The partnerships", {"partnership", "name", "partners", "since", "whole", "events"}, partnerships)},
      {"proof", "Checkpoint, and how to verify it", ProofSection(report.checkpoint, "")}};
}

}  // namespace trustctl
