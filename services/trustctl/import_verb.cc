#include "services/trustctl/import_verb.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/import_check.h"
#include "services/trustctl/import_delivery.h"
#include "services/trustctl/import_summary.h"
#include "services/trustctl/progress_bar.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

// The files' items, all of them checked.
absl::StatusOr<ImportSpool> CheckFiles(const std::vector<std::string>& files, const Console& console) {
  absl::StatusOr<ImportSpool> spool = ImportSpool::Create();
  if (!spool.ok()) return spool;
  ProgressBar bar(console, "checking", 0);
  ImportCheck check(&*spool);
  for (const std::string& file : files) {
    absl::Status status = check.CheckFile(file, [&](int64_t lines) { bar.Update(lines); });
    if (!status.ok()) return status;
  }
  if (absl::Status status = check.Verdict(); !status.ok()) return status;
  if (absl::Status status = spool->Rewind(); !status.ok()) return status;
  return spool;
}

absl::Status Deliver(ImportSpool* spool, ImportSummary* summary, Session& session) {
  const Console& console = session.console;
  ProgressBar bar(console, "importing", spool->size());
  const bool prints_lines = console.json && console.width > 0;  // On the terminal, where the bar would be in their way.
  DeliveryPorts ports;
  ports.open = [&] { return session.connection.ImportHistory(); };
  ports.receive = [&](const SpooledItem& item, const trust::v1::ImportResult& result) {
    summary->Add(item, result);
    if (console.json) PrintJson(result, console.out);
    if (!prints_lines) bar.Update(summary->answered());
  };
  ports.retry = [&](const absl::Status& status, absl::Duration wait) {
    bar.Clear();
    // The first line says why; advice is for when it is given up.
    const std::pair<std::string, std::string> why = absl::StrSplit(Describe(status), absl::MaxSplits('\n', 1));
    console.err << "trustctl: " << why.first << "; going on from item " << WithSeparators(summary->answered() + 1)
                << " in " << absl::FormatDuration(wait) << "\n";
  };
  ports.sleep = [](absl::Duration wait) { absl::SleepFor(wait); };
  return DeliverImport(spool, DeliveryLimits(), ports);
}

absl::Status RunImport(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  absl::StatusOr<ImportSpool> spool = CheckFiles(invocation.arguments, console);
  if (!spool.ok()) return spool.status();
  if (spool->size() == 0) {
    console.err << "trustctl: nothing to import: no line of " << absl::StrJoin(invocation.arguments, ", ")
                << " holds an item\n";
    return absl::OkStatus();
  }
  ImportSummary summary(invocation.arguments);
  const absl::Status status = Deliver(&*spool, &summary, session);
  if (!console.json && summary.answered() > 0) summary.Print(console);
  if (!status.ok()) {
    const std::string rest =
        absl::StrCat(WithSeparators(summary.answered()), " of ", Count(spool->size(), "item"), " have their result; ",
                     absl::IsPermissionDenied(status) ? "what is refused has to be granted, or left out, first"
                                                      : "repeating the import goes on safely");
    if (summary.answered() > 0) console.err << "trustctl: the import broke off: " << rest << "\n";
    return status;
  }
  if (summary.rejected() == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("rejected: ", WithSeparators(summary.rejected()), " of ", Count(spool->size(), "item")));
}

}  // namespace

Verb ImportVerb() {
  Verb verb;
  verb.syntax.name = "import";
  verb.syntax.arguments = "FILE...";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "take in histories kept elsewhere";
  verb.syntax.description =
      "Takes in the histories in the files: one trust.v1.ImportItem as JSON a line; blank lines and lines that begin "
      "with # are "
      "skipped, and - is the standard input.\n\n"
      "All lines of all files are checked before any is sent: if one is cut or is not an ImportItem, nothing is "
      "imported and "
      "each wrong line is named. Then the items are sent in order. Each succeeds or is rejected by itself; what became "
      "of them is "
      "shown by file and partnership, the rejected ones with file, line and reason.\n\n"
      "Repeating an import is safe: an item whose external_id is there already is unchanged. When the server is "
      "overloaded or "
      "restarts meanwhile, the import goes on by itself, ten tries at most without any progress.\n\n"
      "With --json one trust.v1.ImportResult is printed for each item, in order.";
  verb.syntax.examples = {"trustctl import deploy/examples/alliances/*.jsonl",
                          "zcat history.jsonl.gz | trustctl import -"};
  verb.run = RunImport;
  return verb;
}

}  // namespace trustctl
