#include "eventstore/key_store.h"

namespace eventstore {

absl::StatusOr<std::optional<std::string>> MemoryKeyStore::Get(absl::string_view id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto key = keys_.find(std::string(id));
  if (key == keys_.end()) return std::optional<std::string>();
  return std::optional<std::string>(key->second);
}

absl::Status MemoryKeyStore::Put(absl::string_view id, absl::string_view bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  keys_[std::string(id)] = std::string(bytes);
  return absl::OkStatus();
}

absl::Status MemoryKeyStore::Erase(const std::vector<std::string>& ids) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& id : ids) keys_.erase(id);
  return absl::OkStatus();
}

absl::Status MemoryKeyStore::ListIds(absl::string_view after, IdVisitor visit) const {
  std::vector<std::string> ids;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto key = keys_.upper_bound(std::string(after)); key != keys_.end(); ++key) ids.push_back(key->first);
  }
  for (const std::string& id : ids) {
    if (!visit(id)) break;
  }
  return absl::OkStatus();
}

}  // namespace eventstore
