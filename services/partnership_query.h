// Partnerships as resources, read from the rows that the lane keeps. Block on the disk: for the pool alone.

#ifndef SERVICES_PARTNERSHIP_QUERY_H_
#define SERVICES_PARTNERSHIP_QUERY_H_

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "trust/v1/partnership_service.pb.h"

namespace services {

class PersonalData;

// Errors: PARTNERSHIP_NOT_FOUND, INVALID_FIELD, INVALID_POSITION, LOG_DAMAGED, INTERNAL.
absl::Status GetPartnershipNow(const eventstore::EventStore& store, const trust::v1::GetPartnershipRequest& request,
                               trust::v1::GetPartnershipResponse* response);

// True when the list is filtered by what only the standing index knows; it is then as of that index's day.
bool AsksTheIndex(const trust::v1::ListPartnershipsRequest& request);

// The shape of the question: every wrong field at once.
absl::Status Check(const trust::v1::ListPartnershipsRequest& request);

// Errors: INVALID_FIELD, INVALID_PAGE_TOKEN, LOG_DAMAGED, INTERNAL.
absl::Status ListPartnershipsNow(const eventstore::EventStore& store, const trust::v1::ListPartnershipsRequest& request,
                                 trust::v1::ListPartnershipsResponse* response);

// personal opens the profile. Errors: PARTNERSHIP_NOT_FOUND, CONTACT_NOT_FOUND, INVALID_FIELD, INVALID_POSITION,
// LOG_DAMAGED, INTERNAL, KEYS_UNAVAILABLE.
absl::Status GetContactNow(const eventstore::EventStore& store, const PersonalData& personal,
                           const trust::v1::GetContactRequest& request, trust::v1::GetContactResponse* response);

}  // namespace services

#endif  // SERVICES_PARTNERSHIP_QUERY_H_
