#include "eventstore/merkle_tree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tiles.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "tests/eventstore/naive_tree.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

std::string Hex(const Sha256Digest& digest) { return absl::BytesToHexString(AsBytes(digest)); }

std::vector<std::string> Hex(const absl::StatusOr<std::vector<Sha256Digest>>& proof) {
  std::vector<std::string> hex;
  for (const Sha256Digest& hash : *proof) hex.push_back(Hex(hash));
  return hex;
}

// A tree of which every full node is kept.
class KeptTree {
 public:
  explicit KeptTree(std::vector<Sha256Digest> leaves) : levels_{std::move(leaves)} {
    while (levels_.back().size() > 1) {
      std::vector<Sha256Digest> above;
      for (size_t i = 0; i + 1 < levels_.back().size(); i += 2) {
        above.push_back(NodeHash(levels_.back()[i], levels_.back()[i + 1]));
      }
      levels_.push_back(std::move(above));
    }
  }

  absl::StatusOr<Sha256Digest> operator()(int level, uint64_t index) const {
    if (static_cast<size_t>(level) >= levels_.size() || index >= levels_[level].size()) {
      return absl::OutOfRangeError("not full");
    }
    return levels_[level][index];
  }

 private:
  std::vector<std::vector<Sha256Digest>> levels_;
};

// The leaves, roots and proofs that implementations of Certificate Transparency test themselves with.
class PublishedTreeTest : public testing::Test {
 protected:
  static std::vector<Sha256Digest> Leaves() {
    std::vector<Sha256Digest> leaves;
    for (const std::string hex :
         {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}) {
      leaves.push_back(LeafHash(BytesOfHex(hex)));
    }
    return leaves;
  }

  const KeptTree tree_{Leaves()};
};

TEST_F(PublishedTreeTest, RootsAreThePublishedOnes) {
  const std::vector<std::string> roots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  TreeFrontier frontier;
  for (uint64_t size = 0; size < roots.size(); ++size) {
    EXPECT_EQ(Hex(*RootAt(size, tree_)), roots[size]) << size;
    EXPECT_EQ(Hex(frontier.Root()), roots[size]) << size;
    if (size < 8) frontier.Add(*tree_(0, size));
  }
}

