#include "eventstore/merkle_tree.h"

#include <algorithm>

namespace eventstore {
namespace {

constexpr absl::string_view kLeafPrefix("\x00", 1);
constexpr absl::string_view kNodePrefix("\x01", 1);

// Of a number that is not 0.
int HighestBit(uint64_t number) { return 63 - __builtin_clzll(number); }

// The size of the left subtree of a tree of at least 2 leaves: the largest power of two below its size.
uint64_t LeftSize(uint64_t size) { return uint64_t{1} << HighestBit(size - 1); }

// The roots of the full subtrees that make up the leaves [begin, begin + size), largest first. REQUIRES: begin is where
// RFC 6962's division of a tree puts a subtree of that size.
absl::StatusOr<std::vector<Sha256Digest>> Peaks(uint64_t begin, uint64_t size, TreeReader read) {
  std::vector<Sha256Digest> peaks;
  while (size > 0) {
    const int level = HighestBit(size);
    const absl::StatusOr<Sha256Digest> peak = read(level, begin >> level);
    if (!peak.ok()) return peak.status();
    peaks.push_back(*peak);
    begin += uint64_t{1} << level;
    size -= uint64_t{1} << level;
  }
  return peaks;
}

Sha256Digest RootOfPeaks(absl::Span<const Sha256Digest> peaks) {
  if (peaks.empty()) return EmptyRoot();
  Sha256Digest root = peaks.back();
  for (size_t i = peaks.size() - 1; i-- > 0;) root = NodeHash(peaks[i], root);
  return root;
}

// Adds the root of the leaves [begin, begin + size) to a proof.
absl::Status AddRoot(uint64_t begin, uint64_t size, TreeReader read, std::vector<Sha256Digest>* proof) {
  const absl::StatusOr<std::vector<Sha256Digest>> peaks = Peaks(begin, size, read);
  if (!peaks.ok()) return peaks.status();
  proof->push_back(RootOfPeaks(*peaks));
  return absl::OkStatus();
}

}  // namespace

Sha256Digest LeafHash(absl::string_view record) { return Sha256OfParts({kLeafPrefix, record}); }

Sha256Digest NodeHash(const Sha256Digest& left, const Sha256Digest& right) {
  return Sha256OfParts({kNodePrefix, AsBytes(left), AsBytes(right)});
}

Sha256Digest EmptyRoot() { return Sha256(""); }

absl::StatusOr<TreeFrontier> TreeFrontier::At(uint64_t size, TreeReader read) {
  absl::StatusOr<std::vector<Sha256Digest>> peaks = Peaks(0, size, read);
  if (!peaks.ok()) return peaks.status();
  TreeFrontier frontier;
  frontier.size_ = size;
  frontier.peaks_ = *std::move(peaks);
  return frontier;
}

void TreeFrontier::Add(const Sha256Digest& leaf) {
  Sha256Digest node = leaf;
  // Each trailing bit that is set is a subtree as large as the one at hand.
  for (uint64_t size = size_; size % 2 == 1; size /= 2) {
    node = NodeHash(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Sha256Digest TreeFrontier::Root() const { return RootOfPeaks(peaks_); }

absl::StatusOr<Sha256Digest> RootAt(uint64_t size, TreeReader read) {
  const absl::StatusOr<std::vector<Sha256Digest>> peaks = Peaks(0, size, read);
  if (!peaks.ok()) return peaks.status();
  return RootOfPeaks(*peaks);
}

absl::StatusOr<std::vector<Sha256Digest>> InclusionProof(uint64_t leaf, uint64_t size, TreeReader read) {
  std::vector<Sha256Digest> proof;
  uint64_t begin = 0;
  while (size > 1) {
    const uint64_t left = LeftSize(size);
    absl::Status status;
    if (leaf < left) {
      status = AddRoot(begin + left, size - left, read, &proof);
      size = left;
    } else {
      status = AddRoot(begin, left, read, &proof);
      begin += left;
      leaf -= left;
      size -= left;
    }
    if (!status.ok()) return status;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Sha256Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size, TreeReader read) {
  std::vector<Sha256Digest> proof;
  if (old_size == 0) return proof;
  uint64_t begin = 0;
  uint64_t old_left = old_size;
  uint64_t size = new_size;
  while (old_left != size) {
    const uint64_t left = LeftSize(size);
    absl::Status status;
    if (old_left <= left) {
      status = AddRoot(begin + left, size - left, read, &proof);
      size = left;
    } else {
      status = AddRoot(begin, left, read, &proof);
      begin += left;
      old_left -= left;
      size -= left;
    }
    if (!status.ok()) return status;
  }
  // A subtree from the first leaf on is the whole old tree, whose root the checker has.
  if (begin > 0) {
    if (absl::Status status = AddRoot(begin, size, read, &proof); !status.ok()) return status;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::Status CheckInclusion(uint64_t leaf, uint64_t size, const Sha256Digest& leaf_hash, const Sha256Digest& root,
                            absl::Span<const Sha256Digest> proof) {
  if (leaf >= size) return absl::InvalidArgumentError("the leaf is not in a tree of this size");
  uint64_t at = leaf;
  uint64_t last = size - 1;
  Sha256Digest hash = leaf_hash;
  for (const Sha256Digest& sibling : proof) {
    if (last == 0) return absl::InvalidArgumentError("the proof is too long for a tree of this size");
    if (at % 2 == 1 || at == last) {
      hash = NodeHash(sibling, hash);
      // A last node without a sibling stands for itself one level up.
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return absl::InvalidArgumentError("the proof is too short for a tree of this size");
  if (hash != root) return absl::InvalidArgumentError("the proof leads to another root");
  return absl::OkStatus();
}

absl::Status CheckConsistency(uint64_t old_size, uint64_t new_size, const Sha256Digest& old_root,
                              const Sha256Digest& new_root, absl::Span<const Sha256Digest> proof) {
  if (old_size > new_size) return absl::InvalidArgumentError("the tree has become smaller");
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return absl::InvalidArgumentError("the proof is too long for trees of these sizes");
    if (old_size == 0 && old_root != EmptyRoot()) {
      return absl::InvalidArgumentError("the old root is not that of an empty tree");
    }
    if (old_size == new_size && old_root != new_root) {
      return absl::InvalidArgumentError("two trees of one size have different roots");
    }
    return absl::OkStatus();
  }
  uint64_t at = old_size - 1;
  uint64_t last = new_size - 1;
  while (at % 2 == 1) {
    at /= 2;
    last /= 2;
  }
  Sha256Digest old_hash = old_root;
  // An old tree that is one full subtree is where the proof starts, and not in it.
  if ((old_size & (old_size - 1)) != 0) {
    if (proof.empty()) return absl::InvalidArgumentError("the proof is too short for trees of these sizes");
    old_hash = proof.front();
    proof.remove_prefix(1);
  }
  Sha256Digest new_hash = old_hash;
  for (const Sha256Digest& sibling : proof) {
    if (last == 0) return absl::InvalidArgumentError("the proof is too long for trees of these sizes");
    if (at % 2 == 1 || at == last) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return absl::InvalidArgumentError("the proof is too short for trees of these sizes");
  if (old_hash != old_root) return absl::InvalidArgumentError("the proof leads to another old root");
  if (new_hash != new_root) return absl::InvalidArgumentError("the proof leads to another new root");
  return absl::OkStatus();
}

}  // namespace eventstore
