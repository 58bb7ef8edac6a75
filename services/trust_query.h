// Readings rendered into answers. Pure but for the history they are handed, which they may advance.

#ifndef SERVICES_TRUST_QUERY_H_
#define SERVICES_TRUST_QUERY_H_

#include "absl/status/status.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "services/service_parts.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

// The shape of the questions: every wrong field at once.
absl::Status Check(const trust::v1::AssessTrustRequest& request);
absl::Status Check(const trust::v1::GetTrustTimelineRequest& request);

// Answers the question from a history as of a day. Errors: PARTNER_NOT_FOUND; INVALID_PAGE_TOKEN for a timeline.
absl::Status Assess(projections::TrustHistory& history, const trust::v1::AssessTrustRequest& request,
                    projections::Day as_of, trust::v1::AssessTrustResponse* response);
absl::Status ReadTimeline(projections::TrustHistory& history, const trust::v1::GetTrustTimelineRequest& request,
                          projections::Day as_of, trust::v1::GetTrustTimelineResponse* response);

}  // namespace services

#endif  // SERVICES_TRUST_QUERY_H_
