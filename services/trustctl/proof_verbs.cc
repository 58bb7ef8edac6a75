#include "services/trustctl/proof_verbs.h"

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

absl::StatusOr<int64_t> ParseNumber(absl::string_view what, const std::string& text, int64_t least) {
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= least) return number;
  return UsageError(absl::StrCat(what, " is a whole number from ", least, ", not \"", text, "\""));
}

void PrintHashes(const google::protobuf::RepeatedPtrField<std::string>& hashes, std::ostream& out) {
  out << "proof: " << hashes.size() << (hashes.size() == 1 ? " hash" : " hashes") << "\n";
  for (const std::string& hash : hashes) out << "  " << absl::Base64Escape(hash) << "\n";
}

absl::StatusOr<trust::v1::GetInclusionProofRequest> InclusionRequestOf(const Invocation& invocation) {
  trust::v1::GetInclusionProofRequest request;
  if (invocation.arguments.size() == 1 || invocation.arguments.empty() != invocation.Has("log-index")) {
    return UsageError("proof inclusion wants a partnership and the number of its event, or --log-index alone");
  }
  if (invocation.Has("log-index")) {
    const absl::StatusOr<int64_t> index = ParseNumber("--log-index", invocation.Get("log-index"), 0);
    if (!index.ok()) return index.status();
    request.set_log_index(*index);
  } else {
    request.set_partnership(invocation.arguments[0]);
    const absl::StatusOr<int64_t> revision = ParseNumber("EVENT", invocation.arguments[1], 1);
    if (!revision.ok()) return revision.status();
    request.set_revision(*revision);
  }
  if (invocation.Has("size")) {
    const absl::StatusOr<int64_t> size = ParseNumber("--size", invocation.Get("size"), 1);
    if (!size.ok()) return size.status();
    request.set_tree_size(*size);
  }
  return request;
}

absl::Status RunInclusion(const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::GetInclusionProofRequest> request = InclusionRequestOf(invocation);
  if (!request.ok()) return request.status();
  const auto answer = session.connection.GetInclusionProof(*request);
  if (!answer.ok()) return answer.status();
  std::ostream& out = session.console.out;
  if (session.console.json) {
    PrintJson(*answer, out);
    return absl::OkStatus();
  }
  out << "leaf " << answer->log_index() << ": " << absl::Base64Escape(answer->leaf_hash()) << "\n"
      << "root of " << Count(answer->tree_size(), "record") << ": " << absl::Base64Escape(answer->root()) << "\n";
  PrintHashes(answer->hashes(), out);
  out << "record: " << absl::Base64Escape(answer->record()) << "\n";
  return absl::OkStatus();
}

absl::Status RunConsistency(const Invocation& invocation, Session& session) {
  trust::v1::GetConsistencyProofRequest request;
  const absl::StatusOr<int64_t> old_size = ParseNumber("SIZE", invocation.arguments[0], 1);
  if (!old_size.ok()) return old_size.status();
  request.set_old_size(*old_size);
  if (invocation.Has("size")) {
    const absl::StatusOr<int64_t> size = ParseNumber("--size", invocation.Get("size"), 1);
    if (!size.ok()) return size.status();
    request.set_new_size(*size);
  }
  const auto answer = session.connection.GetConsistencyProof(request);
  if (!answer.ok()) return answer.status();
  std::ostream& out = session.console.out;
  if (session.console.json) {
    PrintJson(*answer, out);
    return absl::OkStatus();
  }
  out << "root of " << Count(answer->old_size(), "record") << ": " << absl::Base64Escape(answer->old_root()) << "\n"
      << "root of " << Count(answer->new_size(), "record") << ": " << absl::Base64Escape(answer->new_root()) << "\n";
  PrintHashes(answer->hashes(), out);
  return absl::OkStatus();
}

}  // namespace

Verb ProofInclusionVerb() {
  Verb verb;
  verb.syntax.name = "proof inclusion";
  verb.syntax.arguments = "[PARTNERSHIP EVENT]";
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "the proof that one event is in the log";
  verb.syntax.description =
      "Prints the proof (RFC 6962) that a record is in the log of a checkpoint: the hash of its leaf, the hashes from "
      "there up to the root, and the record as it is stored, all in Base64. Compare the root with that of a checkpoint "
      "of the same size; who checks it needs no trustd.\n\n"
      "With --json one GetInclusionProofResponse is printed.";
  verb.syntax.flags = {{"log-index", "N", "the place of the record in the log, from 0, instead of an event"},
                       {"size", "N", "how many records it covers; default as many as the newest"}};
  verb.syntax.examples = {"trustctl proof inclusion klm-northwest 17",
                          "trustctl proof inclusion --log-index 0 --size 16 --json"};
  verb.run = RunInclusion;
  return verb;
}

Verb ProofConsistencyVerb() {
  Verb verb;
  verb.syntax.name = "proof consistency";
  verb.syntax.arguments = "SIZE";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "the proof that the log continues an older one";
  verb.syntax.description =
      "Prints the proof (RFC 6962) that the log begins with the records of a log of SIZE, the second line of a "
      "checkpoint that was kept: both roots and the hashes between, in Base64. Compare the roots with those of the "
      "checkpoints; who checks it needs no trustd.\n\n"
      "With --json one GetConsistencyProofResponse is printed.";
  verb.syntax.flags = {{"size", "N", "how many records it covers; default as many as the newest"}};
  verb.syntax.examples = {"trustctl proof consistency 16", "trustctl proof consistency 16 --size 92 --json"};
  verb.run = RunConsistency;
  return verb;
}

}  // namespace trustctl
