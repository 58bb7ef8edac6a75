// The methods of the server by name. Pure.

#ifndef SERVICES_TRUSTCTL_METHODS_H_
#define SERVICES_TRUSTCTL_METHODS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace trustctl {

// Every method of every service that trustd has, reflection excepted, by service. They live as long as the program.
const std::vector<const google::protobuf::MethodDescriptor*>& AllMethods();

// The method of a name as people write it: AssessTrust, TrustService.AssessTrust, TrustService/AssessTrust, or with the
// package before. Errors: a UsageError that names what comes near.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(absl::string_view name);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_METHODS_H_
