#include "services/trustctl/history_verb.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/history_table.h"
#include "services/trustctl/replayed_history.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kEventsPageSize = 1000;

// Has the table learn what is said of records after the revision, so that it can print them before it is given that.
absl::Status LearnMarks(const std::string& partnership, int64_t after, Session& session, HistoryTable* table) {
  trust::v1::ListEventsRequest request;
  request.set_partnership(partnership);
  request.set_after_revision(after);
  request.set_page_size(kEventsPageSize);
  for (const std::string& kind : RecordMarks::Kinds()) request.add_kinds(kind);
  do {
    const auto page = session.connection.ListEvents(request);
    if (!page.ok()) return page.status();
    for (const trust::v1::Event& event : page->events()) table->marks().Learn(event);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status List(const std::string& partnership, Session& session) {
  const Console& console = session.console;
  HistoryTable table;
  int64_t events = 0;
  trust::v1::ListEventsRequest request;
  request.set_partnership(partnership);
  request.set_page_size(kEventsPageSize);
  do {
    const auto page = session.connection.ListEvents(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    for (const trust::v1::Event& event : page->events()) table.Add(event);
    if (events == 0 && !request.page_token().empty()) {
      if (absl::Status learned = LearnMarks(partnership, page->events_size(), session, &table); !learned.ok()) {
        return learned;
      }
    }
    events += page->events_size();
    table.Print(console);
  } while (!request.page_token().empty());
  if (!console.json) {
    console.out << "\n"
                << Styled(console, Style::kFaint, absl::StrCat(Count(events, "event"), " in ", partnership, "."))
                << "\n";
  }
  return absl::OkStatus();
}

absl::Status Replay(const std::string& partnership, Session& session) {
  const Console& console = session.console;
  HistoryTable table;
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership(partnership);
  absl::Status learned;
  const auto end = Replayed(request, session, [&](const trust::v1::ReplayStep& step) {
    if (console.json) return;
    table.Add(step);
    if (table.waiting() < kEventsPageSize) return;
    if (step.event().revision() == kEventsPageSize) {
      learned = LearnMarks(partnership, kEventsPageSize, session, &table);
    }
    table.Print(console);
  });
  table.Print(console);
  if (!end.ok()) return end.status();
  if (!learned.ok()) return learned;
  if (!console.json) console.out << "\n" << Styled(console, Style::kGood, EndInWords(*end)) << "\n";
  return absl::OkStatus();
}

absl::Status RunHistory(const Invocation& invocation, Session& session) {
  const std::string& partnership = invocation.arguments[0];
  return invocation.Has("replay") ? Replay(partnership, session) : List(partnership, session);
}

}  // namespace

Verb HistoryVerb() {
  Verb verb;
  verb.syntax.name = "history";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "what happened, event by event";
  verb.syntax.description =
      "Shows every event in the order of recording: its revision, when it happened (as exactly as that is known), what "
      "happened, "
      "who did it to whom, who stands behind the record and who recorded it, how much it matters (or how grave a "
      "violation is), a mark, its label, and where it stands. The mark says which later event corrected, retracted, "
      "contested or confirmed the record, and whether it is synthetic (added for illustration, stated by no "
      "source). The row itself stays as it was recorded; that of a correction says what holds instead.\n\n"
      "With --replay the server goes through the history again and tells which stages and conditions each event "
      "changed, as of "
      "the day it was recorded; trustctl replay shows the scores, too. The last line says that the replay is complete; "
      "without it the command fails.\n\n"
      "With --json one ListEventsResponse is printed for each page, or one ReplayHistoryResponse for each message, the "
      "end "
      "included.";
  verb.syntax.flags = {{"replay", "", "show also what each event changed"}};
  verb.syntax.examples = {"trustctl history klm-northwest", "trustctl history klm-northwest --replay"};
  verb.run = RunHistory;
  return verb;
}

}  // namespace trustctl
