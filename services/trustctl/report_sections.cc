#include "services/trustctl/report_sections.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/report_proof.h"
#include "services/trustctl/report_words.h"
#include "services/trustctl/timeline_table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using trust::v1::DirectionReading;
using trust::v1::Transition;

using Row = std::vector<Html>;

constexpr char kViewsInWords[] =
    "Held: each act takes effect on the day on which those affected learned of it, with the standing that the matter "
    "had at the time. That is trust as it was held. Hindsight: each act takes effect on the day on which it happened, "
    "with the standing finally known. That is what is known now; nobody could have said so then.";

std::string NameOf(const DirectionReading& direction) {
  return DirectionOnPage(direction.trustor(), direction.trustee());
}

bool IsOf(const Transition& transition, const DirectionReading& direction) {
  return transition.trustor() == direction.trustor() && transition.trustee() == direction.trustee();
}

const DirectionReading* SameDirection(const trust::v1::AssessTrustResponse& reading, const DirectionReading& wanted) {
  for (const DirectionReading& direction : reading.directions()) {
    if (direction.trustor() == wanted.trustor() && direction.trustee() == wanted.trustee()) return &direction;
  }
  return nullptr;
}

// The directions that are drawn, with their numbers.
int DrawnDirections(const PartnershipReport& report) {
  return std::min(PartnershipReport::kDirectionsMax, report.held.directions_size());
}

Html LeftOutDirections(const PartnershipReport& report) {
  const int left_out = report.held.directions_size() - DrawnDirections(report);
  if (left_out == 0) return {};
  return Paragraph(absl::StrCat("Of ", Count(report.held.directions_size(), "direction"), " the first ",
                                DrawnDirections(report), " are shown here; --trustor and --trustee choose one."));
}

// ---------------------------------------------------------------------------------------------------------------------

std::string EffectivenessInWords(const trust::v1::EffectivenessReading& reading) {
  std::vector<std::string> parts;
  if (reading.has_kept_bp())
    parts.push_back(
        absl::StrCat(Percent(reading.kept_bp()), " of ", Count(reading.commitments(), "commitment"), " kept"));
  if (reading.has_on_time_bp()) parts.push_back(absl::StrCat(Percent(reading.on_time_bp()), " of those on time"));
  if (reading.has_objectives_achieved_bp())
    parts.push_back(absl::StrCat(Percent(reading.objectives_achieved_bp()), " of shared objectives achieved"));
  if (reading.has_resolution_days())
    parts.push_back(absl::StrCat("conflicts resolved in ", Count(reading.resolution_days(), "day")));
  if (parts.empty()) return "";
  return absl::StrCat("In the ", Count(reading.window_days(), "day"), " since ", reading.since_date(), ": ",
                      absl::StrJoin(parts, ", "), ".");
}

Html AtAGlance(const PartnershipReport& report) {
  std::vector<Row> rows;
  for (const DirectionReading& direction : report.held.directions()) rows.push_back(StageCells(direction));
  Html content = HtmlTable("How far each partner trusts the other",
                           {"trustor → trustee", "stage", "since", "condition", "ceiling", "holds"}, rows);
  if (report.held.has_whole() && report.held.whole().stage() != trust::v1::STAGE_UNSPECIFIED) {
    const trust::v1::PartnershipReading& whole = report.held.whole();
    std::string text = absl::StrCat("The partnership as a whole stands at ", NumberedStage(whole.stage()),
                                    ", that of its weakest tie");
    if (whole.ties_size() > 1)
      absl::StrAppend(&text, "; all are still connected at ", NumberedStage(whole.connected()));
    content.Add(Paragraph(absl::StrCat(text, ".")));
  }
  if (const std::string text = EffectivenessInWords(report.held.effectiveness()); !text.empty())
    content.Add(Paragraph(text));
  content.Add(StageLegend());
  return content;
}

