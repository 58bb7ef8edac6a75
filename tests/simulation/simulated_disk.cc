#include "tests/simulation/simulated_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "rocksdb/system_clock.h"

namespace simulation {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kPageBytes = 4096;

bool IsWal(const std::string& path) { return path.size() > 4 && path.compare(path.size() - 4, 4, ".log") == 0; }

// One spelling of each path.
std::string Plain(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  for (size_t at = path.find("//"); at != std::string::npos; at = path.find("//")) path.erase(at, 1);
  return path;
}

IOStatus NotThere(const std::string& path) { return IOStatus::PathNotFound(path); }

class DiskLock : public rocksdb::FileLock {
 public:
  explicit DiskLock(std::string path) : path(std::move(path)) {}
  const std::string path;
};

// RocksDB's look at the time of the simulation.
class DiskClock : public rocksdb::SystemClockWrapper {
 public:
  explicit DiskClock(const services::Clock* clock)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), clock_(clock) {}
  const char* Name() const override { return "DiskClock"; }
  rocksdb::Status GetCurrentTime(int64_t* seconds) override {
    *seconds = absl::ToUnixSeconds(clock_->Now());
    return rocksdb::Status::OK();
  }

 private:
  const services::Clock* const clock_;
};

// Of a file that is not flushed a power cut leaves its beginning; now and then it is as long as it was, and the pages
// at its end hold zeros.
std::string AfterPowerCut(const DiskFile& file, Dice& dice) {
  const size_t loose = file.bytes.size() - file.flushed;
  const size_t kept = file.flushed + (loose == 0 ? 0 : dice.Below(loose + 1));
  std::string bytes = file.bytes.substr(0, kept);
  if (loose > 0 && dice.Chance(25)) {
    const size_t page = std::max(file.flushed, kept / kPageBytes * kPageBytes);
    bytes.resize(page);
    bytes.resize(file.bytes.size(), '\0');
  }
  return bytes;
}

}  // namespace

// ---- Files

class SimulatedDisk::Reader : public rocksdb::FSRandomAccessFile {
 public:
  Reader(SimulatedDisk* disk, std::shared_ptr<DiskFile> file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const std::lock_guard<std::mutex> lock(disk_->mutex_);
    const std::string& bytes = file_->bytes;
    const size_t count = offset >= bytes.size() ? 0 : std::min(size, bytes.size() - static_cast<size_t>(offset));
    if (count > 0) std::memcpy(scratch, bytes.data() + offset, count);
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }

 private:
  SimulatedDisk* const disk_;
  const std::shared_ptr<DiskFile> file_;
};

class SimulatedDisk::Sequence : public rocksdb::FSSequentialFile {
 public:
  Sequence(SimulatedDisk* disk, std::shared_ptr<DiskFile> file) : reader_(disk, std::move(file)) {}
  IOStatus Read(size_t size, const IOOptions& options, Slice* result, char* scratch, IODebugContext* debug) override {
    const IOStatus status = reader_.Read(offset_, size, options, result, scratch, debug);
    offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t count) override {
    offset_ += count;
    return IOStatus::OK();
  }

 private:
  const Reader reader_;
  uint64_t offset_ = 0;
};

class SimulatedDisk::Writer : public rocksdb::FSWritableFile {
 public:
  Writer(SimulatedDisk* disk, std::shared_ptr<DiskFile> file, bool wal)
      : disk_(disk), file_(std::move(file)), wal_(wal) {}
  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override { return disk_->Write(*file_, data); }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    const std::lock_guard<std::mutex> lock(disk_->mutex_);
    disk_->CountLocked();
    file_->bytes.resize(size);
    file_->flushed = std::min(file_->flushed, static_cast<size_t>(size));
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->Flush(*file_, wal_); }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    const std::lock_guard<std::mutex> lock(disk_->mutex_);
    return file_->bytes.size();
  }

 private:
  SimulatedDisk* const disk_;
  const std::shared_ptr<DiskFile> file_;
  const bool wal_;
};

