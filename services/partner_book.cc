#include "services/partner_book.h"

#include "services/store_fault.h"
#include "trust/v1/partnership_service.pb.h"

namespace services {

absl::Status PartnerBook::Fill(const eventstore::EventStore& store) {
  const std::lock_guard<std::mutex> lock(mutex_);
  absl::Status read;
  const absl::Status scanned =
      store.ScanRows(kPartnershipTable, "", [&](absl::string_view id, absl::string_view value) {
        trust::v1::Partnership partnership;
        if (!partnership.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          read = absl::DataLossError("a row of the table of partnerships is no partnership");
          return false;
        }
        absl::flat_hash_set<std::string>& partners = partners_[id];
        for (const trust::v1::Partner& partner : partnership.partners()) partners.insert(partner.organization());
        return true;
      });
  if (!scanned.ok()) return ReadFault(scanned);
  return read.ok() ? read : ReadFault(read);
}

void PartnerBook::Publish(const std::string& partnership, absl::Span<const trust::v1::Event> events) {
  for (const trust::v1::Event& event : events) {
    if (event.has_partnership_proposed()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const trust::v1::Partner& partner : event.partnership_proposed().partners()) {
        partners_[partnership].insert(partner.organization());
      }
    } else if (event.has_partner_joined()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      partners_[partnership].insert(event.partner_joined().partner().organization());
    } else if (event.has_partner_left()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      partners_[partnership].erase(event.partner_left().organization());
    }
  }
}

bool PartnerBook::IsPartner(absl::string_view partnership, absl::string_view organization) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = partners_.find(partnership);
  return found != partners_.end() && found->second.contains(organization);
}

}  // namespace services
