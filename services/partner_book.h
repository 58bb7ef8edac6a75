// Which organizations are partners in which partnership, in memory: so that a caller whose grant is limited to some
// organizations is judged without reading the disk. It grows with the partnerships, by some fifty to ninety bytes each
// where they have two partners; ids are kept as digests. Thread-safe.

#ifndef SERVICES_PARTNER_BOOK_H_
#define SERVICES_PARTNER_BOOK_H_

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventstore/event_store.h"
#include "services/command_lane.h"

namespace services {

class PartnerBook : public Publisher {
 public:
  // Reads the partners of everything that is stored. Called before anything is published. Errors: DATA_LOSS.
  absl::Status Fill(const eventstore::EventStore& store);

  void Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) override;

  // Whether an organization is a partner now; false also where there is no such partnership.
  bool IsPartner(absl::string_view partnership, absl::string_view organization) const;

 private:
  // The first half of the SHA-256 of a partnership's id: nobody finds two ids of which it is the same.
  using Key = std::array<uint64_t, 2>;

  static Key KeyOf(absl::string_view partnership);
  void Add(const Key& key, const std::string& organization);  // REQUIRES: mutex_ is held.

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;                   // Guarded by mutex_: of organizations.
  absl::flat_hash_map<Key, absl::InlinedVector<uint32_t, 2>> partners_;  // Guarded by mutex_: their numbers.
};

}  // namespace services

#endif  // SERVICES_PARTNER_BOOK_H_
