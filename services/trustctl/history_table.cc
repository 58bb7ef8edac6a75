#include "services/trustctl/history_table.h"

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

// What sets the record apart from an ordinary one.
Cell MarkOf(const trust::v1::Event& event) {
  const bool warned = event.import_origin().warnings_size() > 0;
  if (event.import_origin().synthetic()) return Cell(warned ? "synthetic, breaks a rule" : "synthetic", Style::kFaint);
  return warned ? Cell("breaks a rule", Style::kWarning) : Cell();
}

// Green when trust rose, red when it fell or the condition became worse.
Style StyleOf(const trust::v1::ReadingChange& change) {
  if (change.stage_before() != change.stage())
    return change.stage() > change.stage_before() ? Style::kGood : Style::kBad;
  return ConditionCell(change.condition()).style;
}

}  // namespace

HistoryTable::HistoryTable()
    : table_({{.heading = "rev", .right = true},
              {"date"},
              {.heading = "what happened", .wraps = true},
              {.heading = "actor -> affected", .wraps = true},
              {.heading = "source", .spills = true},
              {.heading = "weight", .spills = true},
              {"mark"},
              {.heading = "label", .spills = true},
              {.heading = "citation", .spills = true}}) {}

void HistoryTable::Add(const trust::v1::Event& event) {
  table_.Add({absl::StrCat(event.revision()), FormatTime(event.occur_time(), event.occur_time_precision()),
              WhatHappened(event), WhoWasInvolved(event), SourceInWords(event), WeightInWords(event), MarkOf(event),
              LabelOf(event), CitationInWords(event)});
}

void HistoryTable::Add(const trust::v1::ReplayStep& step) {
  Add(step.event());
  for (const trust::v1::ReadingChange& change : step.changes()) {
    table_.AddNote(Cell(absl::StrCat("=> ", step.as_of_date(), " ", ChangeInWords(change)), StyleOf(change)));
  }
}

}  // namespace trustctl
