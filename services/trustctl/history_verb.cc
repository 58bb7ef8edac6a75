#include "services/trustctl/history_verb.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/history_table.h"
#include "services/trustctl/replayed_history.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kEventsPageSize = 1000;

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
  const auto end = Replayed(request, session, [&](const trust::v1::ReplayStep& step) {
    if (console.json) return;
    table.Add(step);
    if (table.waiting() >= kEventsPageSize) table.Print(console);
  });
  table.Print(console);
  if (!end.ok()) return end.status();
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
      "who did it to whom, who stands behind the record, how much it matters (or how grave a violation is), its label, "
      "whether it "
      "is synthetic (added for illustration, stated by no source), and where it stands.\n\n"
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
