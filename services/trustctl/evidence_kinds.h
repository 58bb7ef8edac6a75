// The kinds of evidence as the help tells of them: in groups, and each with its fields. Names and values are read from
// the protos; what the server wants and takes by default, which their descriptors lack, stands here. Pure.

#ifndef SERVICES_TRUSTCTL_EVIDENCE_KINDS_H_
#define SERVICES_TRUSTCTL_EVIDENCE_KINDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "trust/v1/events.pb.h"

namespace trustctl {

// Every kind by its group, a paragraph each: "Commitments: commitment-made, ...".
std::string GroupedKinds();

// Whether evidence of the field's kind is refused without the field.
bool IsRequired(const google::protobuf::FieldDescriptor& field);

// The value that the server takes for the field when it is left out; empty for none.
std::string DefaultValue(const google::protobuf::FieldDescriptor& field);

// The help of a kind: how it is written, and each field with its values. Ends in a line feed. Errors: a UsageError
// that says which kinds there are.
absl::StatusOr<std::string> KindHelp(absl::string_view kind);

// Errors: a UsageError that names the first field that the evidence's kind requires and that is not set.
absl::Status CheckRequiredFields(const trust::v1::Evidence& evidence);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EVIDENCE_KINDS_H_
