#include "services/trustctl/audit_verbs.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/audit_check.h"
#include "services/trustctl/audit_file.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/progress_bar.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kOut[] = "out";
constexpr char kPartnership[] = "partnership";
constexpr char kTreeSize[] = "tree-size";

// What an export asks for, so that it goes on where the file ends.
absl::StatusOr<trust::v1::ExportAuditRequest> RequestFor(const Invocation& invocation, const AuditFile& file) {
  trust::v1::ExportAuditRequest request;
  request.set_partnership(invocation.Get(kPartnership));
  int64_t tree_size = 0;
  const std::string asked = invocation.Get(kTreeSize, "0");
  if (!absl::SimpleAtoi(asked, &tree_size) || tree_size < 0 || (invocation.Has(kTreeSize) && tree_size == 0)) {
    return UsageError(absl::StrCat("--tree-size wants a number of records from 1 on, not \"", asked, "\""));
  }
  request.set_tree_size(tree_size);
  if (file.header() == nullptr) return request;
  if (file.header()->partnership() != request.partnership() ||
      (tree_size != 0 && file.header()->tree_size() != tree_size)) {
    return absl::FailedPreconditionError(
        absl::StrCat(invocation.Get(kOut), ".part holds the beginning of a bundle of ",
                     file.header()->partnership().empty() ? "the whole log" : file.header()->partnership(), " at ",
                     Count(file.header()->tree_size(), "record"), "; export the same, or remove it"));
  }
  request.set_tree_size(file.header()->tree_size());
  request.set_from_log_index(file.from_log_index());
  return request;
}

absl::Status RunExport(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const std::string out = invocation.Get(kOut);
  const absl::StatusOr<std::unique_ptr<AuditFile>> file = AuditFile::Open(out);
  if (!file.ok()) return file.status();
  const absl::StatusOr<trust::v1::ExportAuditRequest> request = RequestFor(invocation, **file);
  if (!request.ok()) return request.status();
  if ((*file)->record_count() > 0) {
    console.err << "trustctl: going on behind " << Count((*file)->record_count(), "record") << " in " << out
                << ".part\n";
  }
  std::unique_ptr<ProgressBar> bar;
  absl::Status written;
  bool ended = false;
  const absl::Status status =
      session.connection.ExportAudit(*request, [&](const trust::v1::ExportAuditResponse& response) {
        if (!response.has_line()) return true;
        const trust::v1::AuditLine& line = response.line();
        if (line.has_header()) bar = std::make_unique<ProgressBar>(console, "exporting", line.header().tree_size());
        written = (*file)->Add(line);
        if (line.has_record() && bar != nullptr) bar->Update(line.record().log_index() + 1);
        ended = written.ok() && line.has_end();
        return written.ok() && !ended;
      });
  bar.reset();
  if (!written.ok()) return written;
  if (!ended) {
    if ((*file)->header() == nullptr && !status.ok()) {
      (*file)->Discard();
      return status;
    }
    console.err << "trustctl: the export broke off after " << Count((*file)->record_count(), "record")
                << "; the same command goes on with it\n";
    if (!status.ok()) return status;
    return absl::DataLossError("the export was cut: the server did not say that it is complete");
  }
  if (const absl::Status completed = (*file)->Complete(); !completed.ok()) return completed;
  if (console.json) {
    PrintJson(*(*file)->header(), console.out);
    return absl::OkStatus();
  }
  const std::string scope = invocation.Get(kPartnership, "the whole log");
  console.out << Styled(console, Style::kGood,
                        absl::StrCat("Exported ", Count((*file)->record_count(), "record"), " of ", scope, " with ",
                                     Count((*file)->assessment_count(), "issued assessment"), " into ", out, "."))
              << "\n";
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void PrintReport(const AuditReport& report, const std::string& file, const Console& console) {
  for (const AuditFinding& finding : report.findings) {
    console.out << file << ":" << finding.line << ": " << Printable(finding.words) << "\n";
  }
  const auto kept = static_cast<int64_t>(report.findings.size());
  if (report.finding_count > kept)
    console.out << "... and " << Count(report.finding_count - kept, "finding") << " more\n";
  if (report.finding_count > 0) console.out << "\n";
  const std::string& partnership = report.header.partnership();
  console.out << (partnership.empty() ? "The whole log" : Printable(partnership)) << " at "
              << Count(report.header.tree_size(), "record") << ": " << Count(report.record_count, "record")
              << " in the bundle, " << Count(report.stream_count, "stream") << ", "
              << Count(report.policy_count, "policy document") << "; " << WithSeparators(report.recomputed_count)
              << " of " << Count(report.assessment_count, "issued assessment") << " recomputed to the digest.\n";
  if (!report.signed_by.empty()) console.out << "The checkpoint is signed by " << Printable(report.signed_by) << ".\n";
  for (const std::string& remark : report.remarks) console.out << Printable(remark) << "\n";
  if (report.unknown_count > 0) {
    console.out << Count(report.unknown_count, "event") << " of kinds that this program does not know.\n";
  }
  if (report.finding_count == 0) console.out << Styled(console, Style::kGood, "Nothing is wrong.") << "\n";
}

absl::Status RunCheck(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const std::string& file = invocation.arguments[0];
  AuditTrust trust;
  trust.verifier_key = invocation.Get(kVerifierKey);
  if (invocation.Has(kCheckpoint)) {
    absl::StatusOr<std::string> note = ReadWhole(invocation.Get(kCheckpoint));
    if (!note.ok()) return note.status();
    trust.checkpoint = *std::move(note);
  }
  std::unique_ptr<ProgressBar> bar;
  const absl::StatusOr<AuditReport> report = CheckBundle(file, trust, [&](int64_t done, int64_t total) {
    if (bar == nullptr) bar = std::make_unique<ProgressBar>(console, "checking, in bytes", total);
    bar->Update(done);
  });
  bar.reset();
  if (!report.ok()) {
    if (report.status().code() != absl::StatusCode::kInvalidArgument) return report.status();
    return UsageError(absl::StrCat("--verifier-key: ", report.status().message()));
  }
  PrintReport(*report, file, console);
  if (report->finding_count == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(file, " does not hold: ", Count(report->finding_count, "finding")));
}

}  // namespace

