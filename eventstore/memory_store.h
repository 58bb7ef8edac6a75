// An engine that keeps everything in memory, for tests: what EventStore promises, except that nothing is durable.
//
// Thread-safe. Holds no lock while it visits. Only Write waits, for other writers.

#ifndef EVENTSTORE_MEMORY_STORE_H_
#define EVENTSTORE_MEMORY_STORE_H_

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "eventstore/append_plan.h"
#include "eventstore/event_store.h"
#include "eventstore/sha256.h"
#include "eventstore/v1/record.pb.h"

namespace eventstore {

class MemoryStore final : public EventStore {
 public:
  MemoryStore() = default;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  absl::StatusOr<Appended> Write(const Append& append) override;
  absl::Status WriteRows(const std::vector<RowWrite>& rows) override;
  uint64_t LogSize() const override;
  absl::Time LatestRecordTime() const override;
  absl::StatusOr<Sha256Digest> ReadTreeNode(int level, uint64_t index) const override;
  absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const override;
  absl::Status ReadStream(absl::string_view stream, uint64_t after_revision, EventVisitor visit) const override;
  absl::Status ReadLog(uint64_t after_position, EventVisitor visit) const override;
  absl::Status ListStreams(absl::string_view after, StreamVisitor visit) const override;
  absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table, absl::string_view key) const override;
  absl::Status ScanRows(absl::string_view table, absl::string_view after, RowVisitor visit) const override;
  std::vector<std::string> ListFiles() const override { return {}; }
  absl::Status VerifyFile(const std::string&) const override { return absl::OkStatus(); }

 private:
  struct Stored {
    v1::Record record;
    std::string frame;
  };

  static absl::Status VisitAll(const std::vector<const Stored*>& records, EventVisitor visit);

  StreamHead HeadLocked(absl::string_view stream) const;
  absl::Time LatestRecordTimeLocked() const;
  void AddLeafLocked(const Sha256Digest& leaf);
  void ApplyRowsLocked(const std::vector<RowWrite>& rows);

  mutable std::mutex mutex_;
  // Guarded by mutex_. Records are never changed and a deque does not move them: they may be read without the lock.
  std::deque<Stored> log_;
  absl::btree_map<std::string, std::vector<const Stored*>> streams_;
  std::vector<std::vector<Sha256Digest>> tree_;  // By node level: every node over full leaves.
  absl::btree_map<std::string, absl::btree_map<std::string, std::string>> tables_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_MEMORY_STORE_H_
