// What RocksDB tells of itself, in the file LOG of its directory; what was told before is in LOG.old.
//
// RocksDB's own logger ends the process at the second line that a full disk does not take, as Debian builds it: with
// its assertions. This one loses the line. Of the RocksDB engine alone. Thread-safe; blocks on the disk.

#ifndef EVENTSTORE_ROCKSDB_INFO_LOG_H_
#define EVENTSTORE_ROCKSDB_INFO_LOG_H_

#include <cstdarg>
#include <cstddef>
#include <mutex>
#include <string>

#include "rocksdb/env.h"

namespace eventstore {

class RocksDbInfoLog final : public rocksdb::Logger {
 public:
  // Begins a file in a directory that is there. bytes_max: of each of the two files, about. env, which tells the time,
  // outlives this.
  RocksDbInfoLog(const std::string& directory, size_t bytes_max, rocksdb::InfoLogLevel level, rocksdb::Env* env);
  ~RocksDbInfoLog() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  size_t GetLogFileSize() const override;

 protected:
  rocksdb::Status CloseImpl() override { return rocksdb::Status::OK(); }

 private:
  void BeginFileLocked();

  const std::string path_;
  const size_t bytes_max_;
  rocksdb::Env* const env_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  int file_ = -1;
  size_t bytes_ = 0;
};

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_INFO_LOG_H_
