// Where work runs that must not run on a network thread: a seam, so that a simulation can run it all in one thread.

#ifndef SERVICES_EXECUTOR_H_
#define SERVICES_EXECUTOR_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace services {

class Executor {
 public:
  virtual ~Executor() = default;

  // Runs task later, once. Returns false, and never runs it, when too much waits already or the executor is stopped.
  // Thread-safe; does not block.
  [[nodiscard]] virtual bool Post(std::function<void()> task) = 0;
};

// A fixed number of threads over one bounded queue, first in, first out.
class ThreadPool : public Executor {
 public:
  ThreadPool(int thread_count, size_t queue_length_max);
  ~ThreadPool() override;  // As Stop.
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] bool Post(std::function<void()> task) override;

  // Tasks that no thread has taken yet, and how many may be.
  size_t waiting() const;
  size_t waiting_max() const { return queue_length_max_; }

  // Runs what waits, joins the threads, refuses what comes later. Blocks. Idempotent.
  void Stop();

 private:
  void Run();

  const size_t queue_length_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // Guarded by mutex_.
  bool stopping_ = false;                    // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

}  // namespace services

#endif  // SERVICES_EXECUTOR_H_
