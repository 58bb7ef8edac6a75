// Stages, facets, notions and quantities as people read them. English; pure.

#ifndef PROJECTIONS_PLAIN_WORDS_H_
#define PROJECTIONS_PLAIN_WORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "projections/facet_mass.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// "building rapport"; "no stage" for UNSPECIFIED.
std::string StageInWords(trust::v1::Stage stage);

// "reliability". `facet` is an index.
std::string FacetInWords(size_t facet);

// "shared experience, joint achievement" for a set of bits as PositiveRule has them.
std::string NotionsInWords(uint32_t notions);

// Milli-units as units: "3.412".
std::string UnitsInWords(int64_t milli);

// Basis points as people read them: "64.43 %". Not negative.
std::string PercentInWords(int64_t basis_points);

// A mass in its own unit, as decimal digits.
std::string DecimalOf(Mass mass);

// The name of a kind of evidence, as its field in Evidence is named: commitment_fulfilled. `kind` is the field's
// number.
std::string KindName(int kind);

// Such a name in words: "commitment fulfilled".
std::string KindInWords(absl::string_view name);

// "a", "a and b", "a, b and c".
std::string Enumerated(const std::vector<std::string>& parts);

}  // namespace projections

#endif  // PROJECTIONS_PLAIN_WORDS_H_
