#include "services/trustctl/failure.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/remedy.h"

namespace trustctl {
namespace {

constexpr char kUsageUrl[] = "trustctl/usage";
constexpr char kUnreachableUrl[] = "trustctl/unreachable";
constexpr char kServerUrl[] = "trustctl/server";

template <typename Detail>
bool FindDetail(const google::rpc::Status& status, Detail* detail) {
  for (const google::protobuf::Any& any : status.details()) {
    if (any.Is<Detail>()) return any.UnpackTo(detail);
  }
  return false;
}

absl::Status Marked(absl::StatusCode code, absl::string_view message, absl::string_view url) {
  absl::Status status(code, message);
  status.SetPayload(url, absl::Cord());
  return status;
}

}  // namespace

absl::Status UsageError(absl::string_view message) {
  return Marked(absl::StatusCode::kInvalidArgument, message, kUsageUrl);
}

absl::Status Unreachable(absl::string_view message) {
  return Marked(absl::StatusCode::kUnavailable, message, kUnreachableUrl);
}

absl::Status ServerRefusal(absl::StatusCode code, absl::string_view message, absl::string_view details) {
  absl::Status status(code, message);
  google::rpc::Status wire;
  if (details.empty() || !wire.ParseFromArray(details.data(), static_cast<int>(details.size()))) {
    wire.Clear();
    wire.set_code(static_cast<int>(code));
    wire.set_message(std::string(message));
  }
  status.SetPayload(kServerUrl, absl::Cord(wire.SerializeAsString()));
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  if (status.GetPayload(kUsageUrl).has_value()) return ExitCode::kUsage;
  if (status.GetPayload(kUnreachableUrl).has_value()) return ExitCode::kUnreachable;
  return ExitCode::kRefused;
}

google::rpc::Status WireStatusOf(const absl::Status& status) {
  google::rpc::Status wire;
  const absl::optional<absl::Cord> payload = status.GetPayload(kServerUrl);
  if (payload.has_value() && wire.ParseFromString(std::string(*payload))) return wire;
  wire.Clear();
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  return wire;
}

bool HasServerDetails(const absl::Status& status) { return WireStatusOf(status).details_size() > 0; }

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  if (!FindDetail(WireStatusOf(status), &retry)) return std::nullopt;
  return absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
}

std::string ReasonOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  return FindDetail(status, &info) ? info.reason() : "";
}

std::string Describe(const google::rpc::Status& status) {
  const std::string code = absl::StatusCodeToString(static_cast<absl::StatusCode>(status.code()));
  std::string text = code;
  const std::string reason = ReasonOf(status);
  if (!reason.empty() && reason != code) absl::StrAppend(&text, " / ", Printable(reason));
  google::rpc::BadRequest request;
  FindDetail(status, &request);
  // A message that is only the wrong fields in a row says no more than their lines.
  bool says_all = request.field_violations_size() > 0 && !reason.empty();
  for (const auto& violation : request.field_violations()) {
    says_all = says_all && absl::StrContains(status.message(), violation.description());
  }
  if (!says_all) absl::StrAppend(&text, ": ", Printable(status.message()));
  for (const auto& violation : request.field_violations()) {
    absl::StrAppend(&text, "\n  ", Printable(violation.field()), ": ", Printable(violation.description()));
  }
  google::rpc::PreconditionFailure precondition;
  FindDetail(status, &precondition);
  for (const auto& violation : precondition.violations()) {
    absl::StrAppend(&text, "\n  about ", Printable(violation.subject()));
    if (violation.description() != status.message()) absl::StrAppend(&text, ": ", Printable(violation.description()));
  }
  google::rpc::RetryInfo retry;
  if (FindDetail(status, &retry)) {
    const absl::Duration delay =
        absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
    absl::StrAppend(&text, "\n  Try again in ", absl::FormatDuration(delay), ".");
  }
  const std::string remedy =
      reason.empty() ? RemedyForCode(static_cast<absl::StatusCode>(status.code())) : RemedyFor(reason);
  if (!remedy.empty()) absl::StrAppend(&text, "\n  ", remedy);
  return text;
}

std::string Describe(const absl::Status& status) {
  if (status.GetPayload(kServerUrl).has_value()) return Describe(WireStatusOf(status));
  return std::string(status.message());
}

}  // namespace trustctl
