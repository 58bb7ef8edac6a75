#include "projections/audit_line.h"

#include "absl/strings/escaping.h"
#include "google/protobuf/util/json_util.h"
#include "projections/day.h"
#include "trust/v1/policy.pb.h"

namespace projections {

std::string PolicyVersionOf(const std::string& document) {
  trust::v1::PolicyDocument parsed;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // Of a newer program: the label is all that is asked for.
  return google::protobuf::util::JsonStringToMessage(document, &parsed, options).ok() ? parsed.version()
                                                                                      : std::string();
}

std::optional<trust::v1::AuditLine> LineBehind(const trust::v1::Event& event, int64_t log_index) {
  trust::v1::AuditLine line;
  if (event.has_policy_published()) {
    trust::v1::AuditPolicy& policy = *line.mutable_policy();
    policy.set_sha256(absl::BytesToHexString(event.policy_published().sha256()));
    policy.set_version(PolicyVersionOf(event.policy_published().document()));
    policy.set_document(event.policy_published().document());
    return line;
  }
  if (event.has_assessment_issued()) {
    const trust::v1::AssessmentIssued& issued = event.assessment_issued();
    trust::v1::AuditAssessment& assessment = *line.mutable_assessment();
    assessment.set_log_index(log_index);
    assessment.set_partnership(event.partnership());
    assessment.set_revision(event.revision());
    assessment.set_assessment(issued.assessment());
    assessment.set_trustor(issued.trustor());
    assessment.set_trustee(issued.trustee());
    assessment.set_as_of_date(FormatDay(DayOf(ToTime(issued.as_of_time()))));
    assessment.set_log_size(issued.log_size());
    assessment.set_policy_sha256(absl::BytesToHexString(issued.policy_sha256()));
    assessment.set_digest(absl::BytesToHexString(issued.digest()));
    return line;
  }
  return std::nullopt;
}

}  // namespace projections
