#include "services/identity/method_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trust/v1/admin_service.pb.h"
#include "trust/v1/audit_service.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/partnership_service.pb.h"
#include "trust/v1/policy_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace identity {
namespace {

// The files of all services, by a message of each: which also has the linker keep them.
std::vector<const google::protobuf::FileDescriptor*> ServiceFiles() {
  return {
      trust::v1::CreatePartnershipRequest::descriptor()->file(), trust::v1::RecordEvidenceRequest::descriptor()->file(),
      trust::v1::AssessTrustRequest::descriptor()->file(),       trust::v1::ListEventsRequest::descriptor()->file(),
      trust::v1::PublishPolicyRequest::descriptor()->file(),     trust::v1::GetCheckpointRequest::descriptor()->file(),
      trust::v1::EraseContactRequest::descriptor()->file()};
}

}  // namespace

MethodRules::MethodRules() {
  for (const google::protobuf::FileDescriptor* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        const google::protobuf::MethodDescriptor* const method = file->service(i)->method(j);
        const std::string path = absl::StrCat("/", file->service(i)->full_name(), "/", method->name());
        paths_.emplace(method->input_type(), path);
        const trust::v1::AccessRule& said = method->options().GetExtension(trust::v1::access);
        MethodRule rule;
        rule.scope = said.scope();
        for (const int role : said.roles()) {
          if (role != trust::v1::ROLE_UNSPECIFIED) rule.roles.Add(static_cast<trust::v1::Role>(role));
        }
        if (!rule.roles.empty()) rules_.emplace(path, rule);
      }
    }
  }
  const MethodRule known{Roles::Any(), trust::v1::REQUEST_SCOPE_NONE, true};
  const MethodRule granted{Roles::Any(), trust::v1::REQUEST_SCOPE_NONE, false};
  rules_.emplace("/grpc.health.v1.Health/Check", known);
  rules_.emplace("/grpc.health.v1.Health/Watch", known);
  rules_.emplace("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", granted);
  rules_.emplace("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", granted);
}

const MethodRules& MethodRules::Get() {
  static const MethodRules* const rules = new MethodRules();
  return *rules;
}

const MethodRule* MethodRules::Find(absl::string_view path) const {
  const auto found = rules_.find(path);
  return found == rules_.end() ? nullptr : &found->second;
}

std::vector<std::string> MethodRules::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, rule] : rules_) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

const std::string& MethodRules::PathOf(const google::protobuf::Descriptor* request) const {
  static const std::string* const none = new std::string();
  const auto found = paths_.find(request);
  return found == paths_.end() ? *none : found->second;
}

absl::string_view RoleWord(trust::v1::Role role) {
  switch (role) {
    case trust::v1::ROLE_RECORDER:
      return "recorder";
    case trust::v1::ROLE_READER:
      return "reader";
    case trust::v1::ROLE_AUDITOR:
      return "auditor";
    case trust::v1::ROLE_OPERATOR:
      return "operator";
    case trust::v1::ROLE_POLICY_MAKER:
      return "policy-maker";
    default:
      return "";
  }
}

}  // namespace identity
