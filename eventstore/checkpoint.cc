#include "eventstore/checkpoint.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventstore {

bool operator==(const Checkpoint& a, const Checkpoint& b) {
  return a.origin == b.origin && a.size == b.size && a.root == b.root;
}

std::string Base64Of(const Sha256Digest& digest) {
  return absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

absl::StatusOr<Sha256Digest> ParseDigest(absl::string_view base64) {
  Sha256Digest digest;
  std::string bytes;
  if (!absl::Base64Unescape(base64, &bytes) || bytes.size() != digest.size() || absl::Base64Escape(bytes) != base64) {
    return absl::InvalidArgumentError("a hash is the base64 of 32 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.data()));
  return digest;
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", Base64Of(checkpoint.root), "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() != 4 || !lines[3].empty() || lines[0].empty()) {
    return absl::InvalidArgumentError("a checkpoint has three lines: origin, size, root");
  }
  Checkpoint checkpoint;
  checkpoint.origin = std::string(lines[0]);
  // A log is no longer than 2^63 - 1, which other programs can count to.
  if (!absl::SimpleAtoi(lines[1], &checkpoint.size) || absl::StrCat(checkpoint.size) != lines[1] ||
      checkpoint.size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return absl::InvalidArgumentError("the size of a checkpoint is a decimal number without leading zeros");
  }
  const absl::StatusOr<Sha256Digest> root = ParseDigest(lines[2]);
  if (!root.ok()) return root.status();
  checkpoint.root = *root;
  return checkpoint;
}

}  // namespace eventstore