class SimulatedDisk::Directory : public rocksdb::FSDirectory {
 public:
  explicit Directory(SimulatedDisk* disk) : disk_(disk) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return disk_->FlushNames(); }

 private:
  SimulatedDisk* const disk_;
};

// ---- Crashes

SimulatedDisk::SimulatedDisk(DiskImage image)
    : names_(std::move(image.names)), directories_(std::move(image.directories)), flushed_names_(names_) {
  directories_.insert(".");
}

void SimulatedDisk::ArmCrash(Crash crash, int calls, uint64_t seed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (picture_.has_value()) return;
  crash_ = crash;
  crash_seed_ = seed;
  calls_until_crash_ = calls;
  if (calls == 0) TakePictureLocked();
}

// Before each call that changes the disk.
void SimulatedDisk::CountLocked() {
  if (calls_until_crash_ > 0 && --calls_until_crash_ == 0) TakePictureLocked();
}

void SimulatedDisk::TakePictureLocked() {
  if (picture_.has_value()) return;
  Dice dice(crash_seed_);
  DiskNames names = crash_ == Crash::kKill ? names_ : flushed_names_;
  if (crash_ == Crash::kPowerCut) {
    // A file system with a journal keeps the order of such changes, and may have written some of them by itself.
    const size_t kept = dice.Below(changes_.size() + 1);
    for (size_t i = 0; i < kept; ++i) {
      for (const NameChange& change : changes_[i]) {
        if (change.file == nullptr) {
          names.erase(change.path);
        } else {
          names[change.path] = change.file;
        }
      }
    }
  }
  DiskImage image;
  image.directories = directories_;
  for (const auto& [path, file] : names) {
    auto left = std::make_shared<DiskFile>();
    left->bytes = crash_ == Crash::kKill ? file->bytes : AfterPowerCut(*file, dice);
    // A process that died takes nothing with it; what it did not flush may still go with the power.
    left->flushed = crash_ == Crash::kKill ? file->flushed : left->bytes.size();
    image.names[path] = std::move(left);
  }
  picture_ = std::move(image);
}

DiskImage SimulatedDisk::Contents() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  DiskImage image;
  image.directories = directories_;
  for (const auto& [path, file] : names_) image.names[path] = std::make_shared<DiskFile>(*file);
  return image;
}

// ---- What changes the disk

IOStatus SimulatedDisk::Write(DiskFile& file, const Slice& data) {
  const std::lock_guard<std::mutex> lock(mutex_);
  CountLocked();
  file.bytes.append(data.data(), data.size());
  return IOStatus::OK();
}

IOStatus SimulatedDisk::Flush(DiskFile& file, bool wal) {
  const std::lock_guard<std::mutex> lock(mutex_);
  CountLocked();
  if (wal && std::exchange(fail_wal_flush_, false)) return IOStatus::IOError("the flush failed, as was asked for");
  if (!forget_flushes_) file.flushed = file.bytes.size();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::FlushNames() {
  const std::lock_guard<std::mutex> lock(mutex_);
  CountLocked();
  flushed_names_ = names_;
  changes_.clear();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  CountLocked();
  auto file = std::make_shared<DiskFile>();
  names_[Plain(path)] = file;
  changes_.push_back({{Plain(path), file}});
  *result = std::make_unique<Writer>(this, std::move(file), IsWal(path));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::shared_ptr<DiskFile> file = Find(path);
    if (file != nullptr) {
      *result = std::make_unique<Writer>(this, file, IsWal(path));
      return IOStatus::OK();
    }
  }
  return NewWritableFile(path, options, result, debug);
}

IOStatus SimulatedDisk::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Find(path) == nullptr) return NotThere(path);
  CountLocked();
  names_.erase(Plain(path));
  changes_.push_back({{Plain(path), nullptr}});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::shared_ptr<DiskFile> file = Find(from);
  if (file == nullptr) return NotThere(from);
  CountLocked();
  names_.erase(Plain(from));
  names_[Plain(to)] = file;
  changes_.push_back({{Plain(from), nullptr}, {Plain(to), file}});
  return IOStatus::OK();
}

