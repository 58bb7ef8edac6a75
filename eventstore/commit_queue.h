// Lets threads that write at the same time share one flush: the one in front writes for all that wait behind it.
//
// While a group is on its way to the disk the next one gathers, so groups grow with the load and nobody waits for a
// timer. There is no thread of its own. Thread-safe. Submit blocks.

#ifndef EVENTSTORE_COMMIT_QUEUE_H_
#define EVENTSTORE_COMMIT_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "eventstore/event_store.h"

namespace eventstore {

// One caller's write while it waits. Lives on the caller's stack; what it points to must outlive the call of Submit.
struct PendingWrite {
  const Append* append = nullptr;  // nullptr: rows alone.
  const std::vector<RowWrite>* rows = nullptr;
  size_t bytes = 0;

  // Set by the commit. For rows alone only its status counts.
  absl::StatusOr<Appended> outcome = Appended{};

  // The queue's own; guarded by its mutex.
  bool done = false;
  std::condition_variable turn;
};

class CommitQueue {
 public:
  // Stores a group in order and sets each outcome. Called without a lock, by one thread at a time, each call seeing
  // what the one before it did: what only commits touch needs no other guard.
  using Commit = std::function<void(absl::Span<PendingWrite* const> group)>;

  // A group holds at most group_bytes_max bytes, or one write.
  CommitQueue(size_t group_bytes_max, Commit commit);

  // Returns when the write's outcome is set.
  void Submit(PendingWrite* write);

 private:
  std::vector<PendingWrite*> GatherLocked() const;

  const size_t group_bytes_max_;
  const Commit commit_;

  std::mutex mutex_;
  // Guarded by mutex_. The one in front writes, or is about to.
  std::deque<PendingWrite*> waiting_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_COMMIT_QUEUE_H_
