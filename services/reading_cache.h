// Folded histories, kept so that a reading need not fold from the start: bounded by bytes, least recently used out
// first; one larger than half of that is kept besides (CacheBudget).
//
// The lane publishes what became durable; a history in the cache takes it in when it is next read. A reader therefore
// sees everything that was acknowledged before it asked, and everything that the store showed to anyone before. Each
// history is judged by the policy that applies to its partnership now; when another does, it is judged anew at the next
// reading. Histories of many events are taken up from snapshots, where there are any, and leave some. Thread-safe.

#ifndef SERVICES_READING_CACHE_H_
#define SERVICES_READING_CACHE_H_

#include <array>
#include <atomic>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "eventstore/event_store.h"
#include "projections/trust_history.h"
#include "services/cache_budget.h"
#include "services/command_lane.h"
#include "services/executor.h"
#include "services/meters.h"
#include "services/policy_registry.h"
#include "services/snapshots.h"
#include "trust/v1/events.pb.h"

namespace services {

class ReadingCache : public Publisher {
 public:
  using Reader = absl::FunctionRef<void(projections::TrustHistory&)>;

  // store and policies outlive the cache; what is written to the store from here on is published, to policies first.
  // So do snapshots and pool, which keeps them, one at a time; without them none are looked at. What pool was given is
  // done, or dropped, before the cache is destroyed.
  ReadingCache(const eventstore::EventStore* store, PolicyRegistry* policies, size_t bytes_max,
               Snapshots* snapshots = nullptr, Executor* pool = nullptr);

  // Takes in what became durable.
  void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override;

  // Runs read on the newest history if that needs neither the disk nor a wait; false when it would. For network
  // threads.
  [[nodiscard]] bool TryRead(const std::string& partnership, Reader read);

  // Runs read on the newest history, folding it first where it must. Blocks. Errors: PARTNERSHIP_NOT_FOUND,
  // LOG_DAMAGED, INTERNAL; POLICY_NOT_FOUND, ALGORITHM_UNKNOWN for a partnership tied to what this program lacks.
  [[nodiscard]] absl::Status Read(const std::string& partnership, Reader read);

  // Readings since the start that found their history in memory, and those that had to fold it first.
  uint64_t hits() const { return hits_.value(); }
  uint64_t misses() const { return misses_.value(); }
  const CacheBudget& budget() const { return budget_; }

  // Has the pool delete the snapshots that are of no use; none is kept meanwhile. For the start, before the first
  // reading. Does not block.
  void SweepSnapshots();

  // Keeps snapshots of the histories here that lack one, until all have one or so much time has passed. For the end,
  // when pool runs nothing more. Blocks.
  void KeepSnapshots(absl::Duration time_max);

 private:
  struct Entry;
  struct Shard;
  static constexpr size_t kShardCount = 16;

  Shard& ShardOf(const std::string& partnership);
  std::shared_ptr<Entry> Find(const std::string& partnership);
  std::shared_ptr<Entry> FindOrAdd(const std::string& partnership);
  bool StoreIsAhead() const;
  absl::Status CatchUp(const std::string& partnership, Entry& entry);
  absl::Status Judge(Entry& entry);
  absl::Status Begin(const std::string& partnership, Entry& entry);
  void KeepIfDue(const std::shared_ptr<Entry>& entry);
  void Keep(Entry& entry);
  void Account(const std::string& partnership, Entry& entry);
  void Drop(const std::string& partnership, const Entry* entry);
  bool DropOldest(const Entry* used);

  const eventstore::EventStore* const store_;
  PolicyRegistry* const policies_;
  Snapshots* const snapshots_;  // Null for none.
  Executor* const pool_;        // The same.
  std::atomic<bool> keeping_{false};
  CacheBudget budget_;
  std::atomic<uint64_t> use_count_{0};
  Counter hits_, misses_;
  std::atomic<int64_t> keep_again_ns_{std::numeric_limits<int64_t>::min()};  // By the snapshots' clock.
  std::unique_ptr<std::array<Shard, kShardCount>> shards_;
  std::atomic<uint64_t> published_log_size_;

 public:
  ~ReadingCache() override;
};

}  // namespace services

#endif  // SERVICES_READING_CACHE_H_
