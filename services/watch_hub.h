// Where watches wait. One thread goes round those that have something to do: changes to tell, a sign of life to give, a
// caller that has gone. A watch is parked here, or busy elsewhere, never both, so nothing is held while it works.
//
// The thread is a seam: RunOnce goes round once in the caller's thread. Thread-safe.

#ifndef SERVICES_WATCH_HUB_H_
#define SERVICES_WATCH_HUB_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/clock.h"
#include "services/standing_index.h"

namespace services {

// The status of a watch that ends because the server does: SHUTTING_DOWN.
absl::Status WatchEnded();

// A watch as the hub sees it. All are called by the hub's thread, while the watch is not parked.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // Goes on: tells what is new, or parks again. heartbeat: it has been quiet for long enough to say so.
  virtual void Continue(bool heartbeat) = 0;
  // Ends for good: the server is stopping.
  virtual void End() = 0;
};

// How far a watch is.
struct WatchPlace {
  uint64_t sequence = 0;     // The last change it looked at.
  projections::Day day = 0;  // The day that it said it was live on; 0 before it did.
  absl::Time quiet_since;    // When it told something last.
};

class WatchHub {
 public:
  struct Config {
    size_t watches_max = 10'000;
    absl::Duration heartbeat = absl::Seconds(5);  // Of quiet.
    int poll_interval_ms = 500;                   // How exactly that is kept.
  };

  // index and clock outlive the hub. The index is to call Notify when it changes.
  WatchHub(const Config& config, const StandingIndex* index, const Clock* clock);
  ~WatchHub();  // As Stop.
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Counts one watch in. Errors: OVERLOADED when there are too many, SHUTTING_DOWN.
  [[nodiscard]] absl::Status Enter();
  // Counts one out. REQUIRES: it is not parked.
  void Leave(Watcher* watcher);

  // Has a watch wait until there is a change or a day after its place, it was quiet for long enough, it is woken, or
  // the hub stops; at_once has it go on in the next round. false when the hub is stopping: the watch is to end itself.
  // After true the watch may be gone already.
  [[nodiscard]] bool Park(Watcher* watcher, const WatchPlace& place, bool at_once);
  // Has a watch go on in the next round, or as soon as it parks.
  void Wake(Watcher* watcher);
  // There may be something new.
  void Notify();

  void Start();
  // Ends every parked watch, and refuses to park others. Blocks on the thread. Idempotent.
  void Stop();

  // Goes round once; true when any watch went on. Only without Start.
  bool RunOnce();

  size_t watch_count() const;

 private:
  struct Parked {
    WatchPlace place;
    bool at_once = false;
  };

  void Run();
  static bool IsBehind(const WatchPlace& place, const StandingIndex::State& state);

  const Config config_;
  const StandingIndex* const index_;
  const Clock* const clock_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  absl::flat_hash_map<Watcher*, Parked> parked_;  // Guarded by mutex_, as all below.
  absl::flat_hash_set<Watcher*> woken_early_;     // Woken while they were busy.
  size_t watch_count_ = 0;
  bool notified_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace services

#endif  // SERVICES_WATCH_HUB_H_