// The events of a change in a few words.
std::string MovedBy(const Transition& transition, const std::map<int64_t, const ReportedEvent*>& events) {
  constexpr int kShown = 3;
  std::vector<std::string> parts;
  for (int i = 0; i < std::min(kShown, transition.events_size()); ++i) {
    const int64_t revision = RevisionOf(transition.events(i));
    const auto found = events.find(revision);
    parts.push_back(absl::StrCat(revision, found == events.end() ? "" : " ",
                                 found == events.end() ? "" : WhatInWords(*found->second)));
    if (found != events.end() && found->second->provenance == Provenance::kSynthetic)
      absl::StrAppend(&parts.back(), " (synthetic)");
  }
  if (transition.event_count() > static_cast<int64_t>(parts.size()))
    parts.push_back(
        absl::StrCat(WithSeparators(transition.event_count() - static_cast<int64_t>(parts.size())), " more"));
  return absl::StrJoin(parts, "; ");
}

// Whether hindsight has the same course of the direction.
bool SamePath(const PartnershipReport& report, const DirectionReading& direction) {
  const auto course = [&](const std::vector<Transition>& path) {
    std::vector<std::pair<std::string, trust::v1::Stage>> steps;
    for (const Transition& transition : path) {
      if (IsOf(transition, direction)) steps.emplace_back(transition.date(), transition.stage());
    }
    return steps;
  };
  return course(report.held_path) == course(report.hindsight_path);
}

Html StagesOverTime(const PartnershipReport& report, const std::map<int64_t, const ReportedEvent*>& events) {
  Html content = Paragraph(
      "A solid line is the held view, a dashed one hindsight, where it differs. Each change has the number of the "
      "event "
      "that moved it, or a cross where silence did.");
  content.Add(LeftOutDirections(report));
  for (int i = 0; i < DrawnDirections(report); ++i) {
    const DirectionReading& direction = report.held.directions(i);
    const std::string name = NameOf(direction);
    std::vector<Row> rows;
    const auto add = [&](const std::vector<Transition>& path, const char* view) {
      for (const Transition& transition : path) {
        if (!IsOf(transition, direction)) continue;
        const bool start = transition.stage_before() == trust::v1::STAGE_UNSPECIFIED;
        rows.push_back({HtmlText(transition.date()), HtmlText(view),
                        HtmlText(start ? "" : NumberedStage(transition.stage_before())),
                        HtmlText(NumberedStage(transition.stage())), HtmlText(CauseInWords(transition.cause())),
                        HtmlText(MovedBy(transition, events))});
      }
    };
    if (SamePath(report, direction)) {
      add(report.held_path, "both");
    } else {
      add(report.held_path, "held");
      add(report.hindsight_path, "hindsight");
    }
    content.Add(HtmlElement("h3", {}, name));
    content.Add(ChartFrame(absl::StrCat("stages-", i), absl::StrCat("Stages over time, ", name)));
    content.Add(HtmlDetails(
        absl::StrCat("Changes of stage, ", name), rows.size() <= 12,
        {HtmlTable(absl::StrCat("Changes of stage, ", name), {"day", "view", "from", "to", "cause", "events"}, rows)}));
  }
  return content;
}

Html HeldBesideHindsight(const PartnershipReport& report) {
  std::vector<Row> rows;
  for (const DirectionReading& held : report.held.directions()) {
    const DirectionReading* const hindsight = SameDirection(report.hindsight, held);
    const auto row = [&](const char* view, const DirectionReading& reading, const std::string& remark) {
      Row cells = {HtmlText(NameOf(held)), HtmlText(view), HtmlText(NumberedStage(reading.stage())),
                   HtmlText(reading.since_date()), HtmlText(InWords(reading.condition()))};
      for (const trust::v1::FacetReading& facet : reading.facets()) cells.push_back(HtmlText(ScoreInWords(facet)));
      cells.resize(9);
      cells.push_back(HtmlText(remark));
      rows.push_back(std::move(cells));
    };
    row("held", held, "");
    if (hindsight == nullptr) continue;
    const bool differs = hindsight->stage() != held.stage() || hindsight->since_date() != held.since_date() ||
                         hindsight->condition() != held.condition();
    row("hindsight", *hindsight, differs ? "differs" : "the same");
  }
  Html content = Paragraph(kViewsInWords);
  content.Add(HtmlTable(absl::StrCat("Both readings as of ", report.held.as_of_date()),
                        {"trustor → trustee", "view", "stage", "since", "condition", "credibility", "rapport",
                         "reliability", "nurture", "stage, day or condition"},
                        rows));
  return content;
}

