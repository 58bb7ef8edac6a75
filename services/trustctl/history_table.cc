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

}  // namespace

HistoryTable::HistoryTable()
    : table_({{"rev", true, false},
              {"date"},
              {"read as of"},
              {"what happened", false, true},
              {"actor -> affected", false, true},
              {"source"},
              {"weight"},
              {"label", false, true},
              {"mark"},
              {"citation", false, true},
              {"changed", false, true}}) {}

void HistoryTable::Add(const trust::v1::Event& event) { AddRow(event, "", ""); }

void HistoryTable::Add(const trust::v1::ReplayStep& step) {
  AddRow(step.event(), step.as_of_date(), step.changes().empty() ? "" : ChangeInWords(step.changes(0)));
  for (int i = 1; i < step.changes_size(); ++i) {
    table_.Add({"", "", "", "", "", "", "", "", "", "", Cell(ChangeInWords(step.changes(i)), Style::kStrong)});
  }
}

void HistoryTable::AddRow(const trust::v1::Event& event, const std::string& as_of_date, const std::string& change) {
  table_.Add({absl::StrCat(event.revision()), FormatTime(event.occur_time(), event.occur_time_precision()), as_of_date,
              WhatHappened(event), WhoWasInvolved(event), SourceInWords(event), WeightInWords(event), LabelOf(event),
              MarkOf(event), CitationInWords(event), Cell(change, Style::kStrong)});
}

}  // namespace trustctl
