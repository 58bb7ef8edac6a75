// A policy document in a file.

#ifndef SERVICES_TRUSTCTL_POLICY_FILE_H_
#define SERVICES_TRUSTCTL_POLICY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "trust/v1/policy.pb.h"

namespace trustctl {

// Reads the JSON of a PolicyDocument; "-" is the standard input. Errors: what is wrong with the file, with its name.
absl::StatusOr<trust::v1::PolicyDocument> ReadPolicyFile(const std::string& path);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_POLICY_FILE_H_
