#include "services/decided_command.h"

#include "eventstore/merkle_tree.h"
#include "services/event_codec.h"

namespace services {

void SignBy(const Caller& caller, std::vector<trust::v1::Event>* events) {
  for (trust::v1::Event& event : *events) {
    if (!caller.principal.empty()) event.set_principal(caller.principal);
    if (caller.trace.has_value()) *event.mutable_trace() = *caller.trace;
  }
}

void RecallOutcome(const Recall& recall, const Deed& deed, CommandDone done) {
  // The task is shared with the refusal of a full pool, hence the shared ownership of what is called once.
  const auto shared_done = std::make_shared<CommandDone>(std::move(done));
  const bool posted = recall.pool->Post([store = recall.store, personal = recall.personal, deed, shared_done] {
    CommandOutcome outcome;
    const auto after = static_cast<uint64_t>(deed.first_revision - 1);
    absl::Status decoded, revealed;
    const absl::Status read = store->ReadStream(deed.partnership, after, [&](const eventstore::RecordedEvent& record) {
      decoded = Decode(record, true, &outcome.events.emplace_back());
      if (decoded.ok() && personal != nullptr) revealed = personal->Reveal(record, &outcome.events.back());
      if (!revealed.ok()) return false;
      if (static_cast<int64_t>(outcome.events.size()) < deed.event_count) return decoded.ok();
      outcome.receipt = MakeReceipt(record.position, eventstore::LeafHash(record.stored));
      return false;
    });
    if (!decoded.ok() || !read.ok()) return (*shared_done)(ReadFault(decoded.ok() ? read : decoded));
    if (!revealed.ok()) return (*shared_done)(revealed);
    if (outcome.events.empty()) {
      return (*shared_done)(domain::Fault(absl::StatusCode::kDataLoss, trust::v1::ERROR_REASON_LOG_DAMAGED,
                                          "the events that this request made are not there; tell the operator"));
    }
    outcome.revision = outcome.events.back().revision();
    outcome.log_position = outcome.events.back().log_position();
    (*shared_done)(std::move(outcome));
  });
  if (!posted) {
    (*shared_done)(domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_OVERLOADED,
                                 "too many reads wait; repeat after the time given", {}, 100));
  }
}

absl::Status RequestIdReused(const Deed& deed) {
  const std::string event = projections::EventName(deed.partnership, deed.first_revision);
  return domain::FailedPrecondition(
      trust::v1::ERROR_REASON_REQUEST_ID_REUSED, event,
      absl::StrCat("this request_id made ", event, " from other content; use a fresh request_id for a new command"),
      {{"event", event}});
}

}  // namespace services
