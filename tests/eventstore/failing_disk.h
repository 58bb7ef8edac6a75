// A disk that fails where and when it is told to.

#ifndef TESTS_EVENTSTORE_FAILING_DISK_H_
#define TESTS_EVENTSTORE_FAILING_DISK_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace eventstore {

// A disk of which one place can be told to fail: the nth call that writes there, or that and all after it.
class FailingDisk {
 public:
  explicit FailingDisk(std::string place) : place_(std::move(place)) {}

  enum class Kind { kNone, kIoError, kNoSpace };

  void FailAt(int call, Kind kind, bool for_ever) {
    calls_ = 0;
    fail_at_ = call;
    kind_ = kind;
    for_ever_ = for_ever;
  }
  bool has_failed() const { return kind_ != Kind::kNone && calls_ >= fail_at_; }
  rocksdb::Env* env() { return env_.get(); }

 private:
  rocksdb::IOStatus Next(const std::string& path) {
    if (!absl::StartsWith(path, place_)) return rocksdb::IOStatus::OK();
    const int call = ++calls_;
    if (kind_ == Kind::kNone || (for_ever_ ? call < fail_at_ : call != fail_at_)) return rocksdb::IOStatus::OK();
    return kind_ == Kind::kNoSpace ? rocksdb::IOStatus::NoSpace("planted") : rocksdb::IOStatus::IOError("planted");
  }

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, FailingDisk* disk)
        : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(disk) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(path_); !status.ok()) {
        target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
        return status;
      }
      return target()->Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(path_); !status.ok()) return status;
      return target()->Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    const std::string path_;
    FailingDisk* const disk_;
  };

  class Files final : public rocksdb::FileSystemWrapper {
   public:
    explicit Files(FailingDisk* disk) : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
    const char* Name() const override { return "FailingDisk"; }
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(path); !status.ok()) return status;
      rocksdb::IOStatus status = target()->NewWritableFile(path, options, result, debug);
      if (status.ok()) *result = std::make_unique<File>(std::move(*result), path, disk_);
      return status;
    }
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(from); !status.ok()) return status;
      return target()->RenameFile(from, to, options, debug);
    }
    rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                         rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(path); !status.ok()) return status;
      return target()->CreateDirIfMissing(path, options, debug);
    }
    rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
      if (rocksdb::IOStatus status = disk_->Next(path); !status.ok()) return status;
      return target()->DeleteFile(path, options, debug);
    }

   private:
    FailingDisk* const disk_;
  };

  const std::string place_;
  std::atomic<int> calls_{0};
  int fail_at_ = 0;
  Kind kind_ = Kind::kNone;
  bool for_ever_ = false;
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<Files>(this));
};

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_FAILING_DISK_H_
