#include "eventstore/commit_queue.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace eventstore {
namespace {

const std::vector<RowWrite> kNoRows;

// Commits, and holds the first group up until the test has seen enough writes wait.
class HeldQueue {
 public:
  explicit HeldQueue(size_t group_bytes_max)
      : queue_(group_bytes_max, [this](absl::Span<PendingWrite* const> group) {
          EXPECT_FALSE(committing_.exchange(true)) << "two groups at once";
          groups_.push_back(group.size());
          while (groups_.size() == 1 && submitted_ < expected_) std::this_thread::yield();
          for (PendingWrite* write : group) write->outcome = Appended{next_++, absl::InfinitePast()};
          committing_ = false;
        }) {}

  // The sizes of the groups that a number of threads, each with one write of so many bytes, make.
  std::vector<size_t> Run(int threads, size_t bytes) {
    expected_ = threads;
    std::vector<std::thread> running;
    std::vector<uint64_t> outcomes(threads);
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        PendingWrite write;
        write.rows = &kNoRows;
        write.bytes = bytes;
        ++submitted_;
        queue_.Submit(&write);
        outcomes[t] = write.outcome->first_position;
      });
    }
    for (std::thread& thread : running) thread.join();
    std::sort(outcomes.begin(), outcomes.end());
    for (int t = 0; t < threads; ++t) EXPECT_EQ(outcomes[t], t + 1);
    return groups_;
  }

 private:
  std::atomic<int> submitted_{0};
  int expected_ = 0;
  std::atomic<bool> committing_{false};
  std::vector<size_t> groups_;
  uint64_t next_ = 1;
  CommitQueue queue_;
};

TEST(CommitQueueTest, AWriteAloneIsAGroup) { EXPECT_EQ(HeldQueue(100).Run(1, 1000), std::vector<size_t>{1}); }

TEST(CommitQueueTest, WritesThatWaitShareGroupsAndEachGetsItsOwnOutcome) {
  size_t writes = 0;
  for (const size_t size : HeldQueue(1000000).Run(16, 10)) writes += size;
  EXPECT_EQ(writes, 16);
}

TEST(CommitQueueTest, AGroupKeepsItsBound) {
  for (const size_t size : HeldQueue(35).Run(16, 10)) EXPECT_LE(size, 3);
}

TEST(CommitQueueTest, AWriteBeyondTheBoundGoesAlone) {
  for (const size_t size : HeldQueue(35).Run(8, 36)) EXPECT_EQ(size, 1);
}

}  // namespace
}  // namespace eventstore
