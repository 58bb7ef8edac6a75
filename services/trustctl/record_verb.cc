#include "services/trustctl/record_verb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/record_request.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

absl::Status RunRecord(const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::RecordEvidenceRequest> request = RecordRequestOf(invocation);
  if (!request.ok()) return request.status();
  const absl::StatusOr<trust::v1::RecordEvidenceResponse> answer = session.connection.RecordEvidence(*request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
    return absl::OkStatus();
  }
  for (const trust::v1::Event& event : answer->events()) session.console.out << InOneLine(event) << "\n";
  session.console.out << (request->validate_only() ? "Nothing was recorded: that is what would be.\n"
                                                   : absl::StrCat("Recorded; ", request->partnership(), " has ",
                                                                  Count(answer->revision(), "event"), ".\n"));
  return absl::OkStatus();
}

}  // namespace

Verb RecordVerb() {
  Verb verb;
  verb.syntax.name = "record";
  verb.syntax.arguments = "PARTNERSHIP KIND [FIELD=VALUE...]";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "record what a partner did";
  verb.syntax.description = absl::StrCat(
      "Records one piece of evidence. KIND says what happened; FIELD=VALUE what that kind says besides, such as "
      "result=late or commitment=12: the number of an event stands for the event. Recorded by the first of those "
      "affected unless --recorder says who. To repeat a call that may have arrived, give both the same "
      "--request-id.\n\n"
      "Kinds: ",
      absl::StrJoin(EvidenceKinds(), ", "), ".\n\nWith --json one RecordEvidenceResponse is printed.");
  verb.syntax.flags = {
      Required({"actor", "ID", "whose act it was; '*' for a joint act of those affected"}),
      Required({"affected", "ID[,ID...]", "who experienced it"}),
      Required({"on", "DATE", "when it happened; a coarse date is known as coarsely"}),
      {"learned", "DATE", "the day on which those affected learned of it; default when it happened"},
      {"recorder", "ID", "on whose behalf it is recorded; default the first of those affected"},
      {"witnesses", "ID[,ID...]", "who else learned of it"},
      {"level", "LEVEL", "interorganisational, the default, or interpersonal"},
      {"actor-contact", "ID", "who acted, of an interpersonal act"},
      {"affected-contact", "ID", "who experienced it, of an interpersonal act"},
      {"materiality", "HOW", "how much it mattered: low, medium, the default, high or critical"},
      {"label", "NAME", "an id-shaped name of the matter"},
      {"request-id", "UUID", "makes the command safe to repeat"},
      {"expected-revision", "N", "refuse when the history has another length"},
      {"dry-run", "", "decide without recording"},
  };
  verb.syntax.examples = {
      "trustctl record klm-northwest commitment-fulfilled --actor northwest --affected klm --on 1993-01-20",
      "trustctl record acme-globex violation-reported type=opportunism severity=major --actor globex --affected acme "
      "--on 2026-03",
  };
  verb.run = RunRecord;
  return verb;
}

}  // namespace trustctl
