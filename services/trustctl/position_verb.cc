#include "services/trustctl/position_verb.h"

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/table.h"

namespace trustctl {
namespace {

// The place of a day that has not come is the end of the log.
constexpr char kDayAhead[] = "9999-12-31";

absl::Status RunPosition(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  trust::v1::ResolveTimeRequest request;
  if (!invocation.arguments.empty()) request.set_partnership(invocation.arguments[0]);
  const auto time = ParseLastInstant(invocation.Get("known", kDayAhead));
  if (!time.ok()) return time.status();
  *request.mutable_time() = *time;
  const auto answer = session.connection.ResolveTime(request);
  if (!answer.ok()) return answer.status();
  if (console.json) {
    PrintJson(*answer, console.out);
    return absl::OkStatus();
  }
  Table table({{"what"}, {"had come to"}, {"recorded"}});
  table.Add({"log", absl::StrCat("position ", answer->log_position()),
             answer->has_record_time() ? FormatExactTime(answer->record_time()) : "nothing by then"});
  if (!request.partnership().empty()) {
    table.Add(
        {request.partnership(), absl::StrCat("revision ", answer->revision()),
         answer->has_revision_record_time() ? FormatExactTime(answer->revision_record_time()) : "nothing by then"});
  }
  table.Print(console);
  return absl::OkStatus();
}

}  // namespace

Verb PositionVerb() {
  Verb verb;
  verb.syntax.name = "position";
  verb.syntax.arguments = "[PARTNERSHIP]";
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "how far the log, and a partnership, had come by a time";
  verb.syntax.description =
      "Shows the place of the last event that was recorded by a time, by the server's clock, and of a partnership the "
      "number of its events. Imported histories were recorded on the day of their import.\n\n"
      "With --json one ResolveTimeResponse is printed.";
  verb.syntax.flags = {{"known", "DATE", "by when; default now"}};
  verb.syntax.examples = {"trustctl position", "trustctl position klm-northwest --known 2026-06-30"};
  verb.run = RunPosition;
  return verb;
}

}  // namespace trustctl
