// How far each caller that follows the log has come, so that somebody can see who falls behind. A follower enters the
// place that it moves by itself; what is asked of all of them holds up none for longer than a few hundred comparisons.
// Thread-safe.

#ifndef SERVICES_FOLLOWER_PLACES_H_
#define SERVICES_FOLLOWER_PLACES_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace services {

// A position of the log up to which everything was told, or passed over.
using FollowerPlace = std::atomic<uint64_t>;

class FollowerPlaces {
 public:
  // place lives until it leaves.
  void Enter(const FollowerPlace* place) {
    Shard& shard = ShardOf(place);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    shard.places.insert(place);
  }
  void Leave(const FollowerPlace* place) {
    Shard& shard = ShardOf(place);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    shard.places.erase(place);
  }

  struct Lag {
    size_t followers = 0;
    uint64_t positions_max = 0;  // How far the last of them is behind.
  };
  // Against a log of a size.
  Lag Behind(uint64_t log_size) const {
    Lag lag;
    for (const Shard& shard : shards_) {
      const std::lock_guard<std::mutex> lock(shard.mutex);
      lag.followers += shard.places.size();
      for (const FollowerPlace* place : shard.places) {
        const uint64_t at = place->load(std::memory_order_relaxed);
        lag.positions_max = std::max(lag.positions_max, log_size - std::min(at, log_size));
      }
    }
    return lag;
  }

 private:
  struct Shard {
    mutable std::mutex mutex;
    absl::flat_hash_set<const FollowerPlace*> places;  // Guarded by mutex.
  };

  Shard& ShardOf(const FollowerPlace* place) {
    return shards_[absl::Hash<const FollowerPlace*>()(place) % shards_.size()];
  }

  std::array<Shard, 16> shards_;
};

}  // namespace services

#endif  // SERVICES_FOLLOWER_PLACES_H_