Html FacetScores(const PartnershipReport& report) {
  Html content = Paragraph(
      absl::StrCat("The facets: ", kFacetsExplained,
                   ". The score of a facet is the expectation that the next act is good; 50% is what is expected of a "
                   "stranger. The "
                   "band is one standard deviation to each side: the less is known, the wider it is. Held view."));
  content.Add(LeftOutDirections(report));
  for (int i = 0; i < DrawnDirections(report); ++i) {
    const std::string name = NameOf(report.held.directions(i));
    std::vector<Row> rows;
    for (const ReportSample& sample : report.samples) {
      const auto found = std::find_if(sample.directions.begin(), sample.directions.end(),
                                      [&](const auto& reading) { return NameOf(reading) == name; });
      if (found == sample.directions.end()) continue;
      Row row = {HtmlText(sample.date)};
      for (const trust::v1::FacetReading& facet : found->facets()) row.push_back(HtmlText(ScoreInWords(facet)));
      rows.push_back(std::move(row));
    }
    content.Add(HtmlElement("h3", {}, name));
    content.Add(ChartFrame(absl::StrCat("scores-", i), absl::StrCat("Facet scores with their bands, ", name)));
    content.Add(HtmlDetails(absl::StrCat("Scores by day, ", name), false,
                            {HtmlTable(absl::StrCat("Scores by day, ", name),
                                       {"day", "credibility", "rapport", "reliability", "nurture"}, rows)}));
  }
  return content;
}

Html EvidenceOverTime(const PartnershipReport& report, const std::vector<ReportedEvent>& evidence) {
  std::map<Provenance, int64_t> counts;
  std::vector<Row> rows;
  for (const ReportedEvent& reported : evidence) {
    const trust::v1::Event& event = reported.event;
    if (event.has_evidence()) ++counts[reported.provenance];
    rows.push_back({HtmlText(absl::StrCat(event.revision())), HtmlText(WhenInWords(event)),
                    HtmlText(event.has_observe_time() ? FormatDay(event.observe_time()) : ""),
                    HtmlText(WhatInWords(reported)), HtmlText(WithArrows(WhoWasInvolved(event))),
                    HtmlText(event.has_evidence() && !reported.retracted ? BearingInWords(reported.bearing) : ""),
                    HtmlText(WeightInWords(event)), HtmlText(SourceInWords(event)),
                    HtmlText(ProvenanceInWords(reported.provenance)), HtmlText(reported.remark),
                    HtmlText(CitationInWords(event))});
  }
  std::vector<std::string> parts;
  for (const auto& [provenance, count] : counts)
    parts.push_back(absl::StrCat(WithSeparators(count), " ", ProvenanceInWords(provenance)));
  Html content = Paragraph(
      absl::StrCat("What partners did, by the day on which it happened, in the row of whose conduct it was. ",
                   parts.empty() ? "There is no evidence. " : absl::StrCat("Acts: ", absl::StrJoin(parts, ", "), ". "),
                   "Imported: taken in with a history. Synthetic: stated by no source, added for illustration."));
  if (report.events_left_out > 0) {
    content.Add(Paragraph(absl::StrCat("The first ", Count(report.events_left_out, "event"),
                                       " are left out here; trustctl history shows all.")));
  }
  content.Add(ChartFrame("evidence", "Evidence on a time line"));
  content.Add(HtmlDetails(Count(static_cast<int64_t>(rows.size()), "event"), false,
                          {HtmlTable("The events, in the order in which they were recorded",
                                     {"event", "day", "learned", "what", "who", "counts", "weight", "source", "record",
                                      "remark", "citation"},
                                     rows)}));
  return content;
}

