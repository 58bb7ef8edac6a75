#include "services/trustctl/timeline_verb.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/event_shelf.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/stage_plot.h"
#include "services/trustctl/timeline_table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kEntriesPageSize = 200;
// Of a plot that does not go to a terminal.
constexpr int kPlotWidth = 100;

absl::StatusOr<trust::v1::GetTrustTimelineRequest> TimelineRequestOf(const Invocation& invocation) {
  trust::v1::GetTrustTimelineRequest request;
  request.set_partnership(invocation.arguments[0]);
  if (absl::Status status = SetDirection(invocation, &request); !status.ok()) return status;
  request.set_page_size(kEntriesPageSize);
  if (absl::Status status = SetQuestion(invocation, &request); !status.ok()) return status;
  return request;
}

// The day on which a plot ends: that of the timeline, or the end of the partnership where that was before. What was
// known earlier may not know of the end.
std::string LastPlottedDay(const Invocation& invocation, const std::string& as_of_date, Connection& connection) {
  if (invocation.Has("known")) return as_of_date;
  trust::v1::GetPartnershipRequest request;
  request.set_partnership(invocation.arguments[0]);
  const auto shown = connection.GetPartnership(request);
  if (!shown.ok() || !shown->partnership().has_end_time()) return as_of_date;
  return std::min(as_of_date, FormatDay(shown->partnership().end_time()));
}

absl::Status RunTimeline(const Invocation& invocation, Session& session) {
  absl::StatusOr<trust::v1::GetTrustTimelineRequest> request = TimelineRequestOf(invocation);
  if (!request.ok()) return request.status();
  const Console& console = session.console;
  const bool plots = invocation.Has("plot");
  if (plots && console.json)
    return UsageError("--plot draws for people and --json prints for programs; give one of them");
  std::vector<trust::v1::Transition> plotted;
  EventShelf shelf(request->partnership(),
                   [&](const trust::v1::ListEventsRequest& list) { return session.connection.ListEvents(list); });
  TimelineTable table(&shelf);
  int64_t transitions = 0;
  trust::v1::GetTrustTimelineResponse last;
  do {
    auto page = session.connection.GetTrustTimeline(*request);
    if (!page.ok()) return page.status();
    request->set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    transitions += page->transitions_size();
    if (plots) {
      plotted.insert(plotted.end(), page->transitions().begin(), page->transitions().end());
      last = *std::move(page);
      continue;
    }
    if (absl::Status status = shelf.Fetch(TimelineTable::ShownEvents(*page)); !status.ok()) return status;
    table.Add(*page);
    table.Print(console);
    last = *std::move(page);
  } while (!request->page_token().empty());
  if (console.json) return absl::OkStatus();
  if (plots) {
    const int width = console.width > 0 ? console.width : kPlotWidth;
    const std::string plotted_until = LastPlottedDay(invocation, last.as_of_date(), session.connection);
    console.out << PlotStages(plotted, plotted_until, StagePlotForm{width, console.utf8});
    if (plotted_until != last.as_of_date()) console.out << "The partnership ended on " << plotted_until << ".\n";
  }
  const std::string text = absl::StrCat(transitions == 0 ? "" : "\n", Count(transitions, "change"), " of stage until ",
                                        last.as_of_date(), " in ", last.partnership(), ViewInWords(last.view()),
                                        ", read from ", Count(last.revision(), "event"), " under ",
                                        PolicyInWords(last.policy_version(), last.policy_sha256()), ".");
  console.out << Styled(console, Style::kFaint, text) << "\n";
  return absl::OkStatus();
}

}  // namespace

Verb TimelineVerb() {
  Verb verb;
  verb.syntax.name = "timeline";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "how the stages of trust came to be";
  verb.syntax.description =
      "Shows every change of stage with its day, its direction, its cause and the events of that day: number, what "
      "happened, who "
      "did it to whom, label, whether it is synthetic (added for illustration, stated by no source), and where it "
      "stands. Of many "
      "events the first three are shown; history shows all.\n\n"
      "With --plot the stages are drawn over time instead, as wide as the terminal, a step line for each direction; "
      "in ASCII where the locale is not one of UTF-8. The plot of a partnership that ended goes to its end, except "
      "with "
      "--known.\n\n"
      "With --json one GetTrustTimelineResponse is printed for each page.";
  verb.syntax.flags = {
      TrustorFlag(),   TrusteeFlag(),       {"as-of", "DATE", "up to this day; default today"}, KnownFlag(),
      HindsightFlag(), JudgingPolicyFlag(), {"plot", "", "draw the stages over time"},
  };
  verb.syntax.examples = {"trustctl timeline klm-northwest", "trustctl timeline klm-northwest --plot --as-of 2001",
                          "trustctl timeline klm-northwest --trustor klm --trustee northwest --as-of 1995"};
  verb.run = RunTimeline;
  return verb;
}

}  // namespace trustctl
