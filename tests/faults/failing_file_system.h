// A file system of which one call fails, the k-th from the start of those that change a file, or at which the power
// goes, or one read brings a wrong bit, and whose flushes may be slow. Make an environment of it for a store; it must
// outlive the store. Thread-safe.

#ifndef TESTS_FAULTS_FAILING_FILE_SYSTEM_H_
#define TESTS_FAULTS_FAILING_FILE_SYSTEM_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "tests/faults/power_cut.h"

namespace faults {

// Which call fails, and how.
struct Plan {
  enum class Failure {
    kIoError,     // EIO; nothing is done.
    kNoSpace,     // ENOSPC; nothing is done.
    kShortWrite,  // EIO; of what is to be appended a half is there. As kIoError for calls that append nothing.
  };
  Failure failure = Failure::kIoError;
  uint64_t call = 0;  // From 1; 0: none fails.
  // The read that brings one bit otherwise than it is on the disk, from 1, of those that bring any; 0: none.
  uint64_t flipped_read = 0;
};

// How long a flush of a file takes, beside what the disk takes.
struct Slowness {
  int64_t flush_ms = 0;
  int64_t flush_ms_drawn_max = 0;  // And as many more, drawn anew for each, at most.
  uint32_t seed = 1;
};

class FailingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // on_cut is called when the power has gone, with what that call was to do and what was lost, and ends the process:
  // whoever else uses a file waits for it.
  explicit FailingFileSystem(Plan plan, Slowness slowness = {}, PowerCut cut = {},
                             std::function<void(const std::string&, const std::string&)> on_cut = {})
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        plan_(plan),
        slowness_(slowness),
        has_power_cut_(cut.call > 0),
        on_cut_(std::move(on_cut)),
        unflushed_(std::move(cut)),
        dice_(slowness.seed) {}

  const char* Name() const override { return "FailingFileSystem"; }

  uint64_t calls() const { return calls_; }
  uint64_t reads() const { return reads_; }
  // What was to be done by the call that failed; empty when none did.
  std::string failed_call() const {
    const absl::MutexLock lock(&mutex_);
    return failed_call_;
  }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    return Wrap(path, result, [&] {
      if (Loses(path)) unflushed_.WillMake(path);
      return target()->NewWritableFile(path, options, result, debug);
    });
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override {
    return Wrap(path, result, [&] {
      if (Loses(path)) unflushed_.WillReopen(path);
      return target()->ReopenWritableFile(path, options, result, debug);
    });
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewDirectory(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<Directory>(std::move(*result), path, this);
    return status;
  }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewSequentialFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<SequentialFile>(std::move(*result), path, this);
    return status;
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewRandomAccessFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<RandomAccessFile>(std::move(*result), path, this);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (rocksdb::IOStatus failed = Count("rename", from); !failed.ok()) return failed;
    const absl::ReaderMutexLock powered(&power_);
    if (Loses(from)) unflushed_.WillRename(from, to);
    return target()->RenameFile(from, to, options, debug);
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const absl::ReaderMutexLock powered(&power_);
    if (!has_power_cut_ || !Loses(path)) return target()->DeleteFile(path, options, debug);
    if (!target()->FileExists(path, options, debug).ok()) return rocksdb::IOStatus::PathNotFound(path);
    unflushed_.Delete(path);
    return rocksdb::IOStatus::OK();
  }