Html Commitments(const PartnershipReport& report, const std::vector<Promise>& promises) {
  constexpr std::array kOutcomes = {Outcome::kExceeded, Outcome::kOnTime,  Outcome::kLate, Outcome::kMissed,
                                    Outcome::kWaived,   Outcome::kOverdue, Outcome::kOpen};
  if (promises.empty()) return Paragraph("The record tells of no commitment.");
  std::map<std::string, std::map<Outcome, int64_t>> counts;
  std::vector<Row> rows;
  for (const Promise& promise : promises) {
    ++counts[promise.promisor][promise.outcome];
    rows.push_back({HtmlText(promise.promisor == "*" ? "jointly" : promise.promisor), HtmlText(promise.promisee),
                    HtmlText(promise.label), HtmlText(promise.made_date), HtmlText(promise.due_date),
                    HtmlElement("strong", {}, OutcomeInWords(promise.outcome)), HtmlText(promise.settled_date),
                    HtmlText(absl::StrJoin(
                        [&] {
                          std::vector<std::string> numbers;
                          if (promise.made > 0) numbers.push_back(absl::StrCat(promise.made));
                          if (promise.settled > 0) numbers.push_back(absl::StrCat(promise.settled));
                          return numbers;
                        }(),
                        ", ")),
                    HtmlText(promise.synthetic ? "synthetic" : "")});
  }
  std::vector<std::string> headings = {"promised by"};
  for (Outcome outcome : kOutcomes) headings.push_back(OutcomeInWords(outcome));
  std::vector<Row> sums;
  for (const auto& [promisor, by_outcome] : counts) {
    Row row = {HtmlText(promisor == "*" ? "jointly" : promisor)};
    for (Outcome outcome : kOutcomes) {
      const auto found = by_outcome.find(outcome);
      row.push_back(HtmlText(absl::StrCat(found == by_outcome.end() ? 0 : found->second)));
    }
    sums.push_back(std::move(row));
  }
  Html content = Paragraph(absl::StrCat("A promise past its day without an outcome by ", report.held.as_of_date(),
                                        " is overdue. One without a day never is."));
  content.Add(HtmlTable("Commitments by outcome", headings, sums));
  content.Add(ChartFrame("promises", "Commitments kept and missed"));
  content.Add(HtmlDetails(
      Count(static_cast<int64_t>(rows.size()), "commitment"), false,
      {HtmlTable("The commitments", {"promised by", "to", "label", "made", "due", "outcome", "day", "events", "record"},
                 rows)}));
  return content;
}

std::string SpacedKind(const std::string& kind) { return absl::StrReplaceAll(kind, {{"_", " "}}); }

Html Contributions(const trust::v1::ExplainTrustResponse& explanation, const std::string& name) {
  constexpr int kShown = 3;
  std::vector<Row> rows;
  for (const trust::v1::FacetExplanation& facet : explanation.facets()) {
    const auto add = [&](const auto& contributions, const char* speaks) {
      for (int i = 0; i < std::min(kShown, contributions.size()); ++i) {
        const trust::v1::Contribution& contribution = contributions[i];
        rows.push_back({HtmlText(InWords(facet.facet())), HtmlText(speaks),
                        HtmlText(absl::StrCat(RevisionOf(contribution.event()))), HtmlText(contribution.date()),
                        HtmlText(SpacedKind(contribution.kind())), HtmlText(Percent(contribution.share_bp())),
                        HtmlText(absl::StrCat(absl::StrReplaceAll(SignedPoints(contribution.effect_bp()), {{"-", "−"}}),
                                              " points"))});
      }
    };
    add(facet.positive(), "for");
    add(facet.negative(), "against");
  }
  return HtmlTable(absl::StrCat("What counts most, ", name),
                   {"facet", "speaks", "event", "day", "what", "share", "effect on the score"}, rows);
}

Html InWordsSection(const PartnershipReport& report) {
  Html content = LeftOutDirections(report);
  for (const trust::v1::ExplainTrustResponse& explanation : report.explanations) {
    const std::string name = NameOf(explanation.reading());
    content.Add(HtmlElement("h3", {}, name));
    content.Add(Paragraph(explanation.summary()));
    const Html table = Contributions(explanation, name);
    if (!table.empty()) content.Add(HtmlDetails(absl::StrCat("What counts most, ", name), false, {table}));
  }
  return content;
}

// Why nothing is missing for the next stage.
const char* NothingMissingInWords(const DirectionReading& reading) {
  if (reading.condition() == trust::v1::CONDITION_ENDED)
    return "The partnership has ended; nothing moves this stage any more.";
  if (reading.stage() == trust::v1::STAGE_UNSPECIFIED)
    return "They had not met yet: the first contact comes before any stage.";
  if (reading.stage() == trust::v1::STAGE_MAINTAINING_COMMITMENT) return "This is the highest stage.";
  return "Nothing is missing: another good act raises the stage.";
}

