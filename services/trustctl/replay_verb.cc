#include "services/trustctl/replay_verb.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/replay_table.h"
#include "services/trustctl/replayed_history.h"

namespace trustctl {
namespace {

constexpr size_t kRowsAtOnce = 500;

// The place that a flag names: a revision, or a day of recording. Neither when the flag was not given.
struct HistoryPlace {
  int64_t revision = 0;
  google::protobuf::Timestamp time;
  bool has_time = false;
};

absl::StatusOr<HistoryPlace> PlaceOf(const Invocation& invocation, const char* flag) {
  HistoryPlace place;
  const std::string text = invocation.Get(flag);
  if (!invocation.Has(flag)) return place;
  int64_t revision = 0;
  if (absl::SimpleAtoi(text, &revision) && revision >= 1) {
    place.revision = revision;
    return place;
  }
  const auto time = ParseLastInstant(text);
  if (!time.ok() || text.find('-') == std::string::npos) {
    return UsageError(
        absl::StrCat("--", flag, " wants a revision, such as 12, or a day such as 1993-01-20, not \"", text, "\""));
  }
  place.time = *time;
  place.has_time = true;
  return place;
}

absl::StatusOr<trust::v1::ReplayHistoryRequest> ReplayRequestOf(const Invocation& invocation) {
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership(invocation.arguments[0]);
  const absl::StatusOr<HistoryPlace> after = PlaceOf(invocation, "after");
  if (!after.ok()) return after.status();
  request.set_after_revision(after->revision);
  if (after->has_time) *request.mutable_after_time() = after->time;
  const absl::StatusOr<HistoryPlace> until = PlaceOf(invocation, "until");
  if (!until.ok()) return until.status();
  request.set_until_revision(until->revision);
  if (until->has_time) *request.mutable_until_time() = until->time;
  if (invocation.Has("hindsight")) request.set_view(trust::v1::VIEW_HINDSIGHT);
  request.set_policy(invocation.Get("policy"));
  return request;
}

absl::Status RunReplay(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const absl::StatusOr<trust::v1::ReplayHistoryRequest> request = ReplayRequestOf(invocation);
  if (!request.ok()) return request.status();
  ReplayTable table;
  const auto end = Replayed(*request, session, [&](const trust::v1::ReplayStep& step) {
    if (console.json) return;
    table.Add(step);
    if (table.waiting() >= kRowsAtOnce) table.Print(console);
  });
  table.Print(console);
  if (!end.ok()) return end.status();
  if (!console.json) console.out << "\n" << Styled(console, Style::kGood, EndInWords(*end)) << "\n";
  return absl::OkStatus();
}

}  // namespace

Verb ReplayVerb() {
  Verb verb;
  verb.syntax.name = "replay";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "step by step, what each event did to the readings";
  verb.syntax.description =
      "Goes through the history in the order of recording and shows below each event the directions whose reading it "
      "changed, as of the day it was recorded: the stage, the condition, and the scores of credibility, rapport, "
      "reliability and nurture, each with the points by which it moved. The last line says that the replay is "
      "complete; without it the command fails. trustctl history shows the events with their sources.\n\n"
      "With --json one ReplayHistoryResponse is printed for each message, the end included.";
  verb.syntax.flags = {{"after", "PLACE", "begin behind this revision, or behind this day of recording"},
                       {"until", "PLACE", "end with this revision, or this day of recording"},
                       HindsightFlag(),
                       JudgingPolicyFlag()};
  verb.syntax.examples = {"trustctl replay klm-northwest", "trustctl replay klm-northwest --after 30 --until 40",
                          "trustctl replay klm-northwest --after 2024-01-31 --hindsight"};
  verb.run = RunReplay;
  return verb;
}

}  // namespace trustctl
