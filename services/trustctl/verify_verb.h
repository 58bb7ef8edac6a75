// trustctl verify: has a running server check its log, or checks the directory of a stopped one.

#ifndef SERVICES_TRUSTCTL_VERIFY_VERB_H_
#define SERVICES_TRUSTCTL_VERIFY_VERB_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/checkpoint.h"
#include "services/trustctl/verb.h"

namespace trustctl {

Verb VerifyVerb();

// The signed checkpoint in a file. Errors: a UsageError when either cannot be read; DATA_LOSS when the key did not sign
// it.
absl::StatusOr<eventstore::Checkpoint> ReadSignedCheckpoint(const std::string& path, const std::string& verifier_key);
// The same of a note; name says where it stands.
absl::StatusOr<eventstore::Checkpoint> OpenSignedCheckpoint(const std::string& note, const std::string& name,
                                                            const std::string& verifier_key);

// Checks every byte of the store in a directory, and that it continues the checkpoints; tells of it under a name.
// Errors: NOT_FOUND when there is no store; DATA_LOSS when something is wrong; those of opening it.
absl::Status VerifyDirectory(const std::string& directory, const std::string& name,
                             const std::vector<eventstore::Checkpoint>& given, const Console& console);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_VERIFY_VERB_H_
