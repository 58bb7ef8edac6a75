#include "services/trustctl/explain_verb.h"

#include "services/trustctl/explain_table.h"
#include "services/trustctl/question_flags.h"

namespace trustctl {
namespace {

absl::StatusOr<trust::v1::ExplainTrustRequest> ExplainRequestOf(const Invocation& invocation) {
  trust::v1::ExplainTrustRequest request;
  request.set_partnership(invocation.arguments[0]);
  if (absl::Status status = SetDirection(invocation, &request); !status.ok()) return status;
  if (absl::Status status = SetQuestion(invocation, &request); !status.ok()) return status;
  return request;
}

absl::Status ExplainOne(const trust::v1::ExplainTrustRequest& request, const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::ExplainTrustResponse> explanation = session.connection.ExplainTrust(request);
  if (!explanation.ok()) return explanation.status();
  if (session.console.json) {
    PrintJson(*explanation, session.console.out);
  } else {
    PrintExplanation(*explanation, invocation.Get("known"), session.console);
  }
  session.console.out.flush();
  return absl::OkStatus();
}

absl::Status RunExplain(const Invocation& invocation, Session& session) {
  absl::StatusOr<trust::v1::ExplainTrustRequest> request = ExplainRequestOf(invocation);
  if (!request.ok()) return request.status();
  if (!request->trustor().empty()) return ExplainOne(*request, invocation, session);
  trust::v1::AssessTrustRequest assess;
  assess.set_partnership(request->partnership());
  if (absl::Status status = SetQuestion(invocation, &assess); !status.ok()) return status;
  const auto reading = session.connection.AssessTrust(assess);
  if (!reading.ok()) return reading.status();
  bool first = true;
  for (const trust::v1::DirectionReading& direction : reading->directions()) {
    if (!first && !session.console.json) session.console.out << "\n";
    first = false;
    request->set_trustor(direction.trustor());
    request->set_trustee(direction.trustee());
    if (absl::Status status = ExplainOne(*request, invocation, session); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

Verb ExplainVerb() {
  Verb verb;
  verb.syntax.name = "explain";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "why trust is where it is, and what is missing for more";
  verb.syntax.description =
      "Tells in a few sentences where the trust of one partner in another stands, how it came there, what is missing "
      "for the next stage with an example of acts that would bring it, and how long it holds. Below stand the facets "
      "with what "
      "speaks for and against, the largest contributions with their share of what speaks that way and their effect on "
      "the score (the score less the score without them; effects do not add up), what is missing, the example day by "
      "day, and what the present stage rests on, the nearest to failing first.\n\n"
      "Without --trustor and --trustee every direction is explained. With --json one ExplainTrustResponse is printed "
      "for "
      "each, which has more contributions.";
  verb.syntax.flags = {
      TrustorFlag(), TrusteeFlag(),   {"as-of", "DATE", "the day that the explanation is about; default today"},
      KnownFlag(),   HindsightFlag(), JudgingPolicyFlag(),
  };
  verb.syntax.examples = {"trustctl explain klm-northwest",
                          "trustctl explain klm-northwest --trustor klm --trustee northwest --as-of 1995-12"};
  verb.run = RunExplain;
  return verb;
}

}  // namespace trustctl
