// The shape of evidence, milestones and founding partners, judged without any state. Every violation is noted in the
// FieldChecks given, under the path where it stands: "items[3].evidence". Pure.

#ifndef SERVICES_DOMAIN_EVIDENCE_CHECKS_H_
#define SERVICES_DOMAIN_EVIDENCE_CHECKS_H_

#include "absl/strings/string_view.h"
#include "services/domain/field_checks.h"
#include "trust/v1/events.pb.h"

namespace domain {

// What surrounds evidence and decides how it is read.
struct EvidenceSetting {
  absl::string_view partnership;
  // The evidence's time and its precision, or null when it has none that is valid.
  const google::protobuf::Timestamp* occur_time = nullptr;
  trust::v1::TimePrecision precision = trust::v1::TIME_PRECISION_UNSPECIFIED;
  bool imported = false;  // source may be stated, and references may be external ids.
};

void CheckEvidence(absl::string_view path, const trust::v1::Evidence& evidence, const EvidenceSetting& setting,
                   FieldChecks& checks);

void CheckMilestone(const trust::v1::Milestone& milestone, FieldChecks& checks);

// prefix is empty or ends in a dot; partners stand at prefix + "partners".
void CheckFounding(absl::string_view prefix, absl::string_view display_name,
                   const google::protobuf::RepeatedPtrField<trust::v1::Partner>& partners, FieldChecks& checks);

}  // namespace domain

#endif  // SERVICES_DOMAIN_EVIDENCE_CHECKS_H_
