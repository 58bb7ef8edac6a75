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

Style StyleOf(const Transition& transition) {
  if (transition.stage_before() == trust::v1::STAGE_UNSPECIFIED) return Style::kPlain;
  return transition.stage() > transition.stage_before() ? Style::kGood : Style::kBad;
}

}  // namespace

std::string CauseInWords(trust::v1::TransitionCause cause) {
  switch (cause) {
    case trust::v1::TRANSITION_CAUSE_START:
      return "start: they met";
    case trust::v1::TRANSITION_CAUSE_EVENT:
      return "events of the day";
    case trust::v1::TRANSITION_CAUSE_SILENCE:
      return "silence: nothing happened for too long";
    case trust::v1::TRANSITION_CAUSE_POLICY:  // Never on a path.
    case trust::v1::TRANSITION_CAUSE_UNSPECIFIED:
    case trust::v1::TransitionCause_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::TransitionCause_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return InWords(cause);
}

TimelineTable::TimelineTable(const EventShelf* shelf)
    : shelf_(shelf), table_({{"date"}, {"trustor -> trustee"}, {"from"}, {"to"}, {"cause"}}) {}

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
    table_.Add(
        {transition.date(), DirectionInWords(transition.trustor(), transition.trustee()),
         transition.stage_before() == trust::v1::STAGE_UNSPECIFIED ? "" : StageInWords(transition.stage_before()),
         Cell(StageInWords(transition.stage()), StyleOf(transition)), CauseInWords(transition.cause())});
    const int shown = std::min(kEventsShown, transition.events_size());
    for (int i = 0; i < shown; ++i) {
      const trust::v1::Event* const event = shelf_->Find(RevisionOf(transition.events(i)));
      const bool synthetic = event != nullptr && event->import_origin().synthetic();
      table_.AddNote(
          Cell(event == nullptr ? transition.events(i) : InOneLine(*event), synthetic ? Style::kFaint : Style::kPlain));
    }
    if (transition.event_count() > shown) {
      table_.AddNote(Cell(absl::StrCat("+", WithSeparators(transition.event_count() - shown), " more"), Style::kFaint));
    }
  }
}

}  // namespace trustctl
