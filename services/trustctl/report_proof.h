// The last part of a report: the checkpoint under which it was made, and the commands by which anyone who has it can
// verify that the history has not changed since. Pure.

#ifndef SERVICES_TRUSTCTL_REPORT_PROOF_H_
#define SERVICES_TRUSTCTL_REPORT_PROOF_H_

#include <optional>
#include <string>

#include "services/trustctl/html.h"
#include "trust/v1/audit_service.pb.h"

namespace trustctl {

// partnership: the one that the report is about; empty for all.
Html ProofSection(const std::optional<trust::v1::GetCheckpointResponse>& checkpoint, const std::string& partnership);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPORT_PROOF_H_
