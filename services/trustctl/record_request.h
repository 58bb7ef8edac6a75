// Evidence as people write it in short, made into a request. The kinds and their fields are read from the protos, so
// that a new kind needs no line here. Pure.

#ifndef SERVICES_TRUSTCTL_RECORD_REQUEST_H_
#define SERVICES_TRUSTCTL_RECORD_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/trustctl/command_line.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// Every kind of evidence as it is written: commitment-fulfilled. In the order of the protos.
std::vector<std::string> EvidenceKinds();

// The request of "record PARTNERSHIP KIND [FIELD=VALUE...]" with its flags. Errors: a UsageError that says what would
// be right.
absl::StatusOr<trust::v1::RecordEvidenceRequest> RecordRequestOf(const Invocation& invocation);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_REQUEST_H_
