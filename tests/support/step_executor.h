// An executor whose tasks run when the test says so, in the test's own thread.

#ifndef TESTS_SUPPORT_STEP_EXECUTOR_H_
#define TESTS_SUPPORT_STEP_EXECUTOR_H_

#include <deque>
#include <functional>
#include <utility>

#include "services/executor.h"

namespace support {

class StepExecutor : public services::Executor {
 public:
  [[nodiscard]] bool Post(std::function<void()> task) override {
    if (full) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  // Runs one task; false when there is none.
  bool RunOne() {
    if (tasks_.empty()) return false;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    return true;
  }

  bool full = false;

 private:
  std::deque<std::function<void()>> tasks_;
};

}  // namespace support

#endif  // TESTS_SUPPORT_STEP_EXECUTOR_H_
