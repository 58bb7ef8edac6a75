#include "services/trustctl/record_verb.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/evidence_kinds.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/import_line.h"
#include "services/trustctl/record_request.h"
#include "services/trustctl/recorded_answer.h"

namespace trustctl {
namespace {

// So many wrong lines of a batch are told.
constexpr size_t kWrongLinesMax = 20;

absl::Status RunRecord(const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::RecordEvidenceRequest> request = RecordRequestOf(invocation);
  if (!request.ok()) return request.status();
  const absl::StatusOr<trust::v1::RecordEvidenceResponse> answer = session.connection.RecordEvidence(*request);
  if (!answer.ok()) return answer.status();
  PrintSaid(*answer, *request, session);
  return absl::OkStatus();
}

// Adds the items of the file to the request. Errors: the lines that are wrong; why the file cannot be read.
absl::Status ReadBatch(const std::string& path, trust::v1::BatchRecordEvidenceRequest* request) {
  const VerbSyntax record = RecordVerb().syntax;
  absl::StatusOr<LineReader> reader = LineReader::Open(path);
  if (!reader.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", reader.status().message()));
  std::vector<std::string> wrong;
  absl::string_view line;
  while (wrong.size() < kWrongLinesMax) {
    const absl::StatusOr<bool> more = reader->Next(&line);
    if (!more.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", more.status().message()));
    if (!*more) break;
    if (IsSilent(line)) continue;
    absl::StatusOr<trust::v1::EvidenceItem> item = ParseBatchLine(record, line);
    if (item.ok()) {
      *request->add_items() = *std::move(item);
    } else {
      const std::string message(item.status().message());
      wrong.push_back(absl::StrCat(path, ":", reader->line_number(), ": ", message.substr(0, message.find('\n'))));
    }
  }
  if (!wrong.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(absl::StrJoin(wrong, "\n"), "\nNothing was recorded."));
  }
  if (request->items().empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": there is no evidence in it"));
  return absl::OkStatus();
}

absl::Status RunBatch(const Invocation& invocation, Session& session) {
  trust::v1::BatchRecordEvidenceRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_recorder(invocation.Get("recorder"));
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  if (absl::Status read = ReadBatch(invocation.arguments[1], &request); !read.ok()) return read;
  const auto answer = session.connection.BatchRecordEvidence(request);
  if (!answer.ok()) return answer.status();
  PrintSaid(*answer, request, session);
  return absl::OkStatus();
}

// Of a kind in "help record KIND" and "record PARTNERSHIP KIND --help".
absl::StatusOr<std::string> HelpOfRecord(const Verb& verb, const Invocation& invocation) {
  const size_t place = invocation.Has("help") ? 1 : 0;
  if (invocation.arguments.size() <= place) return VerbHelp(verb.syntax);
  return KindHelp(invocation.arguments[place]);
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
      "affected unless --recorder says who.\n\n"
      "Who stands behind the record follows from --recorder: the actor itself, a counterpart, who is among those "
      "affected, or a third party. Of a joint act, --actor '*', the recorder is a counterpart or a third party. A "
      "joint record comes about by trustctl confirm, where another stands behind what the actor recorded of itself, "
      "or by an import that states it.\n\n"
      "To repeat a call that may have arrived, give both the same "
      "--request-id.\n\n"
      "trustctl help record KIND tells the fields of a kind with their values. The kinds, by what they bear on:\n\n",
      GroupedKinds(), "\n\nWith --json one RecordEvidenceResponse is printed.");
  verb.syntax.flags = EvidenceFlags();
  for (Flag& flag : verb.syntax.flags) {
    if (flag.name == "actor" || flag.name == "affected" || flag.name == "on") flag = Required(flag);
  }
  for (const Flag& flag :
       {Flag{"recorder", "ID", "the organization on whose behalf it is recorded; default the first of those affected"},
        NoteFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()}) {
    verb.syntax.flags.push_back(flag);
  }
  verb.syntax.examples = {
      "trustctl record klm-northwest commitment-fulfilled --actor northwest --affected klm --on 1993-01-20",
      "trustctl record acme-globex violation-reported type=opportunism severity=major --actor globex --affected acme "
      "--on 2026-03",
  };
  verb.help = HelpOfRecord;
  verb.run = RunRecord;
  return verb;
}

Verb BatchVerb() {
  Verb verb;
  verb.syntax.name = "batch";
  verb.syntax.arguments = "PARTNERSHIP FILE";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "record several such things, all or none";
  verb.syntax.description =
      "Records the evidence in FILE, in its order, in one command: all of it, or nothing. A line is what stands behind "
      "trustctl record PARTNERSHIP; blank lines and those that begin with # say nothing; - is the standard input. Each "
      "piece is judged with those before it in place. At most 500 pieces; trustctl import takes whole histories.\n\n"
      "With --json one BatchRecordEvidenceResponse is printed.";
  verb.syntax.flags = {RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl batch klm-northwest january.txt --recorder klm --dry-run",
                          "echo feedback-given --actor klm --affected northwest --on 1993-01-20 | trustctl batch "
                          "klm-northwest - --recorder northwest"};
  verb.run = RunBatch;
  return verb;
}

}  // namespace trustctl
