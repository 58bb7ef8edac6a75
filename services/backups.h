// Backups at a caller's wish: one at a time, on a thread of their own, which also lets those go that are too old.
//
// The keys come first and the log second: what the log holds that was acknowledged before has its key then, and a key
// that a copy brings back after its erasure finds the erasure in the log. Thread-safe.
//
// The thread is a seam: PruneOnce does one round in the caller's thread.

#ifndef SERVICES_BACKUPS_H_
#define SERVICES_BACKUPS_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/backup.h"
#include "eventstore/event_store.h"
#include "services/checkpointer.h"
#include "services/clock.h"

namespace services {

// What a call made.
struct BackupOutcome {
  eventstore::BackupMade log;
  eventstore::BackupMade keys;  // Its id is 0 when keys are not backed up.
  absl::Duration duration;
};

class Backups {
 public:
  struct Config {
    eventstore::StoreBackups* log = nullptr;   // Null: no backups are made. Outlives the server.
    eventstore::StoreBackups* keys = nullptr;  // Null: none of the keys. As above.
    absl::Duration prune_interval = absl::Hours(1);
  };
  // Called once: on the thread of the backups, or at once with a refusal.
  using Done = std::function<void(absl::StatusOr<BackupOutcome>)>;

  // store, checkpointer and clock outlive this.
  Backups(const Config& config, const eventstore::EventStore* store, Checkpointer* checkpointer, const Clock* clock);
  ~Backups();  // As Stop.
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // Begins a backup of all that is acknowledged by now. Does not block. Errors: BACKUP_NOT_CONFIGURED, BACKUP_RUNNING,
  // BACKUP_STORAGE_FULL, BACKUP_DAMAGED, BACKUP_FAILED, SHUTTING_DOWN; those of Checkpointer::Covering.
  void Begin(Done done);

  // How backups went.
  struct Record {
    bool configured = false;
    bool running = false;
    uint64_t made = 0, failed = 0;     // Since the start.
    std::optional<absl::Time> newest;  // When the newest that is there was made, one from before the start too.
  };
  // Does not block on I/O.
  Record record() const;

  // Lets those backups go that are too old; a failure goes to the server's log. Blocks on the disk.
  void PruneOnce();

  void Start();
  // Ends a backup under way, which is answered SHUTTING_DOWN, and the thread. Blocks. Idempotent.
  void Stop();

 private:
  void Run();
  absl::StatusOr<BackupOutcome> Make();

  const Config config_;
  const eventstore::EventStore* const store_;
  Checkpointer* const checkpointer_;
  const Clock* const clock_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  Done asked_;            // To be begun.
  bool running_ = false;  // Asked for, or under way.
  bool stopping_ = false;
  uint64_t made_ = 0, failed_ = 0;
  std::optional<absl::Time> newest_;

  std::thread thread_;
};

// A directory with the flag that names it; nothing when the path is empty.
struct FlaggedDirectory {
  std::string flag;
  std::string path;
};

// Checks that none of the first contains or lies within another of all: a backup inside of what it backs up goes with
// it. Errors: FAILED_PRECONDITION, which names both.
absl::Status CheckApart(const std::vector<FlaggedDirectory>& of_backups,
                        const std::vector<FlaggedDirectory>& of_stores);

}  // namespace services

#endif  // SERVICES_BACKUPS_H_
