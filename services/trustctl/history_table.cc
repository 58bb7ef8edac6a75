#include "services/trustctl/history_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

// What sets the record apart from an ordinary one.
Cell MarkOf(const trust::v1::Event& event, std::string said) {
  const bool synthetic = event.import_origin().synthetic();
  const bool warned = event.import_origin().warnings_size() > 0;
  const Style style = !said.empty() || (warned && !synthetic) ? Style::kWarning : Style::kFaint;
  for (const char* const mark : {synthetic ? "synthetic" : "", warned ? "breaks a rule" : ""}) {
    if (*mark != '\0') absl::StrAppend(&said, said.empty() ? "" : ", ", mark);
  }
  return Cell(std::move(said), style);
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
              {.heading = "by", .spills = true},
              {.heading = "weight", .spills = true},
              {"mark"},
              {.heading = "label", .spills = true},
              {.heading = "citation", .spills = true}}) {}

void HistoryTable::Add(const trust::v1::Event& event) {
  marks_.Learn(event);
  *waiting_.emplace_back().mutable_event() = event;
}

void HistoryTable::Add(const trust::v1::ReplayStep& step) {
  marks_.Learn(step.event());
  waiting_.push_back(step);
}

void HistoryTable::Print(const Console& console) {
  for (const trust::v1::ReplayStep& step : waiting_) AddRow(step);
  waiting_.clear();
  table_.Print(console);
}

void HistoryTable::AddRow(const trust::v1::ReplayStep& step) {
  const trust::v1::Event& event = step.event();
  table_.Add({absl::StrCat(event.revision()), FormatTime(event.occur_time(), event.occur_time_precision()),
              WhatHappened(event), WhoWasInvolved(event), SourceInWords(event), event.recorder(), WeightInWords(event),
              MarkOf(event, marks_.Of(event.revision())), LabelOf(event), CitationInWords(event)});
  AddPersonalData(event, table_);
  for (const trust::v1::ReadingChange& change : step.changes()) {
    table_.AddNote(Cell(absl::StrCat("=> ", step.as_of_date(), " ", ChangeInWords(change)), StyleOf(change)));
  }
}

}  // namespace trustctl
