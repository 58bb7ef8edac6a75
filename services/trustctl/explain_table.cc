#include "services/trustctl/explain_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using trust::v1::ExplainTrustResponse;

// So many contributions of each facet and sign are shown.
constexpr int kContributionsShown = 3;

// Milli-units as units: "3.41".
std::string Units(int64_t milli) { return absl::StrFormat("%d.%02d", milli / 1000, milli % 1000 / 10); }

// commitment_fulfilled as "commitment fulfilled".
std::string Spaced(const std::string& kind) { return absl::StrReplaceAll(kind, {{"_", " "}}); }

void PrintHeading(const Console& console, const std::string& heading) {
  console.out << "\n" << Styled(console, Style::kStrong, heading) << "\n";
}

std::string SourcesInWords(const trust::v1::FacetExplanation& facet) {
  std::vector<std::string> parts;
  for (const trust::v1::SourceShare& share : facet.sources()) {
    parts.push_back(absl::StrCat(InWords(share.source()), " ", Percent(share.share_bp())));
  }
  return absl::StrJoin(parts, ", ");
}

void PrintFacets(const ExplainTrustResponse& explanation, const Console& console) {
  PrintHeading(console, "Facets");
  Table table({{"facet"},
               {.heading = "score", .right = true},
               {.heading = "for", .right = true},
               {.heading = "against", .right = true},
               {"established since"},
               {"practised since"},
               {.heading = "from", .wraps = true}});
  const int count = std::min(explanation.facets_size(), explanation.reading().facets_size());
  for (int i = 0; i < count; ++i) {
    const trust::v1::FacetReading& reading = explanation.reading().facets(i);
    const trust::v1::FacetExplanation& facet = explanation.facets(i);
    table.Add({InWords(reading.facet()), Percent(reading.score_bp()), Units(reading.positive_milli()),
               Units(reading.negative_milli()), facet.established_since_date(), facet.begun_since_date(),
               SourcesInWords(facet)});
  }
  table.Print(console);
}

void PrintContributions(const ExplainTrustResponse& explanation, const Console& console) {
  Table table({{"facet"},
               {"speaks"},
               {.heading = "event", .right = true},
               {"date"},
               {"what"},
               {.heading = "share", .right = true},
               {.heading = "effect", .right = true}});
  for (const trust::v1::FacetExplanation& facet : explanation.facets()) {
    std::string name = InWords(facet.facet());
    const auto add = [&](const auto& contributions, const Cell& sign) {
      for (int i = 0; i < std::min(kContributionsShown, contributions.size()); ++i) {
        const trust::v1::Contribution& contribution = contributions[i];
        table.Add({name, sign, absl::StrCat(RevisionOf(contribution.event())), contribution.date(),
                   Spaced(contribution.kind()), Percent(contribution.share_bp()),
                   SignedPoints(contribution.effect_bp())});
        name.clear();
      }
    };
    add(facet.positive(), Cell("for", Style::kGood));
    add(facet.negative(), Cell("against", Style::kBad));
  }
  if (table.waiting() == 0) return;
  PrintHeading(console, "What counts most");
  table.Print(console);
}

void PrintOutlook(const ExplainTrustResponse& explanation, const Console& console) {
  Table missing({{"for"}, {.heading = "missing", .wraps = true}, {"events"}});
  for (const trust::v1::MissingCondition& condition : explanation.missing()) {
    std::vector<std::string> events;
    for (const std::string& event : condition.events()) events.push_back(absl::StrCat(RevisionOf(event)));
    missing.Add({StageInWords(condition.stage()), condition.text(), absl::StrJoin(events, ", ")});
  }
  if (missing.waiting() > 0) {
    PrintHeading(console, "What is missing");
    missing.Print(console);
  }
  Table acts({{"date"}, {"act"}});
  for (const trust::v1::SuggestedAct& act : explanation.suggestions()) acts.Add({act.date(), Spaced(act.kind())});
  if (acts.waiting() > 0) {
    PrintHeading(console, "What would do, for example");
    acts.Print(console);
  }
  Table risks({{"until"}, {.heading = "what the stage rests on", .wraps = true}});
  for (const trust::v1::RiskedCondition& risk : explanation.at_risk()) {
    risks.Add({risk.holds_until_date().empty() ? "for ever" : risk.holds_until_date(), risk.text()});
  }
  if (risks.waiting() == 0) return;
  PrintHeading(console, "What is at risk in silence");
  risks.Print(console);
}

}  // namespace

void PrintExplanation(const ExplainTrustResponse& explanation, absl::string_view known, const Console& console) {
  const std::string summary = Printable(explanation.summary());
  if (console.width < 2) {
    console.out << summary << "\n";
  } else {
    for (const std::string& line : Wrap(summary, console.width)) console.out << line << "\n";
  }
  PrintFacets(explanation, console);
  PrintContributions(explanation, console);
  PrintOutlook(explanation, console);
  std::string footnote = absl::StrCat("As of ", explanation.as_of_date(), ViewInWords(explanation.view()));
  if (!known.empty()) absl::StrAppend(&footnote, ", from what was known by ", known);
  absl::StrAppend(&footnote, ", read from ", Count(explanation.revision(), "event"), " under ",
                  PolicyInWords(explanation.policy_version(), explanation.policy_sha256()), ".");
  console.out << "\n" << Styled(console, Style::kFaint, footnote) << "\n";
}

}  // namespace trustctl
