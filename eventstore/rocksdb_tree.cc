#include "eventstore/rocksdb_tree.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/key_layout.h"
#include "eventstore/rocksdb_options.h"
#include "eventstore/rocksdb_slice.h"
#include "eventstore/rocksdb_status.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"

namespace eventstore {
namespace {

std::string TilePlaceText(int tile_level, uint64_t tile) {
  return absl::StrCat("the tile ", tile, " of level ", tile_level, " of the tree");
}

}  // namespace

RocksDbTree::RocksDbTree(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family)
    : database_(database), family_(family) {}

absl::Status RocksDbTree::Load(uint64_t log_size, LeafReader read) {
  if (absl::Status status = CheckEnd(log_size); !status.ok()) return status;
  const uint64_t in_tiles = log_size - log_size % kTileWidth;
  std::vector<Sha256Digest> leaves;
  if (log_size > in_tiles) {
    const absl::Status status = read(in_tiles, [&](const Sha256Digest& leaf) { leaves.push_back(leaf); });
    if (!status.ok()) return status;
  }
  absl::StatusOr<TreeEdge> edge =
      TreeEdge::At(log_size, [&](int tile_level, uint64_t index) -> absl::StatusOr<Sha256Digest> {
        if (tile_level == 0) return leaves[index - in_tiles];
        const absl::StatusOr<std::shared_ptr<const TreeTile>> below = ReadTile(tile_level - 1, index);
        if (!below.ok()) return below.status();
        return (*below)->Root();
      });
  if (!edge.ok()) return edge.status();
  staged_ = *std::move(edge);
  Publish();
  return absl::OkStatus();
}

// A log that was cut may be sound in itself; the tiles that it had say that it was longer.
absl::Status RocksDbTree::CheckEnd(uint64_t log_size) const {
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(LongScan(), family_));
  it->SeekForPrev(TileKey(0, ~uint64_t{0}));
  if (!it->status().ok()) return ReadFailure("the tree", it->status());
  if (!it->Valid()) return absl::OkStatus();
  const std::optional<TileName> last = DecodeTileKey(AsView(it->key()));
  if (!last || last->level != 0) return absl::DataLossError("a key of the tree names no tile");
  if (last->index < log_size / kTileWidth) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(TilePlaceText(0, last->index), " is of records that are missing: the log ends at ", log_size));
}

void RocksDbTree::DropStaged() {
  const std::lock_guard<std::mutex> lock(mutex_);
  staged_ = published_;
}

rocksdb::Status RocksDbTree::Stage(const Sha256Digest& leaf, rocksdb::WriteBatch* batch) {
  rocksdb::Status status;
  staged_.Add(leaf, [&](int tile_level, uint64_t tile, const TreeTile& hashes) {
    if (status.ok()) status = batch->Put(family_, TileKey(tile_level, tile), AsSlice(hashes.Bytes()));
  });
  return status;
}

void RocksDbTree::Publish() {
  const std::lock_guard<std::mutex> lock(mutex_);
  published_ = staged_;
}

absl::StatusOr<Sha256Digest> RocksDbTree::Node(int level, uint64_t index) const {
  std::optional<TilePlace> place;
  std::shared_ptr<const TreeTile> tile;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    place = PlaceOf(level, index, published_.size());
    if (!place) {
      return absl::OutOfRangeError(
          absl::StrCat("the tree of ", published_.size(), " records has no node ", index, " of level ", level));
    }
    tile = published_.Incomplete(place->tile_level, place->tile);
  }
  if (tile == nullptr) {
    const absl::StatusOr<std::shared_ptr<const TreeTile>> stored = ReadTile(place->tile_level, place->tile);
    if (!stored.ok()) return stored.status();
    tile = *stored;
  }
  return tile->Node(place->level_in_tile, place->index_in_tile);
}

absl::StatusOr<std::shared_ptr<const TreeTile>> RocksDbTree::ReadTile(int tile_level, uint64_t tile) const {
  // The tiles of one level that lie side by side have different places; seven levels do not meet at the first.
  CachedTile& cached = cache_[(tile + static_cast<uint64_t>(tile_level) * 9) % cache_.size()];
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (cached.hashes != nullptr && cached.tile_level == tile_level && cached.tile == tile) return cached.hashes;
  }
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->Get(CachedRead(), family_, TileKey(tile_level, tile), &value);
  const std::string place = TilePlaceText(tile_level, tile);
  if (status.IsNotFound()) return absl::DataLossError(absl::StrCat(place, " is missing"));
  if (!status.ok()) return ReadFailure(place, status);
  std::shared_ptr<const TreeTile> hashes = TreeTile::Decode(AsView(value));
  if (hashes == nullptr) {
    return absl::DataLossError(absl::StrCat(place, " has ", value.size(), " bytes instead of ", kTileBytes));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  cached = {tile_level, tile, hashes};
  return hashes;
}

}  // namespace eventstore
