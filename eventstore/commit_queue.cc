#include "eventstore/commit_queue.h"

#include <utility>

namespace eventstore {

CommitQueue::CommitQueue(size_t group_bytes_max, Commit commit)
    : group_bytes_max_(group_bytes_max), commit_(std::move(commit)) {}

void CommitQueue::Submit(PendingWrite* write) {
  std::unique_lock<std::mutex> lock(mutex_);
  waiting_.push_back(write);
  write->turn.wait(lock, [&] { return write->done || waiting_.front() == write; });
  if (write->done) return;

  const std::vector<PendingWrite*> group = GatherLocked();
  lock.unlock();
  commit_(group);
  lock.lock();
  waiting_.erase(waiting_.begin(), waiting_.begin() + group.size());
  // Under the lock: a follower that has seen done may leave, and its condition variable with it.
  for (PendingWrite* follower : group) {
    follower->done = true;
    if (follower != write) follower->turn.notify_one();
  }
  if (!waiting_.empty()) waiting_.front()->turn.notify_one();
}

std::vector<PendingWrite*> CommitQueue::GatherLocked() const {
  std::vector<PendingWrite*> group;
  size_t bytes = 0;
  for (PendingWrite* write : waiting_) {
    if (!group.empty() && bytes + write->bytes > group_bytes_max_) break;
    group.push_back(write);
    bytes += write->bytes;
  }
  return group;
}

}  // namespace eventstore
