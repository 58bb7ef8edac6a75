// The log's tree in tiles, which is how it is kept: each holds 256 hashes of one node level, is written once, when it
// is complete, and never changed.
//
// Tile level L holds node level 8 * L: the tile at index t has the nodes [256 * t, 256 * t + 256). The nodes of the
// levels between are made from it. What is not yet in a complete tile, at most one tile a level, is the edge.

#ifndef EVENTSTORE_MERKLE_TILES_H_
#define EVENTSTORE_MERKLE_TILES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/sha256.h"

namespace eventstore {

inline constexpr int kTileLevels = 8;  // Node levels in a tile.
inline constexpr size_t kTileWidth = size_t{1} << kTileLevels;
inline constexpr size_t kTileBytes = kTileWidth * sizeof(Sha256Digest);

// One tile with the nodes above its hashes, 16 KiB. Thread-safe as long as each slot is set before it, or a node above
// it, is read.
class TreeTile {
 public:
  // nullptr unless bytes are exactly kTileBytes.
  static std::shared_ptr<const TreeTile> Decode(absl::string_view bytes);

  // Sets a hash, and the nodes that are complete with it. REQUIRES: those before it are set.
  void Set(size_t slot, const Sha256Digest& hash);

  // The node over the slots [index << level, (index + 1) << level). level is 0 to kTileLevels.
  const Sha256Digest& Node(int level, size_t index) const;

  // The node over all slots.
  const Sha256Digest& Root() const { return Node(kTileLevels, 0); }

  // The bytes that are kept: the hashes of the slots. They live as long as the tile.
  absl::string_view Bytes() const;

 private:
  // Level by level, each half as long as the one before.
  std::array<Sha256Digest, 2 * kTileWidth - 1> nodes_;
};

// Where a node is kept.
struct TilePlace {
  int tile_level;
  uint64_t tile;      // The index among the tiles of the level.
  int level_in_tile;  // 0 to kTileLevels - 1.
  size_t index_in_tile;
};

// The place of a node over full leaves of a tree of size; nullopt when the tree does not have it.
std::optional<TilePlace> PlaceOf(int level, uint64_t index, uint64_t size);

// The edge of a growing tree. A copy is cheap, shares its tiles with the original, and may grow apart from it: nodes
// within the size of the original stay as they are. So a copy may be thrown away, and may be read while another grows;
// no two may grow at once.
class TreeEdge {
 public:
  // Takes a tile that has become complete, from the lowest level up.
  using TileSink = absl::FunctionRef<void(int tile_level, uint64_t tile, const TreeTile& hashes)>;
  // Gives the hash at an index of a tile level: that of a record at level 0, the root of the tile below otherwise.
  using HashReader = absl::FunctionRef<absl::StatusOr<Sha256Digest>(int tile_level, uint64_t index)>;

  TreeEdge() = default;

  // The edge of the tree of a size. Reads at most kTileWidth - 1 hashes a level, in order. Errors: those of read.
  static absl::StatusOr<TreeEdge> At(uint64_t size, HashReader read);

  // Adds the next leaf.
  void Add(const Sha256Digest& leaf, TileSink sink);

  uint64_t size() const { return size_; }

  // The tile, when it is the incomplete one of its level; nullptr otherwise.
  std::shared_ptr<const TreeTile> Incomplete(int tile_level, uint64_t tile) const;

 private:
  uint64_t size_ = 0;
  std::vector<std::shared_ptr<TreeTile>> tiles_;  // By level. Null where no tile was begun.
};

}  // namespace eventstore

#endif  // EVENTSTORE_MERKLE_TILES_H_
