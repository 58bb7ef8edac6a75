#include "services/admin_service.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/backups.h"
#include "services/domain/contact_decider.h"
#include "services/domain/refusal.h"
#include "services/identity_standing.h"
#include "services/log_position.h"
#include "services/personal_data.h"
#include "services/unary_call.h"

namespace services {
namespace {

template <class Response>
void Take(const ServiceParts& parts, CommandOutcome outcome, Response* response) {
  SetReceipt(parts, outcome, response);
  response->set_log_position(std::move(outcome.log_position));
  for (trust::v1::Event& event : outcome.events) *response->add_events() = std::move(event);
}

template <class Request>
absl::Status ShapeOf(const ServiceParts& parts, const Request& request) {
  domain::Context surroundings;
  surroundings.now = parts.clock->Now();
  return domain::Validate(request, surroundings);
}

// Calls then on the thread for keys with whether the contact is known; refuses the call when that cannot be learned.
void WhenKnown(const ServiceParts& parts, grpc::ServerUnaryReactor* reactor, const std::string& contact,
               std::function<void(bool known)> then) {
  const bool posted = parts.key_pool->Post([personal = parts.personal, reactor, contact, then = std::move(then)] {
    const absl::StatusOr<bool> known = personal->Knows(contact);
    if (!known.ok()) return reactor->Finish(rpc::ToGrpcStatus(known.status()));
    then(*known);
  });
  if (!posted) reactor->Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
}

// Has the lane decide a command about a person, whose decision depends on whether anything is known of it.
template <class Request>
void SubmitKnowing(const ServiceParts& parts, const Caller& caller, grpc::ServerUnaryReactor* reactor,
                   const Request* request, const char* method, CommandDone done,
                   absl::StatusOr<std::vector<trust::v1::Event>> (*decide)(const projections::Partnership&,
                                                                           const Request&, bool known,
                                                                           const domain::Context&)) {
  WhenKnown(parts, reactor, request->contact(),
            [&parts, caller, request, method, decide, done = std::move(done)](bool known) {
              SubmitCommand<Request>(parts, caller, request, method, done,
                                     [decide, known](const projections::Partnership& state, const Request& command,
                                                     const domain::Context& surroundings) {
                                       return decide(state, command, known, surroundings);
                                     });
            });
}

// Answers a command with what it recorded.
template <class Response>
CommandDone Answering(const ServiceParts& parts, grpc::ServerUnaryReactor* reactor, Response* response) {
  return [&parts, reactor, response](absl::StatusOr<CommandOutcome> outcome) {
    if (outcome.ok()) Take(parts, *std::move(outcome), response);
    reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
  };
}

// Answers an erasure that is durable, once the key is gone too.
void AnswerDestroyed(const ServiceParts& parts, grpc::ServerUnaryReactor* reactor, const std::string& contact,
                     absl::Status answer) {
  const bool posted = parts.key_pool->Post([personal = parts.personal, reactor, contact, answer] {
    const absl::Status destroyed = personal->Destroy(contact);
    reactor->Finish(rpc::ToGrpcStatus(destroyed.ok() ? answer : destroyed));
  });
  if (posted) return;
  reactor->Finish(rpc::ToGrpcStatus(
      domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_ERASURE_UNFINISHED,
                    "the erasure is recorded, but the key is not destroyed yet; repeat it", {}, 1'000)));
}

void Tell(const BackupOutcome& outcome, trust::v1::CreateBackupResponse* response) {
  const eventstore::BackupDescription& log = outcome.log.description;
  response->set_backup(absl::StrCat(log.id));
  response->set_log_size(static_cast<int64_t>(log.checkpoint.size));
  response->set_log_position(LogPositionToken(log.checkpoint.size));
  response->set_checkpoint(log.note);
  response->set_root(eventstore::BytesOf(log.checkpoint.root));
  *response->mutable_make_time() = projections::ToTimestamp(log.made);
  response->set_byte_count(static_cast<int64_t>(log.bytes));
  response->set_new_byte_count(static_cast<int64_t>(outcome.log.bytes_new));
  response->set_duration_ms(absl::ToInt64Milliseconds(outcome.duration));
  const eventstore::BackupDescription& keys = outcome.keys.description;
  if (keys.id == 0) return;
  response->set_key_backup(absl::StrCat(keys.id));
  response->set_key_byte_count(static_cast<int64_t>(keys.bytes));
}

// Blocks on the disk for what the file system tells.
void TellStatus(const ServiceParts& parts, trust::v1::GetServerStatusResponse* response) {
  const eventstore::StoreCondition condition = parts.store->Condition();
  response->set_storage_full(condition.disk_free_bytes < condition.disk_reserve_bytes);
  response->set_disk_free_byte_count(static_cast<int64_t>(condition.disk_free_bytes));
  response->set_disk_reserve_byte_count(static_cast<int64_t>(condition.disk_reserve_bytes));
  const absl::Time now = parts.clock->Now();
  *response->mutable_clock_time() = projections::ToTimestamp(now);
  const absl::Duration behind = parts.store->LatestRecordTime() - now;
  if (behind > absl::ZeroDuration()) {
    google::protobuf::Duration& wire = *response->mutable_clock_behind();
    wire.set_seconds(absl::ToInt64Seconds(behind));
    wire.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(behind % absl::Seconds(1))));
  }
  for (const IdentityStanding::Files& files : parts.identity->Read()) {
    trust::v1::IdentityFilesStatus& told = *response->add_identity_files();
    told.set_files(files.which);
    told.set_taken(files.taken);
    if (files.ends.has_value()) *told.mutable_expire_time() = projections::ToTimestamp(*files.ends);
  }
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::EraseContact(grpc::CallbackServerContext* context,
                                                     const trust::v1::EraseContactRequest* request,
                                                     trust::v1::EraseContactResponse* response) {
  const absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = ShapeOf(parts_, *request);
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  CommandDone done = [this, reactor, request, response](absl::StatusOr<CommandOutcome> outcome) {
    if (!outcome.ok()) {
      // An erasure that was recorded and left unfinished is finished by whoever asks again.
      const bool recorded = domain::ReasonOf(outcome.status()) == trust::v1::ERROR_REASON_CONTACT_ERASED;
      if (recorded && !request->validate_only()) {
        return AnswerDestroyed(parts_, reactor, request->contact(), outcome.status());
      }
      return reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
    }
    const trust::v1::Event& event = outcome->events.front();
    response->mutable_erasure()->set_contact(event.personal_data_erased().contact());
    response->mutable_erasure()->set_request(event.personal_data_erased().request());
    *response->mutable_erasure()->mutable_erase_time() = event.record_time();
    Take(parts_, *std::move(outcome), response);
    if (request->validate_only()) return reactor->Finish(grpc::Status::OK);
    AnswerDestroyed(parts_, reactor, request->contact(), absl::OkStatus());
  };
  SubmitKnowing(parts_, *caller, reactor, request, "EraseContact", std::move(done), domain::DecideErasure);
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::PlaceLegalHold(grpc::CallbackServerContext* context,
                                                       const trust::v1::PlaceLegalHoldRequest* request,
                                                       trust::v1::PlaceLegalHoldResponse* response) {
  const absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = ShapeOf(parts_, *request);
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  SubmitKnowing(parts_, *caller, reactor, request, "PlaceLegalHold", Answering(parts_, reactor, response),
                domain::DecideHold);
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::ReleaseLegalHold(grpc::CallbackServerContext* context,
                                                         const trust::v1::ReleaseLegalHoldRequest* request,
                                                         trust::v1::ReleaseLegalHoldResponse* response) {
  const absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  const absl::Status shape = ShapeOf(parts_, *request);
  if (!shape.ok()) return Answer(context, shape);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  SubmitCommand<trust::v1::ReleaseLegalHoldRequest>(
      parts_, *caller, request, "ReleaseLegalHold", Answering(parts_, reactor, response),
      [](const projections::Partnership& state, const trust::v1::ReleaseLegalHoldRequest& command,
         const domain::Context& surroundings) { return domain::DecideRelease(state, command, surroundings); });
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::CreateBackup(grpc::CallbackServerContext* context,
                                                     const trust::v1::CreateBackupRequest* request,
                                                     trust::v1::CreateBackupResponse* response) {
  const absl::StatusOr<Caller> caller = Admit(parts_, context, *request);
  if (!caller.ok()) return Answer(context, caller.status());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  parts_.backups->Begin([reactor, response](const absl::StatusOr<BackupOutcome>& outcome) {
    if (outcome.ok()) Tell(*outcome, response);
    reactor->Finish(rpc::ToGrpcStatus(outcome.status()));
  });
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::GetServerStatus(grpc::CallbackServerContext* context,
                                                        const trust::v1::GetServerStatusRequest* request,
                                                        trust::v1::GetServerStatusResponse* response) {
  return AnswerFromPool(parts_, context, *request, [this, response] {
    TellStatus(parts_, response);
    return absl::OkStatus();
  });
}

}  // namespace services
