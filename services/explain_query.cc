#include "services/explain_query.h"

#include <algorithm>
#include <string>

#include "projections/explanation.h"
#include "services/query_checks.h"

namespace services {
namespace {

// The part of the question that every reading has. JOIN: what is refused here is what only the shared question of all
// readings understands; with it, this is its check.
void CheckQuestion(const trust::v1::ExplainTrustRequest& request, QueryChecks* checks) {
  checks->Id("partnership", request.partnership());
  if (request.has_as_of_time()) checks->Timestamp("as_of_time", request.as_of_time());
  if (request.has_known_time()) checks->Timestamp("known_time", request.known_time());
  constexpr char kNotYet[] = "is not understood by this version for explanations; leave it out";
  if (request.view() != trust::v1::VIEW_UNSPECIFIED && request.view() != trust::v1::VIEW_HELD) {
    checks->Wrong("view", kNotYet);
  }
  if (request.known_revision() != 0) checks->Wrong("known_revision", kNotYet);
  if (!request.known_position().empty()) checks->Wrong("known_position", kNotYet);
  if (!request.policy().empty()) checks->Wrong("policy", kNotYet);
}

}  // namespace

absl::Status Check(const trust::v1::ExplainTrustRequest& request) {
  QueryChecks checks;
  CheckQuestion(request, &checks);
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
  response->set_view(trust::v1::VIEW_HELD);
  return absl::OkStatus();
}

}  // namespace services
