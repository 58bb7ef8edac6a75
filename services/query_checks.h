// Checks of what queries ask, beside those that commands have too, and the refusals that queries share. Pure.

#ifndef SERVICES_QUERY_CHECKS_H_
#define SERVICES_QUERY_CHECKS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/domain/field_checks.h"

namespace services {

class QueryChecks : public domain::FieldChecks {
 public:
  // Both or neither, two different ids.
  void Direction(absl::string_view trustor, absl::string_view trustee);

  // The page size meant: 0 the default, too much the most. Negative is wrong.
  int PageSize(int asked);
};

absl::Status PartnershipNotFound(absl::string_view partnership);
absl::Status PartnerNotFound(absl::string_view partnership, absl::string_view organization);

}  // namespace services

#endif  // SERVICES_QUERY_CHECKS_H_
