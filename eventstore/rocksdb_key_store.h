// The key store on a RocksDB of its own: one directory, one process.
//
// RocksDB forgets late. A deleted value stays in the WAL, and in every table that holds it, until a compaction happens
// to rewrite that table; a tombstone only hides it. So an erasure writes out the memory (which begins a new WAL),
// rewrites every table, the last level included, and has gone over the directory for files that are no longer needed
// before it returns. One that was cut short is finished when the store is opened. The MANIFEST names ids, never values;
// the info log neither.

#ifndef EVENTSTORE_ROCKSDB_KEY_STORE_H_
#define EVENTSTORE_ROCKSDB_KEY_STORE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "eventstore/key_store.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace eventstore {

struct RocksDbKeyOptions {
  std::string directory;        // Made when it is missing; its parent must be there.
  rocksdb::Env* env = nullptr;  // The operating system when null. Must outlive the store.
};

class RocksDbKeyStore final : public KeyStore {
 public:
  // Opens the store in a directory, or makes one where there is nothing; readable by its owner alone.
  // Errors: FAILED_PRECONDITION: in use by another process, or no such place. DATA_LOSS: damaged. UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<RocksDbKeyStore>> Open(const RocksDbKeyOptions& options);

  ~RocksDbKeyStore() override;

  absl::StatusOr<std::optional<std::string>> Get(absl::string_view id) const override;
  absl::Status Put(absl::string_view id, absl::string_view bytes) override;
  absl::Status Erase(const std::vector<std::string>& ids) override;
  absl::Status ListIds(absl::string_view after, IdVisitor visit) const override;

  // For who makes backups: calls work with the database, and returns what it returns. No change, and no erasure, is
  // under way meanwhile.
  absl::Status WithDatabase(const std::function<absl::Status(rocksdb::DB* database)>& work);

 private:
  RocksDbKeyStore(std::unique_ptr<rocksdb::DB> database, std::string directory, rocksdb::Env* env);

  absl::Status RewriteAll();
  absl::Status DeleteWhatIsNotLive();

  const std::unique_ptr<rocksdb::DB> database_;
  const std::string directory_;
  rocksdb::Env* const env_;
  // Changes one at a time, over the disk: nothing else writes files while an erasure tells which are needed.
  std::mutex writing_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_KEY_STORE_H_
