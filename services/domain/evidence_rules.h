// The domain rules of evidence: what the history of a partnership forbids. A live command is refused with the first
// rule it breaks; an import is stored all the same, with every rule it breaks as a warning. README.md gives each rule's
// reason. Pure.

#ifndef SERVICES_DOMAIN_EVIDENCE_RULES_H_
#define SERVICES_DOMAIN_EVIDENCE_RULES_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "projections/partnership.h"
#include "services/domain/evidence_reference.h"
#include "trust/v1/events.pb.h"

namespace domain {

// Evidence ready to be judged: its event is complete but for what the service fills in, its reference is resolved.
struct Case {
  const projections::Partnership& state;
  absl::string_view partnership;
  const trust::v1::Event& event;
  Resolved referent;  // What the evidence refers to.
  // The organization that speaks; empty when an import does not say, and then who may speak is not judged.
  absl::string_view speaker;
  absl::Time recorded;                  // When it became known; now for new evidence.
  absl::string_view path = "evidence";  // Where the evidence stands in the request.
  int64_t former_matter = 0;            // Of a correction: what the version that it replaces speaks of.
};

// Every rule that the case breaks, as the refusal it would be, the gravest first; empty when it breaks none.
// Refusals: FAILED_PRECONDITION with a reason of its rule; INVALID_FIELD where another actor would be right;
// PARTNER_NOT_FOUND for the conduct of one who had left; EVENT_NOT_FOUND for a reference to what is void;
// CONTACT_NOT_FOUND for a person who is the contact of others.
std::vector<absl::Status> BrokenRules(const Case& the_case);

// PARTNERSHIP_ENDED when the period of occur_time begins on the day of the end or later; OK otherwise.
absl::Status CheckNotEnded(const projections::Partnership& state, absl::string_view partnership, absl::Time occur_time);

}  // namespace domain

#endif  // SERVICES_DOMAIN_EVIDENCE_RULES_H_
