// The file that holds a signing key: one line, readable by its owner alone; and beside it FILE.pub with the verifier
// key, for everyone. Thread-safe. Blocks on the disk.

#ifndef EVENTSTORE_SIGNING_KEY_FILE_H_
#define EVENTSTORE_SIGNING_KEY_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/signing_key.h"

namespace eventstore {

// Reads a key. Errors:
//   NOT_FOUND: there is no such file. PERMISSION_DENIED: it cannot be read, or others than its owner can.
//   INVALID_ARGUMENT: it holds no private key. All name the file and what would be right; none shows its content.
absl::StatusOr<SigningKey> ReadSigningKeyFile(const std::string& path);

// Writes a key to a new file, for its owner alone, and its verifier key to path + ".pub", both durable on return.
// Errors: ALREADY_EXISTS when either is there already, neither being touched then; PERMISSION_DENIED when the place
// cannot be written.
absl::Status WriteSigningKeyFile(const SigningKey& key, const std::string& path);

}  // namespace eventstore

#endif  // EVENTSTORE_SIGNING_KEY_FILE_H_
