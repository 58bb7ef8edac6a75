// Backups of a store, whatever its engine: how one is described, and who makes them.
//
// A backup counts once its description stands beside it. That is written last, when everything else is on the disk and
// has been read back, so that one that was cut short is none. Thread-safe.

#ifndef EVENTSTORE_BACKUP_H_
#define EVENTSTORE_BACKUP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/checkpoint.h"

namespace eventstore {

struct BackupDescription {
  uint64_t id = 0;            // From 1, and never used twice in a directory while one of them is there.
  std::string store;          // The identity of the store, so that no other one's backups end among them.
  absl::Time made;            // To the microsecond.
  uint64_t bytes = 0;         // Of all its files, those included that it shares with others.
  std::string engine_sha256;  // In hexadecimal digits: of the engine's own list of the files with their checksums.
  // Of a log: a size and root that it held when the backup began. All of that is in it; some later records may be, too.
  // The origin is empty when nobody signs; of a store without a log all is empty.
  Checkpoint checkpoint;
  absl::Time latest_record_time = absl::InfinitePast();
  std::string note;  // The checkpoint as it was signed; empty without a key.
};

// The description as text, with its own checksum: lines for people and programs.
std::string DescriptionText(const BackupDescription& description);

// Reads what DescriptionText writes. Errors: DATA_LOSS when it is damaged; FAILED_PRECONDITION for a newer version.
absl::StatusOr<BackupDescription> ParseDescription(absl::string_view text);

// Which backups are kept.
struct BackupRetention {
  size_t kept_max = 1;                                // The newest; at least 1.
  absl::Duration age_max = absl::InfiniteDuration();  // An older one goes, even when it is the newest.
};

// What was made.
struct BackupMade {
  BackupDescription description;
  uint64_t bytes_new = 0;  // Of its files, those that no backup before it had.
};

// Makes backups of one store in one directory.
class StoreBackups {
 public:
  virtual ~StoreBackups() = default;

  // Makes a backup, reads all of it back, and lets those go that the retention no longer keeps. Of the description the
  // caller fills in made, checkpoint, latest_record_time and note. One call at a time, which lasts as long as the disk
  // takes. When it fails, what was there stays.
  // Errors: RESOURCE_EXHAUSTED: no room; PERMISSION_DENIED: the directory cannot be made or written;
  // FAILED_PRECONDITION: it is in use, or holds the backups of another store; DATA_LOSS: a file of the store, or of
  // what was written, is not what its checksum says; CANCELLED: Stop was called; UNAVAILABLE: another failure.
  [[nodiscard]] virtual absl::StatusOr<BackupMade> Make(const BackupDescription& description) = 0;

  // Lets those go that are too old. Not while Make runs. Errors: as above.
  [[nodiscard]] virtual absl::Status Prune(absl::Time now) = 0;

  // When the newest one that is there was made; nothing when there is none, or that cannot be read.
  [[nodiscard]] virtual std::optional<absl::Time> NewestTime() const { return std::nullopt; }

  // Makes a call of Make under way, and each later one, fail soon. Does not block.
  virtual void Stop() = 0;
};

}  // namespace eventstore

#endif  // EVENTSTORE_BACKUP_H_
