// The lines of an audit bundle that follow from an event, so that who writes a bundle and who checks it have them from
// one place. Pure; thread-safe.

#ifndef PROJECTIONS_AUDIT_LINE_H_
#define PROJECTIONS_AUDIT_LINE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "trust/v1/audit_bundle.pb.h"
#include "trust/v1/events.pb.h"

namespace projections {

// The form of bundle that this program writes and reads.
inline constexpr char kAuditFormat[] = "trustd-audit/1";

// The version label that a policy document's text gives itself; empty when the text is no policy document.
std::string PolicyVersionOf(const std::string& document);

// The line behind the record of an event: of the policy that it publishes or the assessment that it issues; nothing for
// any other event. log_index is the record's place in the log, from 0.
std::optional<trust::v1::AuditLine> LineBehind(const trust::v1::Event& event, int64_t log_index);

}  // namespace projections

#endif  // PROJECTIONS_AUDIT_LINE_H_
