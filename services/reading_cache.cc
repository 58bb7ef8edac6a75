#include "services/reading_cache.h"

#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/escaping.h"
#include "services/partnership_loader.h"
#include "services/query_checks.h"

namespace services {
namespace {

// Published events that wait for a reader; beyond it the history reads the store again instead.
constexpr size_t kPendingMax = 1024;
// A reading on a network thread folds at most so many events first.
constexpr size_t kPendingInlineMax = 64;
// For so long no snapshot is made after one could not be kept.
constexpr absl::Duration kKeepAgainAfter = absl::Minutes(1);

}  // namespace

struct ReadingCache::Entry {
  // Held while folding and reading: the one lock here that is held across I/O, and only by threads of the pool.
  std::mutex fold_mutex;
  std::unique_ptr<projections::TrustHistory> history;  // Guarded by fold_mutex; null until first loaded.
  std::string pinned;                                  // Guarded by fold_mutex: the SHA-256 it is tied to, or empty.
  std::string judged_by;                               // Guarded by fold_mutex: the SHA-256 of history's policy.
  int64_t kept_revision = 0;                           // Guarded by fold_mutex: of the last snapshot; 0 for none.
  std::optional<absl::Duration> keep_attempt;          // Guarded by fold_mutex: when one was last to be kept.

  // REQUIRES: fold_mutex is held.
  void Apply(const trust::v1::Event& event) {
    if (event.has_policy_pinned()) pinned = absl::BytesToHexString(event.policy_pinned().policy_sha256());
    history->Apply(event);
  }

  std::mutex pending_mutex;
  std::vector<trust::v1::Event> pending;  // Guarded by pending_mutex; in revision order.
  bool stale = true;                      // Guarded by pending_mutex: the store knows more than history and pending.

  std::atomic<bool> put_out{false};  // Nothing is published into it any more: whoever still holds it reads the store.

  // Guarded by the shard's mutex.
  size_t bytes = 0;       // 0 until it was first folded.
  uint64_t last_use = 0;  // By the cache's count of uses.
  std::list<std::string>::iterator use;
};

struct ReadingCache::Shard {
  std::mutex mutex;
  absl::flat_hash_map<std::string, std::shared_ptr<Entry>>
      entries;                  // Shared with readers that use one while it is put out.
  std::list<std::string> uses;  // Most recent first.
};

ReadingCache::ReadingCache(const eventstore::EventStore* store, PolicyRegistry* policies, size_t bytes_max,
                           Snapshots* snapshots, Executor* pool)
    : store_(store),
      policies_(policies),
      snapshots_(snapshots),
      pool_(pool),
      budget_(bytes_max),
      shards_(std::make_unique<std::array<Shard, kShardCount>>()),
      published_log_size_(store->LogSize()) {}

ReadingCache::~ReadingCache() = default;

ReadingCache::Shard& ReadingCache::ShardOf(const std::string& partnership) {
  return (*shards_)[absl::Hash<std::string>()(partnership) % kShardCount];
}

std::shared_ptr<ReadingCache::Entry> ReadingCache::Find(const std::string& partnership) {
  Shard& shard = ShardOf(partnership);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.entries.find(partnership);
  if (found == shard.entries.end()) return nullptr;
  shard.uses.splice(shard.uses.begin(), shard.uses, found->second->use);
  found->second->last_use = ++use_count_;
  return found->second;
}

std::shared_ptr<ReadingCache::Entry> ReadingCache::FindOrAdd(const std::string& partnership) {
  Shard& shard = ShardOf(partnership);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  std::shared_ptr<Entry>& entry = shard.entries[partnership];
  if (entry == nullptr) {
    entry = std::make_shared<Entry>();
    shard.uses.push_front(partnership);
    entry->use = shard.uses.begin();
  } else {
    shard.uses.splice(shard.uses.begin(), shard.uses, entry->use);
  }
  entry->last_use = ++use_count_;
  return entry;
}

void ReadingCache::Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) {
  std::shared_ptr<Entry> entry;
  {
    Shard& shard = ShardOf(partnership);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.entries.find(partnership);
    if (found != shard.entries.end()) entry = found->second;
  }
  if (entry != nullptr) {
    const std::lock_guard<std::mutex> lock(entry->pending_mutex);
    if (entry->pending.size() + events.size() > kPendingMax) {
      entry->pending.clear();
      entry->stale = true;
    } else {
      entry->pending.insert(entry->pending.end(), events.begin(), events.end());
    }
  }
  published_log_size_.fetch_add(events.size(), std::memory_order_release);
}

// An append shows in the store a moment before it is published here. Whoever has seen it there must see it here too.
bool ReadingCache::StoreIsAhead() const {
  return store_->LogSize() > published_log_size_.load(std::memory_order_acquire);
}

