// Tells a write that failed and is surely not stored from one that may be.
//
// Of the RocksDB engine alone. Thread-safe, but for Begin and IsSurelyNotThere, which are the writer's.

#ifndef EVENTSTORE_ROCKSDB_WAL_WATCH_H_
#define EVENTSTORE_ROCKSDB_WAL_WATCH_H_

#include <atomic>

#include "absl/strings/match.h"
#include "rocksdb/listener.h"

namespace eventstore {

// What became of the WAL's bytes, by which a write that failed is told from one that may be there after a restart. The
// error alone does not say: of the file, of its flush, and of its directory's flush it can be the same.
class WalWatch final : public rocksdb::EventListener {
 public:
  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnFileWriteFinish(const rocksdb::FileOperationInfo& info) override {
    if (IsWal(info)) (info.status.ok() ? appended_ : append_failed_) = true;
  }
  void OnFileSyncFinish(const rocksdb::FileOperationInfo& info) override {
    if (!info.status.ok() && IsWal(info)) sync_failed_ = true;
  }

  // To be called before a write; one at a time.
  void Begin() { appended_ = append_failed_ = false; }
  // Whether what was written since Begin cannot be whole in the WAL, since a part of it or all of it was never
  // appended. A flush that ever failed leaves that open.
  bool IsSurelyNotThere() const { return !sync_failed_ && (append_failed_ || !appended_); }

 private:
  static bool IsWal(const rocksdb::FileOperationInfo& info) { return absl::EndsWith(info.path, ".log"); }

  std::atomic<bool> appended_{false};
  std::atomic<bool> append_failed_{false};
  std::atomic<bool> sync_failed_{false};
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_WAL_WATCH_H_
