// Proofs of the log's tree, and its tiles. Promised: a proof that was made is accepted; no other proof is accepted in
// its place; whatever numbers and hashes come in, the check ends.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tiles.h"
#include "eventstore/merkle_tree.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using eventstore::Sha256Digest;
using fuzz::Require;

constexpr uint64_t kLeavesMax = 40;

// The root of full subtrees over leaves that are their own numbers.
absl::StatusOr<Sha256Digest> Node(int level, uint64_t index) {
  if (level == 0) return eventstore::LeafHash(absl::StrCat("record ", index));
  return eventstore::NodeHash(*Node(level - 1, 2 * index), *Node(level - 1, 2 * index + 1));
}

std::vector<Sha256Digest> ProofOf(absl::string_view bytes) {
  std::vector<Sha256Digest> proof(bytes.size() / sizeof(Sha256Digest));
  if (!proof.empty()) std::memcpy(proof.data(), bytes.data(), proof.size() * sizeof(Sha256Digest));
  return proof;
}

// The proof with one of many changes; the same when the input has no more.
std::vector<Sha256Digest> Changed(std::vector<Sha256Digest> proof, fuzz::Input& input) {
  switch (input.Pick(5)) {
    case 1:
      if (!proof.empty()) proof.erase(proof.begin() + static_cast<ptrdiff_t>(input.Byte() % proof.size()));
      break;
    case 2:
      proof.insert(proof.begin() + static_cast<ptrdiff_t>(input.Byte() % (proof.size() + 1)),
                   *Node(0, input.Byte() % kLeavesMax));
      break;
    case 3:
      if (!proof.empty()) proof[input.Byte() % proof.size()][input.Byte() % sizeof(Sha256Digest)] ^= input.Byte();
      break;
    case 4:
      std::reverse(proof.begin(), proof.end());
      break;
  }
  return proof;
}

void CheckMade(fuzz::Input& input) {
  const uint64_t size = 1 + input.Byte() % kLeavesMax, leaf = input.Byte() % size, old_size = input.Byte() % (size + 1);
  const Sha256Digest root = *eventstore::RootAt(size, Node), old_root = *eventstore::RootAt(old_size, Node);
  const auto inclusion = *eventstore::InclusionProof(leaf, size, Node);
  const auto consistency = *eventstore::ConsistencyProof(old_size, size, Node);
  Require(eventstore::CheckInclusion(leaf, size, *Node(0, leaf), root, inclusion).ok(), "a record is in the log");
  Require(eventstore::CheckConsistency(old_size, size, old_root, root, consistency).ok(), "a log continues itself");
  const auto other = Changed(inclusion, input);
  Require(eventstore::CheckInclusion(leaf, size, *Node(0, leaf), root, other).ok() == (other == inclusion),
          "one proof shows that a record is in the log");
  const auto another = Changed(consistency, input);
  Require(eventstore::CheckConsistency(old_size, size, old_root, root, another).ok() == (another == consistency),
          "one proof shows that a log continues another");
  const uint64_t elsewhere = input.Byte() % kLeavesMax;
  Require(eventstore::CheckInclusion(elsewhere, size, *Node(0, leaf), root, inclusion).ok() == (elsewhere == leaf),
          "a proof is of one place");
}

void CheckAnything(fuzz::Input& input) {
  const uint64_t a = input.Number(), b = input.Number();
  Sha256Digest hash{}, root{};
  for (uint8_t& byte : hash) byte = input.Byte();
  for (uint8_t& byte : root) byte = input.Byte();
  const std::vector<Sha256Digest> proof = ProofOf(input.Rest());
  fuzz::RequireModest(eventstore::CheckInclusion(a, b, hash, root, proof));
  fuzz::RequireModest(eventstore::CheckConsistency(a, b, hash, root, proof));
  // A proof of nothing shows nothing new.
  if (proof.empty() && a != 0 && a != b) {
    Require(!eventstore::CheckConsistency(a, b, hash, root, proof).ok(), "two sizes take a proof");
  }
}

void ReadTile(fuzz::Input& input) {
  std::string bytes(input.Pick(2) == 0 ? eventstore::kTileBytes : input.Number(2) % (2 * eventstore::kTileBytes), '\0');
  const absl::string_view pattern = input.Rest();
  for (size_t i = 0; i < bytes.size() && !pattern.empty(); ++i) bytes[i] = pattern[i % pattern.size()];
  const fuzz::ExactCopy exact(bytes);
  const auto tile = eventstore::TreeTile::Decode(exact.view());
  Require((tile != nullptr) == (bytes.size() == eventstore::kTileBytes), "a tile has its size");
  if (tile != nullptr) Require(tile->Bytes() == bytes, "a tile is kept as it is");
}

void FindPlace(fuzz::Input& input) {
  const int level = input.Byte() % 64;
  const uint64_t index = input.Number(), size = input.Number();
  const auto place = eventstore::PlaceOf(level, index, size);
  if (!place) return;
  Require(place->tile_level * eventstore::kTileLevels + place->level_in_tile == level &&
              place->index_in_tile < eventstore::kTileWidth >> place->level_in_tile,
          "a node lies in its tile");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(4)) {
    case 0:
      CheckMade(input);
      break;
    case 1:
      CheckAnything(input);
      break;
    case 2:
      ReadTile(input);
      break;
    case 3:
      FindPlace(input);
      break;
  }
  return 0;
}
