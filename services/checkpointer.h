// Makes the log's checkpoints: the root of its tree at a size, marked outside the log before it leaves this class, and
// signed when there is a key. One thread of its own makes one when the log has grown, at most once an interval.
//
// Only durable sizes are taken (EventStore::LogSize), and a mark at least as large is on the disk before a root is
// signed or handed out: so no two roots of one size are ever signed, also across a crash or a restored copy.
// Thread-safe.
//
// The thread is a seam: RunOnce does one round in the caller's thread.

#ifndef SERVICES_CHECKPOINTER_H_
#define SERVICES_CHECKPOINTER_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/checkpoint.h"
#include "eventstore/event_store.h"
#include "eventstore/signing_key.h"
#include "eventstore/watermark.h"
#include "services/clock.h"
#include "services/log_limit.h"

namespace services {

// A checkpoint that may be handed out.
struct MadeCheckpoint {
  eventstore::Checkpoint checkpoint;  // The origin is empty without a key.
  std::string note;                   // Empty without a key.
  absl::Time made;                    // By the clock; not part of what is signed.
};

class Checkpointer {
 public:
  struct Config {
    absl::Duration interval = absl::Seconds(1);  // Between two checkpoints that nobody asked for.
  };
  // Shared, since a reader may hold it while a newer one takes its place.
  using Made = std::shared_ptr<const MadeCheckpoint>;

  // store and clock outlive the checkpointer. Without a key nothing is signed; without a watermark, which is for stores
  // that end with the process, nothing is marked.
  Checkpointer(const Config& config, const eventstore::EventStore* store, const Clock* clock,
               std::optional<eventstore::SigningKey> key, std::optional<eventstore::WatermarkFile> watermark);
  ~Checkpointer();  // As Stop.
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // The key that checks the signatures, as text; empty without a key.
  const std::string& verifier_key() const { return verifier_key_; }

  // The newest checkpoint; null before the first. Does not block on I/O.
  Made Newest() const;
  // Its size; 0 before the first. Does not block on I/O.
  uint64_t NewestSize() const;

  // The newest checkpoint when it covers size records; otherwise makes one that does, of all the log holds. Errors:
  // SIZE_BEYOND_LOG, CHECKPOINT_NOT_MADE, LOG_DAMAGED. Blocks on the disk.
  absl::StatusOr<Made> Covering(uint64_t size);

  // The checkpoint of exactly a size. Errors and blocking as above.
  absl::StatusOr<Made> At(uint64_t size);

  // The root of the tree of a size, once it may be handed out. Errors and blocking as above.
  absl::StatusOr<eventstore::Sha256Digest> RootOf(uint64_t size);

  // Makes a checkpoint when the log has grown. Returns whether one was made; a failure goes to the server's log. Blocks
  // on the disk.
  bool RunOnce();

  void Start();
  // Makes a last checkpoint of what was written, and ends the thread. Blocks. Idempotent.
  void Stop();

 private:
  void Run();
  absl::StatusOr<Made> Make(uint64_t size);  // REQUIRES: making_ held.
  absl::StatusOr<MadeCheckpoint> Sign(uint64_t size, const eventstore::Sha256Digest& root);
  absl::Status NotMade(const absl::Status& status);

  const Config config_;
  const eventstore::EventStore* const store_;
  const Clock* const clock_;
  const std::optional<eventstore::SigningKey> key_;
  const std::string verifier_key_;
  LogLimit log_limit_;  // A full disk would fill the log by a line a second.

  // Held while the mark is written: who waits for it needs that mark.
  std::mutex making_;
  std::optional<eventstore::WatermarkFile> watermark_;  // Guarded by making_.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Made newest_;            // Guarded by mutex_.
  bool stopping_ = false;  // Guarded by mutex_.

  std::thread thread_;
};

// Refuses a size that the log does not have. Errors: SIZE_BEYOND_LOG.
absl::Status CheckWithinLog(const eventstore::EventStore& store, uint64_t size);

}  // namespace services

#endif  // SERVICES_CHECKPOINTER_H_
