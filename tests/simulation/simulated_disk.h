// A disk in memory for RocksDB, which keeps apart what was written and what was flushed: file by file, and for names of
// files directory by directory, as POSIX allows. A picture of it can be taken at any call that changes it, as a crash
// leaves it.
//
// Calls that only read are not counted, and may come from several threads: RocksDB opens tables in threads of its own.

#ifndef TESTS_SIMULATION_SIMULATED_DISK_H_
#define TESTS_SIMULATION_SIMULATED_DISK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "services/clock.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/storage.h"

namespace simulation {

// What a disk holds.
struct DiskFile {
  std::string bytes;
  size_t flushed = 0;  // So many of them would survive a power cut.
};
using DiskNames = std::map<std::string, std::shared_ptr<DiskFile>>;
struct DiskImage {
  DiskNames names;
  std::set<std::string> directories;
};

class SimulatedDisk : public rocksdb::FileSystem {
 public:
  explicit SimulatedDisk(DiskImage image);

  // A crash leaves this at the call of that number from here on; 0: now.
  void ArmCrash(Crash crash, int calls, uint64_t seed);
  const std::optional<DiskImage>& picture() const { return picture_; }
  // A copy of all it holds. REQUIRES: nothing is open.
  DiskImage Contents() const;

  void set_free_bytes(uint64_t bytes) { free_bytes_ = bytes; }
  // The next flush of a WAL fails; its bytes are written.
  void FailNextWalFlush() { fail_wal_flush_ = true; }
  // Flushes say that they were done and do nothing: for a planted mistake.
  void ForgetFlushes() { forget_flushes_ = true; }

  const char* Name() const override { return "SimulatedDisk"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options, uint64_t* size,
                                rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& path, const rocksdb::IOOptions& options, uint64_t* time,
                                            rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions& options, std::string* path,
                                     rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions& options, std::string* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* free,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options, bool* is_directory,
                                rocksdb::IODebugContext* debug) override;

 private:
  class Reader;
  class Sequence;
  class Writer;
  class Directory;

  // One change of a name; a file that is gone has none.
  struct NameChange {
    std::string path;
    std::shared_ptr<DiskFile> file;
  };

  std::shared_ptr<DiskFile> Find(const std::string& path) const;
  rocksdb::IOStatus Write(DiskFile& file, const rocksdb::Slice& data);
  rocksdb::IOStatus Flush(DiskFile& file, bool wal);
  rocksdb::IOStatus FlushNames();
  void CountLocked();
  void TakePictureLocked();

  mutable std::mutex mutex_;
  DiskNames names_;                               // Guarded by mutex_, as all below.
  std::set<std::string> directories_;             // Making one is durable at once: it happens once in a life.
  DiskNames flushed_names_;                       // As they were when the directory was last flushed.
  std::vector<std::vector<NameChange>> changes_;  // Since then; those of one element are one atom.
  std::set<std::string> locks_;
  uint64_t free_bytes_ = uint64_t{1} << 40;
  bool fail_wal_flush_ = false;
  bool forget_flushes_ = false;
  int calls_until_crash_ = 0;
  Crash crash_ = Crash::kKill;
  uint64_t crash_seed_ = 0;
  std::optional<DiskImage> picture_;
};

// RocksDB's world in one thread: the disk, a clock of the simulation's, and work in the background that waits until it
// is told to run, in the thread that tells it.
class SimulatedEnv : public rocksdb::EnvWrapper {
 public:
  // The clock outlives it.
  SimulatedEnv(const std::shared_ptr<SimulatedDisk>& disk, const services::Clock* clock);

  // Runs what waits longest; false when nothing waits.
  bool RunOne();

  void Schedule(void (*function)(void* argument), void* argument, Priority priority, void* tag,
                void (*unschedule)(void* argument)) override;
  int UnSchedule(void* tag, Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  void SetBackgroundThreads(int, Priority) override {}
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}

 private:
  struct Job {
    void (*function)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*unschedule)(void*);
  };

  mutable std::mutex mutex_;
  std::deque<Job> jobs_;  // Guarded by mutex_.
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SIMULATED_DISK_H_
