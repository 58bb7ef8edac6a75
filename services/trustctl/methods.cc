#include "services/trustctl/methods.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grpc/health/v1/health.pb.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/failure.h"
#include "trust/v1/admin_service.pb.h"
#include "trust/v1/audit_service.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/partnership_service.pb.h"
#include "trust/v1/policy_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

using google::protobuf::MethodDescriptor;

const std::vector<const MethodDescriptor*>& AllMethods() {
  static const auto* const kMethods = [] {
    auto* const methods = new std::vector<const MethodDescriptor*>;
    // A message of each file, so that the files are linked.
    for (const google::protobuf::Descriptor* const message :
         {trust::v1::CreatePartnershipRequest::descriptor(), trust::v1::RecordEvidenceRequest::descriptor(),
          trust::v1::AssessTrustRequest::descriptor(), trust::v1::ListEventsRequest::descriptor(),
          trust::v1::PublishPolicyRequest::descriptor(), trust::v1::GetCheckpointRequest::descriptor(),
          trust::v1::CreateBackupRequest::descriptor(), grpc::health::v1::HealthCheckRequest::descriptor()}) {
      for (int i = 0; i < message->file()->service_count(); ++i) {
        const google::protobuf::ServiceDescriptor* const service = message->file()->service(i);
        for (int j = 0; j < service->method_count(); ++j) methods->push_back(service->method(j));
      }
    }
    return methods;
  }();
  return *kMethods;
}

absl::StatusOr<const MethodDescriptor*> FindMethod(absl::string_view name) {
  const std::string wanted = absl::StrReplaceAll(name, {{"/", "."}});
  std::vector<std::string> names;
  for (const MethodDescriptor* const method : AllMethods()) {
    if (method->full_name() == wanted || absl::EndsWith(method->full_name(), absl::StrCat(".", wanted))) return method;
    names.push_back(method->name());
    if (absl::EqualsIgnoreCase(method->name(), wanted)) {
      return UsageError(absl::StrCat("there is no method ", name, "; did you mean ", method->name(), "?"));
    }
  }
  const std::string suggestion = Suggestion(name, names);
  return UsageError(absl::StrCat("there is no method ", name, suggestion.empty() ? "; " : suggestion + " ",
                                 "trustctl call lists all of them"));
}

}  // namespace trustctl
