// The part of a reading that an assessment reports: its directions, and the partners together when no one direction is
// named. What an assessment's digest is taken of (assessment_text.h) is all in it. Pure but for the history, which it
// may advance.

#ifndef PROJECTIONS_ASSESSED_READING_H_
#define PROJECTIONS_ASSESSED_READING_H_

#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "projections/trust_history.h"
#include "trust/v1/trust_service.pb.h"

namespace projections {

// Fills in partnership, revision, day, directions (by trustor, then trustee) and, without a trustor, the whole.
// REQUIRES: trustor and trustee are two partners, or both empty for the whole partnership.
void ReadAssessed(TrustHistory& history, absl::string_view trustor, absl::string_view trustee, Day as_of,
                  bool hindsight, trust::v1::AssessTrustResponse* reading);

}  // namespace projections

#endif  // PROJECTIONS_ASSESSED_READING_H_
