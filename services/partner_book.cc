#include "services/partner_book.h"

#include <algorithm>
#include <cstring>

#include "eventstore/sha256.h"
#include "services/store_fault.h"
#include "trust/v1/partnership_service.pb.h"

namespace services {

PartnerBook::Key PartnerBook::KeyOf(absl::string_view partnership) {
  const eventstore::Sha256Digest digest = eventstore::Sha256(partnership);
  Key key;
  std::memcpy(key.data(), digest.data(), sizeof key);
  return key;
}

void PartnerBook::Add(const Key& key, const std::string& organization) {
  const uint32_t number = numbers_.try_emplace(organization, static_cast<uint32_t>(numbers_.size())).first->second;
  absl::InlinedVector<uint32_t, 2>& partners = partners_[key];
  if (std::find(partners.begin(), partners.end(), number) == partners.end()) partners.push_back(number);
}

absl::Status PartnerBook::Fill(const eventstore::EventStore& store) {
  const std::lock_guard<std::mutex> lock(mutex_);
  absl::Status read;
  trust::v1::Partnership partnership;
  const absl::Status scanned =
      store.ScanRows(kPartnershipTable, "", [&](absl::string_view id, absl::string_view value) {
        if (!partnership.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          read = absl::DataLossError("a row of the table of partnerships is no partnership");
          return false;
        }
        const Key key = KeyOf(id);
        for (const trust::v1::Partner& partner : partnership.partners()) Add(key, partner.organization());
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
        Add(KeyOf(partnership), partner.organization());
      }
    } else if (event.has_partner_joined()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      Add(KeyOf(partnership), event.partner_joined().partner().organization());
    } else if (event.has_partner_left()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto left = numbers_.find(event.partner_left().organization());
      const auto found = partners_.find(KeyOf(partnership));
      if (left == numbers_.end() || found == partners_.end()) continue;
      found->second.erase(std::remove(found->second.begin(), found->second.end(), left->second), found->second.end());
    }
  }
}

bool PartnerBook::IsPartner(absl::string_view partnership, absl::string_view organization) const {
  const Key key = KeyOf(partnership);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto number = numbers_.find(organization);
  const auto found = partners_.find(key);
  return number != numbers_.end() && found != partners_.end() &&
         std::find(found->second.begin(), found->second.end(), number->second) != found->second.end();
}

}  // namespace services
