// Which organizations are partners in which partnership, in memory: so that a caller whose grant is limited to some
// organizations is judged without reading the disk. Some tens of bytes a partner. Thread-safe.

#ifndef SERVICES_PARTNER_BOOK_H_
#define SERVICES_PARTNER_BOOK_H_

#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
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
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> partners_;  // By partnership.
};

}  // namespace services

#endif  // SERVICES_PARTNER_BOOK_H_
