#include "services/domain/refusal.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace domain {
namespace {

constexpr absl::string_view kReasonPrefix = "ERROR_REASON_";

// A refusal travels in trailers, twice over: as the call's message, and in the details. Clients take 8 KiB of trailers
// unless they are told otherwise, the details counted in base64; beyond it they see another error in place of this one.
constexpr size_t kMessageBytesMax = 1000;
constexpr size_t kViolationsBytesMax = 2500;
constexpr size_t kDescriptionBytesMax = 450;
constexpr size_t kViolationOverheadBytes = 8;

absl::Status WithReason(absl::StatusCode code, trust::v1::ErrorReason reason, absl::string_view message,
                        const Metadata& metadata) {
  absl::Status status(code, message);
  const std::string name = trust::v1::ErrorReason_Name(reason);
  status.SetPayload(kReasonUrl, absl::Cord(absl::StripPrefix(name, kReasonPrefix)));
  for (const auto& [key, value] : metadata) {
    status.SetPayload(absl::StrCat(kMetadataUrlPrefix, key), absl::Cord(value));
  }
  return status;
}

absl::Status OfResource(absl::StatusCode code, trust::v1::ErrorReason reason, absl::string_view resource_type,
                        absl::string_view name, absl::string_view message, Metadata metadata) {
  metadata.emplace_back(resource_type, name);
  absl::Status status = WithReason(code, reason, message, metadata);
  status.SetPayload(kResourceUrl, absl::Cord(absl::StrCat(resource_type, "\n", name)));
  return status;
}

}  // namespace

absl::Status InvalidFields(const std::vector<FieldViolation>& violations, trust::v1::ErrorReason reason) {
  std::string message;
  std::vector<std::string> details;
  size_t details_bytes = 0;
  bool message_ended = false;
  for (const FieldViolation& violation : violations) {
    const absl::string_view description = absl::string_view(violation.description).substr(0, kDescriptionBytesMax);
    details_bytes += violation.field.size() + description.size() + kViolationOverheadBytes;
    if (!details.empty() && details_bytes > kViolationsBytesMax) break;
    details.push_back(absl::StrCat(violation.field, "\n", description));
    if (message_ended) continue;
    const std::string sentence = absl::StrCat(message.empty() ? "" : "; ", violation.field, ": ", description);
    message_ended = message.size() + sentence.size() > kMessageBytesMax;
    message += message_ended ? "; and more" : sentence;
  }
  Metadata metadata;
  const size_t left_out = violations.size() - details.size();
  if (left_out > 0) metadata.emplace_back("fields_left_out", absl::StrCat(left_out));
  absl::Status status = WithReason(absl::StatusCode::kInvalidArgument, reason, message, metadata);
  for (size_t i = 0; i < details.size(); ++i) {
    status.SetPayload(absl::StrFormat("%s%04d", kFieldUrlPrefix, i), absl::Cord(details[i]));
  }
  return status;
}

absl::Status InvalidArgument(trust::v1::ErrorReason reason, absl::string_view message, const Metadata& metadata) {
  return WithReason(absl::StatusCode::kInvalidArgument, reason, message, metadata);
}

absl::Status NotFound(trust::v1::ErrorReason reason, absl::string_view resource_type, absl::string_view name,
                      absl::string_view message, const Metadata& metadata) {
  return OfResource(absl::StatusCode::kNotFound, reason, resource_type, name, message, metadata);
}

absl::Status AlreadyExists(trust::v1::ErrorReason reason, absl::string_view resource_type, absl::string_view name,
                           absl::string_view message) {
  return OfResource(absl::StatusCode::kAlreadyExists, reason, resource_type, name, message, {});
}

absl::Status FailedPrecondition(trust::v1::ErrorReason reason, absl::string_view subject, absl::string_view message,
                                const Metadata& metadata) {
  absl::Status status = WithReason(absl::StatusCode::kFailedPrecondition, reason, message, metadata);
  status.SetPayload(kSubjectUrl, absl::Cord(subject));
  return status;
}

absl::Status RevisionConflict(int64_t expected, int64_t current) {
  return WithReason(absl::StatusCode::kAborted, trust::v1::ERROR_REASON_REVISION_CONFLICT,
                    absl::StrCat("the history holds ", current, " events, not the ", expected,
                                 " that expected_revision says; read it and decide again"),
                    {{"expected", absl::StrCat(expected)}, {"current", absl::StrCat(current)}});
}

absl::Status Fault(absl::StatusCode code, trust::v1::ErrorReason reason, absl::string_view message,
                   const Metadata& metadata, int retry_after_ms) {
  absl::Status status = WithReason(code, reason, message, metadata);
  if (retry_after_ms >= 0) status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(retry_after_ms)));
  return status;
}

absl::Status WithinItem(int index, const absl::Status& status) {
  const std::string item = absl::StrCat("items[", index, "]");
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  const char* const joint =
      violations.empty() ? ": " : ".";  // The message of wrong fields begins with the first one's path.
  absl::Status within(status.code(), absl::StrCat(item, joint, status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    std::string text(payload);
    if (absl::StartsWith(url, kFieldUrlPrefix)) text = absl::StrCat(item, ".", text);
    if (url == kSubjectUrl) text = absl::StrCat(item, ": ", text);
    within.SetPayload(url, absl::Cord(text));
  });
  within.SetPayload(absl::StrCat(kMetadataUrlPrefix, "item"), absl::Cord(absl::StrCat(index)));
  return within;
}

trust::v1::ErrorReason ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  trust::v1::ErrorReason reason = trust::v1::ERROR_REASON_UNSPECIFIED;
  if (payload) trust::v1::ErrorReason_Parse(absl::StrCat(kReasonPrefix, std::string(*payload)), &reason);
  return reason;
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  for (int i = 0;; ++i) {
    const auto payload = status.GetPayload(absl::StrFormat("%s%04d", kFieldUrlPrefix, i));
    if (!payload) return violations;
    const std::string text(*payload);
    const size_t cut = text.find('\n');
    violations.push_back({text.substr(0, cut), cut == std::string::npos ? "" : text.substr(cut + 1)});
  }
}

std::string MetadataOf(const absl::Status& status, absl::string_view name) {
  const auto payload = status.GetPayload(absl::StrCat(kMetadataUrlPrefix, name));
  return payload ? std::string(*payload) : std::string();
}

}  // namespace domain
