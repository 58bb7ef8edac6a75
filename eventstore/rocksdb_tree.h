// The log's tree as the RocksDB engine keeps it: complete tiles in a family, the edge in memory.
//
// Of the RocksDB engine alone. Reading is thread-safe, and sees only what was published; the rest is for one thread at
// a time: who opens the store, then the leader of its queue.

#ifndef EVENTSTORE_ROCKSDB_TREE_H_
#define EVENTSTORE_ROCKSDB_TREE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/merkle_tiles.h"
#include "eventstore/sha256.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace eventstore {

class RocksDbTree {
 public:
  // Visits the leaf hashes of the records after a position, in order. Errors: those of reading the log.
  using LeafVisitor = absl::FunctionRef<void(const Sha256Digest& leaf)>;
  using LeafReader = absl::FunctionRef<absl::Status(uint64_t after_position, LeafVisitor visit)>;

  // Both outlive the tree, which is empty.
  RocksDbTree(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family);

  // Makes the edge for a log of a size, from at most 255 records and 255 tiles a level.
  // Errors: DATA_LOSS: a tile is missing, damaged, or of records that the log does not have; those of read.
  absl::Status Load(uint64_t log_size, LeafReader read);

  // Begins anew from what is published: what was staged and not published is dropped.
  void DropStaged();
  // Adds the next leaf; what must be written with its record goes into batch.
  rocksdb::Status Stage(const Sha256Digest& leaf, rocksdb::WriteBatch* batch);
  // Shows what was staged: it is durable.
  void Publish();

  // Errors: OUT_OF_RANGE: the published tree does not have the node. DATA_LOSS: its tile is missing or damaged.
  // UNAVAILABLE: the system refused to read.
  absl::StatusOr<Sha256Digest> Node(int level, uint64_t index) const;

 private:
  // A complete tile that was read lately.
  struct CachedTile {
    int tile_level = 0;
    uint64_t tile = 0;
    std::shared_ptr<const TreeTile> hashes;
  };

  absl::StatusOr<std::shared_ptr<const TreeTile>> ReadTile(int tile_level, uint64_t tile) const;
  absl::Status CheckEnd(uint64_t log_size) const;

  rocksdb::DB* const database_;
  rocksdb::ColumnFamilyHandle* const family_;

  TreeEdge staged_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  TreeEdge published_;
  // A tile has one place here, whatever else takes it from it: 1 MiB at most.
  mutable std::array<CachedTile, 64> cache_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_TREE_H_
