// Ctrl-C as a wish to stop in order, for a verb that would else go on for ever.

#ifndef SERVICES_TRUSTCTL_INTERRUPTION_H_
#define SERVICES_TRUSTCTL_INTERRUPTION_H_

#include <signal.h>

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace trustctl {

// While it lives, this thread and those that it starts take neither SIGINT nor SIGTERM; those it started never do.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_;
};

// While it lives, SIGINT and SIGTERM do not end the program. Every other thread must have been started under
// HeldSignals. Owns the thread that waits for them, and joins it.
class Interruption {
 public:
  // stop is called from another thread when the first signal comes; whatever it uses must outlive this.
  explicit Interruption(std::function<void()> stop);
  ~Interruption();

  bool came();
  // Waits for one, for at most so long. True when it came.
  bool WaitFor(absl::Duration time_max);

 private:
  void Listen();

  const HeldSignals held_;
  const std::function<void()> stop_;
  absl::Mutex mutex_;
  bool came_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_INTERRUPTION_H_
