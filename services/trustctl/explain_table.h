// The answer of ExplainTrust for people: its summary and a few small tables.

#ifndef SERVICES_TRUSTCTL_EXPLAIN_TABLE_H_
#define SERVICES_TRUSTCTL_EXPLAIN_TABLE_H_

#include "absl/strings/string_view.h"
#include "services/trustctl/console.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// Prints the explanation; sections in which nothing stands are left out. known: by when what it uses was known, as the
// caller said it; may be empty.
void PrintExplanation(const trust::v1::ExplainTrustResponse& explanation, absl::string_view known,
                      const Console& console);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_EXPLAIN_TABLE_H_
