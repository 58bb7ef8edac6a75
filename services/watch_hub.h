// Where watches wait. One thread goes round those that have something to do: something new to tell, a sign of life to
// give, a caller that has gone. A watch is parked here, or busy elsewhere, never both, so nothing is held while it
// works. What is new, each kind of watch knows itself.
//
// The thread is a seam: RunOnce goes round once in the caller's thread. Thread-safe.

#ifndef SERVICES_WATCH_HUB_H_
#define SERVICES_WATCH_HUB_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/clock.h"

namespace services {

// The status of a watch that ends because the server does: SHUTTING_DOWN.
absl::Status WatchEnded();

// A watch as the hub sees it. None is called unless the watch is parked, or has just been taken out.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // Whether there is something new behind the place where it parked. Called often, with the hub's lock held: must not
  // block on I/O nor call the hub.
  virtual bool IsBehind() const = 0;
  // Goes on: tells what is new, or parks again. late: the time came until which it was to wait at most. Called by the
  // hub's thread.
  virtual void Continue(bool late) = 0;
  // Ends for good: the server is stopping.
  virtual void End() = 0;
};

class WatchHub {
 public:
  struct Config {
    size_t watches_max = 10'000;
    absl::Duration heartbeat = absl::Seconds(5);  // Of quiet.
    int poll_interval_ms = 500;                   // Looks so often at the clock, whatever else happens.
  };

  // clock outlives the hub. Notify is to be called whenever a watch may have fallen behind.
  WatchHub(const Config& config, const Clock* clock);
  ~WatchHub();  // As Stop.
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Counts one watch in. Errors: OVERLOADED when there are too many, SHUTTING_DOWN.
  [[nodiscard]] absl::Status Enter(Watcher* watcher);
  // Counts one out, before its caller is told of the end: whoever has seen it may begin the next. REQUIRES: it has
  // entered and is not parked.
  void Leave(Watcher* watcher);

  // Has a watch wait until it is behind, a time has come, it is woken, or the hub stops; at_once has it go on in the
  // next round. false when the hub is stopping: the watch is to end itself. After true the watch may be gone already.
  [[nodiscard]] bool Park(Watcher* watcher, absl::Time until, bool at_once);
  // Has a watch go on in the next round, or as soon as it parks. One that has not entered, or has left, is passed over.
  void Wake(Watcher* watcher);
  // There may be something new.
  void Notify();

  void Start();
  // Ends every parked watch, and refuses to park others. Blocks on the thread. Idempotent.
  void Stop();

  // Goes round once; true when any watch went on. Only without Start.
  bool RunOnce();

  absl::Duration heartbeat() const { return config_.heartbeat; }
  size_t watches_max() const { return config_.watches_max; }
  size_t watch_count() const;

 private:
  void Run();
  bool Round(bool look_at_all);

  const Config config_;
  const Clock* const clock_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  absl::flat_hash_set<Watcher*> entered_;             // Guarded by mutex_, as all below.
  absl::flat_hash_map<Watcher*, absl::Time> parked_;  // Until when at most.
  absl::flat_hash_set<Watcher*> ready_;               // Parked too, and due whatever the time.
  absl::flat_hash_set<Watcher*> woken_early_;         // Woken while they were busy.
  absl::Time next_until_ = absl::InfiniteFuture();    // No later than the first of parked_.
  bool notified_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace services

#endif  // SERVICES_WATCH_HUB_H_
