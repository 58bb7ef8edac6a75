#include "services/event_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "services/domain/refusal.h"
#include "services/history_search.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {
namespace {

using trust::v1::WatchEventsRequest;
using trust::v1::WatchEventsResponse;

void CheckStart(const WatchEventsRequest& request, QueryChecks& checks) {
  if (request.after_revision() < 0) checks.Wrong("after_revision", "is negative; use 0 to begin at the start");
  if (request.after_revision() != 0 && request.partnership().empty()) {
    checks.Wrong("after_revision", "needs a partnership");
  }
  if (request.has_start_time()) checks.Timestamp("start_time", request.start_time());
  const int places = (request.after_position().empty() ? 0 : 1) + (request.after_revision() != 0 ? 1 : 0) +
                     (request.has_start_time() ? 1 : 0) + (request.from_now() ? 1 : 0);
  if (places > 1) {
    checks.Wrong("after_position",
                 "only one of after_position, after_revision, start_time and from_now can say where to begin");
  }
}

// The filter of a request; *shape tells everything that is wrong with the request.
EventFilter CheckedFilter(const WatchEventsRequest& request, absl::Status* shape) {
  QueryChecks checks;
  if (!request.partnership().empty()) checks.Id("partnership", request.partnership());
  CheckStart(request, checks);
  EventFilter filter = EventFilter::Of(request, checks);
  *shape = checks.Verdict();
  return filter;
}

}  // namespace

EventWatch::EventWatch(const Config& config, const eventstore::EventStore* store, const EventTail* tail,
                       const WatchEventsRequest& request, const PersonalData* personal)
    : config_(config),
      store_(store),
      tail_(tail),
      request_(request),
      cursor_(store, request.partnership(), CheckedFilter(request, &shape_), personal) {}

// ---- Beginning

absl::Status EventWatch::Begin() {
  if (!shape_.ok()) return shape_;
  const std::string& partnership = cursor_.partnership();
  if (!partnership.empty()) {
    const absl::StatusOr<uint64_t> revision = store_->StreamRevision(partnership);
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(partnership);
    if (static_cast<uint64_t>(request_.after_revision()) > *revision) {
      return domain::InvalidFields({{"after_revision", absl::StrCat("is beyond the history, which has ", *revision,
                                                                    " events; use one of them")}});
    }
  }
  const absl::StatusOr<uint64_t> position = StartPosition();
  if (!position.ok()) return position.status();
  uint64_t revision = 0;
  if (!partnership.empty() && *position > 0) {
    const absl::StatusOr<uint64_t> reached = LastRevision(
        *store_, partnership, [&](const eventstore::RecordedEvent& record) { return record.position <= *position; });
    if (!reached.ok()) return reached.status();
    revision = *reached;
  }
  cursor_.GoTo(*position, revision);
  told_ = *position;
  request_.Clear();
  begun_ = true;
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> EventWatch::StartPosition() {
  if (!request_.after_position().empty()) {
    const absl::Status reached = CheckMinPosition(*store_, request_.after_position(), "after_position");
    if (!reached.ok()) return reached;
    return ParseLogPosition(request_.after_position());
  }
  if (request_.after_revision() > 0) {
    uint64_t position = 0;
    const absl::Status read = store_->ReadStream(cursor_.partnership(), request_.after_revision() - 1,
                                                 [&](const eventstore::RecordedEvent& record) {
                                                   position = record.position;
                                                   return false;
                                                 });
    if (!read.ok()) return ReadFault(read);
    return position;
  }
  if (request_.has_start_time()) {
    const absl::Time start = projections::ToTime(request_.start_time());
    return LastPosition(*store_, [&](const eventstore::RecordedEvent& record) { return record.record_time < start; });
  }
  return request_.from_now() ? store_->LogSize() : 0;
}

// ---- Telling

WatchEventsResponse& EventWatch::Tell(std::deque<WatchEventsResponse>* messages) {
  WatchEventsResponse& message = messages->emplace_back();
  message.set_resume_position(LogPositionToken(told_));
  return message;
}

absl::Status EventWatch::Next(bool quiet, std::deque<WatchEventsResponse>* messages) {
  if (!begun_) {
    const absl::Status begun = Begin();
    if (!begun.ok()) return begun;
  }
  WatchEventsResponse batch;
  bool ended = true;
  const ReadBudget budget{config_.batch_events_max, config_.batch_bytes_max, config_.scanned_records_max};
  const absl::Status read = cursor_.Read(budget, batch.mutable_events()->mutable_events(), &ended);
  if (!read.ok()) return read;
  if (caught_up_ && !ended) {
    caught_up_ = false;
    Tell(messages).mutable_fell_behind();
  }
  if (batch.events().events_size() > 0) {
    told_ = cursor_.position();
    batch.set_resume_position(LogPositionToken(told_));
    messages->push_back(std::move(batch));
  }
  if (ended && !caught_up_) {
    caught_up_ = true;
    told_ = cursor_.position();
    Tell(messages).mutable_caught_up();
  }
  const uint64_t passed = cursor_.position() - told_;
  if (passed >= config_.scanned_records_max || (quiet && messages->empty() && passed > 0)) {
    told_ = cursor_.position();
    Tell(messages).mutable_checkpoint();
  } else if (quiet && messages->empty()) {
    Tell(messages).mutable_heartbeat();
  }
  return absl::OkStatus();
}

bool EventWatch::PassOver() {
  if (!caught_up_) return false;
  cursor_.PassOver(*tail_);
  return !cursor_.IsBehind() && cursor_.position() - told_ < config_.scanned_records_max;
}

}  // namespace services
