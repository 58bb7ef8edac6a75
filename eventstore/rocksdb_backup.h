// Backups on RocksDB's backup engine: of a log, each with what is new since the one before it; of keys, each by itself,
// so that one that goes takes its keys along. And the way back: into a new directory alone.
//
// In a directory of backups, which belongs to its owner alone (mode 0700), the engine keeps shared_checksum/,
// private/N/ and meta/N; described/N is ours, and makes a backup count. A restore writes beside its target, to
// NAME.restoring, and takes the name at the end, so that one that was cut short leaves nothing that looks like a store.
// Thread-safe, but for Restoration; blocks on the disk.

#ifndef EVENTSTORE_ROCKSDB_BACKUP_H_
#define EVENTSTORE_ROCKSDB_BACKUP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/backup.h"

namespace rocksdb {
class BackupEngine;
class DB;
class Env;
}  // namespace rocksdb

namespace eventstore {

class RocksDbKeyStore;
class RocksDbStore;

struct RocksDbBackupOptions {
  std::string directory;  // Made when it is missing; its parent must be there.
  BackupRetention retention;
  uint64_t bytes_per_second_max = 0;  // Read and written, together; 0: as fast as the disk.
  rocksdb::Env* env = nullptr;        // The operating system when null. Must outlive this.
};

class RocksDbBackups final : public StoreBackups {
 public:
  // The store must outlive each call. What it acknowledged before a call of Make is in the backup that this makes.
  RocksDbBackups(RocksDbBackupOptions options, RocksDbStore* store);
  // No erasure runs while Make does, so what was erased before is in no file of the backup.
  RocksDbBackups(RocksDbBackupOptions options, RocksDbKeyStore* store);

  absl::StatusOr<BackupMade> Make(const BackupDescription& description) override;
  absl::Status Prune(absl::Time now) override;
  std::optional<absl::Time> NewestTime() const override;
  void Stop() override { stopped_ = true; }

 private:
  using Work = std::function<absl::Status(rocksdb::DB* database)>;

  absl::Status WithEngine(const std::function<absl::Status(rocksdb::BackupEngine* engine)>& work);
  absl::Status Copy(rocksdb::BackupEngine* engine, BackupMade* made);
  absl::Status CheckOwner(const BackupDescription& description) const;
  absl::Status Describe(rocksdb::BackupEngine* engine, const std::set<std::string>& files_before, BackupMade* made);
  absl::Status Retire(rocksdb::BackupEngine* engine, absl::Time now) const;

  const RocksDbBackupOptions options_;
  rocksdb::Env* const env_;
  const bool incremental_;
  const std::function<absl::Status(const Work& work)> with_database_;
  const std::function<absl::Status()> await_writes_;
  std::atomic<bool> stopped_{false};
};

// One backup that is there, or was.
struct ListedBackup {
  BackupDescription description;
  std::string problem;  // Empty: all files are there with their sizes. Whether their bytes are right takes Restoration.
};

// The backups in a directory, the oldest first. Errors: NOT_FOUND when there is no such directory, or nothing in it
// that is of backups; UNAVAILABLE when it cannot be read.
absl::StatusOr<std::vector<ListedBackup>> ListBackups(const std::string& directory, rocksdb::Env* env = nullptr);

// A backup on its way back.
class Restoration {
 public:
  // Checks every byte of a backup, the newest for 0, and copies it beside the target, for its owner alone. What an
  // earlier attempt left there goes first.
  // Errors: ALREADY_EXISTS when there is anything at the target but an empty directory; NOT_FOUND when there is no such
  // backup; DATA_LOSS, with the name of the file, when it is not as it was made; FAILED_PRECONDITION for one of a newer
  // program; RESOURCE_EXHAUSTED, PERMISSION_DENIED, UNAVAILABLE when it cannot be read or written.
  static absl::StatusOr<Restoration> Begin(const std::string& directory, uint64_t id, const std::string& target,
                                           rocksdb::Env* env = nullptr);

  const BackupDescription& description() const { return description_; }
  // Where the store stands until Finish, to be opened and looked at.
  const std::string& place() const { return place_; }

  // Gives the store its name, durably. It must be closed. Errors: ALREADY_EXISTS, PERMISSION_DENIED.
  absl::Status Finish() const;

 private:
  Restoration(BackupDescription description, std::string place, std::string target)
      : description_(std::move(description)), place_(std::move(place)), target_(std::move(target)) {}

  BackupDescription description_;
  std::string place_;
  std::string target_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_BACKUP_H_
