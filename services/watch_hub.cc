#include "services/watch_hub.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "services/domain/refusal.h"
#include "services/service_parts.h"

namespace services {

absl::Status WatchEnded() {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_SHUTTING_DOWN,
                       "the server is stopping; go on elsewhere or later from the place that the last message named",
                       {}, 1000);
}

WatchHub::WatchHub(const Config& config, const Clock* clock) : config_(config), clock_(clock) {}

WatchHub::~WatchHub() { Stop(); }

absl::Status WatchHub::Enter(Watcher* watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return WatchEnded();
  if (entered_.size() >= config_.watches_max) return ReadsOverloaded();
  entered_.insert(watcher);
  return absl::OkStatus();
}

void WatchHub::Leave(Watcher* watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  woken_early_.erase(watcher);
  entered_.erase(watcher);
}

bool WatchHub::Park(Watcher* watcher, absl::Time until, bool at_once) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return false;
    if (woken_early_.erase(watcher) > 0 || at_once || watcher->IsBehind()) {
      ready_.insert(watcher);
    } else {
      parked_[watcher] = until;
      if (until >= next_until_) return true;
      next_until_ = until;  // The thread is to sleep less long.
    }
  }
  wake_.notify_one();
  return true;
}

void WatchHub::Wake(Watcher* watcher) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!entered_.contains(watcher) || ready_.contains(watcher)) return;
    if (parked_.erase(watcher) == 0) {
      woken_early_.insert(watcher);
      return;
    }
    ready_.insert(watcher);
  }
  wake_.notify_one();
}

void WatchHub::Notify() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Who parks from now on looks for itself first.
    if (notified_ || parked_.empty()) return;
    notified_ = true;
  }
  wake_.notify_one();
}

bool WatchHub::RunOnce() { return Round(/*look_at_all=*/true); }

bool WatchHub::Round(bool look_at_all) {
  const absl::Time now = clock_->Now();
  std::vector<std::pair<Watcher*, bool>> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Watcher* const watcher : ready_) due.emplace_back(watcher, false);
    ready_.clear();
    if (look_at_all) {
      next_until_ = absl::InfiniteFuture();
      for (auto next = parked_.begin(); next != parked_.end();) {
        const auto parked = next++;
        const bool late = now >= parked->second;
        if (late || parked->first->IsBehind()) {
          due.emplace_back(parked->first, late);
          parked_.erase(parked);
        } else {
          next_until_ = std::min(next_until_, parked->second);
        }
      }
    }
  }
  for (const auto& [watcher, late] : due) watcher->Continue(late);
  return !due.empty();
}

void WatchHub::Start() {
  thread_ = std::thread([this] { Run(); });
}

void WatchHub::Run() {
  // A round looks at every watch only where one may have become due.
  bool look_at_all = true;
  for (;;) {
    Round(look_at_all);
    const absl::Time now = clock_->Now();
    std::unique_lock<std::mutex> lock(mutex_);
    const absl::Duration nap =
        std::clamp(next_until_ - now, absl::Milliseconds(1), absl::Milliseconds(config_.poll_interval_ms));
    const absl::Time next_until = next_until_;
    const bool called = wake_.wait_for(lock, absl::ToChronoMicroseconds(nap), [this, next_until] {
      return stopping_ || notified_ || !ready_.empty() || next_until_ < next_until;
    });
    if (stopping_) return;
    look_at_all = !called || notified_;
    notified_ = false;
  }
}

void WatchHub::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::vector<Watcher*> ended;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [watcher, until] : parked_) ended.push_back(watcher);
    ended.insert(ended.end(), ready_.begin(), ready_.end());
    parked_.clear();
    ready_.clear();
  }
  for (Watcher* const watcher : ended) watcher->End();
}

size_t WatchHub::watch_count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entered_.size();
}

}  // namespace services
