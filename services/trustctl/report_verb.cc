#include "services/trustctl/report_verb.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/file_text.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/report_chart_data.h"
#include "services/trustctl/report_evidence.h"
#include "services/trustctl/report_page.h"
#include "services/trustctl/report_portfolio.h"
#include "services/trustctl/report_reading.h"
#include "services/trustctl/report_sections.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr char kOutput[] = "out";

struct MadeReport {
  std::string page;
  std::string data;   // What its charts are drawn from.
  std::string about;  // A few words.
};

absl::StatusOr<ReportQuestion> ReportQuestionOf(const Invocation& invocation) {
  const bool all = invocation.Has("all");
  if (invocation.arguments.empty() != all) {
    return UsageError(all ? "report takes either a partnership or --all, not both"
                          : "report wants a partnership, or --all for a portfolio of every one");
  }
  if (absl::Status status = CheckDirection(invocation); !status.ok()) return status;
  if (all && invocation.Has("trustor"))
    return UsageError("--all shows every direction; leave out --trustor and --trustee");
  ReportQuestion question;
  if (!all) question.partnership = invocation.arguments[0];
  question.trustor = invocation.Get("trustor");
  question.trustee = invocation.Get("trustee");
  question.policy = invocation.Get("policy");
  if (invocation.Has("as-of")) {
    const auto time = ParseLastInstant(invocation.Get("as-of"));
    if (!time.ok()) return time.status();
    question.as_of = *time;
  }
  if (invocation.Has("known")) {
    const auto time = ParseLastInstant(invocation.Get("known"));
    if (!time.ok()) return time.status();
    question.known = *time;
  }
  return question;
}

absl::StatusOr<MadeReport> MakePartnershipReport(Connection& connection, const ReportQuestion& question) {
  const absl::StatusOr<PartnershipReport> report = ReadPartnership(connection, question);
  if (!report.ok()) return report.status();
  const std::vector<ReportedEvent> evidence = ReportedEvents(report->events, report->policy);
  const std::vector<Promise> promises = PromisesOf(evidence, report->held.as_of_date());
  const trust::v1::Partnership& partnership = report->partnership;
  const std::string& name = partnership.display_name();
  MadeReport made;
  made.data = PartnershipChartData(*report, evidence, promises);
  made.page = ReportPage(name.empty() || name == partnership.partnership()
                             ? partnership.partnership()
                             : absl::StrCat(name, " (", partnership.partnership(), ")"),
                         PartnershipSubtitle(*report), PartnershipSections(*report, evidence, promises), made.data);
  made.about = absl::StrCat(partnership.partnership(), " as of ", report->held.as_of_date(), ", ",
                            Count(report->held.revision(), "event"));
  return made;
}

absl::StatusOr<MadeReport> MakePortfolioReport(Connection& connection, const ReportQuestion& question) {
  const absl::StatusOr<PortfolioReport> report = ReadPortfolio(connection, question);
  if (!report.ok()) return report.status();
  MadeReport made;
  made.data = PortfolioChartData(*report);
  made.page =
      ReportPage("Trust in all partnerships", PortfolioSubtitle(*report), PortfolioSections(*report), made.data);
  made.about = Count(static_cast<int64_t>(report->members.size()), "partnership");
  return made;
}

absl::Status RunReport(const Invocation& invocation, Session& session) {
  const absl::StatusOr<ReportQuestion> question = ReportQuestionOf(invocation);
  if (!question.ok()) return question.status();
  const absl::StatusOr<MadeReport> made = invocation.Has("all") ? MakePortfolioReport(session.connection, *question)
                                                                : MakePartnershipReport(session.connection, *question);
  if (!made.ok()) return made.status();
  const Console& console = session.console;
  const std::string output = invocation.Get(kOutput);
  if (console.json) console.out << made->data << "\n";
  if (output == "-" && !console.json) {
    console.out << made->page;
  } else if (!output.empty() && output != "-") {
    if (absl::Status status = WriteText(output, made->page); !status.ok()) return status;
    if (!console.json)
      console.out << "Wrote " << output << ": " << made->about << ", " << made->page.size() / 1024 << " KiB.\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb ReportVerb() {
  Verb verb;
  verb.syntax.name = "report";
  verb.syntax.arguments = "[PARTNERSHIP]";
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "a page with charts, for people: one partnership, or --all";
  verb.syntax.description =
      "Writes one HTML file that needs no network and no other file: the stages of each direction over time with the "
      "events that moved them, the held view beside hindsight, the scores of the facets with their uncertainty, the "
      "evidence on a time line, promises kept and missed, the explanation in words, what is missing for the next "
      "stage, "
      "and the checkpoint with the commands that verify it. Under every chart stands a table with the same. A browser "
      "shows it light or dark, on a phone, and prints it.\n\n"
      "Of a large partnership the first 12 directions and the last 2,000 events are shown; the page says so. Notes and "
      "profiles of persons are left out. A new file is for its owner alone; an existing one is replaced and keeps its "
      "mode. "
      "What needs care is told of today alone and under the policy that applies, not with --as-of, --known or "
      "--policy.\n\n"
      "With --all: the stages of all partnerships and what needs care. With --json the data that the charts are drawn "
      "from is printed in one line; --out may then be left out.";
  verb.syntax.flags = {
      Required({kOutput, "FILE", "where to write the page; - is the standard output", 'o'}, "json"),
      {"all", "", "every partnership"},
      TrustorFlag(),
      TrusteeFlag(),
      {"as-of", "DATE", "the day that the report is about; default today"},
      KnownFlag(),
      JudgingPolicyFlag(),
  };
  verb.syntax.examples = {"trustctl report klm-northwest -o report.html",
                          "trustctl report klm-northwest --as-of 1995-12 -o report.html",
                          "trustctl report klm-northwest --policy trust-stages/draft -o draft.html",
                          "trustctl report --all --out portfolio.html"};
  verb.run = RunReport;
  return verb;
}

}  // namespace trustctl
