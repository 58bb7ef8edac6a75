#include "eventstore/recent_heads.h"

#include "absl/hash/hash.h"

namespace eventstore {

size_t RecentHeads::PartOf(absl::string_view stream) {
  return absl::Hash<absl::string_view>()(stream) % std::tuple_size_v<decltype(writes_)>;
}

RecentHeads::Ticket RecentHeads::Begin(absl::string_view stream) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return writes_[PartOf(stream)];
}

void RecentHeads::Offer(absl::string_view stream, const StreamHead& head, Ticket ticket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (writes_[PartOf(stream)] == ticket) Keep(stream, head);
}

void RecentHeads::Put(absl::string_view stream, const StreamHead& head) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++writes_[PartOf(stream)];
  Keep(stream, head);
}

void RecentHeads::Keep(absl::string_view stream, const StreamHead& head) {
  // Emptied rather than aged.
  if (heads_.size() >= heads_max_) heads_.clear();
  heads_.insert_or_assign(stream, head);
}

std::optional<StreamHead> RecentHeads::Find(absl::string_view stream) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = heads_.find(stream);
  if (found == heads_.end()) return std::nullopt;
  return found->second;
}

}  // namespace eventstore
