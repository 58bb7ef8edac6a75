#include "services/trustctl/timeline_table.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using trust::v1::Transition;

constexpr int kEventsShown = 3;

// What is said of a change that no event brought.
std::string CauseAlone(trust::v1::TransitionCause cause) {
  if (cause == trust::v1::TRANSITION_CAUSE_SILENCE) return "nothing happened for too long";
  if (cause == trust::v1::TRANSITION_CAUSE_START) return "the partners met";
  return "";
}

Style StyleOf(const Transition& transition) {
  if (transition.stage_before() == trust::v1::STAGE_UNSPECIFIED) return Style::kPlain;
  return transition.stage() > transition.stage_before() ? Style::kGood : Style::kBad;
}

}  // namespace

TimelineTable::TimelineTable(const EventShelf* shelf)
    : shelf_(shelf),
      table_({{"date"}, {"trustor -> trustee"}, {"from"}, {"to"}, {"cause"}, {"events of the day", false, true}}) {}

std::set<int64_t> TimelineTable::ShownEvents(const trust::v1::GetTrustTimelineResponse& page) {
  std::set<int64_t> revisions;
  for (const Transition& transition : page.transitions()) {
    for (int i = 0; i < std::min(kEventsShown, transition.events_size()); ++i) {
      if (const int64_t revision = RevisionOf(transition.events(i)); revision > 0) revisions.insert(revision);
    }
  }
  return revisions;
}

void TimelineTable::Add(const trust::v1::GetTrustTimelineResponse& page) {
  for (const Transition& transition : page.transitions()) {
    std::vector<Cell> lines;
    const int shown = std::min(kEventsShown, transition.events_size());
    for (int i = 0; i < shown; ++i) {
      const trust::v1::Event* const event = shelf_->Find(RevisionOf(transition.events(i)));
      const bool synthetic = event != nullptr && event->import_origin().synthetic();
      lines.emplace_back(event == nullptr ? transition.events(i) : InOneLine(*event),
                         synthetic ? Style::kFaint : Style::kPlain);
    }
    if (transition.event_count() > shown) {
      lines.emplace_back(absl::StrCat("+", WithSeparators(transition.event_count() - shown), " more"), Style::kFaint);
    }
    if (lines.empty()) lines.emplace_back(CauseAlone(transition.cause()), Style::kFaint);
    table_.Add(
        {transition.date(), DirectionInWords(transition.trustor(), transition.trustee()),
         transition.stage_before() == trust::v1::STAGE_UNSPECIFIED ? "" : StageInWords(transition.stage_before()),
         Cell(StageInWords(transition.stage()), StyleOf(transition)), InWords(transition.cause()), lines[0]});
    for (size_t i = 1; i < lines.size(); ++i) table_.Add({"", "", "", "", "", lines[i]});
  }
}

}  // namespace trustctl