bool ReadingCache::TryRead(const std::string& partnership, Reader read) {
  if (StoreIsAhead()) return false;
  const std::shared_ptr<Entry> entry = Find(partnership);
  if (entry == nullptr) return false;
  const std::unique_lock<std::mutex> fold(entry->fold_mutex, std::try_to_lock);
  if (!fold.owns_lock() || entry->history == nullptr) return false;
  std::vector<trust::v1::Event> pending;
  {
    const std::lock_guard<std::mutex> lock(entry->pending_mutex);
    if (entry->stale || entry->pending.size() > kPendingInlineMax) return false;
    pending.swap(entry->pending);
  }
  for (const trust::v1::Event& event : pending) {
    if (event.revision() > entry->history->revision()) entry->Apply(event);
  }
  if (policies_->Applies(entry->pinned)->sha256 != entry->judged_by) return false;
  hits_.Add();
  const uint64_t grown = entry->history->times_grown_by_reading();
  read(*entry->history);
  if (!pending.empty() || entry->history->times_grown_by_reading() != grown) Account(partnership, *entry);
  KeepIfDue(entry);
  return true;
}

absl::Status ReadingCache::Read(const std::string& partnership, Reader read) {
  const std::shared_ptr<Entry> entry = FindOrAdd(partnership);
  const std::lock_guard<std::mutex> fold(entry->fold_mutex);
  (entry->history == nullptr ? misses_ : hits_).Add();
  const absl::Status caught_up = CatchUp(partnership, *entry);
  if (!caught_up.ok()) {
    const std::lock_guard<std::mutex> lock(entry->pending_mutex);
    entry->stale = true;  // For whoever waits for this entry already.
    Drop(partnership, entry.get());
    return caught_up;
  }
  read(*entry->history);
  Account(partnership, *entry);
  KeepIfDue(entry);
  return absl::OkStatus();
}

// REQUIRES: entry.fold_mutex is held. The entry stands in the cache before the store is read, so that what becomes
// durable meanwhile is published into it; what both bring is told apart by its revision.
absl::Status ReadingCache::CatchUp(const std::string& partnership, Entry& entry) {
  if (entry.history == nullptr) {
    if (const absl::Status begun = Begin(partnership, entry); !begun.ok()) return begun;
  }
  projections::TrustHistory& history = *entry.history;
  bool stale = StoreIsAhead();
  {
    const std::lock_guard<std::mutex> lock(entry.pending_mutex);
    stale = stale || entry.stale || entry.put_out;
    entry.stale = false;
  }
  if (stale) {
    const absl::Status read = VisitForFold(*store_, partnership, static_cast<uint64_t>(history.revision()),
                                           [&](const trust::v1::Event& event) { entry.Apply(event); });
    if (!read.ok()) return read;
    if (history.revision() == 0) return PartnershipNotFound(partnership);
  }
  std::vector<trust::v1::Event> pending;
  {
    const std::lock_guard<std::mutex> lock(entry.pending_mutex);
    pending.swap(entry.pending);
    if (entry.stale) pending.clear();  // More came than was kept: the next round reads it from the store.
    stale = entry.stale;
  }
  for (const trust::v1::Event& event : pending) {
    if (event.revision() > history.revision()) entry.Apply(event);
  }
  if (stale) return CatchUp(partnership, entry);
  return Judge(entry);
}

