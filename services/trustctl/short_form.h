// Messages as people write them in short: what happened by the name of its kind, what it says besides as FIELD=VALUE.
// Kinds, fields and values are read from the protos, so that a new one needs no line here. Pure.

#ifndef SERVICES_TRUSTCTL_SHORT_FORM_H_
#define SERVICES_TRUSTCTL_SHORT_FORM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace trustctl {

// A name of the protos as it is written: due-time for due_time.
std::string WithDashes(absl::string_view name);

// The values of an enum as they are written, without what all of them begin with: grave for SEVERITY_GRAVE.
std::vector<std::string> ValueNames(const google::protobuf::EnumDescriptor& type);

// The number of the value that is written so; field says in the error what wants it. Errors: a UsageError that says
// which there are.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view field,
                              absl::string_view value);

// The kinds of a oneof as they are written, in the order of the protos.
std::vector<std::string> KindNames(const google::protobuf::OneofDescriptor& kinds);

// The kind that is written so; noun, "kind of evidence", says in the error what there is none of. Errors: a UsageError
// that says which there are.
absl::StatusOr<const google::protobuf::FieldDescriptor*> FindKind(const google::protobuf::OneofDescriptor& kinds,
                                                                  absl::string_view noun, absl::string_view written);

// What may be written for the fields of a message: result=late, result=early, commitment=.
std::vector<std::string> WrittenFields(const google::protobuf::Descriptor& type);

// Sets a field. A list is separated by commas; of messages each has its fields in their order, with colons between.
// Errors: a UsageError that says what would be right.
absl::Status SetField(const google::protobuf::FieldDescriptor& field, absl::string_view value,
                      google::protobuf::Message* message);

// Sets what texts, each FIELD=VALUE, say of the kind's own message. A field that is set replaces what was there; one
// that is written twice is refused. Errors: as for SetField.
absl::Status SetOwnFields(absl::string_view kind, const std::vector<std::string>& texts,
                          google::protobuf::Message* own);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_SHORT_FORM_H_
