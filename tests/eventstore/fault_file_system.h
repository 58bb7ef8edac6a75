// A file system whose next flushes or writes of a WAL fail, on demand, and which counts those that succeed. Pass
// env() to a store; it must outlive the store. Thread-safe.

#ifndef TESTS_EVENTSTORE_FAULT_FILE_SYSTEM_H_
#define TESTS_EVENTSTORE_FAULT_FILE_SYSTEM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace eventstore {

// What the faulty calls do, shared by the file system and its files.
struct Faults {
  enum Kind { kNone, kIoError, kNoSpace };

  std::atomic<Kind> on_wal_append{kNone};
  std::atomic<Kind> on_wal_sync{kNone};
  std::atomic<Kind> on_directory_sync{kNone};
  std::atomic<int> wal_syncs{0};
  std::atomic<uint64_t> free_bytes{uint64_t{1} << 40};  // That the disk is said to have.

  static rocksdb::IOStatus StatusOf(Kind kind) {
    switch (kind) {
      case kNone:
        break;
      case kIoError:
        return rocksdb::IOStatus::IOError("injected");
      case kNoSpace:
        return rocksdb::IOStatus::NoSpace("injected");
    }
    return rocksdb::IOStatus::OK();
  }
};

class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(Faults* faults) : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultFileSystem"; }

  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&, uint64_t* free,
                                 rocksdb::IODebugContext*) override {
    *free = faults_->free_bytes;
    return rocksdb::IOStatus::OK();
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, result, debug);
    const bool wal = path.size() > 4 && path.compare(path.size() - 4, 4, ".log") == 0;
    if (status.ok() && wal) *result = std::make_unique<Wal>(std::move(*result), faults_);
    return status;
  }

  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewDirectory(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<Directory>(std::move(*result), faults_);
    return status;
  }

 private:
  class Directory : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(std::unique_ptr<rocksdb::FSDirectory> directory, Faults* faults)
        : FSDirectoryWrapper(std::move(directory)), faults_(faults) {}

    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus status = Faults::StatusOf(faults_->on_directory_sync);
      return status.ok() ? FSDirectoryWrapper::Fsync(options, debug) : status;
    }
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                          const rocksdb::DirFsyncOptions& how) override {
      const rocksdb::IOStatus status = Faults::StatusOf(faults_->on_directory_sync);
      return status.ok() ? FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how) : status;
    }

   private:
    Faults* const faults_;
  };

  class Wal : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    Wal(std::unique_ptr<rocksdb::FSWritableFile> file, Faults* faults)
        : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const Faults::Kind kind = faults_->on_wal_append;
      if (kind == Faults::kNone) return target()->Append(data, options, debug);
      // As a disk that fills up does: some of the bytes are there.
      target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
      return Faults::StatusOf(kind);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus status = Faults::StatusOf(faults_->on_wal_sync);
      if (!status.ok()) return status;
      ++faults_->wal_syncs;
      return target()->Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    Faults* const faults_;
  };

  Faults* const faults_;
};

// The two together, with the environment that a store takes.
class FaultEnv {
 public:
  Faults& faults() { return faults_; }
  rocksdb::Env* env() { return env_.get(); }

 private:
  Faults faults_;
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<FaultFileSystem>(&faults_));
};

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_FAULT_FILE_SYSTEM_H_
