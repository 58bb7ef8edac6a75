#include "eventstore/merkle_tiles.h"

#include <cstring>

#include "eventstore/merkle_tree.h"

namespace eventstore {
namespace {

// Where a level begins in the nodes of a tile.
constexpr size_t LevelStart(int level) { return 2 * kTileWidth - (2 * kTileWidth >> level); }

// How many hashes a tile level has in a tree of a size.
uint64_t HashesAt(int tile_level, uint64_t size) {
  const int shift = tile_level * kTileLevels;
  return shift >= 64 ? 0 : size >> shift;
}

}  // namespace

std::shared_ptr<const TreeTile> TreeTile::Decode(absl::string_view bytes) {
  if (bytes.size() != kTileBytes) return nullptr;
  auto tile = std::make_shared<TreeTile>();
  for (size_t slot = 0; slot < kTileWidth; ++slot) {
    Sha256Digest hash;
    std::memcpy(hash.data(), bytes.data() + slot * hash.size(), hash.size());
    tile->Set(slot, hash);
  }
  return tile;
}

void TreeTile::Set(size_t slot, const Sha256Digest& hash) {
  nodes_[slot] = hash;
  for (int level = 0; level < kTileLevels && slot % 2 == 1; ++level, slot /= 2) {
    nodes_[LevelStart(level + 1) + slot / 2] = NodeHash(Node(level, slot - 1), Node(level, slot));
  }
}

const Sha256Digest& TreeTile::Node(int level, size_t index) const { return nodes_[LevelStart(level) + index]; }

absl::string_view TreeTile::Bytes() const {
  return absl::string_view(reinterpret_cast<const char*>(nodes_.data()), kTileBytes);
}

std::optional<TilePlace> PlaceOf(int level, uint64_t index, uint64_t size) {
  if (level < 0 || level > 63 || index >= size >> level) return std::nullopt;
  TilePlace place;
  place.tile_level = level / kTileLevels;
  place.level_in_tile = level % kTileLevels;
  const int nodes_bits = kTileLevels - place.level_in_tile;
  place.tile = index >> nodes_bits;
  place.index_in_tile = index & ((uint64_t{1} << nodes_bits) - 1);
  return place;
}

absl::StatusOr<TreeEdge> TreeEdge::At(uint64_t size, HashReader read) {
  TreeEdge edge;
  edge.size_ = size;
  for (int level = 0; HashesAt(level, size) > 0; ++level) {
    const uint64_t end = HashesAt(level, size);
    edge.tiles_.push_back(end % kTileWidth == 0 ? nullptr : std::make_shared<TreeTile>());
    for (uint64_t index = end - end % kTileWidth; index < end; ++index) {
      const absl::StatusOr<Sha256Digest> hash = read(level, index);
      if (!hash.ok()) return hash.status();
      edge.tiles_.back()->Set(index % kTileWidth, *hash);
    }
  }
  return edge;
}

void TreeEdge::Add(const Sha256Digest& leaf, TileSink sink) {
  Sha256Digest hash = leaf;
  uint64_t index = size_;
  for (size_t level = 0;; ++level) {
    const size_t slot = index % kTileWidth;
    if (level == tiles_.size()) tiles_.emplace_back();
    // A new one: copies of this edge may still hold the one that is complete.
    if (slot == 0) tiles_[level] = std::make_shared<TreeTile>();
    tiles_[level]->Set(slot, hash);
    if (slot + 1 < kTileWidth) break;
    index /= kTileWidth;
    sink(static_cast<int>(level), index, *tiles_[level]);
    hash = tiles_[level]->Root();
  }
  ++size_;
}

std::shared_ptr<const TreeTile> TreeEdge::Incomplete(int tile_level, uint64_t tile) const {
  const uint64_t hashes = HashesAt(tile_level, size_);
  if (hashes % kTileWidth == 0 || tile != hashes / kTileWidth) return nullptr;
  return tiles_[tile_level];
}

}  // namespace eventstore
