// Evidence as people write it in short, made into requests. Pure.

#ifndef SERVICES_TRUSTCTL_RECORD_REQUEST_H_
#define SERVICES_TRUSTCTL_RECORD_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/trustctl/command_line.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// Every kind of evidence as it is written: commitment-fulfilled. In the order of the protos.
std::vector<std::string> EvidenceKinds();

// The flags that say who, how and when; none must be given.
std::vector<Flag> EvidenceFlags();

// Sets what [KIND] [FIELD=VALUE...] and the flags say, words being the former. What they do not say stays as it is;
// another kind begins without any of its fields. Errors: a UsageError that says what would be right.
absl::Status SetEvidence(const Invocation& invocation, const std::vector<std::string>& words,
                         trust::v1::Evidence* evidence);

// The request of "record PARTNERSHIP KIND [FIELD=VALUE...]" with its flags. Errors: a UsageError that says what would
// be right.
absl::StatusOr<trust::v1::RecordEvidenceRequest> RecordRequestOf(const Invocation& invocation);

// A line of a batch: what may stand behind "record PARTNERSHIP", in words apart as a shell has them, which quotes
// hold together. Errors: a UsageError, without the number of the line.
absl::StatusOr<trust::v1::EvidenceItem> ParseBatchLine(const VerbSyntax& record, absl::string_view line);

// What may be written for the fields of a kind: result=late, result=early, commitment=. Nothing for no kind.
std::vector<std::string> EvidenceFields(absl::string_view kind);

// The values of a field of evidence that has few: those of level, of materiality.
std::vector<std::string> EvidenceValues(absl::string_view field);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORD_REQUEST_H_
