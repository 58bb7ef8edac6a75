// The standing of a violation: what is said of it at first, what changes it, and how the changes are folded. The three
// folds that know of violations share this. (Specification, sections 6.5 and C6.) Pure.

#ifndef PROJECTIONS_VIOLATION_STANDING_H_
#define PROJECTIONS_VIOLATION_STANDING_H_

#include <cstdint>
#include <optional>

#include "trust/v1/events.pb.h"

namespace projections {

// What changes a standing, in the order in which those of one day are folded.
enum class Verdict : uint8_t { kDisputed, kAcknowledged, kWithdrawn, kUnfounded, kPartly, kSubstantiated };

// The standing after a verdict: a dispute counts only against an allegation, an acknowledgement or a withdrawal only
// against what was not found on yet, a finding always.
trust::v1::Standing StandingAfter(trust::v1::Standing standing, Verdict verdict);

// The standing that a report gives: ALLEGED in the place of UNSPECIFIED and of numbers this program does not know.
trust::v1::Standing FirstStandingOf(const trust::v1::ViolationReported& report);

// The type that a report gives: UNSPECIFIED, which weighs nothing, in the place of numbers this program does not know.
trust::v1::ViolationType ViolationTypeOf(const trust::v1::ViolationReported& report);

// What a finding says; nothing when its result is UNSPECIFIED or a number this program does not know.
std::optional<Verdict> VerdictOf(const trust::v1::FindingIssued& finding);

// Whether a verification counts for nothing: the word of the accused itself, or of a system, verifies nothing. An
// unknown source is the default one, COUNTERPART. REQUIRES: evidence has remediation_verified.
bool IsVoidVerification(const trust::v1::Evidence& evidence);

}  // namespace projections

#endif  // PROJECTIONS_VIOLATION_STANDING_H_
