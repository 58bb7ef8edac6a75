// The standing index: where every partnership stands today, kept in tables beside the log, so that questions across
// partnerships are answered without folding their histories.
//
// It follows the log at its own pace, one batch a step: partnerships that gained events are read again, and on each new
// day those whose day has come. Rows, the changes that watches are told, and how far it is are written in one atom, so
// that after a crash it goes on where it was. When the format of its rows or the policy in force is another, it reads
// every partnership anew by itself. It never holds up a command and never blocks the network.
//
// The thread is a seam: Step does one batch in the caller's thread; Start gives the index a thread of its own.
// Thread-safe, but for Prepare and Step, which one thread calls.

#ifndef SERVICES_STANDING_INDEX_H_
#define SERVICES_STANDING_INDEX_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "projections/standing.h"
#include "services/clock.h"
#include "services/reading_cache.h"
#include "trust/v1/standing.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

class StandingIndex {
 public:
  struct Config {
    size_t batch_events_max = 16384;
    size_t batch_partnerships_max = 256;
    size_t batch_bytes_max = 8 << 20;
    uint64_t changes_kept_max = 100'000;  // For watches; older ones are dropped.
    size_t changes_dropped_max = 4096;    // In one step, beyond as many as it adds.
    size_t changes_in_memory_max = 4096;
    size_t waiting_max = 1024;  // Callers that wait for a position.
    absl::Duration wait_max = absl::Seconds(5);
    // The thread's steps begin at least so far apart, unless somebody waits: what comes meanwhile is taken in together,
    // with one flush of the disk.
    absl::Duration rest = absl::Milliseconds(20);
    int poll_interval_ms = 1000;  // How often the day is looked at when nothing wakes the index.
  };

  // How far the index is.
  struct State {
    bool ready = false;
    uint64_t position = 0;  // Every event up to here is taken in.
    projections::Day day = 0;
    uint64_t sequence = 0;         // The number of the newest change.
    uint64_t oldest_sequence = 1;  // Of the oldest that is kept.
    uint64_t epoch = 0;            // What tells these numbers from those of another index.
    uint64_t done = 0, total = 0;  // Partnerships, while they are read anew.
  };

  using Change = std::shared_ptr<const trust::v1::WatchTrustResponse>;  // Shared by all watches that tell it.

  // All are borrowed and outlive the index. policy_sha256 tells the policy in force by all that the store holds; it is
  // asked in every step and may read the store. on_changes is called by the thread that steps, after new changes or a
  // new day; on_store_failed, by the same, each time a write ends in a state that only reopening the store can mend.
  StandingIndex(const Config& config, eventstore::EventStore* store, const Clock* clock, ReadingCache* readings,
                std::function<std::string()> policy_sha256, std::function<void()> on_changes,
                std::function<void()> on_store_failed);
  ~StandingIndex();  // As Stop.
  StandingIndex(const StandingIndex&) = delete;
  StandingIndex& operator=(const StandingIndex&) = delete;

  // Finds out how far the index is, and makes the one of an empty log at once. Blocks. A failure is logged, and tried
  // again by Step.
  void Prepare();

  // Does one batch. false: there was nothing to do. Blocks on the disk. Errors: those of the store; nothing of the
  // batch is then done, and the next step tries it again.
  absl::StatusOr<bool> Step();

  // Starts the thread.
  void Start();
  // Ends the thread; whoever waits is told SHUTTING_DOWN. Blocks. Idempotent.
  void Stop();

  // Has the thread look whether there is something to do. Never blocks.
  void Wake();

  // How long the thread steps aside after a step that took so long, while the log grew from one size to another; zero
  // unless somebody writes. Pure.
  static absl::Duration PauseAfter(const Config& config, uint64_t size_before, uint64_t size_after,
                                   absl::Duration took);

  State state() const;
  // INDEX_NOT_READY with done and total in its metadata while the index is being made.
  absl::Status CheckReady() const;

  // Calls then once the index has taken in a position: at once on this thread, or later on the index's. It must not
  // block. Errors handed on: INDEX_NOT_READY when that takes too long, OVERLOADED, SHUTTING_DOWN.
  void WhenAt(uint64_t position, std::function<void(absl::Status)> then);

  // Visits the changes after a number, with their numbers, in order, as of the moment of the call; visit returns false
  // to stop. The newest come from memory, others from the disk. Errors: OUT_OF_RANGE when the first is no longer kept;
  // LOG_DAMAGED, INTERNAL.
  absl::Status VisitChanges(uint64_t after,
                            absl::FunctionRef<bool(uint64_t sequence, const Change& change)> visit) const;

 private:
  struct Batch;
  struct Waiter {
    uint64_t position;
    absl::Time until;
    std::function<void(absl::Status)> then;
  };

  void Run();
  absl::Status Load();
  absl::StatusOr<bool> Clear();
  absl::Status BeginBuild();
  absl::Status Build();
  absl::Status AdvanceDay(projections::Day today);
  absl::StatusOr<bool> Follow();
  absl::StatusOr<bool> Trim();

  // Reads a partnership as of the progress's day into the batch, unless the row holds revision_min already.
  absl::Status Reread(const std::string& partnership, uint64_t revision_min, bool told_when_new, Batch& batch);
  absl::Status RereadThrough(const std::string& partnership, projections::Day today, Batch& batch);
  // Keeps the row of a partnership that cannot be read, and has it tried again on a later day.
  void LeaveOut(const std::string& partnership, const std::optional<trust::v1::StandingRow>& before,
                const absl::Status& why, Batch& batch);
  void Put(const std::string& partnership, const std::optional<trust::v1::StandingRow>& before,
           trust::v1::StandingRow after, std::vector<trust::v1::WatchTrustResponse> told, Batch& batch);
  absl::Status FlushWhenFull(Batch& batch);
  absl::Status Flush(Batch& batch);
  bool KeepsTooMany() const;
  absl::StatusOr<bool> IsNewerThan(uint64_t position, const std::string& partnership) const;
  uint64_t CountPartnerships() const;
  void Publish(std::vector<Change> changes);
  void AnswerWaiters();

  const Config config_;
  eventstore::EventStore* const store_;
  const Clock* const clock_;
  ReadingCache* const readings_;
  const std::function<std::string()> policy_sha256_;
  const std::function<void()> on_changes_;
  const std::function<void()> on_store_failed_;

  // The stepping thread's own.
  bool loaded_ = false;
  trust::v1::StandingProgress progress_;
  uint64_t total_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  State state_;                  // Guarded by mutex_.
  std::deque<Change> recent_;    // Guarded by mutex_; the last is state_.sequence.
  std::vector<Waiter> waiters_;  // Guarded by mutex_.
  bool woken_ = false;           // Guarded by mutex_.
  bool idle_ = false;            // Guarded by mutex_: the thread waits to be woken.
  bool stopping_ = false;        // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace services

#endif  // SERVICES_STANDING_INDEX_H_
