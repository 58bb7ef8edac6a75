#include "services/partnership_service.h"

#include <string>
#include <utility>

#include "services/access_gate.h"
#include "services/log_position.h"
#include "services/partnership_query.h"
#include "services/unary_call.h"

namespace services {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

ServerUnaryReactor* PartnershipService::CreatePartnership(CallbackServerContext* context,
                                                          const trust::v1::CreatePartnershipRequest* request,
                                                          trust::v1::CreatePartnershipResponse* response) {
  return AnswerCommand(parts_, context, request, response, "CreatePartnership",
                       [request, response](const CommandOutcome& outcome) {
                         projections::Partnership created;
                         created.id = request->partnership();
                         for (const trust::v1::Event& event : outcome.events) projections::Evolve(created, event);
                         *response->mutable_partnership() = projections::Render(created);
                       });
}

ServerUnaryReactor* PartnershipService::GetPartnership(CallbackServerContext* context,
                                                       const trust::v1::GetPartnershipRequest* request,
                                                       trust::v1::GetPartnershipResponse* response) {
  return AnswerFromPool(parts_, context, *request,
                        [this, request, response] { return GetPartnershipNow(*parts_.store, *request, response); });
}

ServerUnaryReactor* PartnershipService::ListPartnerships(CallbackServerContext* context,
                                                         const trust::v1::ListPartnershipsRequest* request,
                                                         trust::v1::ListPartnershipsResponse* response) {
  const absl::Status shape = Check(*request);
  if (!shape.ok()) return Answer(context, shape);
  const auto list = [this, request, response] { return ListPartnershipsNow(*parts_.store, *request, response); };
  if (AsksTheIndex(*request)) return AnswerFromIndex(parts_, context, *request, request->min_position(), list);
  const absl::Status position = CheckMinPosition(*parts_.store, request->min_position());
  if (!position.ok()) return Answer(context, position);
  return AnswerFromPool(parts_, context, *request, list);
}

ServerUnaryReactor* PartnershipService::RecordMilestone(CallbackServerContext* context,
                                                        const trust::v1::RecordMilestoneRequest* request,
                                                        trust::v1::RecordMilestoneResponse* response) {
  return AnswerCommand(parts_, context, request, response, "RecordMilestone");
}

ServerUnaryReactor* PartnershipService::SuspendPartnership(CallbackServerContext* context,
                                                           const trust::v1::SuspendPartnershipRequest* request,
                                                           trust::v1::SuspendPartnershipResponse* response) {
  return AnswerCommand(parts_, context, request, response, "SuspendPartnership");
}

ServerUnaryReactor* PartnershipService::ResumePartnership(CallbackServerContext* context,
                                                          const trust::v1::ResumePartnershipRequest* request,
                                                          trust::v1::ResumePartnershipResponse* response) {
  return AnswerCommand(parts_, context, request, response, "ResumePartnership");
}

ServerUnaryReactor* PartnershipService::TerminatePartnership(CallbackServerContext* context,
                                                             const trust::v1::TerminatePartnershipRequest* request,
                                                             trust::v1::TerminatePartnershipResponse* response) {
  return AnswerCommand(parts_, context, request, response, "TerminatePartnership");
}

ServerUnaryReactor* PartnershipService::AddPartner(CallbackServerContext* context,
                                                   const trust::v1::AddPartnerRequest* request,
                                                   trust::v1::AddPartnerResponse* response) {
  return AnswerCommand(parts_, context, request, response, "AddPartner");
}

ServerUnaryReactor* PartnershipService::RemovePartner(CallbackServerContext* context,
                                                      const trust::v1::RemovePartnerRequest* request,
                                                      trust::v1::RemovePartnerResponse* response) {
  return AnswerCommand(parts_, context, request, response, "RemovePartner");
}

ServerUnaryReactor* PartnershipService::DeclareTie(CallbackServerContext* context,
                                                   const trust::v1::DeclareTieRequest* request,
                                                   trust::v1::DeclareTieResponse* response) {
  return AnswerCommand(parts_, context, request, response, "DeclareTie");
}

ServerUnaryReactor* PartnershipService::AssignContact(CallbackServerContext* context,
                                                      const trust::v1::AssignContactRequest* request,
                                                      trust::v1::AssignContactResponse* response) {
  return AnswerCommand(parts_, context, request, response, "AssignContact");
}

ServerUnaryReactor* PartnershipService::ReleaseContact(CallbackServerContext* context,
                                                       const trust::v1::ReleaseContactRequest* request,
                                                       trust::v1::ReleaseContactResponse* response) {
  return AnswerCommand(parts_, context, request, response, "ReleaseContact");
}

ServerUnaryReactor* PartnershipService::GetContact(CallbackServerContext* context,
                                                   const trust::v1::GetContactRequest* request,
                                                   trust::v1::GetContactResponse* response) {
  const AccessGate gate = GateOf(parts_, context, *request, "PartnershipService/GetContact");
  return AnswerRecorded(context, parts_.pool, gate, [this, request, response] {
    return GetContactNow(*parts_.store, *parts_.personal, *request, response);
  });
}

}  // namespace services
