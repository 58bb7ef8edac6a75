#include "services/trustctl/policy_verbs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/date.h"
#include "services/trustctl/policy_file.h"
#include "services/trustctl/table.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kPoliciesPageSize = 200;

std::string StandingOf(const trust::v1::Policy& policy) {
  if (policy.active()) return policy.built_in() ? "in force, built in" : "in force";
  return policy.built_in() ? "built in" : "published";
}

std::string Moment(const google::protobuf::Timestamp& time) {
  return FormatTime(time, trust::v1::TIME_PRECISION_INSTANT);
}

Table PoliciesTable() {
  return Table({{"policy"},
                {"standing"},
                {"published"},
                {"put in force"},
                {"approved by", false, true},
                {.heading = "SHA-256", .spills = true}});
}

void AddPolicy(const trust::v1::Policy& policy, Table& table) {
  table.Add({policy.version(), Cell(StandingOf(policy), policy.active() ? Style::kGood : Style::kPlain),
             policy.has_publish_time() ? Moment(policy.publish_time()) : "",
             policy.has_activate_time() ? Moment(policy.activate_time()) : "", policy.approver(), policy.sha256()});
}

absl::Status RunPolicyList(const Invocation& /*invocation*/, Session& session) {
  const Console& console = session.console;
  Table table = PoliciesTable();
  trust::v1::ListPoliciesRequest request;
  request.set_page_size(kPoliciesPageSize);
  do {
    const auto page = session.connection.ListPolicies(request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (console.json) {
      PrintJson(*page, console.out);
      continue;
    }
    for (const trust::v1::Policy& policy : page->policies()) AddPolicy(policy, table);
    table.Print(console);
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status RunPolicyShow(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  trust::v1::GetPolicyRequest request;
  if (!invocation.arguments.empty()) request.set_policy(invocation.arguments[0]);
  const auto answer = session.connection.GetPolicy(request);
  if (!answer.ok()) return answer.status();
  if (console.json) {
    PrintJson(*answer, console.out);
    return absl::OkStatus();
  }
  if (!invocation.Has("document")) {
    Table table = PoliciesTable();
    AddPolicy(answer->policy(), table);
    table.Print(console);
    console.out << "\n";
  }
  PrintIndentedJson(answer->document(), console.out);
  return absl::OkStatus();
}

absl::Status RunPolicyPublish(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  absl::StatusOr<trust::v1::PolicyDocument> document = ReadPolicyFile(invocation.arguments[0]);
  if (!document.ok()) return document.status();
  trust::v1::PublishPolicyRequest request;
  *request.mutable_document() = *std::move(document);
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  const auto answer = session.connection.PublishPolicy(request);
  if (!answer.ok()) return answer.status();
  if (console.json) {
    PrintJson(*answer, console.out);
    return absl::OkStatus();
  }
  const std::string name = PolicyInWords(answer->policy().version(), answer->policy().sha256());
  if (request.validate_only()) {
    console.out << "The document breaks no rule; it would be published as " << name << ". Nothing was recorded.\n";
  } else if (answer->log_position().empty()) {
    console.out << "This very document is published already, as " << name << "; nothing was recorded.\n";
  } else {
    console.out << "Published " << name << ". It is in force nowhere yet: trustctl simulate "
                << answer->policy().version() << " shows what it would change, trustctl policy activate puts it in "
                << "force.\n";
  }
  return absl::OkStatus();
}

absl::Status RunPolicyActivate(const Invocation& invocation, Session& session) {
  const std::string approver = invocation.Get("approver");
  trust::v1::ActivatePolicyRequest request;
  request.set_policy(invocation.arguments[0]);
  request.set_approver(approver);
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  const auto answer = session.connection.ActivatePolicy(request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
    return absl::OkStatus();
  }
  const std::string name = PolicyInWords(answer->policy().version(), answer->policy().sha256());
  session.console.out << (request.validate_only()
                              ? absl::StrCat("It could be put in force: ", name, ". Nothing was recorded.\n")
                              : absl::StrCat("In force now: ", name, ", approved by ", approver, ".\n"));
  return absl::OkStatus();
}

absl::Status Tie(const Invocation& invocation, const std::string& policy, Session& session) {
  trust::v1::PinPolicyRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_policy(policy);
  request.set_recorder(invocation.Get("recorder"));
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
  const auto answer = session.connection.PinPolicy(request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
    return absl::OkStatus();
  }
  const std::string what = policy.empty() ? "judged by the policy in force" : absl::StrCat("tied to policy ", policy);
  session.console.out << request.partnership()
                      << (request.validate_only() ? absl::StrCat(" could be ", what, "; nothing was recorded.\n")
                                                  : absl::StrCat(" is ", what, " now.\n"));
  return absl::OkStatus();
}

absl::Status RunPolicyPin(const Invocation& invocation, Session& session) {
  return Tie(invocation, invocation.arguments[1], session);
}

absl::Status RunPolicyUnpin(const Invocation& invocation, Session& session) { return Tie(invocation, "", session); }

}  // namespace

Verb PolicyListVerb() {
  Verb verb;
  verb.syntax.name = "policy list";
  verb.syntax.summary = "which policies are published, and which is in force";
  verb.syntax.description =
      "Lists the policies in the order of their publication, the one that trustd comes with first: version, whether it "
      "is in force, when it was published and put in force, who approved that, and the SHA-256 of its text.\n\n"
      "With --json one ListPoliciesResponse a page is printed.";
  verb.syntax.examples = {"trustctl policy list"};
  verb.run = RunPolicyList;
  return verb;
}

Verb PolicyShowVerb() {
  Verb verb;
  verb.syntax.name = "policy show";
  verb.syntax.arguments = "[POLICY]";
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "what a policy says";
  verb.syntax.description =
      "Shows a policy, named by its version or SHA-256, with its document; without a name the one in force.\n\n"
      "With --json one GetPolicyResponse is printed; its canonicalText is what the SHA-256 was taken of.";
  verb.syntax.flags = {{"document", "", "print the document alone, as policy publish reads it"}};
  verb.syntax.examples = {"trustctl policy show trust-stages/1.0.0", "trustctl policy show --document > draft.json"};
  verb.run = RunPolicyShow;
  return verb;
}

Verb PolicyPublishVerb() {
  Verb verb;
  verb.syntax.name = "policy publish";
  verb.syntax.arguments = "FILE";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "publish a policy, which puts it in force nowhere";
  verb.syntax.description =
      "Publishes the policy document in FILE (- is the standard input), protobuf JSON of trust.v1.PolicyDocument. When "
      "it breaks rules, every one is named. A published policy never changes; the same document again is the same "
      "policy.\n\n"
      "With --json one PublishPolicyResponse is printed.";
  verb.syntax.flags = {RequestIdFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl policy publish draft.json --dry-run", "trustctl policy publish draft.json"};
  verb.run = RunPolicyPublish;
  return verb;
}

Verb PolicyActivateVerb() {
  Verb verb;
  verb.syntax.name = "policy activate";
  verb.syntax.arguments = "POLICY";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "put a published policy in force";
  verb.syntax.description =
      "Puts a policy, named by its version or SHA-256, in force for every partnership that is not tied to one, from "
      "now on. trustctl simulate shows beforehand what changes.\n\n"
      "With --json one ActivatePolicyResponse is printed.";
  verb.syntax.flags = {ApproverFlag(), RequestIdFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl policy activate trust-stages/1.1.0 --approver board-2026-04"};
  verb.run = RunPolicyActivate;
  return verb;
}

Verb PolicyPinVerb() {
  Verb verb;
  verb.syntax.name = "policy pin";
  verb.syntax.arguments = "PARTNERSHIP POLICY";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "tie a partnership to a policy";
  verb.syntax.description =
      "Ties a partnership to a published policy, named by its version or SHA-256, whichever is in force otherwise, "
      "from now on.\n\n"
      "With --json one PinPolicyResponse is printed.";
  verb.syntax.flags = {RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl policy pin klm-northwest trust-stages/1.0.0 --recorder klm"};
  verb.run = RunPolicyPin;
  return verb;
}

Verb PolicyUnpinVerb() {
  Verb verb;
  verb.syntax.name = "policy unpin";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "have the policy in force judge a partnership again";
  verb.syntax.description =
      "Unties a partnership from the policy that it was tied to, from now on.\n\n"
      "With --json one PinPolicyResponse is printed.";
  verb.syntax.flags = {RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl policy unpin klm-northwest --recorder klm"};
  verb.run = RunPolicyUnpin;
  return verb;
}

}  // namespace trustctl
