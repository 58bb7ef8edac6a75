#include "services/trustctl/checkpoint_verb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

absl::Status RunCheckpoint(const Invocation& invocation, Session& session) {
  trust::v1::GetCheckpointRequest request;
  int64_t size = 0;
  if (invocation.Has("size") && (!absl::SimpleAtoi(invocation.Get("size"), &size) || size < 1)) {
    return UsageError(absl::StrCat("--size wants a number of records from 1, not \"", invocation.Get("size"), "\""));
  }
  request.set_size(size);
  const auto answer = session.connection.GetCheckpoint(request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
  } else {
    // To the byte: this is what a verifier reads.
    session.console.out << answer->checkpoint();
  }
  return absl::OkStatus();
}

}  // namespace

Verb CheckpointVerb() {
  Verb verb;
  verb.syntax.name = "checkpoint";
  verb.syntax.summary = "print the newest signed checkpoint";
  verb.syntax.description =
      "Prints a signed checkpoint of the log as a note: origin, size, root, an empty line, the signature. Kept by "
      "somebody else than the "
      "operator, it shows any later change of the records that it covers.";
  verb.syntax.flags = {{"size", "N", "how many records it covers; default as many as the newest"}};
  verb.syntax.examples = {"trustctl checkpoint > checkpoint-$(date +%F).txt"};
  verb.run = RunCheckpoint;
  return verb;
}

}  // namespace trustctl
