// Reported assessments: a reading pinned so that anyone can recompute it for ever, recomputed from the log as it stood,
// and compared with what is known since. All but the comparison of digests blocks on the disk: for the pool alone.

#ifndef SERVICES_ASSESSMENT_H_
#define SERVICES_ASSESSMENT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "services/policy_registry.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

// A reading with its pins.
struct PinnedReading {
  trust::v1::AssessmentIssued assessment;
  trust::v1::AssessTrustResponse reading;
  std::string text;  // What assessment.digest is taken of.
};

// Makes the reading that a request asks to be reported, on the log as it stands now. REQUIRES: the request's shape is
// right. Errors: PARTNERSHIP_NOT_FOUND, PARTNER_NOT_FOUND, POLICY_NOT_FOUND, ALGORITHM_UNKNOWN, LOG_DAMAGED, INTERNAL.
absl::StatusOr<PinnedReading> MakeAssessment(const trust::v1::IssueAssessmentRequest& request,
                                             const eventstore::EventStore& store, PolicyRegistry& policies,
                                             absl::Time now);

// The same reading again, from its pins alone. Its digest is what they give, not what was issued. Errors: as above.
absl::StatusOr<PinnedReading> RecomputeAssessment(const std::string& partnership,
                                                  const trust::v1::AssessmentIssued& assessment,
                                                  const eventstore::EventStore& store, PolicyRegistry& policies);

// Errors: INVALID_FIELD, INVALID_POSITION, PARTNERSHIP_NOT_FOUND, ASSESSMENT_NOT_FOUND, and as above.
absl::Status VerifyAssessmentNow(const eventstore::EventStore& store, PolicyRegistry& policies,
                                 const trust::v1::VerifyAssessmentRequest& request,
                                 trust::v1::VerifyAssessmentResponse* response);

// How much a page of restatements looks at. It ends behind the assessment with which it reaches one of these, so that a
// page without restatements may have another behind it.
struct RestatementBudget {
  size_t assessments_max = 100;
  size_t directions_max = 5'000;         // Of the assessments together, read twice each.
  size_t cause_readings_max = 100'000;  // In the search for causes: directions, times the events behind the pins.
};

// Errors: INVALID_FIELD, INVALID_POSITION, INVALID_PAGE_TOKEN, PARTNERSHIP_NOT_FOUND, and as above; CANCELLED soon after
// cancelled says so.
absl::Status ListRestatementsNow(const eventstore::EventStore& store, PolicyRegistry& policies,
                                 const trust::v1::ListRestatementsRequest& request,
                                 absl::FunctionRef<bool()> cancelled, trust::v1::ListRestatementsResponse* response,
                                 const RestatementBudget& budget = {});

}  // namespace services

#endif  // SERVICES_ASSESSMENT_H_
