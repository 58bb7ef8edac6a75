#include "services/trustctl/verify_verb.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/checkpoint.h"
#include "eventstore/log_verifier.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/rocksdb_store.h"
#include "eventstore/signed_note.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/progress_bar.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using eventstore::Checkpoint;
using eventstore::Sha256Digest;

constexpr char kDataDirectory[] = "data-directory";
constexpr uint64_t kRecordsAStep = 5'000;

std::optional<Sha256Digest> DigestOf(const std::string& bytes) {
  Sha256Digest digest{};
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

// What both ways of checking lead to.
struct Verdict {
  uint64_t tree_size = 0;
  std::optional<Sha256Digest> root;
  int64_t stream_count = 0;
  int64_t finding_count = 0;
  std::string checkpoint;  // What was found of the checkpoints that were given, or that the server has.
};

void PrintFinding(const std::string& problem, const Console& console) {
  console.out << Styled(console, Style::kBad, "wrong") << ": " << Printable(problem) << "\n";
}

std::string Agrees(const Checkpoint& checkpoint) {
  return absl::StrCat("It has the root of the checkpoint of ", checkpoint.origin, " over ",
                      Count(static_cast<int64_t>(checkpoint.size), "record"), ".");
}

std::string Contradicts(const Checkpoint& checkpoint, const std::string& why) {
  return absl::StrCat("the log does not continue the checkpoint of ", checkpoint.origin, " over ",
                      Count(static_cast<int64_t>(checkpoint.size), "record"), ": ", why);
}

std::string TooShort(uint64_t tree_size) {
  return absl::StrCat("it holds only ", Count(static_cast<int64_t>(tree_size), "record"));
}

absl::Status Conclude(const Verdict& verdict, const std::string& what, const Console& console) {
  console.out << Printable(what) << ": " << Count(static_cast<int64_t>(verdict.tree_size), "record") << " in "
              << Count(verdict.stream_count, "stream");
  if (verdict.root.has_value()) console.out << ", root " << eventstore::Base64Of(*verdict.root);
  console.out << ".\n";
  if (!verdict.checkpoint.empty()) console.out << Printable(verdict.checkpoint) << "\n";
  if (verdict.finding_count > 0) {
    return absl::DataLossError(absl::StrCat("the log is not sound: ", Count(verdict.finding_count, "finding")));
  }
  console.out << Styled(console, Style::kGood, "Nothing is wrong.") << "\n";
  return absl::OkStatus();
}

// ---------------------------------------------------------------------------------------------------------------------
// A running server.

absl::Status CheckContinues(const Checkpoint& given, const Console& console, Connection& connection, Verdict* verdict) {
  std::string why;
  if (given.size > verdict->tree_size) {
    why = TooShort(verdict->tree_size);
  } else if (!verdict->root.has_value()) {
    why = "its root is not known";
  } else if (given.size > 0) {
    trust::v1::GetConsistencyProofRequest request;
    request.set_old_size(static_cast<int64_t>(given.size));
    request.set_new_size(static_cast<int64_t>(verdict->tree_size));
    const auto proof = connection.GetConsistencyProof(request);
    if (!proof.ok()) return proof.status();
    std::vector<Sha256Digest> hashes;
    for (const std::string& bytes : proof->hashes()) hashes.push_back(DigestOf(bytes).value_or(Sha256Digest{}));
    const absl::Status continues =
        eventstore::CheckConsistency(given.size, verdict->tree_size, given.root, *verdict->root, hashes);
    if (!continues.ok()) why = std::string(continues.message());
  }
  if (why.empty()) {
    verdict->checkpoint = Agrees(given);
    return absl::OkStatus();
  }
  PrintFinding(Contradicts(given, why), console);
  ++verdict->finding_count;
  return absl::OkStatus();
}

absl::Status VerifyServer(const std::vector<Checkpoint>& given, Session& session) {
  const Console& console = session.console;
  std::unique_ptr<ProgressBar> bar;
  trust::v1::VerifyEnd end;
  bool ended = false;
  const absl::Status status =
      session.connection.VerifyLog(trust::v1::VerifyLogRequest(), [&](const trust::v1::VerifyLogResponse& response) {
        if (console.json) PrintJson(response, console.out);
        if (response.has_progress()) {
          if (bar == nullptr) {
            bar = std::make_unique<ProgressBar>(console, "verifying", response.progress().record_total());
          }
          bar->Update(response.progress().record_count());
        } else if (response.has_finding()) {
          if (bar != nullptr) bar->Clear();
          if (!console.json) PrintFinding(response.finding().problem(), console);
        } else if (response.has_end()) {
          end = response.end();
          ended = true;
        }
        return true;
      });
  bar.reset();
  if (!status.ok()) return status;
  if (!ended) return absl::DataLossError("the check was cut: the server did not say that it looked at everything");
  Verdict verdict;
  verdict.tree_size = static_cast<uint64_t>(end.tree_size());
  verdict.root = DigestOf(end.root());
  verdict.stream_count = end.stream_count();
  verdict.finding_count = end.finding_count();
  if (end.matches_checkpoint()) {
    verdict.checkpoint =
        absl::StrCat("It has the root of the server's checkpoint over ", Count(end.checkpoint_size(), "record"), ".");
  }
  for (const Checkpoint& checkpoint : given) {
    const absl::Status continues = CheckContinues(checkpoint, console, session.connection, &verdict);
    if (!continues.ok()) return continues;
  }
  if (!console.json) return Conclude(verdict, session.connection.server(), console);
  if (verdict.finding_count == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the log is not sound: ", Count(verdict.finding_count, "finding")));
}

}  // namespace

absl::StatusOr<Checkpoint> OpenSignedCheckpoint(const std::string& note, const std::string& name,
                                                const std::string& verifier_key) {
  const auto key = eventstore::VerifierKey::Parse(verifier_key);
  if (!key.ok()) return UsageError(absl::StrCat("--verifier-key: ", key.status().message()));
  const absl::StatusOr<std::string> text = eventstore::OpenNote(note, *key);
  if (!text.ok()) {
    return absl::DataLossError(absl::StrCat(name, " is not signed by that key: ", text.status().message()));
  }
  const absl::StatusOr<Checkpoint> checkpoint = eventstore::ParseCheckpoint(*text);
  if (!checkpoint.ok()) return absl::DataLossError(absl::StrCat(name, ": ", checkpoint.status().message()));
  return checkpoint;
}

absl::StatusOr<Checkpoint> ReadSignedCheckpoint(const std::string& path, const std::string& verifier_key) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return UsageError(absl::StrCat("--checkpoint: ", path, " cannot be read"));
  std::ostringstream note;
  note << file.rdbuf();
  return OpenSignedCheckpoint(note.str(), path, verifier_key);
}

