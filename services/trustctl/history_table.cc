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

// A text on one line.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text;
}

// What is known of the person that an event is about, each as a line of its own.
void AddPersonalData(const trust::v1::Event& event, Table& table) {
  if (event.has_note()) {
    table.AddNote(absl::StrCat("note about ", event.note().contact(), ": ", OneLine(event.note().text())));
  }
  if (event.has_profile()) {
    std::string who;
    for (const std::string& part : {event.profile().display_name(), event.profile().position(), event.profile().email(),
                                    event.profile().phone()}) {
      if (!part.empty()) absl::StrAppend(&who, who.empty() ? "" : ", ", part);
    }
    table.AddNote(absl::StrCat("profile: ", who));
  }
  if (event.has_erasure()) {
    table.AddNote(
        Cell(absl::StrCat("what was kept about ", event.erasure().contact(), " was erased on ",
                          FormatDay(event.erasure().erase_time()), ", by request ", event.erasure().request()),
             Style::kFaint));
  }
  if (event.unreadable()) {
    table.AddNote(Cell("what is kept about a person cannot be read: tell the operator", Style::kWarning));
  }
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
  AddPersonalData(event, table_);
}

void HistoryTable::Add(const trust::v1::ReplayStep& step) {
  Add(step.event());
  for (const trust::v1::ReadingChange& change : step.changes()) {
    table_.AddNote(Cell(absl::StrCat("=> ", step.as_of_date(), " ", ChangeInWords(change)), StyleOf(change)));
  }
}

}  // namespace trustctl
