#include "services/rpc/status.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"

namespace rpc {
namespace {

constexpr absl::string_view kPrefix = "trust.v1/";
constexpr char kDomain[] = "trust.v1";

// The payloads of a status, by name without the prefix, in the order of names.
std::map<std::string, std::string> PayloadsOf(const absl::Status& status) {
  std::map<std::string, std::string> payloads;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (absl::ConsumePrefix(&url, kPrefix)) payloads[std::string(url)] = std::string(payload);
  });
  return payloads;
}

std::pair<std::string, std::string> Halves(const std::string& text) {
  const size_t cut = text.find('\n');
  return {text.substr(0, cut), cut == std::string::npos ? "" : text.substr(cut + 1)};
}

void AddDetails(const absl::Status& status, const std::map<std::string, std::string>& payloads,
                google::rpc::Status& wire) {
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  google::rpc::BadRequest bad_request;
  for (const auto& [name, value] : payloads) {
    absl::string_view rest = name;
    if (name == "reason") {
      info.set_reason(value);
    } else if (absl::ConsumePrefix(&rest, "metadata/")) {
      (*info.mutable_metadata())[std::string(rest)] = value;
    } else if (absl::StartsWith(name, "field/")) {
      const auto [field, description] = Halves(value);
      google::rpc::BadRequest::FieldViolation& violation = *bad_request.add_field_violations();
      violation.set_field(field);
      violation.set_description(description);
    }
  }
  wire.add_details()->PackFrom(info);
  if (bad_request.field_violations_size() > 0) wire.add_details()->PackFrom(bad_request);
  if (const auto subject = payloads.find("precondition_subject"); subject != payloads.end()) {
    google::rpc::PreconditionFailure failure;
    google::rpc::PreconditionFailure::Violation& violation = *failure.add_violations();
    violation.set_type(info.reason());
    violation.set_subject(subject->second);
    violation.set_description(std::string(status.message()));
    wire.add_details()->PackFrom(failure);
  }
  if (const auto resource = payloads.find("resource"); resource != payloads.end()) {
    const auto [type, name] = Halves(resource->second);
    google::rpc::ResourceInfo resource_info;
    resource_info.set_resource_type(type);
    resource_info.set_resource_name(name);
    resource_info.set_description(std::string(status.message()));
    wire.add_details()->PackFrom(resource_info);
  }
  if (const auto retry = payloads.find("retry_after_ms"); retry != payloads.end()) {
    int64_t milliseconds = 0;
    if (absl::SimpleAtoi(retry->second, &milliseconds)) {
      google::rpc::RetryInfo retry_info;
      retry_info.mutable_retry_delay()->set_seconds(milliseconds / 1000);
      retry_info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(milliseconds % 1000 * 1'000'000));
      wire.add_details()->PackFrom(retry_info);
    }
  }
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status wire;
  if (status.ok()) return wire;
  const std::map<std::string, std::string> payloads = PayloadsOf(status);
  if (payloads.find("reason") == payloads.end()) {
    wire.set_code(static_cast<int>(absl::StatusCode::kInternal));
    wire.set_message("the server failed through a fault of its own");
    google::rpc::ErrorInfo info;
    info.set_domain(kDomain);
    info.set_reason("INTERNAL");
    wire.add_details()->PackFrom(info);
    return wire;
  }
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  AddDetails(status, payloads, wire);
  return wire;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
}

grpc::Status NobodyWaits() { return {grpc::StatusCode::CANCELLED, "nobody waits any more"}; }

}  // namespace rpc
