// The engine on RocksDB: one directory, one process, every append flushed to the disk before it is acknowledged.
//
// A write that fails for any reason but a full disk or a wrong request stops the store: what the disk holds is then
// unknown until it is opened again. A reader sees one moment, which is always durable and whole; it never sees more
// than LogSize has said. LogSize and LatestRecordTime do not touch the disk. Thread-safe; no call may be under way when
// the store is destroyed.

#ifndef EVENTSTORE_ROCKSDB_STORE_H_
#define EVENTSTORE_ROCKSDB_STORE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "eventstore/append_plan.h"
#include "eventstore/commit_queue.h"
#include "eventstore/event_store.h"
#include "eventstore/recent_heads.h"
#include "eventstore/rocksdb_tree.h"
#include "eventstore/sha256.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Iterator;
class Env;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace eventstore {

class WalWatch;

struct RocksDbOptions {
  std::string directory;                    // Made when it is missing; its parent must be there.
  size_t memory_bytes = size_t{256} << 20;  // Block cache and write buffers together; at least 16 MiB.
  // Free space of the directory's disk below which appends are refused as if it were full: what is taken already can
  // then still be written out as tables and merged. 0 to 2^40.
  uint64_t disk_reserve_bytes = 0;
  rocksdb::Env* env = nullptr;  // The operating system when null. Must outlive the store.
};

class RocksDbStore final : public EventStore {
 public:
  // Opens the store in a directory, or makes one where there is nothing. A store of format version 1 is given the tree
  // of its log first, which reads all of it.
  // Errors:
  //   FAILED_PRECONDITION: another process has it open, or a newer program wrote it, or there is no such place.
  //   DATA_LOSS: bytes are damaged or files are missing. Nothing is changed: restore a backup.
  //   INVALID_ARGUMENT: memory_bytes is too small.
  //   UNAVAILABLE: the system refused to read or write.
  static absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const RocksDbOptions& options);

  ~RocksDbStore() override;
  RocksDbStore(const RocksDbStore&) = delete;
  RocksDbStore& operator=(const RocksDbStore&) = delete;

  // Reads answer UNAVAILABLE, besides what EventStore says, when the system refuses: the bytes may be sound.
  absl::StatusOr<Appended> Write(const Append& append) override;
  absl::Status WriteRows(const std::vector<RowWrite>& rows) override;
  uint64_t LogSize() const override;
  absl::Time LatestRecordTime() const override;
  absl::StatusOr<Sha256Digest> ReadTreeNode(int level, uint64_t index) const override;
  absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const override;
  absl::Status ReadStream(absl::string_view stream, uint64_t after_revision, EventVisitor visit) const override;
  absl::Status ReadStreams(absl::string_view first, absl::string_view last, EventVisitor visit) const override;
  absl::Status ReadLog(uint64_t after_position, EventVisitor visit) const override;
  absl::Status ListStreams(absl::string_view after, StreamVisitor visit) const override;
  absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table, absl::string_view key) const override;
  absl::Status ScanRows(absl::string_view table, absl::string_view after, RowVisitor visit) const override;
  std::vector<std::string> ListFiles() const override;
  absl::Status VerifyFile(const std::string& name) const override;
  StoreCondition Condition() const override;

  // For who makes backups: the database itself, and a wait until every write that was begun before is on the disk.
  // Errors of the wait: those of Write for one that failed.
  rocksdb::DB* database() const { return database_.get(); }
  absl::Status AwaitWrites();

 private:
  // One moment of the store that readers may see: it is durable, and whole.
  struct View {
    uint64_t log_size = 0;
    absl::Time latest_record_time = absl::InfinitePast();
    uint64_t sequence = 0;  // RocksDB's number of the last entry that belongs to it.
  };

  // What is stored of a stream's end.
  struct StoredHead {
    uint64_t revision = 0;
    std::optional<Sha256Digest> leaf_hash;  // Not kept by format version 1.
  };

  static absl::StatusOr<StoredHead> DecodeHead(absl::string_view stream, absl::string_view value);

  RocksDbStore(std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> families,
               std::shared_ptr<WalWatch> wal_watch, uint64_t disk_reserve_bytes);

  // Opening, in this order.
  absl::Status CheckOptions() const;
  absl::Status StartFromLastRecord();
  absl::Status LoadTree();
  absl::Status MakeTree();

  // Reading.
  View CurrentView() const;
  void AwaitPublished() const;
  absl::StatusOr<StoredHead> ReadHead(absl::string_view stream) const;
  absl::Status ReadUpTo(const StoredHead& head, absl::string_view stream, uint64_t after_revision,
                        rocksdb::Iterator* it, EventVisitor visit, bool* stopped) const;
  absl::Status CheckLastOfStream(absl::string_view stream, const StoredHead& head, absl::string_view stored) const;

  // Writing; called by the leader of the queue alone.
  void Commit(absl::Span<PendingWrite* const> group);
  bool Stage(absl::Span<PendingWrite* const> group, AppendPlan* plan, rocksdb::WriteBatch* batch,
             rocksdb::Status* status);
  absl::StatusOr<StreamHead> HeadForLeader(absl::string_view stream);
  absl::StatusOr<Sha256Digest> LastLeafHash(absl::string_view stream, uint64_t revision) const;
  absl::Status CheckReserve() const;
  absl::Status Classify(const rocksdb::Status& failure, uint64_t first_position);
  rocksdb::Status WriteAndPublish(rocksdb::WriteBatch* batch, const AppendPlan& plan);
  void PublishLocked(uint64_t log_size, absl::Time latest_record_time);

  // Constant after Open.
  const std::unique_ptr<rocksdb::DB> database_;
  const std::vector<rocksdb::ColumnFamilyHandle*> families_;  // Indexed by Family.
  const std::shared_ptr<WalWatch> wal_watch_;                 // Shared with RocksDB, which calls it.
  const uint64_t disk_reserve_bytes_;

  mutable std::mutex view_mutex_;
  mutable std::condition_variable view_published_;
  // Guarded by view_mutex_.
  View view_;
  bool committing_ = false;

  // Touched by the leader of the queue alone.
  bool failed_ = false;

  mutable RecentHeads heads_;
  RocksDbTree tree_;

  CommitQueue queue_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_STORE_H_
