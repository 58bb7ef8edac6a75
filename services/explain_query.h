// Explanations rendered into answers. Pure but for the history they are handed, which they may advance.

#ifndef SERVICES_EXPLAIN_QUERY_H_
#define SERVICES_EXPLAIN_QUERY_H_

#include "absl/status/status.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

// An explanation lists at most so many contributions of each facet and sign.
inline constexpr int kContributionsDefault = 10;
inline constexpr int kContributionsMax = 100;

// The shape of the question: every wrong field at once.
absl::Status Check(const trust::v1::ExplainTrustRequest& request);

// Answers the question from a history as of a day. For threads that may take their time: costs several folds of the
// direction. Errors: PARTNER_NOT_FOUND.
absl::Status Explain(projections::TrustHistory& history, const trust::v1::ExplainTrustRequest& request,
                     projections::Day as_of, trust::v1::ExplainTrustResponse* response);

}  // namespace services

#endif  // SERVICES_EXPLAIN_QUERY_H_
