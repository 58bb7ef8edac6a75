#include "services/trustctl/explain_verb.h"

#include "services/trustctl/explain_table.h"
#include "services/trustctl/question_flags.h"

namespace trustctl {
namespace {

absl::StatusOr<trust::v1::ExplainTrustRequest> ExplainRequestOf(const Invocation& invocation) {
  trust::v1::ExplainTrustRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_trustor(invocation.arguments[1]);
  request.set_trustee(invocation.arguments[2]);
  if (absl::Status status = SetQuestion(invocation, &request); !status.ok()) return status;
  return request;
}

absl::Status RunExplain(const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::ExplainTrustRequest> request = ExplainRequestOf(invocation);
  if (!request.ok()) return request.status();
  const absl::StatusOr<trust::v1::ExplainTrustResponse> explanation = session.connection.ExplainTrust(*request);
  if (!explanation.ok()) return explanation.status();
  if (session.console.json) {
    PrintJson(*explanation, session.console.out);
  } else {
    PrintExplanation(*explanation, invocation.Get("known"), session.console);
  }
  return absl::OkStatus();
}

}  // namespace

Verb ExplainVerb() {
  Verb verb;
  verb.syntax.name = "explain";
  verb.syntax.arguments = "PARTNERSHIP TRUSTOR TRUSTEE";
  verb.syntax.arguments_min = 3;
  verb.syntax.arguments_max = 3;
  verb.syntax.summary = "why the trust of one partner in another is where it is";
  verb.syntax.description =
      "Tells in a few sentences where the trust of TRUSTOR in TRUSTEE stands, how it came there, what is missing for "
      "the "
      "next stage with an example of acts that would bring it, and how long it holds. Below stand the facets with what "
      "speaks for and against, the largest contributions with their share of what speaks that way and their effect on "
      "the score (the score less the score without them; effects do not add up), what is missing, the example day by "
      "day, and what the present stage rests on, the nearest to failing first.\n\n"
      "With --json one ExplainTrustResponse is printed, which has more contributions.";
  verb.syntax.flags = {
      {"as-of", "DATE", "the day that the explanation is about; default today"},
      {"known", "DATE", "use only what was recorded by then; default everything"},
      HindsightFlag(),
      JudgingPolicyFlag(),
  };
  verb.syntax.examples = {"trustctl explain klm-northwest klm northwest",
                          "trustctl explain klm-northwest northwest klm --as-of 1995-12 --json"};
  verb.run = RunExplain;
  return verb;
}

}  // namespace trustctl
