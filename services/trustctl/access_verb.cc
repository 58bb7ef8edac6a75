#include "services/trustctl/access_verb.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/trustctl/date.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kAccessesPageSize = 1000;

// Whether an event of the access record concerns a partnership: it was named, or the whole log was read, or the record
// was switched.
bool Concerns(const trust::v1::Event& event, const std::string& partnership) {
  const auto& partnerships = event.history_accessed().partnerships();
  return partnership.empty() || partnerships.empty() ||
         std::find(partnerships.begin(), partnerships.end(), partnership) != partnerships.end();
}

void AddTo(Table& table, const trust::v1::Event& event) {
  const std::string time = FormatTime(event.record_time(), trust::v1::TIME_PRECISION_INSTANT);
  if (event.has_access_record_switched()) {
    const bool on = event.access_record_switched().on();
    return table.AddNote(Cell(absl::StrCat(time, "  from here on accesses are ", on ? "recorded" : "not recorded"),
                              on ? Style::kGood : Style::kWarning));
  }
  const trust::v1::HistoryAccessed& access = event.history_accessed();
  const std::string what = access.partnerships().empty() ? "the whole log" : absl::StrJoin(access.partnerships(), ", ");
  table.Add({time, access.reader(), access.purpose(), std::string(absl::StripPrefix(access.method(), "trust.v1.")),
             what, access.question()});
}

absl::Status RunAccess(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const std::string partnership = invocation.arguments.empty() ? "" : invocation.arguments[0];
  Table table({{"time"},
               {"reader"},
               {.heading = "purpose", .wraps = true},
               {"method"},
               {.heading = "what was read", .wraps = true},
               {.heading = "question", .spills = true}});
  trust::v1::ListEventsRequest request;
  request.add_kinds("history_accessed");
  request.add_kinds("access_record_switched");
  request.set_include_system(true);
  request.set_page_size(kAccessesPageSize);
  int64_t accesses = 0;
  bool ever_switched = false;
  do {
    const auto page = session.connection.ListEvents(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    for (const trust::v1::Event& event : page->events()) {
      ever_switched = ever_switched || event.has_access_record_switched();
      if (!Concerns(event, partnership)) continue;
      if (event.has_history_accessed()) ++accesses;
      if (console.json) {
        PrintJson(event, console.out);
      } else {
        AddTo(table, event);
      }
    }
    table.Print(console);
  } while (!request.page_token().empty());
  if (!console.json) {
    const std::string text = ever_switched ? absl::StrCat(Count(accesses, "reading"), " recorded.")
                                           : "No access was ever recorded: trustd does so with --record_accesses.";
    console.out << "\n" << Styled(console, Style::kFaint, text) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb AccessVerb() {
  Verb verb;
  verb.syntax.name = "access";
  verb.syntax.arguments = "[PARTNERSHIP]";
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "who read which history when";
  verb.syntax.description =
      "Lists the access record, which trustd keeps in its log with --record_accesses: when a history was about to be "
      "read, by whom and what for (as the reader said), by which method, and with which question. With a partnership, "
      "the readings that named it and those of the whole log. Where the record was switched on or off, a line says so: "
      "in between nothing is known.\n\n"
      "Looking at the record is itself a reading, and recorded.\n\n"
      "With --json one Event is printed for each line.";
  verb.syntax.examples = {"trustctl access",
                          "trustctl access klm-northwest --reader auditor-7 --purpose \"audit 2026\""};
  verb.run = RunAccess;
  return verb;
}

}  // namespace trustctl
