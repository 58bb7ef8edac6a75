// The part of a partnership's state that comes from evidence: what is on record, and the matters that it leaves. A
// matter is always what its statements in force make it, whatever the order in which they came. Internal to
// partnership.cc; its promises stand at Evolve.

#ifndef PROJECTIONS_PARTNERSHIP_EVIDENCE_H_
#define PROJECTIONS_PARTNERSHIP_EVIDENCE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "projections/partnership.h"
#include "trust/v1/events.pb.h"

namespace projections {

// The number of an organization's name, a new one when it has none.
int32_t NumberOf(Partnership& partnership, const std::string& name);

// Puts evidence on record. REQUIRES: event has evidence.
void AddEvidence(Partnership& partnership, const trust::v1::Event& event, int64_t revision);

// Puts a corrected version in the place of evidence. REQUIRES: event has evidence_corrected.
void CorrectEvidence(Partnership& partnership, const trust::v1::Event& event, int64_t revision);

// Voids evidence. revision is the retraction's. Nothing when no evidence of that name is on record.
void VoidEvidence(Partnership& partnership, absl::string_view name, int64_t revision);

}  // namespace projections

#endif  // PROJECTIONS_PARTNERSHIP_EVIDENCE_H_