 private:
  static constexpr const char kSync[] = "sync";

  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, FailingFileSystem* owner)
        : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), owner_(*owner) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus failed = owner_.Count("append to", path_);
      const absl::ReaderMutexLock powered(&owner_.power_);
      if (failed.ok()) {
        rocksdb::IOStatus status = target()->Append(data, options, debug);
        if (status.ok()) owner_.unflushed_.Appended(path_, data.size());
        return status;
      }
      if (owner_.plan_.failure == Plan::Failure::kShortWrite) {
        target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
      }
      return failed;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus failed = owner_.Count(kSync, path_); !failed.ok()) return failed;
      owner_.TakeTime();
      return owner_.Flush(path_, [&] {
        if (owner_.unflushed_.flushes_lie()) return rocksdb::IOStatus::OK();
        const uint64_t written = owner_.unflushed_.Written(path_);
        rocksdb::IOStatus status = target()->Sync(options, debug);
        if (status.ok()) owner_.unflushed_.Flushed(path_, written);
        return status;
      });
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }
    rocksdb::IOStatus Truncate(uint64_t size, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus status = target()->Truncate(size, options, debug);
      if (status.ok()) owner_.unflushed_.Truncated(path_, size);
      return status;
    }
    rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus failed = owner_.Count("close", path_);
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus closed = target()->Close(options, debug);
      return failed.ok() ? closed : failed;
    }

   private:
    const std::string path_;
    FailingFileSystem& owner_;
  };

  class SequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
   public:
    SequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string path, FailingFileSystem* owner)
        : FSSequentialFileOwnerWrapper(std::move(file)), path_(std::move(path)), owner_(*owner) {}

    rocksdb::IOStatus Read(size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) override {
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus status = target()->Read(size, options, result, scratch, debug);
      if (status.ok()) owner_.PassRead(path_, result, scratch);
      return status;
    }
    rocksdb::IOStatus PositionedRead(uint64_t offset, size_t size, const rocksdb::IOOptions& options,
                                     rocksdb::Slice* result, char* scratch, rocksdb::IODebugContext* debug) override {
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus status = target()->PositionedRead(offset, size, options, result, scratch, debug);
      if (status.ok()) owner_.PassRead(path_, result, scratch);
      return status;
    }

   private:
    const std::string path_;
    FailingFileSystem& owner_;
  };

  class RandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    RandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path, FailingFileSystem* owner)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), owner_(*owner) {}

    rocksdb::IOStatus Read(uint64_t offset, size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result,
                           char* scratch, rocksdb::IODebugContext* debug) const override {
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus status = target()->Read(offset, size, options, result, scratch, debug);
      if (status.ok()) owner_.PassRead(path_, result, scratch);
      return status;
    }
    rocksdb::IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const rocksdb::IOOptions& options,
                                rocksdb::IODebugContext* debug) override {
      const absl::ReaderMutexLock powered(&owner_.power_);
      rocksdb::IOStatus status = target()->MultiRead(requests, count, options, debug);
      for (size_t i = 0; i < count && status.ok(); ++i) {
        if (requests[i].status.ok()) owner_.PassRead(path_, &requests[i].result, requests[i].scratch);
      }
      return status;
    }

   private:
    const std::string path_;
    FailingFileSystem& owner_;
  };

  class Directory : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path, FailingFileSystem* owner)
        : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), owner_(*owner) {}

    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus failed = owner_.Count(kSync, path_); !failed.ok()) return failed;
      return Flushed([&] { return FSDirectoryWrapper::Fsync(options, debug); });
    }
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                          const rocksdb::DirFsyncOptions& how) override {
      if (rocksdb::IOStatus failed = owner_.Count(kSync, path_); !failed.ok()) return failed;
      return Flushed([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how); });
    }

   private:
    rocksdb::IOStatus Flushed(const std::function<rocksdb::IOStatus()>& flush) {
      return owner_.Flush(path_, [&] {
        if (owner_.unflushed_.flushes_lie()) return rocksdb::IOStatus::OK();
        rocksdb::IOStatus status = flush();
        if (status.ok()) owner_.unflushed_.DirectoryFlushed(path_);
        return status;
      });
    }

    const std::string path_;
    FailingFileSystem& owner_;
  };

  // Counts a read that brought something; brings a wrong bit when it is its turn.
  void PassRead(const std::string& path, rocksdb::Slice* result, char* scratch) {
    if (result->empty() || ++reads_ != plan_.flipped_read) return;
    const absl::MutexLock lock(&mutex_);
    const size_t place = std::uniform_int_distribution<size_t>(0, result->size() - 1)(dice_);
    std::memmove(scratch, result->data(), result->size());
    scratch[place] = static_cast<char>(scratch[place] ^ 1 << std::uniform_int_distribution<int>(0, 7)(dice_));
    *result = rocksdb::Slice(scratch, result->size());
    failed_call_ = absl::StrCat("read ", path);
  }

  rocksdb::IOStatus Flush(const std::string& path, const std::function<rocksdb::IOStatus()>& flush) {
    rocksdb::IOStatus status;
    {
      const absl::ReaderMutexLock powered(&power_);
      status = flush();
    }
    if (unflushed_.GoesAfterFlush(calls_)) CutPower("after the sync of", path);
    return status;
  }

  void TakeTime() {
    int64_t microseconds = 1000 * slowness_.flush_ms;
    if (slowness_.flush_ms_drawn_max > 0) {
      const absl::MutexLock lock(&mutex_);
      microseconds += std::uniform_int_distribution<int64_t>(0, 1000 * slowness_.flush_ms_drawn_max)(dice_);
    }
    if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  }

  // Everything that is under way ends first: as good as any moment of a real cut. Does not return.
  void CutPower(const char* deed, const std::string& path) {
    const absl::MutexLock off(&power_);
    on_cut_(absl::StrCat(deed, " ", path), unflushed_.Cut());
  }

  // Counts a call that changes a file; fails when it is the one that is to fail, and does not return when the power
  // goes.
  rocksdb::IOStatus Count(const char* deed, const std::string& path) {
    const uint64_t call = ++calls_;
    if (unflushed_.GoesBefore(call, deed == kSync)) CutPower(deed, path);
    if (call != plan_.call) return rocksdb::IOStatus::OK();
    const absl::MutexLock lock(&mutex_);
    failed_call_ = absl::StrCat(deed, " ", path);
    return plan_.failure == Plan::Failure::kNoSpace ? rocksdb::IOStatus::NoSpace("planned")
                                                    : rocksdb::IOStatus::IOError("planned");
  }

  // Not the info log, which nobody misses.
  static bool Loses(const std::string& path) { return path.find("/LOG") == std::string::npos; }

  // Makes a file, and counts that and what is done with it.
  rocksdb::IOStatus Wrap(const std::string& path, std::unique_ptr<rocksdb::FSWritableFile>* file,
                         const std::function<rocksdb::IOStatus()>& make) {
    rocksdb::IOStatus made;
    {
      const absl::ReaderMutexLock powered(&power_);
      made = make();
    }
    if (!made.ok() || !Loses(path)) return made;
    if (rocksdb::IOStatus failed = Count("make", path); !failed.ok()) {
      file->reset();
      return failed;
    }
    *file = std::make_unique<File>(std::move(*file), path, this);
    return made;
  }

  const Plan plan_;
  const Slowness slowness_;
  const bool has_power_cut_;
  const std::function<void(const std::string&, const std::string&)> on_cut_;
  absl::Mutex power_;  // Read-locked by whoever uses a file, so that the power goes between such uses.
  UnflushedChanges unflushed_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<uint64_t> reads_{0};
  mutable absl::Mutex mutex_;
  std::string failed_call_;
  std::mt19937 dice_;
};

}  // namespace faults

#endif  // TESTS_FAULTS_FAILING_FILE_SYSTEM_H_