IOStatus SimulatedDisk::CreateDir(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  return CreateDirIfMissing(path, options, debug);
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  directories_.insert(Plain(path));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  directories_.erase(Plain(path));
  return IOStatus::OK();
}

// ---- What reads it

std::shared_ptr<DiskFile> SimulatedDisk::Find(const std::string& path) const {
  const auto found = names_.find(Plain(path));
  return found == names_.end() ? nullptr : found->second;
}

IOStatus SimulatedDisk::NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<DiskFile> file = Find(path);
  if (file == nullptr) return NotThere(path);
  *result = std::make_unique<Sequence>(this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<DiskFile> file = Find(path);
  if (file == nullptr) return NotThere(path);
  *result = std::make_unique<Reader>(this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewDirectory(const std::string& path, const IOOptions&,
                                     std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (directories_.count(Plain(path)) == 0) return NotThere(path);
  *result = std::make_unique<Directory>(this);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Find(path) != nullptr || directories_.count(Plain(path)) > 0 ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus SimulatedDisk::GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                                    IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  result->clear();
  if (directories_.count(Plain(path)) == 0) return NotThere(path);
  const std::string prefix = Plain(path) + "/";
  for (const auto& [name, file] : names_) {
    if (name.compare(0, prefix.size(), prefix) == 0) result->push_back(name.substr(prefix.size()));
  }
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileSize(const std::string& path, const IOOptions&, uint64_t* size, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::shared_ptr<DiskFile> file = Find(path);
  if (file == nullptr) return NotThere(path);
  *size = file->bytes.size();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time, IODebugContext*) {
  *time = 0;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!locks_.insert(path).second) return IOStatus::IOError("the file is locked");
  *lock = new DiskLock(path);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const std::unique_ptr<DiskLock> held(static_cast<DiskLock*>(lock));
  locks_.erase(held->path);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) {
  return IOStatus::NotSupported("a simulated disk has no directory for tests");
}

IOStatus SimulatedDisk::NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                                  IODebugContext*) {
  return IOStatus::NotSupported("a simulated disk keeps no info log");
}

IOStatus SimulatedDisk::GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                                        IODebugContext*) {
  *result = path;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFreeSpace(const std::string&, const IOOptions&, uint64_t* free, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *free = free_bytes_;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::IsDirectory(const std::string& path, const IOOptions&, bool* is_directory, IODebugContext*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *is_directory = directories_.count(Plain(path)) > 0;
  return IOStatus::OK();
}

// ---- The environment

SimulatedEnv::SimulatedEnv(const std::shared_ptr<SimulatedDisk>& disk, const services::Clock* clock)
    : EnvWrapper(rocksdb::NewCompositeEnv(disk)) {
  system_clock_ = std::make_shared<DiskClock>(clock);
}

void SimulatedEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                            void (*unschedule)(void*)) {
  const std::lock_guard<std::mutex> lock(mutex_);
  jobs_.push_back({function, argument, priority, tag, unschedule});
}

int SimulatedEnv::UnSchedule(void* tag, Priority priority) {
  std::deque<Job> dropped;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::deque<Job> kept;
    for (const Job& job : jobs_) (job.tag == tag && job.priority == priority ? dropped : kept).push_back(job);
    jobs_.swap(kept);
  }
  for (const Job& job : dropped) {
    if (job.unschedule != nullptr) job.unschedule(job.argument);
  }
  return static_cast<int>(dropped.size());
}

unsigned int SimulatedEnv::GetThreadPoolQueueLen(Priority priority) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<unsigned int>(
      std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.priority == priority; }));
}

bool SimulatedEnv::RunOne() {
  Job job;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (jobs_.empty()) return false;
    job = jobs_.front();
    jobs_.pop_front();
  }
  job.function(job.argument);
  return true;
}

}  // namespace simulation
