#include "projections/assessment_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace projections {
namespace {

using trust::v1::DirectionReading;
using trust::v1::FacetReading;
using trust::v1::PartnershipReading;
using trust::v1::TieReading;

constexpr char kFirstLine[] = "trust-assessment 1";

// A date without its hyphens; 0 for none.
std::string Date(const std::string& date) { return date.empty() ? "0" : absl::StrReplaceAll(date, {{"-", ""}}); }

// The revision that ends an event's name; 0 for none.
absl::string_view Revision(absl::string_view event) { return event.empty() ? "0" : event.substr(event.rfind('/') + 1); }

// A line: a word and what follows it, with spaces between.
template <typename... Parts>
void Line(std::string* text, absl::string_view word, const Parts&... parts) {
  text->append(word.data(), word.size());
  (absl::StrAppend(text, " ", parts), ...);
  text->push_back('\n');
}

void AppendFacet(const FacetReading& facet, std::string* text) {
  Line(text, "facet", static_cast<int>(facet.facet()), facet.score_bp(), facet.belief_bp(), facet.disbelief_bp(),
       facet.uncertainty_bp(), facet.deviation_bp(), facet.positive_milli(), facet.negative_milli(),
       static_cast<int>(facet.established()), static_cast<int>(facet.begun()));
}

void AppendDirection(const DirectionReading& direction, std::string* text) {
  Line(text, "direction", direction.trustor(), direction.trustee());
  Line(text, "stage", static_cast<int>(direction.stage()), Date(direction.since_date()),
       static_cast<int>(direction.condition()), Date(direction.holds_until_date()),
       static_cast<int>(direction.stage_after()), static_cast<int>(direction.key_person_dependent()));
  Line(text, "ceiling", static_cast<int>(direction.ceiling()));
  for (const std::string& event : direction.ceiling_events()) Line(text, "ceiling-event", Revision(event));
  for (const FacetReading& facet : direction.facets()) AppendFacet(facet, text);
  if (!direction.has_stated()) return;
  const auto& stated = direction.stated();
  Line(text, "stated", Revision(stated.event()), Date(stated.date()), stated.stated_bp(), stated.evidenced_bp(),
       stated.gap_bp());
}

void AppendTie(const TieReading& tie, std::string* text) {
  text->append("tie");
  for (const std::string& organization : tie.organizations()) absl::StrAppend(text, " ", organization);
  absl::StrAppend(text, " ", static_cast<int>(tie.mutual()), " ", tie.asymmetry());
  for (const int gap : tie.score_gaps_bp()) absl::StrAppend(text, " ", gap);
  absl::StrAppend(text, " ", static_cast<int>(tie.forming()), "\n");
}

void AppendWhole(const PartnershipReading& whole, std::string* text) {
  Line(text, "whole", static_cast<int>(whole.stage()), whole.asymmetry(), Date(whole.holds_until_date()),
       static_cast<int>(whole.connected()), static_cast<int>(whole.median()), whole.coverage_bp());
  for (const trust::v1::PartnerGroup& group : whole.faultlines()) {
    text->append("group");
    for (const std::string& organization : group.organizations()) absl::StrAppend(text, " ", organization);
    text->push_back('\n');
  }
  for (const TieReading& tie : whole.ties()) AppendTie(tie, text);
}

}  // namespace

std::string AssessmentText(const trust::v1::AssessTrustResponse& reading) {
  std::string text;
  Line(&text, kFirstLine);
  Line(&text, "partnership", reading.partnership());
  Line(&text, "revision", reading.revision());
  Line(&text, "day", Date(reading.as_of_date()));
  Line(&text, "policy", reading.policy_sha256());
  for (const DirectionReading& direction : reading.directions()) AppendDirection(direction, &text);
  if (reading.has_whole()) AppendWhole(reading.whole(), &text);
  return text;
}

}  // namespace projections
