#include "services/trustctl/assess_verbs.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/reading_words.h"
#include "services/trustctl/stage_table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kAssessmentsPageSize = 1000;
constexpr size_t kHashShown = 12;  // Of the hexadecimal digits of a hash.

std::string AboutInWords(const trust::v1::AssessmentIssued& issued) {
  return issued.trustor().empty() ? "whole" : DirectionInWords(issued.trustor(), issued.trustee());
}

std::string HashBeginning(const std::string& bytes) { return absl::BytesToHexString(bytes).substr(0, kHashShown); }

absl::StatusOr<trust::v1::IssueAssessmentRequest> IssueRequestOf(const Invocation& invocation) {
  trust::v1::IssueAssessmentRequest request;
  const std::vector<std::string>& arguments = invocation.arguments;
  request.set_partnership(arguments[0]);
  request.set_assessment(arguments[1]);
  if (absl::Status status = SetDirection(invocation, &request); !status.ok()) return status;
  request.set_recorder(invocation.Get("recorder"));
  if (invocation.Has("as-of")) {
    const auto time = ParseLastInstant(invocation.Get("as-of"));
    if (!time.ok()) return time.status();
    *request.mutable_as_of_time() = *time;
  }
  request.set_policy(invocation.Get("policy"));
  if (absl::Status status = SetCommand(invocation, &request); !status.ok()) return status;
  return request;
}

void PrintReading(const trust::v1::AssessTrustResponse& reading, const Console& console) {
  StageTable table;
  table.Add(reading);
  table.Print(console);
  table.PrintFootnote(console, "");
}

absl::Status RunIssue(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const absl::StatusOr<trust::v1::IssueAssessmentRequest> request = IssueRequestOf(invocation);
  if (!request.ok()) return request.status();
  const auto answer = session.connection.IssueAssessment(*request);
  if (!answer.ok()) return answer.status();
  if (console.json) {
    PrintJson(*answer, console.out);
    return absl::OkStatus();
  }
  PrintReading(answer->reading(), console);
  if (request->validate_only()) {
    console.out << "Nothing was recorded: that is what would be reported.\n";
    return absl::OkStatus();
  }
  std::string digest;
  for (const trust::v1::Event& event : answer->events()) {
    if (event.has_assessment_issued()) digest = absl::BytesToHexString(event.assessment_issued().digest());
  }
  console.out << Styled(console, Style::kGood, "Issued") << " as " << request->assessment() << " of "
              << request->partnership() << ", digest " << digest << ".\n";
  return absl::OkStatus();
}

absl::Status RunVerifyAssessment(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  trust::v1::VerifyAssessmentRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_assessment(invocation.arguments[1]);
  const auto answer = session.connection.VerifyAssessment(request);
  if (!answer.ok()) return answer.status();
  const std::string issued = absl::BytesToHexString(answer->event().assessment_issued().digest());
  if (console.json) {
    PrintJson(*answer, console.out);
  } else {
    PrintReading(answer->reading(), console);
    console.out << "Issued on " << FormatTime(answer->event().record_time(), trust::v1::TIME_PRECISION_INSTANT)
                << " with the digest " << issued << ".\n";
  }
  if (!answer->verified()) {
    return absl::DataLossError(absl::StrCat("recomputed from the log it has another digest, ", answer->digest(),
                                            ": keep both, and have the log verified (trustctl verify)"));
  }
  if (!console.json) {
    console.out << Styled(console, Style::kGood, "Verified:") << " recomputed from the log it has the same digest.\n";
  }
  return absl::OkStatus();
}

