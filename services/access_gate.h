// What a call that reads history passes before it reads: whether its caller may, and the access record, where that is
// on.

#ifndef SERVICES_ACCESS_GATE_H_
#define SERVICES_ACCESS_GATE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/server_context.h"
#include "services/access_record.h"
#include "services/service_parts.h"
#include "services/unary_call.h"
#include "trust/v1/events.pb.h"

namespace services {

// Records the access and then calls then, as AccessRecord::Record does, or calls it with a refusal. Null where the
// caller was admitted and nothing is to be recorded.
using AccessGate = std::function<void(std::function<void(absl::Status)> then)>;

// Calls then once with whether the reading may begin. then must not block.
inline void Pass(const AccessGate& gate, std::function<void(absl::Status)> then) {
  if (gate == nullptr) return then(absl::OkStatus());
  gate(std::move(then));
}

// A piece of what the caller says beside its request; empty when it says nothing.
inline std::string CallMetadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return {};
  return std::string(found->second.data(), found->second.size());
}

// The gate of a call. parts and context outlive it; method: HistoryService/ListEvents.
template <class Request>
AccessGate GateOf(const ServiceParts& parts, grpc::CallbackServerContext* context, const Request& request,
                  absl::string_view method) {
  absl::StatusOr<Caller> caller = Admit(parts, context, request);
  if (!caller.ok()) {
    return [refusal = caller.status()](const std::function<void(absl::Status)>& then) { then(refusal); };
  }
  if (!parts.access->on()) return nullptr;
  trust::v1::HistoryAccessed access;
  access.set_reader(CallMetadata(*context, "trust-reader"));
  access.set_purpose(CallMetadata(*context, "trust-purpose"));
  access.set_method(absl::StrCat("trust.v1.", method));
  if constexpr (requires { request.partnership(); }) {
    if (!request.partnership().empty()) access.add_partnerships(request.partnership());
  }
  if constexpr (requires { request.partnerships(); }) access.mutable_partnerships()->MergeFrom(request.partnerships());
  google::protobuf::util::JsonPrintOptions names;
  names.preserve_proto_field_names = true;
  // What has no form in JSON, such as a time out of its range, is to be refused, and to be recorded all the same.
  if (!google::protobuf::util::MessageToJsonString(request, access.mutable_question(), names).ok()) {
    access.set_question(request.ShortDebugString());
  }
  return [&parts, caller = *std::move(caller), access = std::move(access)](std::function<void(absl::Status)> then) {
    parts.access->Record(access, caller, std::move(then));
  };
}

// The gate of a call whose access is not recorded.
inline AccessGate AdmissionGateOf(const ServiceParts& parts, grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request) {
  absl::Status admitted = Admit(parts, context, request).status();
  if (admitted.ok()) return nullptr;
  return [refusal = std::move(admitted)](const std::function<void(absl::Status)>& then) { then(refusal); };
}

// Answers a call that reads history with what work returns, on the pool, once its access is recorded.
inline grpc::ServerUnaryReactor* AnswerRecorded(grpc::CallbackServerContext* context, Executor* pool,
                                                const AccessGate& gate, std::function<absl::Status()> work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  Pass(gate, [context, reactor, pool, work = std::move(work)](const absl::Status& recorded) {
    if (!recorded.ok()) return reactor->Finish(rpc::ToGrpcStatus(recorded));
    FinishFromPool(context, reactor, pool, work);
  });
  return reactor;
}

}  // namespace services

#endif  // SERVICES_ACCESS_GATE_H_
