// The command lane: one thread that decides commands in order, appends what they decide, and tells their callers.
//
// Life of a command: Submit puts it into a bounded queue; the lane takes what waits, fetches each partnership's state
// (from its cache, or, cold, by way of the pool, while the others go on), judges each command against the state with
// the commands before it in place, writes the whole batch with one append, publishes, and finishes the calls. Nothing
// is published or acknowledged before it is durable.
//
// The thread is a seam: RunBatch does one round in the caller's thread, which is how a simulation drives it; Start
// gives the lane a thread of its own.

#ifndef SERVICES_COMMAND_LANE_H_
#define SERVICES_COMMAND_LANE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "eventstore/event_store.h"
#include "projections/partnership.h"
#include "services/cache_budget.h"
#include "services/clock.h"
#include "services/command.h"
#include "services/executor.h"
#include "services/log_limit.h"
#include "services/meters.h"
#include "services/reason_counts.h"

namespace services {

// Derived rows that the lane keeps.
inline constexpr char kPartnershipTable[] = "partnerships";  // Id -> trust.v1.Partnership without revision.

// Told what became durable, in order, before the callers are.
class Publisher {
 public:
  virtual ~Publisher() = default;

  // Must not block on I/O. Called by the lane's thread.
  virtual void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) = 0;
};

class CommandLane {
 public:
  struct Config {
    size_t commands_waiting_max = 8192;  // Between Submit and the answer; beyond it calls are OVERLOADED.
    // Commands come faster than they are decided when one waited so long and finds no place in the batch that begins.
    // It is OVERLOADED, and so are those that come while such a one waits: work that is late for its caller is not done
    // at the cost of work that is not.
    absl::Duration command_wait_max = absl::Milliseconds(100);
    size_t batch_commands_max = 1024;         // Judged before one append.
    size_t batch_bytes_max = 4 << 20;         // Payload bytes after which a batch is closed.
    size_t state_cache_bytes_max = 64 << 20;  // Decision states kept, and a large one besides: CacheBudget.
  };

  // All are borrowed and outlive the lane. on_store_failed is called, on the lane's thread, each time a write ends in a
  // state that only reopening the store can mend.
  CommandLane(const Config& config, eventstore::EventStore* store, const Clock* clock, Executor* pool,
              Publisher* publisher, std::function<void()> on_store_failed);
  ~CommandLane();  // As Stop.
  CommandLane(const CommandLane&) = delete;
  CommandLane& operator=(const CommandLane&) = delete;

  // Takes a command in. One that cannot be taken is refused at once, on this thread: OVERLOADED when too many wait, or
  // have waited too long, SHUTTING_DOWN after Stop. Thread-safe; does not block on I/O.
  void Submit(std::unique_ptr<Command> command);

  // Starts the lane's thread.
  void Start();

  // Refuses new commands, answers those that wait, ends the thread. Blocks. Idempotent.
  void Stop();

  // Does one round. Returns false when there was nothing to do. Only without Start.
  bool RunBatch();

  // What the lane has counted since it was made.
  struct Meters {
    Histogram batch_commands{kBatchBounds};  // Commands that were decided together; rounds without any do not count.
    Histogram commit_ns{kDurationBoundsNs};  // How long an append took until it was durable, in nanoseconds.
    Counter events;                          // That became durable.
    ReasonCounts refused;  // Commands that the lane refused without deciding them, or could not store.
  };
  const Meters& meters() const { return meters_; }
  // Commands between Submit and the answer.
  size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  // Of the decision states that are kept.
  size_t state_bytes() const { return budget_.bytes(); }
  const Config& config() const { return config_; }

 private:
  static constexpr std::array<uint64_t, 11> kBatchBounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  struct Resident {
    std::unique_ptr<projections::Partnership> state;
    size_t bytes = 0;
    std::list<std::string>::iterator use;  // In uses_, most recent first.
  };
  struct Loaded {
    std::string partnership;
    absl::StatusOr<std::unique_ptr<projections::Partnership>> state;
  };
  struct Waiting {
    std::unique_ptr<Command> command;
    absl::Duration since;  // By the clock's Monotonic.
  };
  struct Judged {
    std::unique_ptr<Command> command;
    Draft* draft;
  };
  struct Batch;

  void Run();
  bool HasWork() const;  // REQUIRES: mutex_ held.
  std::vector<std::unique_ptr<Command>> TakeReady();
  bool IsLate(const Command& command) const;
  void Shed();
  void Admit(Loaded loaded, std::vector<std::unique_ptr<Command>>& ready);
  void Load(const std::string& partnership);
  projections::Partnership* FindState(const std::string& partnership);
  void Judge(std::vector<std::unique_ptr<Command>> ready, Batch& batch);
  absl::Status Write(Batch& batch);
  void Publish(Batch& batch);
  void Complete(Batch& batch, const absl::Status& status);
  void Account(const std::string& partnership, size_t bytes);
  void Forget(std::string partnership);  // By value: the caller's string may die with the state.
  void Evict();
  void Refuse(Command& command, const absl::Status& status);
  void GiveBackPlace();  // Before the answer: whoever has it may ask again at once.
  void TellClockBehind(absl::Duration behind);

  const Config config_;
  eventstore::EventStore* const store_;
  const Clock* const clock_;
  Executor* const pool_;
  Publisher* const publisher_;
  const std::function<void()> on_store_failed_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable loads_done_;
  std::deque<Waiting> queue_;  // Guarded by mutex_.
  std::deque<Loaded> loaded_;  // Guarded by mutex_.
  size_t loads_running_ = 0;   // Guarded by mutex_.
  bool stopping_ = false;      // Guarded by mutex_.

  std::atomic<size_t> waiting_{0};  // Commands between Submit and the answer.
  Meters meters_;
  LogLimit log_limit_;

  // Below: the lane's thread alone.
  absl::flat_hash_map<std::string, Resident> residents_;
  std::list<std::string> uses_;
  CacheBudget budget_;
  std::vector<std::string> displaced_;  // To be forgotten at the end of the batch.
  absl::flat_hash_map<std::string, std::deque<std::unique_ptr<Command>>> awaiting_load_;
  std::deque<std::unique_ptr<Command>> carried_;  // Judged in the next round, before the queue.
  int conflicts_in_a_row_ = 0;

  std::thread thread_;
};

}  // namespace services

#endif  // SERVICES_COMMAND_LANE_H_
