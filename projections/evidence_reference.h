// The reference that each kind of evidence makes to an earlier event of its partnership. Pure.

#ifndef PROJECTIONS_EVIDENCE_REFERENCE_H_
#define PROJECTIONS_EVIDENCE_REFERENCE_H_

#include "absl/strings/string_view.h"
#include "trust/v1/events.pb.h"

namespace projections {

// What a reference points at.
enum class Referent { kNothing, kCommitment, kConflict, kViolation, kMisunderstanding, kObjective };

// The one reference of a kind of evidence.
struct Reference {
  Referent to = Referent::kNothing;
  absl::string_view text;  // As it stands in the evidence; empty when it is left out.
};

// The reference that this evidence makes or could make. The text lives as long as the evidence is unchanged.
Reference ReferenceOf(const trust::v1::Evidence& evidence);

// What an event of this kind can be referred to as: the matter that it begins, or continues.
Referent ReferentOf(trust::v1::Evidence::KindCase kind);

}  // namespace projections

#endif  // PROJECTIONS_EVIDENCE_REFERENCE_H_
