#include "services/watch_hub.h"

#include <chrono>
#include <utility>
#include <vector>

#include "services/domain/refusal.h"
#include "services/service_parts.h"

namespace services {

absl::Status WatchEnded() {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_SHUTTING_DOWN,
                       "the server is stopping; go on elsewhere or later with the last resume_token", {}, 1000);
}

WatchHub::WatchHub(const Config& config, const StandingIndex* index, const Clock* clock)
    : config_(config), index_(index), clock_(clock) {}

WatchHub::~WatchHub() { Stop(); }

absl::Status WatchHub::Enter() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return WatchEnded();
  if (watch_count_ >= config_.watches_max) return ReadsOverloaded();
  ++watch_count_;
  return absl::OkStatus();
}

void WatchHub::Leave(Watcher* watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  woken_early_.erase(watcher);
  --watch_count_;
}

bool WatchHub::IsBehind(const WatchPlace& place, const StandingIndex::State& state) {
  return state.sequence > place.sequence || state.day > place.day;
}

bool WatchHub::Park(Watcher* watcher, const WatchPlace& place, bool at_once) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return false;
    const bool due = at_once || woken_early_.erase(watcher) > 0 || IsBehind(place, index_->state());
    parked_[watcher] = {place, due};
    // A round looks at every watch: only one that is due is worth it.
    if (!due) return true;
    notified_ = true;
  }
  wake_.notify_one();
  return true;
}

void WatchHub::Wake(Watcher* watcher) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto parked = parked_.find(watcher);
    if (parked == parked_.end()) {
      woken_early_.insert(watcher);
      return;
    }
    parked->second.at_once = true;
    notified_ = true;
  }
  wake_.notify_one();
}

void WatchHub::Notify() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    notified_ = true;
  }
  wake_.notify_one();
}

bool WatchHub::RunOnce() {
  const StandingIndex::State state = index_->state();
  const absl::Time now = clock_->Now();
  std::vector<std::pair<Watcher*, bool>> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto next = parked_.begin(); next != parked_.end();) {
      const auto parked = next++;
      const bool quiet = now >= parked->second.place.quiet_since + config_.heartbeat;
      if (!parked->second.at_once && !IsBehind(parked->second.place, state) && !quiet) continue;
      due.emplace_back(parked->first, quiet);
      parked_.erase(parked);
    }
  }
  for (const auto& [watcher, heartbeat] : due) watcher->Continue(heartbeat);
  return !due.empty();
}

void WatchHub::Start() {
  thread_ = std::thread([this] { Run(); });
}

void WatchHub::Run() {
  for (;;) {
    RunOnce();
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(config_.poll_interval_ms),
                   [this] { return stopping_ || notified_; });
    if (stopping_) return;
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
  absl::flat_hash_map<Watcher*, Parked> parked;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    parked.swap(parked_);
  }
  for (const auto& [watcher, place] : parked) watcher->End();
}

size_t WatchHub::watch_count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return watch_count_;
}

}  // namespace services
