// The decisions: whether a command may become events, and which. Pure: what surrounds a command is passed in, nothing
// is read from a clock, a store or a network. A command is validated first, without any state, and then judged against
// the partnership's.
//
// What the service does, not these functions: expected_revision, repeated request ids and external ids, sealing notes
// and profiles (events leave here with both in clear), and the fields of an event that only storing it decides
// (partnership, revision, record_time, log_position, request_fingerprint).

#ifndef SERVICES_DOMAIN_DECIDER_H_
#define SERVICES_DOMAIN_DECIDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "projections/partnership.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/partnership_service.pb.h"

namespace domain {

// What surrounds a command.
struct Context {
  absl::Time now;
  std::string principal;  // Who is authenticated; empty where callers are not.
};

// Judges the shape of a request, all wrong fields at once. Safe on any thread.
// Errors: INVALID_ARGUMENT / INVALID_FIELD naming every wrong field; BATCH_TOO_LARGE with `size` and `limit`.
absl::Status Validate(const trust::v1::CreatePartnershipRequest& request, const Context& context);
absl::Status Validate(const trust::v1::RecordMilestoneRequest& request, const Context& context);
absl::Status Validate(const trust::v1::SuspendPartnershipRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ResumePartnershipRequest& request, const Context& context);
absl::Status Validate(const trust::v1::TerminatePartnershipRequest& request, const Context& context);
absl::Status Validate(const trust::v1::RecordEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::BatchRecordEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::CorrectEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::RetractEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ConfirmEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ContestEvidenceRequest& request, const Context& context);
absl::Status Validate(const trust::v1::AddPartnerRequest& request, const Context& context);
absl::Status Validate(const trust::v1::RemovePartnerRequest& request, const Context& context);
absl::Status Validate(const trust::v1::DeclareTieRequest& request, const Context& context);
absl::Status Validate(const trust::v1::AssignContactRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ReleaseContactRequest& request, const Context& context);
absl::Status Validate(const trust::v1::ImportItem& item, const Context& context);

// Judges a valid command against the state of its partnership (revision 0: there is none). On success one or more
// events, in their order, every default made explicit, every reference a full name, the first one with the request_id.
// REQUIRES: Validate accepted the request. The same arguments give the same answer.
// Errors: NOT_FOUND / PARTNERSHIP_NOT_FOUND, PARTNER_NOT_FOUND, EVENT_NOT_FOUND, CONTACT_NOT_FOUND; ALREADY_EXISTS /
// PARTNERSHIP_EXISTS;
// FAILED_PRECONDITION with the reason of the rule that forbids it; INVALID_ARGUMENT / INVALID_FIELD where another actor
// or time would be right. In a batch the refusal names the item; items are judged each with those before it in place,
// all or none.
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::CreatePartnershipRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::RecordMilestoneRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::SuspendPartnershipRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::ResumePartnershipRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::TerminatePartnershipRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::RecordEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::BatchRecordEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::CorrectEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::RetractEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::ConfirmEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::ContestEvidenceRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::AddPartnerRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::RemovePartnerRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::DeclareTieRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::AssignContactRequest& request,
                                                     const Context& context);
absl::StatusOr<std::vector<trust::v1::Event>> Decide(const projections::Partnership& state,
                                                     const trust::v1::ReleaseContactRequest& request,
                                                     const Context& context);

// The revision of what an external id made in this partnership; nothing when it made nothing.
using ExternalIds = absl::FunctionRef<std::optional<int64_t>(absl::string_view external_id)>;

// Judges one valid item of a history kept elsewhere. Shape, partners and references must hold; a domain rule that it
// breaks becomes a warning in its import_origin. A creation makes two events, any other item one; all carry the
// external_id. REQUIRES: Validate accepted the item. Errors: as for Decide, but no domain rule among them;
// FAILED_PRECONDITION / PARTNERSHIP_LIVE, IMPORT_OUT_OF_ORDER.
absl::StatusOr<std::vector<trust::v1::Event>> DecideImport(const projections::Partnership& state,
                                                           const trust::v1::ImportItem& item, ExternalIds external_ids,
                                                           const Context& context);

}  // namespace domain

#endif  // SERVICES_DOMAIN_DECIDER_H_
