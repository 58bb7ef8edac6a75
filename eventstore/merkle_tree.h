// The Merkle tree over the log, as RFC 6962 defines it (section 2.1): leaf i, from 0, is the record at position i + 1,
// exactly as its bytes are stored. One root of 32 bytes stands for every byte of the log up to a size; proofs of a few
// hashes show that a record is in it, and that a later root continues an earlier one.
//
// What is here computes and checks; what keeps hashes is a TreeReader. Pure; thread-safe, except that a TreeFrontier is
// one thread's.

#ifndef EVENTSTORE_MERKLE_TREE_H_
#define EVENTSTORE_MERKLE_TREE_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "eventstore/sha256.h"

namespace eventstore {

// SHA-256(0x00 || record): RFC 6962's hash of a leaf.
Sha256Digest LeafHash(absl::string_view record);
// SHA-256(0x01 || left || right): RFC 6962's hash of two subtrees.
Sha256Digest NodeHash(const Sha256Digest& left, const Sha256Digest& right);
// The root of a tree without leaves: SHA-256 of nothing.
Sha256Digest EmptyRoot();

// Gives the hash of the full subtree over the leaves [index << level, (index + 1) << level). Level 0 is the leaf
// itself. Errors: whatever keeps the hashes says; handed on by who asked.
using TreeReader = absl::FunctionRef<absl::StatusOr<Sha256Digest>(int level, uint64_t index)>;

// The right edge of a growing tree: the roots of the full subtrees that make it up, at most 64 hashes.
class TreeFrontier {
 public:
  TreeFrontier() = default;

  // The frontier of the first size leaves. Reads at most 64 hashes. Errors: those of read.
  static absl::StatusOr<TreeFrontier> At(uint64_t size, TreeReader read);

  // Adds the next leaf.
  void Add(const Sha256Digest& leaf);

  uint64_t size() const { return size_; }
  // RFC 6962's Merkle tree hash of the leaves so far.
  Sha256Digest Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Sha256Digest> peaks_;  // Largest first: one a bit of size_ that is set.
};

// The root over the first size leaves. Errors: those of read.
absl::StatusOr<Sha256Digest> RootAt(uint64_t size, TreeReader read);

// The audit path of a leaf in the tree of a size (RFC 6962, section 2.1.1): at most ceil(log2 size) hashes, from the
// leaf up. REQUIRES: leaf < size. Errors: those of read.
absl::StatusOr<std::vector<Sha256Digest>> InclusionProof(uint64_t leaf, uint64_t size, TreeReader read);

// What shows that the tree of new_size begins with that of old_size (RFC 6962, section 2.1.2). Empty when the sizes are
// equal or old_size is 0. REQUIRES: old_size <= new_size. Errors: those of read.
absl::StatusOr<std::vector<Sha256Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size, TreeReader read);

// Whether a leaf's hash and its path lead to the root of a tree of size. Errors: INVALID_ARGUMENT saying what is wrong.
absl::Status CheckInclusion(uint64_t leaf, uint64_t size, const Sha256Digest& leaf_hash, const Sha256Digest& root,
                            absl::Span<const Sha256Digest> proof);

// Whether a proof leads from one root to a later one. Errors: INVALID_ARGUMENT saying what is wrong.
absl::Status CheckConsistency(uint64_t old_size, uint64_t new_size, const Sha256Digest& old_root,
                              const Sha256Digest& new_root, absl::Span<const Sha256Digest> proof);

}  // namespace eventstore

#endif  // EVENTSTORE_MERKLE_TREE_H_
