#include "services/query_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/domain/refusal.h"
#include "services/service_parts.h"

namespace services {

void QueryChecks::Direction(absl::string_view trustor, absl::string_view trustee) {
  if (trustor.empty() && trustee.empty()) return;
  for (const auto& [field, id, other] :
       {std::tuple("trustor", trustor, "trustee"), std::tuple("trustee", trustee, "trustor")}) {
    if (id.empty()) {
      Wrong(field, absl::StrCat("is missing beside ", other, "; give both, or neither for all directions"));
    } else {
      Id(field, id);
    }
  }
  if (trustor == trustee)
    Wrong("trustee", "is the trustor itself; name another partner, or leave out both for all directions");
}

int QueryChecks::PageSize(int asked) {
  if (asked < 0) Wrong("page_size", "is negative; use 0 for the default, or up to 1000");
  return asked <= 0 ? kPageSizeDefault : std::min(asked, kPageSizeMax);
}

absl::Status PartnershipNotFound(absl::string_view partnership) {
  return domain::NotFound(trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND, "partnership", partnership,
                          absl::StrCat("there is no partnership ", partnership, "; create it or correct the id"));
}

absl::Status PartnerNotFound(absl::string_view partnership, absl::string_view organization) {
  return domain::NotFound(
      trust::v1::ERROR_REASON_PARTNER_NOT_FOUND, "partner", organization,
      absl::StrCat(organization, " is and was no partner of ", partnership, "; GetPartnership lists its partners"));
}

}  // namespace services
