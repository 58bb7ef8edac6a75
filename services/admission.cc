#include "services/admission.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/domain/refusal.h"
#include "services/identity/guard.h"
#include "services/identity/method_rules.h"
#include "services/identity/permissions.h"
#include "services/partner_book.h"
#include "services/rpc/call_guard.h"
#include "services/trace_context.h"

namespace services {

namespace {

// The trace that a call says it belongs to; none when it says so more than once, or in no form that is valid.
std::optional<trust::v1::TraceContext> TraceOf(const grpc::CallbackServerContext& context) {
  const auto [begin, end] = context.client_metadata().equal_range("traceparent");
  if (begin == end || std::next(begin) != end) return std::nullopt;
  return ParseTraceParent({begin->second.data(), begin->second.size()});
}

}  // namespace

absl::StatusOr<Caller> Admit(const ServiceParts& parts, grpc::CallbackServerContext* context,
                             const google::protobuf::Message& request) {
  Caller caller{absl::FromChrono(context->deadline()), [context] { return context->IsCancelled(); }, "",
                TraceOf(*context)};
  if (parts.guard == nullptr) return caller;
  const identity::MethodRules& rules = identity::MethodRules::Get();
  const std::string& path = rules.PathOf(request.GetDescriptor());
  const rpc::PresentedByCall presented(*context);
  absl::StatusOr<identity::Admission> admission = parts.guard->Admit(presented.get(), path, parts.clock->Now());
  if (!admission.ok()) {
    // The guard of the call judged likewise, or a grant has ended since: in the middle of an import, of a watch.
    const bool known = absl::IsPermissionDenied(admission.status());
    return domain::Fault(admission.status().code(),
                         known ? trust::v1::ERROR_REASON_PERMISSION_DENIED : trust::v1::ERROR_REASON_UNAUTHENTICATED,
                         std::string(admission.status().message()));
  }
  const absl::Status covered =
      identity::CheckScope(*admission->grants, *rules.Find(path), request,
                           [&parts](absl::string_view partnership, absl::string_view organization) {
                             return parts.partners->IsPartner(partnership, organization);
                           });
  if (!covered.ok()) {
    return domain::Fault(absl::StatusCode::kPermissionDenied, trust::v1::ERROR_REASON_PERMISSION_DENIED,
                         absl::StrCat(admission->principal, ": ", std::string(covered.message())),
                         {{"principal", admission->principal}});
  }
  caller.principal = std::move(admission->principal);
  return caller;
}

}  // namespace services
