// The checkpoint of a log (c2sp.org/tlog-checkpoint): three lines that name a log, its size and the root of its tree.
// Signed as a note it is the whole of what a stranger has to keep, to notice any later change of what it covers. Pure;
// thread-safe.

#ifndef EVENTSTORE_CHECKPOINT_H_
#define EVENTSTORE_CHECKPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/sha256.h"

namespace eventstore {

struct Checkpoint {
  std::string origin;  // The log's name: that of the key that signs for it.
  uint64_t size = 0;   // Records covered.
  Sha256Digest root{};
};

bool operator==(const Checkpoint& a, const Checkpoint& b);

// A digest as checkpoints write it: base64 with padding.
std::string Base64Of(const Sha256Digest& digest);

// The digest of such a text. Errors: INVALID_ARGUMENT.
absl::StatusOr<Sha256Digest> ParseDigest(absl::string_view base64);

// The three lines, each with its line feed.
std::string CheckpointText(const Checkpoint& checkpoint);

// Reads what CheckpointText writes, and nothing else: no further lines, no leading zeros. Errors: INVALID_ARGUMENT.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);

}  // namespace eventstore

#endif  // EVENTSTORE_CHECKPOINT_H_
