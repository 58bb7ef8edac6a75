// The decisions about a person's data as a whole, across partnerships: legal holds and erasure. Their events are the
// stream of contacts. Pure, as decider.h; what holds there holds here.

#ifndef SERVICES_DOMAIN_CONTACT_DECIDER_H_
#define SERVICES_DOMAIN_CONTACT_DECIDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "trust/v1/admin_service.pb.h"
#include "trust/v1/events.pb.h"

namespace domain {

// Errors: INVALID_ARGUMENT / INVALID_FIELD naming every wrong field.
absl::Status Validate(const trust::v1::EraseContactRequest& request, const Context& context);
absl::Status Validate(const trust::v1::PlaceLegalHoldRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ReleaseLegalHoldRequest& request, const Context& context);

// Decides an erasure. known says whether any personal data of the contact were ever taken in.
// Errors: FAILED_PRECONDITION / CONTACT_ERASED, LEGAL_HOLD; NOT_FOUND / CONTACT_UNKNOWN.
absl::StatusOr<std::vector<trust::v1::Event>> DecideErasure(const projections::Partnership& state,
                                                            const trust::v1::EraseContactRequest& request, bool known,
                                                            const Context& context);

// Decides a hold. Errors: FAILED_PRECONDITION / CONTACT_ERASED, LEGAL_HOLD_PLACED; NOT_FOUND / CONTACT_UNKNOWN.
absl::StatusOr<std::vector<trust::v1::Event>> DecideHold(const projections::Partnership& state,
                                                         const trust::v1::PlaceLegalHoldRequest& request, bool known,
                                                         const Context& context);

// Decides the end of a hold. Errors: FAILED_PRECONDITION / NO_LEGAL_HOLD.
absl::StatusOr<std::vector<trust::v1::Event>> DecideRelease(const projections::Partnership& state,
                                                            const trust::v1::ReleaseLegalHoldRequest& request,
                                                            const Context& context);

// The refusal of what would keep, or do, something about a person whose data are erased: CONTACT_ERASED.
absl::Status ContactErased(const std::string& contact);

}  // namespace domain

#endif  // SERVICES_DOMAIN_CONTACT_DECIDER_H_
