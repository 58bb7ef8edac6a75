// The ends of streams that were read or written lately, so that who appends need not look them up again. A head that is
// missing costs one lookup; one that is out of date would cost an event, hence the tickets. Thread-safe.

#ifndef EVENTSTORE_RECENT_HEADS_H_
#define EVENTSTORE_RECENT_HEADS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "eventstore/append_plan.h"

namespace eventstore {

class RecentHeads {
 public:
  using Ticket = uint64_t;

  // Keeps at most so many.
  explicit RecentHeads(size_t heads_max) : heads_max_(heads_max) {}

  // What Offer needs, to be taken before the head is read from the store.
  Ticket Begin(absl::string_view stream) const;
  // Keeps a head that was read, unless the stream may have been written since the ticket was taken.
  void Offer(absl::string_view stream, const StreamHead& head, Ticket ticket);
  // Keeps a head that was written. To be called after the store has it, and before the stream is written again.
  void Put(absl::string_view stream, const StreamHead& head);

  // By the one who writes, the head as it is; nothing when it is not kept.
  std::optional<StreamHead> Find(absl::string_view stream) const;

 private:
  static size_t PartOf(absl::string_view stream);
  void Keep(absl::string_view stream, const StreamHead& head);

  const size_t heads_max_;
  mutable std::mutex mutex_;
  // All guarded by mutex_. How often streams were written, counted for many together: too often is no harm.
  std::array<Ticket, 1024> writes_ = {};
  absl::flat_hash_map<std::string, StreamHead> heads_;
};

}  // namespace eventstore

#endif  // EVENTSTORE_RECENT_HEADS_H_