// ---------------------------------------------------------------------------------------------------------------------
// The directory of a stopped one.

namespace {

// Empty when the log has the root of the checkpoint.
std::string WhyNotContinued(const Checkpoint& checkpoint, const eventstore::EventStore& store, uint64_t tree_size) {
  if (checkpoint.size > tree_size) return TooShort(tree_size);
  const auto root =
      eventstore::RootAt(checkpoint.size, [&](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
  if (!root.ok()) return std::string(root.status().message());
  if (*root == checkpoint.root) return "";
  return absl::StrCat("its root there is ", eventstore::Base64Of(*root), ", and the checkpoint has ",
                      eventstore::Base64Of(checkpoint.root));
}

}  // namespace

absl::Status VerifyDirectory(const std::string& directory, const std::string& name,
                             const std::vector<Checkpoint>& given, const Console& console) {
  struct stat found {};
  // Opening would make a store where there is none.
  if (stat(absl::StrCat(directory, "/CURRENT").c_str(), &found) != 0) {
    return absl::NotFoundError(absl::StrCat(directory, " holds no store: it has no file CURRENT; say by --",
                                            kDataDirectory, " what trustd has as --data_directory"));
  }
  eventstore::RocksDbOptions options;
  options.directory = directory;
  const absl::StatusOr<std::unique_ptr<eventstore::RocksDbStore>> store = eventstore::RocksDbStore::Open(options);
  if (!store.ok()) {
    if (store.status().code() == absl::StatusCode::kDataLoss) {
      return absl::DataLossError(absl::StrCat("the store cannot even be opened: ", store.status().message()));
    }
    return absl::Status(store.status().code(),
                        absl::StrCat(store.status().message(), "\n  While trustd runs on it, leave --", kDataDirectory,
                                     " out: the server then checks its log itself."));
  }
  eventstore::LogVerifier verifier(store->get());
  size_t told = 0;
  {
    ProgressBar bar(console, "verifying", static_cast<int64_t>(2 * verifier.progress().log_size));
    while (!verifier.done()) {
      if (const absl::Status stepped = verifier.Step(kRecordsAStep); !stepped.ok()) return stepped;
      for (; told < verifier.report().findings.size(); ++told) {
        bar.Clear();
        PrintFinding(verifier.report().findings[told].problem, console);
      }
      bar.Update(static_cast<int64_t>(verifier.progress().records + verifier.progress().stream_records));
    }
  }
  Verdict verdict;
  verdict.tree_size = verifier.progress().log_size;
  verdict.root = verifier.report().root;
  verdict.stream_count = static_cast<int64_t>(verifier.progress().streams);
  verdict.finding_count = static_cast<int64_t>(verifier.report().findings_count);
  for (const Checkpoint& checkpoint : given) {
    const std::string why = WhyNotContinued(checkpoint, **store, verdict.tree_size);
    if (why.empty()) {
      absl::StrAppend(&verdict.checkpoint, verdict.checkpoint.empty() ? "" : " ", Agrees(checkpoint));
    } else {
      PrintFinding(Contradicts(checkpoint, why), console);
      ++verdict.finding_count;
    }
  }
  return Conclude(verdict, name, console);
}

namespace {

absl::Status RunVerify(const Invocation& invocation, Session& session) {
  if (invocation.Has(kCheckpoint) != invocation.Has(kVerifierKey)) {
    return UsageError("--checkpoint FILE and --verifier-key KEY go together: the key is what the checkpoint is worth");
  }
  std::vector<Checkpoint> given;
  if (invocation.Has(kCheckpoint)) {
    const absl::StatusOr<Checkpoint> checkpoint =
        ReadSignedCheckpoint(invocation.Get(kCheckpoint), invocation.Get(kVerifierKey));
    if (!checkpoint.ok()) return checkpoint.status();
    given.push_back(*checkpoint);
  }
  if (!invocation.Has(kDataDirectory)) return VerifyServer(given, session);
  if (invocation.Has("server")) {
    return UsageError("--server checks a running server, --data-directory a stopped one: give one of the two");
  }
  const std::string directory = invocation.Get(kDataDirectory);
  return VerifyDirectory(directory, directory, given, session.console);
}

}  // namespace

Verb VerifyVerb() {
  Verb verb;
  verb.syntax.name = "verify";
  verb.syntax.summary = "check every stored byte of the log";
  verb.syntax.description =
      "Reads every record twice, in the order of the log and in that of its stream, and checks checksums, positions, "
      "revisions, links and the Merkle tree. What is wrong is told with its place, and the exit code is 1.\n\n"
      "A running server does it itself, beside its work. With --data-directory the directory of a stopped one is "
      "opened, "
      "for which no trustd may run on it; a store of an older format is upgraded by that, as trustd would.\n\n"
      "With --checkpoint and --verifier-key the log must also have the root that the key signed, at that size: what "
      "was "
      "true when the checkpoint was kept is still so.\n\n"
      "With --json, of a running server, one trust.v1.VerifyLogResponse is printed for each message.";
  verb.syntax.flags = {{kDataDirectory, "DIRECTORY", "check the store of a stopped server here"},
                       {kCheckpoint, "FILE", "a signed checkpoint that the log must continue"},
                       {kVerifierKey, "KEY", "the key that signed it, NAME+HASH+KEY"}};
  verb.syntax.examples = {"trustctl verify", "trustctl verify --data-directory trustd-data",
                          "trustctl verify --checkpoint kept.checkpoint --verifier-key \"$(cat log.pub)\""};
  verb.asks_server = [](const Invocation& invocation) { return !invocation.Has(kDataDirectory); };
  verb.run = RunVerify;
  return verb;
}

}  // namespace trustctl