absl::Status RunAssessList(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  Table table({{.heading = "event", .right = true},
               {"assessment"},
               {"issued"},
               {"as of"},
               {"trustor -> trustee"},
               {"policy"},
               {"digest"},
               {.heading = "by", .spills = true}});
  int64_t count = 0;
  trust::v1::ListEventsRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.add_kinds("assessment_issued");
  request.set_page_size(kAssessmentsPageSize);
  do {
    const auto page = session.connection.ListEvents(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    for (const trust::v1::Event& event : page->events()) {
      const trust::v1::AssessmentIssued& issued = event.assessment_issued();
      table.Add({absl::StrCat(event.revision()), issued.assessment(),
                 FormatTime(event.record_time(), trust::v1::TIME_PRECISION_INSTANT), FormatDay(issued.as_of_time()),
                 AboutInWords(issued), HashBeginning(issued.policy_sha256()), HashBeginning(issued.digest()),
                 event.recorder()});
    }
    count += page->events_size();
    table.Print(console);
  } while (!request.page_token().empty());
  if (!console.json) {
    console.out << (count > 0 ? "\n" : "")
                << Styled(console, Style::kFaint, absl::StrCat(Count(count, "assessment"), " issued.")) << "\n";
  }
  return absl::OkStatus();
}

std::string MeanScore(const trust::v1::DirectionReading& reading) {
  std::vector<std::string> scores;
  for (const trust::v1::FacetReading& facet : reading.facets()) scores.push_back(Percent(facet.score_bp()));
  return absl::StrJoin(scores, " ");
}

void AddRestatement(const trust::v1::Restatement& restatement, Table& table) {
  const trust::v1::AssessmentIssued& issued = restatement.event().assessment_issued();
  std::vector<std::string> causes;
  for (const std::string& cause : restatement.causes()) causes.push_back(absl::StrCat(RevisionOf(cause)));
  for (int i = 0; i < std::min(restatement.issued_size(), restatement.restated_size()); ++i) {
    const trust::v1::DirectionReading& before = restatement.issued(i);
    const trust::v1::DirectionReading& after = restatement.restated(i);
    const bool falls = after.stage() < before.stage();
    table.Add({i == 0 ? issued.assessment() : "", i == 0 ? FormatDay(issued.as_of_time()) : "",
               DirectionInWords(before.trustor(), before.trustee()), StageInWords(before.stage()),
               Cell(StageInWords(after.stage()), after.stage() == before.stage() ? Style::kPlain
                                                 : falls                         ? Style::kBad
                                                                                 : Style::kGood),
               ConditionCell(before.condition()), ConditionCell(after.condition()), MeanScore(before), MeanScore(after),
               i == 0 ? absl::StrJoin(causes, ", ") : ""});
  }
}

absl::Status RunRestatements(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  Table table({{"assessment"},
               {"as of"},
               {"trustor -> trustee"},
               {"issued"},
               {"would be"},
               {.heading = "condition", .spills = true},
               {.heading = "would be", .spills = true},
               {.heading = "scores", .spills = true},
               {.heading = "would be", .spills = true},
               {.heading = "because of events", .wraps = true}});
  int64_t count = 0;
  trust::v1::ListRestatementsRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_page_size(kAssessmentsPageSize);
  do {
    const auto page = session.connection.ListRestatements(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    for (const trust::v1::Restatement& restatement : page->restatements()) AddRestatement(restatement, table);
    count += page->restatements_size();
    table.Print(console);
  } while (!request.page_token().empty());
  if (!console.json) {
    console.out << (count > 0 ? "\n" : "")
                << Styled(console, Style::kFaint,
                          count == 0 ? "Every issued assessment would read the same with what is known now."
                                     : absl::StrCat(Count(count, "assessment"), " would read differently now."))
                << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Verb AssessIssueVerb() {
  Verb verb;
  verb.syntax.name = "assess issue";
  verb.syntax.arguments = "PARTNERSHIP ASSESSMENT";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "report a reading, so that anyone can recompute it";
  verb.syntax.description =
      "Issues the reading of a partnership, or of one direction, under the id ASSESSMENT: the log keeps the question, "
      "the policy, the place in the log and a digest of the answer, for ever.\n\n"
      "With --json one IssueAssessmentResponse is printed.";
  verb.syntax.flags = {RecorderFlag(),      TrustorFlag(),   TrusteeFlag(),          AsOfFlag(),
                       JudgingPolicyFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  verb.syntax.examples = {
      "trustctl assess issue klm-northwest q3-1995 --as-of 1995-09 --recorder klm",
      "trustctl assess issue klm-northwest for-the-board --trustor klm --trustee northwest --recorder "
      "klm"};
  verb.run = RunIssue;
  return verb;
}

Verb AssessVerifyVerb() {
  Verb verb;
  verb.syntax.name = "assess verify";
  verb.syntax.arguments = "PARTNERSHIP ASSESSMENT";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "recompute an issued reading";
  verb.syntax.description =
      "Has the server recompute an issued assessment from the log as it stood then, and compares the digests. When "
      "they "
      "differ, the exit code is 1. To check without believing the server: trustctl audit export and audit check.\n\n"
      "With --json one VerifyAssessmentResponse is printed.";
  verb.syntax.examples = {"trustctl assess verify klm-northwest q3-1995"};
  verb.run = RunVerifyAssessment;
  return verb;
}

Verb AssessListVerb() {
  Verb verb;
  verb.syntax.name = "assess list";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "which readings were issued";
  verb.syntax.description =
      "Lists the issued assessments in the order in which they were issued, with the beginnings of the policy's "
      "SHA-256 "
      "and of the digest.\n\n"
      "With --json one ListEventsResponse a page is printed.";
  verb.syntax.examples = {"trustctl assess list klm-northwest"};
  verb.run = RunAssessList;
  return verb;
}

Verb AssessRestatementsVerb() {
  Verb verb;
  verb.syntax.name = "assess restatements";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "which issued readings would be others with what is known now";
  verb.syntax.description =
      "Lists the issued assessments that present knowledge would report differently under the policy of the time, with "
      "both readings of each direction that differs (stage, condition, the scores of credibility, rapport, reliability "
      "and nurture), and the events recorded since that made the difference.\n\n"
      "With --json one ListRestatementsResponse a page is printed.";
  verb.syntax.examples = {"trustctl assess restatements klm-northwest"};
  verb.run = RunRestatements;
  return verb;
}

}  // namespace trustctl