TEST_F(PublishedTreeTest, ProofsAreThePublishedOnes) {
  const std::string a = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
  const std::string b = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
  const std::string c = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
  const std::string d = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
  const std::string e = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
  const std::string f = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
  const std::string g = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
  using Hashes = std::vector<std::string>;
  EXPECT_EQ(Hex(InclusionProof(0, 1, tree_)), Hashes{});
  EXPECT_EQ(Hex(InclusionProof(0, 8, tree_)), (Hashes{a, b, c}));
  EXPECT_EQ(Hex(InclusionProof(5, 8, tree_)), (Hashes{d, e, f}));
  EXPECT_EQ(Hex(InclusionProof(2, 3, tree_)),
            (Hashes{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
  EXPECT_EQ(Hex(InclusionProof(1, 5, tree_)),
            (Hashes{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", b, d}));
  EXPECT_EQ(Hex(ConsistencyProof(1, 1, tree_)), Hashes{});
  EXPECT_EQ(Hex(ConsistencyProof(1, 8, tree_)), (Hashes{a, b, c}));
  EXPECT_EQ(Hex(ConsistencyProof(6, 8, tree_)), (Hashes{g, e, f}));
  EXPECT_EQ(Hex(ConsistencyProof(2, 5, tree_)), (Hashes{b, d}));
}

class RandomTreeTest : public testing::Test {
 protected:
  RandomTreeTest() {
    for (int i = 0; i < 600; ++i) leaves_.push_back(LeafHash(absl::StrCat(seed_, " ", i)));
    tree_.emplace(leaves_);
  }

  Leaves First(uint64_t size) const { return Leaves(leaves_).first(size); }

  // Sizes about which the shape of a tree changes, and others.
  std::vector<uint64_t> Sizes() {
    std::vector<uint64_t> sizes;
    for (uint64_t size = 0; size <= 70; ++size) sizes.push_back(size);
    for (const uint64_t size : {127, 128, 129, 255, 256, 257, 258, 383, 511, 512, 513, 600}) sizes.push_back(size);
    for (int i = 0; i < 4; ++i) sizes.push_back(random_() % 601);
    return sizes;
  }

  // The proof with one thing wrong.
  std::vector<Sha256Digest> Tampered(std::vector<Sha256Digest> proof) {
    const uint64_t at = proof.empty() ? 0 : random_() % proof.size();
    switch (proof.empty() ? 0 : random_() % 4) {
      case 0:
        proof.insert(proof.begin() + static_cast<std::ptrdiff_t>(at), leaves_[random_() % 600]);
        break;
      case 1:
        proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 2:
        proof.push_back(proof[at]);
        break;
      default:
        proof[at][random_() % 32] ^= static_cast<uint8_t>(1 << random_() % 8);
        break;
    }
    return proof;
  }

  const uint32_t seed_ = support::AnySeed();
  std::mt19937_64 random_{seed_};
  std::vector<Sha256Digest> leaves_;
  std::optional<KeptTree> tree_;
};

TEST_F(RandomTreeTest, RootsAreThoseOfTheDefinition) {
  TreeFrontier frontier;
  for (uint64_t size = 0; size <= 600; ++size) {
    const Sha256Digest root = NaiveRoot(First(size));
    ASSERT_EQ(*RootAt(size, *tree_), root) << size;
    ASSERT_EQ(frontier.Root(), root) << size;
    ASSERT_EQ(TreeFrontier::At(size, *tree_)->Root(), root) << size;
    if (size < 600) frontier.Add(leaves_[size]);
  }
  // A frontier that was read grows as one that was made leaf by leaf.
  TreeFrontier read = *TreeFrontier::At(300, *tree_);
  for (uint64_t leaf = 300; leaf < 600; ++leaf) read.Add(leaves_[leaf]);
  EXPECT_EQ(read.size(), 600);
  EXPECT_EQ(read.Root(), frontier.Root());
}

TEST_F(RandomTreeTest, EveryInclusionProofIsThatOfTheDefinitionAndNoOtherHolds) {
  for (const uint64_t size : Sizes()) {
    const Sha256Digest root = NaiveRoot(First(size));
    for (uint64_t leaf = 0; leaf < size; ++leaf) {
      const std::vector<Sha256Digest> proof = *InclusionProof(leaf, size, *tree_);
      ASSERT_EQ(proof, NaivePath(leaf, First(size))) << leaf << " of " << size;
      ASSERT_TRUE(CheckInclusion(leaf, size, leaves_[leaf], root, proof).ok()) << leaf << " of " << size;
      const uint64_t other = (leaf + 1 + random_() % 599) % 600;
      ASSERT_FALSE(CheckInclusion(leaf, size, leaves_[other], root, proof).ok());
      ASSERT_FALSE(CheckInclusion(other, size, leaves_[leaf], root, proof).ok());
      ASSERT_FALSE(CheckInclusion(leaf, size, leaves_[leaf], leaves_[other], proof).ok());
      ASSERT_FALSE(CheckInclusion(leaf, size, leaves_[leaf], root, Tampered(proof)).ok()) << leaf << " of " << size;
    }
    EXPECT_FALSE(CheckInclusion(size, size, leaves_[0], root, {}).ok());
  }
}

TEST_F(RandomTreeTest, EveryConsistencyProofIsThatOfTheDefinitionAndNoOtherHolds) {
  for (const uint64_t size : Sizes()) {
    const Sha256Digest root = NaiveRoot(First(size));
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      const Sha256Digest old_root = *RootAt(old_size, *tree_);
      const std::vector<Sha256Digest> proof = *ConsistencyProof(old_size, size, *tree_);
      if (old_size > 0) {
        ASSERT_EQ(proof, NaiveSubproof(old_size, First(size), true)) << old_size << " " << size;
      }
      ASSERT_TRUE(CheckConsistency(old_size, size, old_root, root, proof).ok()) << old_size << " " << size;
      const Sha256Digest& other = leaves_[old_size == 1 ? 1 : random_() % 600];
      ASSERT_FALSE(CheckConsistency(old_size, size, other, root, proof).ok()) << old_size << " " << size;
      ASSERT_FALSE(CheckConsistency(old_size, size, old_root, root, Tampered(proof)).ok()) << old_size << " " << size;
      // From nothing every tree grows.
      if (old_size > 0) {
        ASSERT_FALSE(CheckConsistency(old_size, size, old_root, LeafHash("another"), proof).ok());
      }
    }
    EXPECT_FALSE(CheckConsistency(size + 1, size, root, root, {}).ok());
  }
}

TEST_F(RandomTreeTest, WhatTheReaderSaysIsHandedOn) {
  const auto broken = [](int, uint64_t) -> absl::StatusOr<Sha256Digest> { return absl::DataLossError("tile"); };
  EXPECT_TRUE(absl::IsDataLoss(RootAt(3, broken).status()));
  EXPECT_TRUE(absl::IsDataLoss(TreeFrontier::At(3, broken).status()));
  EXPECT_TRUE(absl::IsDataLoss(InclusionProof(1, 3, broken).status()));
  EXPECT_TRUE(absl::IsDataLoss(ConsistencyProof(1, 3, broken).status()));
}

TEST(MerkleTilesTest, EveryNodeIsInItsTileOrAtTheEdge) {
  constexpr uint64_t kSize = 256 * 256 + 300;
  std::vector<Sha256Digest> leaves;
  for (uint64_t i = 0; i < kSize; ++i) leaves.push_back(LeafHash(absl::StrCat(i)));
  const KeptTree tree(leaves);
  std::map<std::pair<int, uint64_t>, std::string> tiles;
  const auto keep = [&](int level, uint64_t tile, const TreeTile& hashes) {
    ASSERT_TRUE(tiles.emplace(std::pair(level, tile), std::string(hashes.Bytes())).second);
  };
  TreeEdge edge;
  for (const Sha256Digest& leaf : leaves) edge.Add(leaf, keep);
  EXPECT_EQ(tiles.size(), 256 + 1 + 1);
  for (const TreeEdge& any :
       {edge, *TreeEdge::At(kSize, [&](int level, uint64_t index) { return tree(8 * level, index); })}) {
    for (int level = 0; level <= 17; ++level) {
      for (uint64_t index = 0; index < kSize >> level; index += level < 6 ? 37 : 1) {
        const auto place = PlaceOf(level, index, kSize);
        ASSERT_TRUE(place.has_value());
        std::shared_ptr<const TreeTile> tile = any.Incomplete(place->tile_level, place->tile);
        if (tile == nullptr) tile = TreeTile::Decode(tiles.at({place->tile_level, place->tile}));
        ASSERT_EQ(tile->Node(place->level_in_tile, place->index_in_tile), *tree(level, index)) << level << " " << index;
      }
      EXPECT_EQ(PlaceOf(level, kSize >> level, kSize), std::nullopt);
    }
  }
  EXPECT_EQ(PlaceOf(-1, 0, kSize), std::nullopt);
  EXPECT_EQ(PlaceOf(64, 0, ~uint64_t{0}), std::nullopt);
  EXPECT_EQ(TreeTile::Decode("short"), nullptr);
}

TEST(MerkleTilesTest, ACopyOfAnEdgeMayBeThrownAway) {
  const auto ignore = [](int, uint64_t, const TreeTile&) {};
  TreeEdge edge;
  for (int i = 0; i < 250; ++i) edge.Add(LeafHash(absl::StrCat(i)), ignore);
  TreeEdge failed = edge;
  for (int i = 0; i < 300; ++i) failed.Add(LeafHash("not stored"), ignore);
  TreeEdge grown = edge;
  for (int i = 250; i < 255; ++i) grown.Add(LeafHash(absl::StrCat(i)), ignore);
  EXPECT_EQ(edge.Incomplete(0, 0)->Node(0, 249), LeafHash("249"));
  EXPECT_EQ(grown.Incomplete(0, 0)->Node(0, 254), LeafHash("254"));
  EXPECT_EQ(grown.Incomplete(0, 0)->Node(1, 126), NodeHash(LeafHash("252"), LeafHash("253")));
}

}  // namespace
}  // namespace eventstore
