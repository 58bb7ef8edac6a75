// A small map of secret bytes by id, apart from the log, that can forget: what was erased is in no file of it any more.
// That is its whole purpose: bytes in the log are for ever, and those that are sealed under a key go with it.
//
// Promises of every engine: a change is durable before it returns; an erasure returns when no file of the store holds
// the bytes, and not merely when they can no longer be found. Copies that others made of the files, and what a disk
// keeps of deleted files, are beyond it. Thread-safe. Every call may block on the disk.

#ifndef EVENTSTORE_KEY_STORE_H_
#define EVENTSTORE_KEY_STORE_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventstore {

inline constexpr size_t kKeyIdBytesMax = 255;
inline constexpr size_t kKeyBytesMax = 1024;

class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // The bytes under an id; nullopt when there are none. Errors: DATA_LOSS when they are damaged, UNAVAILABLE.
  [[nodiscard]] virtual absl::StatusOr<std::optional<std::string>> Get(absl::string_view id) const = 0;

  // Keeps bytes under an id, in the place of others, durably. What was there before may stay in the files until the
  // next erasure. An id has 1 to
  // kKeyIdBytesMax bytes and begins with no zero byte; it stands for at most kKeyBytesMax.
  // Errors: INVALID_ARGUMENT; RESOURCE_EXHAUSTED when the disk is full; UNAVAILABLE: the bytes may or may not be kept.
  [[nodiscard]] virtual absl::Status Put(absl::string_view id, absl::string_view bytes) = 0;

  // Forgets what stands under the ids, and everything that stood under any id before it was overwritten or erased:
  // returns when it is in no file. Takes time in proportion to the whole store. Errors: as for Put; the bytes may then
  // still be in the files, whether they can be found or not, and the call is to be repeated.
  [[nodiscard]] virtual absl::Status Erase(const std::vector<std::string>& ids) = 0;

  // Visits the ids greater than after, in their bytewise order; visit returns false to stop. Errors: as for Get.
  using IdVisitor = absl::FunctionRef<bool(absl::string_view id)>;
  [[nodiscard]] virtual absl::Status ListIds(absl::string_view after, IdVisitor visit) const = 0;
};

// Keeps everything in memory, and forgets it at the end: for tests.
class MemoryKeyStore final : public KeyStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(absl::string_view id) const override;
  absl::Status Put(absl::string_view id, absl::string_view bytes) override;
  absl::Status Erase(const std::vector<std::string>& ids) override;
  absl::Status ListIds(absl::string_view after, IdVisitor visit) const override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> keys_;  // Guarded by mutex_.
};

}  // namespace eventstore

#endif  // EVENTSTORE_KEY_STORE_H_