Html WhatIsMissing(const PartnershipReport& report) {
  Html content = LeftOutDirections(report);
  for (const trust::v1::ExplainTrustResponse& explanation : report.explanations) {
    const std::string name = NameOf(explanation.reading());
    content.Add(HtmlElement("h3", {}, name));
    std::vector<Row> missing;
    for (const trust::v1::MissingCondition& condition : explanation.missing()) {
      missing.push_back({HtmlText(NumberedStage(condition.stage())), HtmlText(condition.text()),
                         HtmlText(EventNumbers(condition.events(), condition.events_size(), 5))});
    }
    if (missing.empty()) {
      content.Add(Paragraph(NothingMissingInWords(explanation.reading())));
    }
    content.Add(
        HtmlTable(absl::StrCat("Missing for the next stage, ", name), {"for", "what is missing", "events"}, missing));
    std::vector<Row> acts;
    for (const trust::v1::SuggestedAct& act : explanation.suggestions())
      acts.push_back({HtmlText(act.date()), HtmlText(SpacedKind(act.kind()))});
    const Html suggested =
        HtmlTable(absl::StrCat("Acts that would bring it, for example, ", name), {"day", "act"}, acts);
    if (!suggested.empty())
      content.Add(
          HtmlDetails(absl::StrCat("Acts that would bring it, for example, ", name), acts.size() <= 5, {suggested}));
    std::vector<Row> risks;
    for (const trust::v1::RiskedCondition& risk : explanation.at_risk()) {
      risks.push_back({HtmlText(risk.holds_until_date().empty() ? "for ever" : risk.holds_until_date()),
                       HtmlText(NumberedStage(risk.stage())), HtmlText(risk.text())});
    }
    content.Add(HtmlTable(absl::StrCat("What the present stage rests on, if nothing more happens, ", name),
                          {"until", "stage", "what it rests on"}, risks));
  }
  return content;
}

}  // namespace

Html ChartFrame(const std::string& name, const std::string& description) {
  return HtmlElement("div",
                     {{"class", "chart"}, {"data-chart", name}, {"data-description", description}, {"hidden", ""}},
                     std::vector<Html>{});
}

std::string PartnershipSubtitle(const PartnershipReport& report) {
  std::vector<std::string> partners;
  for (const trust::v1::Partner& partner : report.partnership.partners()) partners.push_back(NameOfPartner(partner));
  std::string text = absl::StrCat(partners.empty() ? "" : absl::StrCat(absl::StrJoin(partners, ", "), ". "),
                                  "Trust as of ", report.held.as_of_date());
  if (!report.known.empty()) absl::StrAppend(&text, ", from what was known by ", report.known);
  return absl::StrCat(text, ", read from ", Count(report.held.revision(), "event"), " under ",
                      PolicyInWords(report.held.policy_version(), report.held.policy_sha256()),
                      report.policy_chosen ? kChosenPolicy : "", ".");
}

std::vector<ReportSection> PartnershipSections(const PartnershipReport& report,
                                               const std::vector<ReportedEvent>& evidence,
                                               const std::vector<Promise>& promises) {
  std::map<int64_t, const ReportedEvent*> by_revision;
  for (const ReportedEvent& reported : evidence) by_revision[reported.event.revision()] = &reported;
  return {
      {"glance", "At a glance", AtAGlance(report)},
      {"stages", "Stages over time", StagesOverTime(report, by_revision)},
      {"views", "Held view beside hindsight", HeldBesideHindsight(report)},
      {"scores", "Facet scores", FacetScores(report)},
      {"evidence", "Evidence", EvidenceOverTime(report, evidence)},
      {"commitments", "Commitments", Commitments(report, promises)},
      {"words", "In words", InWordsSection(report)},
      {"missing", "What is missing for the next stage", WhatIsMissing(report)},
      {"attention", "What needs care", AttentionOnPage(report.attention, false)},
      {"proof", "Checkpoint, and how to verify it", ProofSection(report.checkpoint, report.partnership.partnership())}};
}

}  // namespace trustctl
