// A partnership as a whole, from its required ties: how weak the weakest is, whether they hold the partners together,
// and along which lines they part. (Specification, sections 7.10 and C14.) Pure; knows nothing of evidence.

#ifndef PROJECTIONS_TIE_AGGREGATE_H_
#define PROJECTIONS_TIE_AGGREGATE_H_

#include <vector>

#include "projections/day.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// The tie of two partners from the readings of both directions, without their names: the first partner's trust in the
// second, and back. The first has the smaller id.
trust::v1::TieReading RenderTie(const trust::v1::DirectionReading& there, const trust::v1::DirectionReading& back);

// Everything of the whole but holds_until_date. `ties` are the required ones, ordered by their partners; those that are
// forming are shown, and count for coverage alone. asymmetry is that of the only tie between two partners.
trust::v1::PartnershipReading Aggregate(std::vector<trust::v1::TieReading> ties);

}  // namespace projections

#endif  // PROJECTIONS_TIE_AGGREGATE_H_
