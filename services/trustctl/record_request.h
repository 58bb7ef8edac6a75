// Evidence as people write it in short, made into a request. The kinds and their fields are read from the protos, so
// that a new kind needs no line here. Pure.

#ifndef SERVICES_TRUSTCTL_RECORD_REQUEST_H_
#define SERVICES_TRUSTCTL_RECORD_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/trustctl/command_line.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// Every kind of evidence as it is written: commitment-fulfilled. In the order of the protos.
std::vector<std::string> EvidenceKinds();

// The request of "record PARTNERSHIP KIND [FIELD=VALUE...]" with its flags. Errors: a UsageError that says what would
// be right.
absl::StatusOr<trust::v1::RecordEvidenceRequest> RecordRequestOf(const Invocation& invocation);

// What may be written for the fields of a kind: result=late, result=early, commitment=. Nothing for no kind.
std::vector<std::string> EvidenceFields(absl::string_view kind);

// The values of a field of evidence that has few: those of level, of materiality.
std::vector<std::string> EvidenceValues(absl::string_view field);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_REQUEST_H_