Verb AuditExportVerb() {
  Verb verb;
  verb.syntax.name = "audit export";
  verb.syntax.summary = "write a history with its proofs into a file";
  verb.syntax.description =
      "Writes an audit bundle: the records of the whole log, or of one partnership, exactly as they are stored, with "
      "what "
      "they say readable beside them, the signed checkpoint, the proofs, the policies and the issued assessments. "
      "trustctl audit check, and anyone's own program, checks it without the server.\n\n"
      "What is not complete yet stands in FILE.part. When the export breaks off, the same command goes on with it, and "
      "the file comes out the same.";
  verb.syntax.flags = {
      Required({kOut, "FILE", "where to write the bundle; must not be there yet", 'o'}),
      {kPartnership, "PARTNERSHIP", "this partnership alone; default the whole log"},
      {kTreeSize, "RECORDS", "answer for the first so many records; default those of a fresh checkpoint"}};
  verb.syntax.examples = {"trustctl audit export --out log.audit",
                          "trustctl audit export --out klm.audit --partnership klm-northwest"};
  verb.run = RunExport;
  return verb;
}

Verb AuditCheckVerb() {
  Verb verb;
  verb.syntax.name = "audit check";
  verb.syntax.arguments = "FILE";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "check such a file, without a server";
  verb.syntax.description =
      "Checks an audit bundle: that its checkpoint is signed by the key, that every record hashes into the "
      "checkpoint's "
      "root, that every stream is without a gap and linked, that what is readable says what the bytes say, and that "
      "every issued assessment recomputes to its digest. What is wrong is told with its line, and the exit code is "
      "1.\n\n"
      "Take the verifier key from whom you trust, not from the bundle. A checkpoint that you kept earlier shows that "
      "the "
      "log still continues it.";
  verb.syntax.flags = {
      {kVerifierKey, "KEY", "the key of the log, NAME+HASH+KEY; default the one that the bundle names"},
      {kCheckpoint, "FILE", "a checkpoint kept earlier, which the bundle must agree with"}};
  verb.syntax.examples = {"trustctl audit check log.audit --verifier-key \"$(cat log.pub)\""};
  verb.asks_server = AsksNobody;
  verb.run = RunCheck;
  return verb;
}

}  // namespace trustctl
