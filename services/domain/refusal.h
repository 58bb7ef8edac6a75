// Refusals as statuses: what a caller did that the rules forbid, with everything a program needs to act on it. A
// refusal is an absl::Status whose details travel as payloads, so that the code that judges knows no transport. Pure.

#ifndef SERVICES_DOMAIN_REFUSAL_H_
#define SERVICES_DOMAIN_REFUSAL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trust/v1/errors.pb.h"

namespace domain {

// Payload keys; services/rpc reads them. A payload's value is plain text.
inline constexpr char kReasonUrl[] = "trust.v1/reason";                 // The reason's name without its prefix.
inline constexpr char kMetadataUrlPrefix[] = "trust.v1/metadata/";      // + name; the value.
inline constexpr char kFieldUrlPrefix[] = "trust.v1/field/";            // + four digits; "path\ndescription".
inline constexpr char kSubjectUrl[] = "trust.v1/precondition_subject";  // What the broken precondition is about.
inline constexpr char kResourceUrl[] = "trust.v1/resource";             // "type\nname".
inline constexpr char kRetryUrl[] = "trust.v1/retry_after_ms";          // Milliseconds to wait.

// A wrong field: its path in the names of the proto, what is wrong and what would be right.
struct FieldViolation {
  std::string field;
  std::string description;
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT / INVALID_FIELD naming every field, as far as a trailer holds them (some thirty); metadata
// `fields_left_out` then counts the others. A long description is cut. REQUIRES: violations is not empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations,
                           trust::v1::ErrorReason reason = trust::v1::ERROR_REASON_INVALID_FIELD);

// INVALID_ARGUMENT with another reason.
absl::Status InvalidArgument(trust::v1::ErrorReason reason, absl::string_view message, const Metadata& metadata = {});

// NOT_FOUND; resource_type is a word such as "partnership", name its id or full name.
absl::Status NotFound(trust::v1::ErrorReason reason, absl::string_view resource_type, absl::string_view name,
                      absl::string_view message, const Metadata& metadata = {});

// ALREADY_EXISTS.
absl::Status AlreadyExists(trust::v1::ErrorReason reason, absl::string_view resource_type, absl::string_view name,
                           absl::string_view message);

// FAILED_PRECONDITION; subject says what the precondition is about: partnerships/x/events/17.
absl::Status FailedPrecondition(trust::v1::ErrorReason reason, absl::string_view subject, absl::string_view message,
                                const Metadata& metadata = {});

// ABORTED / REVISION_CONFLICT.
absl::Status RevisionConflict(int64_t expected, int64_t current);

// Any other code with a reason; retry_after_ms below 0 means that the call is not to be retried blindly.
absl::Status Fault(absl::StatusCode code, trust::v1::ErrorReason reason, absl::string_view message,
                   const Metadata& metadata = {}, int retry_after_ms = -1);

// The same refusal as one item of a batch: its message, its fields and its subject begin with items[index], and its
// metadata say `item`. REQUIRES: status is not OK.
absl::Status WithinItem(int index, const absl::Status& status);

// The reason of such a status; UNSPECIFIED for any other.
trust::v1::ErrorReason ReasonOf(const absl::Status& status);

// The wrong fields of such a status, in their order.
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

// One piece of such a status's metadata; empty when it has none of that name.
std::string MetadataOf(const absl::Status& status, absl::string_view name);

}  // namespace domain

#endif  // SERVICES_DOMAIN_REFUSAL_H_
