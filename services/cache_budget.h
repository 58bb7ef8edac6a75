// How many bytes a cache holds and may hold. One thing larger than half of the budget does not count against it: it
// would put out everything else, or, where it is larger than all of it, itself at every use. Of several such things
// only the last used is kept, so a cache holds at most its budget and one of them. Thread-safe.

#ifndef SERVICES_CACHE_BUDGET_H_
#define SERVICES_CACHE_BUDGET_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace services {

class CacheBudget {
 public:
  explicit CacheBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  // What is kept under key, which is not empty, has become larger or smaller; 0 for what is not in the cache. Returns
  // the key of what must go for it, whatever its use; empty for nothing.
  [[nodiscard]] std::string Resize(const std::string& key, size_t from, size_t to) {
    const std::lock_guard<std::mutex> lock(mutex_);
    bytes_ += to - from;
    Stay(key);
    if (to <= bytes_max_ / 2) {
      if (key == large_) SetLarge("", 0);
      return "";
    }
    std::string displaced;
    if (key != large_ && !large_.empty()) {
      displaced = large_;
      leaving_[displaced] = large_bytes_;
      leaving_bytes_ += large_bytes_;
    }
    SetLarge(key, to);
    return displaced;
  }

  // Whether this is the one that does not count, so that nothing is won when it goes.
  bool IsLarge(const std::string& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !large_.empty() && key == large_;
  }

  size_t bytes() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_;
  }
  size_t bytes_max() const { return bytes_max_; }

  // Whether the least recently used of the others are to go.
  bool Exceeded() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_ - large_bytes_ - leaving_bytes_ > bytes_max_;
  }

 private:
  void Stay(const std::string& key) {
    const auto leaving = leaving_.find(key);
    if (leaving == leaving_.end()) return;
    leaving_bytes_ -= leaving->second;
    leaving_.erase(leaving);
  }

  void SetLarge(std::string key, size_t bytes) {
    large_ = std::move(key);
    large_bytes_ = bytes;
  }

  const size_t bytes_max_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;        // Guarded by mutex_, as all below.
  std::string large_;       // Empty for none.
  size_t large_bytes_ = 0;  // Of bytes_.
  // What was displaced and is about to go: others need not go for it. Of bytes_, too.
  absl::flat_hash_map<std::string, size_t> leaving_;
  size_t leaving_bytes_ = 0;
};

}  // namespace services

#endif  // SERVICES_CACHE_BUDGET_H_
