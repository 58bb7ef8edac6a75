#include "projections/violation_standing.h"

namespace projections {

using trust::v1::Standing;

Standing StandingAfter(Standing standing, Verdict verdict) {
  const bool alleged = standing == trust::v1::STANDING_ALLEGED;
  const bool open = alleged || standing == trust::v1::STANDING_DISPUTED;
  switch (verdict) {
    case Verdict::kDisputed:
      return alleged ? trust::v1::STANDING_DISPUTED : standing;
    case Verdict::kAcknowledged:
      return open ? trust::v1::STANDING_ACKNOWLEDGED : standing;
    case Verdict::kWithdrawn:
      return open ? trust::v1::STANDING_WITHDRAWN : standing;
    case Verdict::kUnfounded:
      return trust::v1::STANDING_UNFOUNDED;
    case Verdict::kPartly:
      return trust::v1::STANDING_PARTLY;
    case Verdict::kSubstantiated:
      return trust::v1::STANDING_SUBSTANTIATED;
  }
  return standing;
}

Standing FirstStandingOf(const trust::v1::ViolationReported& report) {
  const bool known = report.standing() != trust::v1::STANDING_UNSPECIFIED && Standing_IsValid(report.standing());
  return known ? report.standing() : trust::v1::STANDING_ALLEGED;
}

trust::v1::ViolationType ViolationTypeOf(const trust::v1::ViolationReported& report) {
  return ViolationType_IsValid(report.type()) ? report.type() : trust::v1::VIOLATION_TYPE_UNSPECIFIED;
}

std::optional<Verdict> VerdictOf(const trust::v1::FindingIssued& finding) {
  switch (finding.result()) {
    case trust::v1::FINDING_RESULT_SUBSTANTIATED:
      return Verdict::kSubstantiated;
    case trust::v1::FINDING_RESULT_PARTLY:
      return Verdict::kPartly;
    case trust::v1::FINDING_RESULT_UNFOUNDED:
      return Verdict::kUnfounded;
    case trust::v1::FINDING_RESULT_UNSPECIFIED:
    case trust::v1::FindingResult_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::FindingResult_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

bool IsVoidVerification(const trust::v1::Evidence& evidence) {
  return evidence.source() == trust::v1::SOURCE_SELF || evidence.source() == trust::v1::SOURCE_SYSTEM;
}

}  // namespace projections
