#include "services/trustctl/watch_table.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

std::string WatchedCause(trust::v1::TransitionCause cause) {
  switch (cause) {
    case trust::v1::TRANSITION_CAUSE_START:
      return "they met";
    case trust::v1::TRANSITION_CAUSE_EVENT:
      return "an event";
    case trust::v1::TRANSITION_CAUSE_SILENCE:
      return "silence";
    case trust::v1::TRANSITION_CAUSE_POLICY:
      return "another policy";
    case trust::v1::TRANSITION_CAUSE_UNSPECIFIED:
    case trust::v1::TransitionCause_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::TransitionCause_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return InWords(cause);
}

Cell StagesCell(trust::v1::Stage before, trust::v1::Stage after) {
  if (before == after) return Cell(StageInWords(after));
  return Cell(absl::StrCat(StageInWords(before), " -> ", StageInWords(after)),
              after > before ? Style::kGood : Style::kBad);
}

Cell ConditionsCell(trust::v1::Condition before, trust::v1::Condition after) {
  Cell cell = ConditionCell(after);
  if (before != after && before != trust::v1::CONDITION_UNSPECIFIED) {
    cell.text = absl::StrCat(InWords(before), " -> ", cell.text);
  }
  return cell;
}

}  // namespace

TrustWatchTable::TrustWatchTable()
    : table_({{"date"},
              {"partnership"},
              {"trustor -> trustee"},
              {.heading = "stage", .wraps = true},
              {.heading = "condition", .wraps = true},
              {.heading = "because of", .wraps = true}}) {}

int TrustWatchTable::CountOf(const trust::v1::WatchTrustResponse& message) {
  return message.has_snapshot() || message.has_change() || message.has_revised() ? 1 : 0;
}

void TrustWatchTable::Show(const trust::v1::WatchTrustResponse& message, const Console& console) {
  if (console.json) return PrintJson(message, console.out);
  Add(message);
  if (!message.has_snapshot()) Print(console);
}

void TrustWatchTable::Add(const trust::v1::WatchTrustResponse& message) {
  switch (message.message_case()) {
    case trust::v1::WatchTrustResponse::kSnapshot: {
      const trust::v1::DirectionReading& reading = message.snapshot().reading();
      table_.Add({reading.since_date(), message.snapshot().partnership(),
                  DirectionInWords(reading.trustor(), reading.trustee()), StageInWords(reading.stage()),
                  ConditionCell(reading.condition())});
      break;
    }
    case trust::v1::WatchTrustResponse::kChange: {
      const trust::v1::TrustChange& change = message.change();
      table_.Add({change.date(), change.partnership(), DirectionInWords(change.trustor(), change.trustee()),
                  StagesCell(change.stage_before(), change.stage()),
                  ConditionsCell(change.condition_before(), change.condition()), WatchedCause(change.cause())});
      break;
    }
    case trust::v1::WatchTrustResponse::kRevised:
      for (const trust::v1::RevisedInterval& interval : message.revised().intervals()) {
        const std::string since = interval.last_date().empty() ? "the past since then"
                                                               : absl::StrCat("the past up to ", interval.last_date());
        table_.Add({interval.first_date(), message.revised().partnership(),
                    DirectionInWords(interval.trustor(), interval.trustee()),
                    StagesCell(interval.stage_before(), interval.stage()), "", absl::StrCat("an event about ", since)});
      }
      break;
    case trust::v1::WatchTrustResponse::kCaughtUp:
    case trust::v1::WatchTrustResponse::MESSAGE_NOT_SET:
      break;
  }
}

EventWatchTable::EventWatchTable()
    : table_({{"partnership"},
              {.heading = "rev", .right = true},
              {"date"},
              {.heading = "what happened", .wraps = true},
              {.heading = "actor -> affected", .wraps = true},
              {.heading = "recorded by", .spills = true},
              {.heading = "citation", .spills = true}}) {}

int64_t EventWatchTable::Show(const trust::v1::WatchEventsResponse& message, int64_t events_max,
                              const Console& console) {
  const int64_t count = message.events().events_size();
  if (console.json) {
    PrintJson(message, console.out);
    return count;
  }
  const int64_t shown = std::min(count, events_max);
  for (int64_t i = 0; i < shown; ++i) {
    const trust::v1::Event& event = message.events().events(static_cast<int>(i));
    table_.Add({event.partnership(), absl::StrCat(event.revision()),
                FormatTime(event.occur_time(), event.occur_time_precision()), WhatHappened(event),
                WhoWasInvolved(event), event.recorder(), CitationInWords(event)});
  }
  table_.Print(console);
  return shown;
}

}  // namespace trustctl
