#include "services/explain_query.h"

#include <algorithm>
#include <string>

#include "projections/explanation.h"
#include "services/query_checks.h"
#include "services/trust_question.h"

namespace services {
absl::Status Check(const trust::v1::ExplainTrustRequest& request) {
  QueryChecks checks;
  CheckQuestion(request, checks);
  checks.Id("trustor", request.trustor());
  checks.Id("trustee", request.trustee());
  if (!request.trustor().empty() && request.trustor() == request.trustee()) {
    checks.Wrong("trustee", "is the trustor itself; name another partner");
  }
  if (request.contributions_max() < 0) {
    checks.Wrong("contributions_max", "is negative; use 0 for the default, or up to 100");
  }
  return checks.Verdict();
}

absl::Status Explain(projections::TrustHistory& history, const trust::v1::ExplainTrustRequest& request,
                     projections::Day as_of, trust::v1::ExplainTrustResponse* response) {
  for (const std::string& organization : {request.trustor(), request.trustee()}) {
    if (!history.HasPartner(organization)) return PartnerNotFound(request.partnership(), organization);
  }
  const int asked = request.contributions_max();
  const int contributions_max = asked == 0 ? kContributionsDefault : std::min(asked, kContributionsMax);
  projections::Explain(history, request.trustor(), request.trustee(), as_of, contributions_max, response);
  response->set_partnership(request.partnership());
  response->set_revision(history.revision());
  response->set_as_of_date(projections::FormatDay(as_of));
  return absl::OkStatus();
}

}  // namespace services
