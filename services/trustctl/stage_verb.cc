#include "services/trustctl/stage_verb.h"

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/stage_table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kStagesPageSize = 200;

// Calls visit with the id of every partnership, page by page, until it fails.
absl::Status VisitPartnerships(Connection& connection, absl::FunctionRef<absl::Status(const std::string&)> visit) {
  trust::v1::ListPartnershipsRequest request;
  request.set_page_size(kStagesPageSize);
  do {
    const auto page = connection.ListPartnerships(request);
    if (!page.ok()) return page.status();
    for (const trust::v1::Partnership& partnership : page->partnerships()) {
      if (absl::Status status = visit(partnership.partnership()); !status.ok()) return status;
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<trust::v1::AssessTrustRequest> StageRequestOf(const Invocation& invocation) {
  if (invocation.arguments.empty() != invocation.Has("all")) {
    return UsageError(invocation.Has("all") ? "stage takes either partnerships or --all, not both"
                                            : "stage wants one or more partnerships, or --all for every one");
  }
  trust::v1::AssessTrustRequest request;
  if (invocation.Has("all") && (invocation.Has("trustor") || invocation.Has("trustee")))
    return UsageError("--all shows every direction; leave out --trustor and --trustee");
  if (absl::Status status = SetDirection(invocation, &request); !status.ok()) return status;
  if (absl::Status status = SetQuestion(invocation, &request); !status.ok()) return status;
  return request;
}

absl::Status RunStage(const Invocation& invocation, Session& session) {
  absl::StatusOr<trust::v1::AssessTrustRequest> request = StageRequestOf(invocation);
  if (!request.ok()) return request.status();
  const Console& console = session.console;
  StageTable table;
  int refused = 0;
  int asked = 0;
  const auto read = [&](const std::string& partnership) -> absl::Status {
    ++asked;
    request->set_partnership(partnership);
    const auto reading = session.connection.AssessTrust(*request);
    if (!reading.ok()) {
      // One partnership that is refused does not hide the others; a server that is away hides all.
      if (ExitCodeOf(reading.status()) == ExitCode::kUnreachable || invocation.arguments.size() == 1)
        return reading.status();
      ++refused;
      console.err << "trustctl: " << partnership << ": " << Describe(reading.status()) << "\n";
      return absl::OkStatus();
    }
    if (console.json) {
      PrintJson(*reading, console.out);
    } else {
      table.Add(*reading);
      if (asked % kStagesPageSize == 0) table.Print(console);
    }
    return absl::OkStatus();
  };
  absl::Status status;
  if (invocation.Has("all")) status = VisitPartnerships(session.connection, read);
  for (const std::string& partnership : invocation.arguments) {
    if (status.ok()) status = read(partnership);
  }
  table.Print(console);
  if (asked == 0 && status.ok() && !console.json) console.out << "There are no partnerships.\n";
  table.PrintFootnote(console, invocation.Get("known"));
  if (!status.ok() || refused == 0) return status;
  return absl::FailedPreconditionError(absl::StrCat("refused: ", refused, " of ", Count(asked, "partnership")));
}

}  // namespace

Verb StageVerb() {
  Verb verb;
  verb.syntax.name = "stage";
  verb.syntax.arguments = "[PARTNERSHIP...]";
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "how far partners trust each other";
  verb.syntax.description = absl::StrCat(
      "Shows for each direction the stage of trust, since when, what else is true of it (its condition), the highest "
      "stage that "
      "open violations and disputes permit (ceiling, with the events that set it), how long the stage holds if nothing "
      "more "
      "happens, and in the columns cred, rapp, reli and nurt the score of each facet: ",
      kFacetsExplained,
      ". The line \"whole\" is the partnership of two taken together: the lower of the two stages, and how many stages "
      "they are apart.\n\n",
      kConditionsExplained, " ", kCeilingExplained,
      "\n\n"
      "--as-of asks about another day, also a future one: then as if nothing more happened. --known leaves out what "
      "was recorded "
      "later. With --json one AssessTrustResponse is printed for each partnership.");
  verb.syntax.flags = {
      {"all", "", "every partnership"},
      TrustorFlag(),
      TrusteeFlag(),
      AsOfFlag(),
      KnownFlag(),
      HindsightFlag(),
      JudgingPolicyFlag(),
  };
  verb.syntax.examples = {"trustctl stage klm-northwest", "trustctl stage klm-northwest --as-of 1995-12",
                          "trustctl stage --all --json"};
  verb.run = RunStage;
  return verb;
}

}  // namespace trustctl
