#include "services/trustctl/interruption.h"

#include <ctime>
#include <utility>

namespace trustctl {
namespace {

sigset_t StoppingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

HeldSignals::HeldSignals() : before_() {
  const sigset_t signals = StoppingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

HeldSignals::~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

Interruption::Interruption(std::function<void()> stop) : stop_(std::move(stop)), thread_([this] { Listen(); }) {}

Interruption::~Interruption() {
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  // It waits for a signal, and so a signal ends it; one that came meanwhile does as well.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  // Nor does one that came since the first end the program when signals are let through again.
  const sigset_t signals = StoppingSignals();
  const timespec at_once = {};
  while (sigtimedwait(&signals, nullptr, &at_once) > 0) {
  }
}

bool Interruption::came() {
  absl::MutexLock lock(&mutex_);
  return came_;
}

bool Interruption::WaitFor(absl::Duration time_max) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&came_), time_max);
}

void Interruption::Listen() {
  const sigset_t signals = StoppingSignals();
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    bool first = false;
    {
      absl::MutexLock lock(&mutex_);
      if (done_) return;
      first = !came_;
      came_ = true;
    }
    if (first) stop_();
  }
}

}  // namespace trustctl