// Makes a history: that of a snapshot, or one without events. REQUIRES: entry.fold_mutex is held.
absl::Status ReadingCache::Begin(const std::string& partnership, Entry& entry) {
  std::optional<Snapshots::Restored> restored;
  if (snapshots_ != nullptr) restored = snapshots_->Restore(partnership);
  if (restored.has_value()) {
    entry.history = std::move(restored->history);
    entry.pinned = std::move(restored->pinned);
    entry.judged_by = std::move(restored->judged_by);
    entry.kept_revision = entry.history->revision();
    return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const projections::Policy>> policy = policies_->Compile(*policies_->built_in());
  if (!policy.ok()) return policy.status();
  entry.history = std::make_unique<projections::TrustHistory>(partnership, *std::move(policy));
  entry.judged_by = policies_->built_in()->sha256;
  return absl::OkStatus();
}

// Has the pool keep a snapshot when it is time for one. REQUIRES: entry->fold_mutex is held.
void ReadingCache::KeepIfDue(const std::shared_ptr<Entry>& entry) {
  if (snapshots_ == nullptr ||
      !snapshots_->IsDue(entry->history->revision(), entry->kept_revision, entry->keep_attempt) ||
      snapshots_->Now() < absl::Nanoseconds(keep_again_ns_.load()) || keeping_.exchange(true)) {
    return;
  }
  const bool posted = pool_->Post([this, entry] {
    Keep(*entry);
    keeping_ = false;
  });
  if (!posted) keeping_ = false;
}

// The history is held for as long as its bytes are made, not while they are written.
void ReadingCache::Keep(Entry& entry) {
  Snapshots::Taken taken;
  {
    const std::lock_guard<std::mutex> fold(entry.fold_mutex);
    taken = Snapshots::Take(*entry.history, entry.pinned, entry.judged_by);
    entry.keep_attempt = snapshots_->Now();
  }
  if (!snapshots_->Keep(taken)) {
    // What stands in the way of one stands in the way of all.
    keep_again_ns_ = absl::ToInt64Nanoseconds(snapshots_->Now() + kKeepAgainAfter);
    return;
  }
  const std::lock_guard<std::mutex> fold(entry.fold_mutex);
  entry.kept_revision = taken.revision;
}

void ReadingCache::SweepSnapshots() {
  if (snapshots_ == nullptr || keeping_.exchange(true)) return;
  const bool posted = pool_->Post([this] {
    snapshots_->Sweep();
    keeping_ = false;
  });
  if (!posted) keeping_ = false;
}

void ReadingCache::KeepSnapshots(absl::Duration time_max) {
  if (snapshots_ == nullptr) return;
  const absl::Duration begin = snapshots_->Now();
  std::vector<std::shared_ptr<Entry>> entries;
  for (Shard& shard : *shards_) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    for (const auto& [partnership, entry] : shard.entries) entries.push_back(entry);
  }
  for (const std::shared_ptr<Entry>& entry : entries) {
    if (snapshots_->Now() - begin > time_max) return;
    {
      const std::lock_guard<std::mutex> fold(entry->fold_mutex);
      if (entry->history == nullptr ||
          !snapshots_->IsDue(entry->history->revision(), entry->kept_revision, std::nullopt)) {
        continue;
      }
    }
    Keep(*entry);
  }
}

// Has the history judged by the policy that applies now. REQUIRES: entry.fold_mutex is held.
absl::Status ReadingCache::Judge(Entry& entry) {
  if (StoreIsAhead()) {
    const absl::Status caught_up = policies_->CatchUp(*store_);
    if (!caught_up.ok()) return caught_up;
  }
  const PolicyRegistry::Registered applies = policies_->Applies(entry.pinned);
  if (applies->sha256 == entry.judged_by) return absl::OkStatus();
  absl::StatusOr<std::shared_ptr<const projections::Policy>> policy = policies_->Compile(*applies);
  if (!policy.ok()) return policy.status();
  entry.history->JudgeBy(*std::move(policy));
  entry.judged_by = applies->sha256;
  return absl::OkStatus();
}

void ReadingCache::Account(const std::string& partnership, Entry& entry) {
  const size_t bytes = entry.history->memory_bytes() + sizeof(Entry) + partnership.size();
  std::string displaced;
  {
    Shard& shard = ShardOf(partnership);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.entries.find(partnership);
    if (found == shard.entries.end() || found->second.get() != &entry) return;
    displaced = budget_.Resize(partnership, entry.bytes, bytes);
    entry.bytes = bytes;
  }
  if (!displaced.empty()) Drop(displaced, nullptr);
  while (budget_.Exceeded() && DropOldest(&entry)) {
  }
}

// Puts an entry out: this one, or whichever is there for null.
void ReadingCache::Drop(const std::string& partnership, const Entry* entry) {
  std::shared_ptr<Entry> dropped;  // Destroyed after the lock is released.
  Shard& shard = ShardOf(partnership);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.entries.find(partnership);
  if (found == shard.entries.end() || (entry != nullptr && found->second.get() != entry)) return;
  (void)budget_.Resize(partnership, found->second->bytes, 0);  // Displaces nothing.
  dropped = std::move(found->second);
  dropped->put_out = true;
  shard.uses.erase(dropped->use);
  shard.entries.erase(found);
}

// Puts the least recently used of all out; neither this one, nor the large one, nor one that is folded for the first
// time, by which nothing would be won. False when there is no other.
bool ReadingCache::DropOldest(const Entry* used) {
  std::string oldest;
  const Entry* oldest_entry = nullptr;
  uint64_t oldest_use = 0;
  for (Shard& shard : *shards_) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    for (auto use = shard.uses.rbegin(); use != shard.uses.rend(); ++use) {
      const Entry* const entry = shard.entries.find(*use)->second.get();
      if (entry == used || entry->bytes == 0 || budget_.IsLarge(*use)) continue;
      if (oldest_entry == nullptr || entry->last_use < oldest_use) {
        oldest = *use;
        oldest_entry = entry;
        oldest_use = entry->last_use;
      }
      break;
    }
  }
  if (oldest_entry == nullptr) return false;
  Drop(oldest, oldest_entry);
  return true;
}

}  // namespace services
