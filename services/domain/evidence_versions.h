// The rules about what was recorded: who confirms, contests, corrects and retracts which event, and what a correction
// may change. A live command is refused with the first rule it breaks; an import is stored with every one as a warning.
// Pure.

#ifndef SERVICES_DOMAIN_EVIDENCE_VERSIONS_H_
#define SERVICES_DOMAIN_EVIDENCE_VERSIONS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "projections/partnership.h"
#include "services/domain/evidence_reference.h"
#include "trust/v1/events.pb.h"

namespace domain {

// A saying about an earlier event, on its way to be judged.
struct Saying {
  const projections::Partnership& state;
  absl::string_view partnership;
  Names other_names;
  absl::string_view path;  // Before the names of its fields: "" or "evidence_corrected.".
  bool imported = false;
};

// Each of these makes the event that its body names a full name, judges it, and returns every rule that it breaks, as
// the refusal it would be, the gravest first. The body stands in the event; speaker is who says it, empty when an
// import does not tell. Errors, for imports too: NOT_FOUND / EVENT_NOT_FOUND: the history holds no such event.
// FAILED_PRECONDITION / WRONG_EVENT_KIND: it is not what can be confirmed, contested, corrected or retracted.
// Refusals: EVENT_NOT_FOUND for what is void; RECORDER_NOT_ENTITLED.
absl::StatusOr<std::vector<absl::Status>> JudgeConfirmation(const Saying& saying, absl::string_view speaker,
                                                            trust::v1::Event& event);
absl::StatusOr<std::vector<absl::Status>> JudgeContest(const Saying& saying, trust::v1::Event& event);
absl::StatusOr<std::vector<absl::Status>> JudgeRetraction(const Saying& saying, absl::string_view speaker,
                                                          trust::v1::Event& event);

// Makes the replacement what is stored, too: references resolved, defaults written out, the source set. Errors besides:
// PARTNER_NOT_FOUND, EVENT_NOT_FOUND and WRONG_EVENT_KIND of the replacement's own references; INVALID_FIELD when it
// refers to itself or does not fit its times. Refusals besides: those of new evidence, judged as if the version in
// force had never been there; WRONG_EVENT_KIND when later evidence refers to the event as what it would no longer be.
absl::StatusOr<std::vector<absl::Status>> JudgeCorrection(const Saying& saying, absl::string_view speaker,
                                                          trust::v1::Event& event);

}  // namespace domain

#endif  // SERVICES_DOMAIN_EVIDENCE_VERSIONS_H_
