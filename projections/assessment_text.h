// The text of a reading that an assessment's digest is taken of: every figure of the reading as a whole number or an
// id, a line for each thing, in a fixed order, under the version of this form in the first line. The form of a version
// never changes: another form gets another version, and the old ones stay, so that what was issued can be verified for
// ever. Pure; the same bytes on every machine.

#ifndef PROJECTIONS_ASSESSMENT_TEXT_H_
#define PROJECTIONS_ASSESSMENT_TEXT_H_

#include <string>

#include "trust/v1/trust_service.pb.h"

namespace projections {

// The text of version 1. Takes in the partnership, the revision, the day, the policy's SHA-256, the directions and the
// whole; days are written as 20240131, events by their revisions, what is absent as 0. Effectiveness and unknown events
// are no part of it.
std::string AssessmentText(const trust::v1::AssessTrustResponse& reading);

}  // namespace projections

#endif  // PROJECTIONS_ASSESSMENT_TEXT_H_
