// RFC 6962's definitions (sections 2.1 to 2.1.2) word for word, over a list of leaves. Slow. Thread-safe.

#ifndef TESTS_EVENTSTORE_NAIVE_TREE_H_
#define TESTS_EVENTSTORE_NAIVE_TREE_H_

#include <vector>

#include "absl/types/span.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/sha256.h"

namespace eventstore {

using Leaves = absl::Span<const Sha256Digest>;

inline size_t NaiveSplit(size_t n) {
  size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// MTH(D[n]), given the hashes of the leaves.
inline Sha256Digest NaiveRoot(Leaves leaves) {
  if (leaves.empty()) return Sha256("");
  if (leaves.size() == 1) return leaves[0];
  const size_t k = NaiveSplit(leaves.size());
  return NodeHash(NaiveRoot(leaves.first(k)), NaiveRoot(leaves.subspan(k)));
}

// PATH(m, D[n]).
inline std::vector<Sha256Digest> NaivePath(size_t m, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const size_t k = NaiveSplit(leaves.size());
  std::vector<Sha256Digest> path = m < k ? NaivePath(m, leaves.first(k)) : NaivePath(m - k, leaves.subspan(k));
  path.push_back(NaiveRoot(m < k ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

// SUBPROOF(m, D[n], b).
inline std::vector<Sha256Digest> NaiveSubproof(size_t m, Leaves leaves, bool b) {
  if (m == leaves.size()) return b ? std::vector<Sha256Digest>() : std::vector<Sha256Digest>{NaiveRoot(leaves)};
  const size_t k = NaiveSplit(leaves.size());
  std::vector<Sha256Digest> proof =
      m <= k ? NaiveSubproof(m, leaves.first(k), b) : NaiveSubproof(m - k, leaves.subspan(k), false);
  proof.push_back(NaiveRoot(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_NAIVE_TREE_H_
