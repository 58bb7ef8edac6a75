// Folded histories, kept so that a reading need not fold from the start: bounded by bytes, least recently used out
// first.
//
// The lane publishes what became durable; a history in the cache takes it in when it is next read. A reader therefore
// sees everything that was acknowledged before it asked, and everything that the store showed to anyone before.
// Thread-safe.

#ifndef SERVICES_READING_CACHE_H_
#define SERVICES_READING_CACHE_H_

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventstore/event_store.h"
#include "projections/policy.h"
#include "projections/trust_history.h"
#include "services/command_lane.h"
#include "trust/v1/events.pb.h"

namespace services {

class ReadingCache : public Publisher {
 public:
  using Reader = absl::FunctionRef<void(projections::TrustHistory&)>;

  // store outlives the cache; what is written to it from here on is published.
  ReadingCache(const eventstore::EventStore* store, std::shared_ptr<const projections::Policy> policy,
               size_t bytes_max);

  // Takes in what became durable.
  void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override;

  // Runs read on the newest history if that needs neither the disk nor a wait; false when it would. For network
  // threads.
  [[nodiscard]] bool TryRead(const std::string& partnership, Reader read);

  // Runs read on the newest history, folding it first where it must. Blocks. Errors: PARTNERSHIP_NOT_FOUND,
  // LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::Status Read(const std::string& partnership, Reader read);

  // Runs read on the history as it was known at a time, folded for this call. Blocks. Errors: as for Read.
  [[nodiscard]] absl::Status ReadAsKnown(const std::string& partnership, absl::Time known_time, Reader read) const;

  const projections::Policy& policy() const { return *policy_; }
  std::shared_ptr<const projections::Policy> shared_policy() const { return policy_; }

 private:
  struct Entry;
  struct Shard;
  static constexpr size_t kShardCount = 16;

  Shard& ShardOf(const std::string& partnership);
  std::shared_ptr<Entry> Find(const std::string& partnership);
  std::shared_ptr<Entry> FindOrAdd(const std::string& partnership);
  bool StoreIsAhead() const;
  absl::Status CatchUp(const std::string& partnership, Entry& entry);
  void Account(const std::string& partnership, Entry& entry);
  void Remove(const std::string& partnership, const Entry* entry);

  const eventstore::EventStore* const store_;
  const std::shared_ptr<const projections::Policy> policy_;
  const size_t shard_bytes_max_;
  std::unique_ptr<std::array<Shard, kShardCount>> shards_;
  std::atomic<uint64_t> published_log_size_;

 public:
  ~ReadingCache() override;
};

}  // namespace services

#endif  // SERVICES_READING_CACHE_H_
