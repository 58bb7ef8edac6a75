#include "services/trust_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/standing_rows.h"
#include "services/store_fault.h"

namespace services {
namespace {

using trust::v1::WatchTrustResponse;

absl::Status InvalidResumeToken(absl::string_view message) {
  return domain::InvalidArgument(trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN, message);
}

absl::Status FallenBehind() {
  return InvalidResumeToken(
      "this watch has fallen behind the changes that are kept; begin again without a token, perhaps with snapshot");
}

const std::string& PartnershipOf(const WatchTrustResponse& message) {
  return message.has_change() ? message.change().partnership() : message.revised().partnership();
}

}  // namespace

TrustWatch::TrustWatch(const StandingIndex* index, const eventstore::EventStore* store,
                       trust::v1::WatchTrustRequest request)
    : index_(index), store_(store), request_(std::move(request)) {}

absl::Status TrustWatch::Next(size_t messages_max, bool heartbeat, std::deque<WatchTrustResponse>* messages) {
  if (!begun_) {
    const absl::Status begun = Begin();
    if (!begun.ok()) return begun;
  }
  // Before a snapshot is told to its end: what follows it would be missing.
  if (sequence_ + 1 < index_->state().oldest_sequence) return FallenBehind();
  if (!snapshot_done_) return TellSnapshot(messages_max, messages);
  const absl::Status told = TellChanges(messages_max, messages);
  // In this order: what silence brought on a day is among the changes before the day is.
  const StandingIndex::State state = index_->state();
  // What the snapshot held may be written before the index tells of it: then it is about to.
  if (!told.ok() || state.sequence > sequence_ || held_max_ > sequence_) return told;
  if (state.day > live_day_ || (heartbeat && messages->empty())) {
    live_day_ = state.day;
    WatchTrustResponse& message = messages->emplace_back();
    message.set_resume_token(Token());
    message.mutable_caught_up()->set_date(projections::FormatDay(live_day_));
  }
  return absl::OkStatus();
}

bool TrustWatch::HasMore() const {
  const StandingIndex::State state = index_->state();
  return !begun_ || !snapshot_done_ || state.day > live_day_ || state.sequence > sequence_;
}

// ---- Beginning

absl::Status TrustWatch::CheckShape() const {
  QueryChecks checks;
  if (request_.partnerships_size() > kWatchedPartnershipsMax) {
    checks.Wrong("partnerships", absl::StrCat("names ", request_.partnerships_size(), "; at most ",
                                              kWatchedPartnershipsMax, ", or none for all"));
  } else {
    for (int i = 0; i < request_.partnerships_size(); ++i) {
      checks.Id(absl::StrCat("partnerships[", i, "]"), request_.partnerships(i));
    }
  }
  if (request_.snapshot() && !request_.resume_token().empty()) {
    checks.Wrong("snapshot", "must be left out with resume_token: a watch that goes on knows where it was");
  }
  return checks.Verdict();
}

absl::Status TrustWatch::Begin() {
  if (const absl::Status shape = CheckShape(); !shape.ok()) return shape;
  if (const absl::Status ready = index_->CheckReady(); !ready.ok()) return ready;
  for (const std::string& partnership : request_.partnerships()) {
    const absl::StatusOr<uint64_t> revision = store_->StreamRevision(partnership);
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(partnership);
    partnerships_.insert(partnership);
  }
  const StandingIndex::State state = index_->state();
  arguments_ = absl::StrCat("WatchTrust\n", state.epoch, "\n", absl::StrJoin(partnerships_, "\n"));
  sequence_ = state.sequence;
  if (!request_.resume_token().empty()) {
    const absl::Status resumed = Resume(state);
    if (!resumed.ok()) return resumed;
  }
  snapshot_done_ = !request_.snapshot();
  begun_ = true;
  return absl::OkStatus();
}

absl::Status TrustWatch::Resume(const StandingIndex::State& state) {
  const absl::StatusOr<std::string> place = ParsePageToken(request_.resume_token(), arguments_);
  uint64_t sequence = 0;
  if (!place.ok() || !absl::SimpleAtoi(*place, &sequence) || sequence > state.sequence) {
    return InvalidResumeToken(
        "this resume token is not of a watch of these partnerships on this server; begin again without one, perhaps "
        "with snapshot");
  }
  if (sequence + 1 < state.oldest_sequence) {
    return InvalidResumeToken(
        "what changed since this resume token is no longer kept; begin again without one, perhaps with snapshot");
  }
  sequence_ = sequence;
  return absl::OkStatus();
}

std::string TrustWatch::Token() const {
  return sequence_ < held_max_ ? std::string() : PageToken(absl::StrCat(sequence_), arguments_);
}

bool TrustWatch::Watches(const std::string& partnership) const {
  return partnerships_.empty() || partnerships_.count(partnership) > 0;
}

// ---- Telling

absl::Status TrustWatch::TellSnapshot(size_t messages_max, std::deque<WatchTrustResponse>* messages) {
  absl::Status wrong;
  if (!partnerships_.empty()) {
    for (auto next = partnerships_.upper_bound(snapshot_after_);
         next != partnerships_.end() && messages->size() < messages_max; ++next) {
      const absl::StatusOr<std::optional<trust::v1::StandingRow>> row = ReadStandingRow(*store_, *next);
      if (!row.ok()) return row.status();
      if (row->has_value()) TellRow(*next, **row, messages);
      snapshot_after_ = *next;
    }
    snapshot_done_ = partnerships_.upper_bound(snapshot_after_) == partnerships_.end();
    return absl::OkStatus();
  }
  bool more = false;
  const absl::Status scanned =
      store_->ScanRows(kStandingTable, snapshot_after_, [&](absl::string_view key, absl::string_view value) {
        if (messages->size() >= messages_max) {
          more = true;
          return false;
        }
        trust::v1::StandingRow row;
        if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          wrong = ReadFault(absl::DataLossError(absl::StrCat("the standing row of ", key, " is not one")));
          return false;
        }
        snapshot_after_ = std::string(key);
        TellRow(snapshot_after_, row, messages);
        return true;
      });
  if (!wrong.ok()) return wrong;
  if (!scanned.ok()) return ReadFault(scanned);
  snapshot_done_ = !more;
  return absl::OkStatus();
}

void TrustWatch::TellRow(const std::string& partnership, const trust::v1::StandingRow& row,
                         std::deque<WatchTrustResponse>* messages) {
  // The row may be newer than the place from which the changes will go on: those it holds are not told again.
  if (row.sequence() > sequence_) {
    held_by_snapshot_[partnership] = row.sequence();
    held_max_ = std::max(held_max_, row.sequence());
  }
  for (const trust::v1::StandingDirection& direction : row.directions()) {
    trust::v1::TrustSnapshot& snapshot = *messages->emplace_back().mutable_snapshot();
    snapshot.set_partnership(partnership);
    trust::v1::DirectionReading& reading = *snapshot.mutable_reading();
    reading.set_trustor(direction.trustor());
    reading.set_trustee(direction.trustee());
    reading.set_stage(direction.stage());
    reading.set_condition(direction.condition());
    reading.set_since_date(projections::FormatDay(direction.timeline().rbegin()->day()));
    reading.set_holds_until_date(direction.holds_until_date());
    reading.set_stage_after(direction.stage_after());
  }
}

absl::Status TrustWatch::TellChanges(size_t messages_max, std::deque<WatchTrustResponse>* messages) {
  size_t seen = 0;
  const absl::Status visited =
      index_->VisitChanges(sequence_, [&](uint64_t sequence, const StandingIndex::Change& change) {
        sequence_ = sequence;
        const std::string& partnership = PartnershipOf(*change);
        const auto held = held_by_snapshot_.find(partnership);
        const bool told_already = held != held_by_snapshot_.end() && sequence <= held->second;
        if (held != held_by_snapshot_.end() && sequence >= held->second) held_by_snapshot_.erase(held);
        if (!told_already && Watches(partnership)) {
          WatchTrustResponse& message = messages->emplace_back(*change);
          message.set_resume_token(Token());
        }
        // What is passed over costs less than what is told.
        return ++seen < 16 * messages_max && messages->size() < messages_max;
      });
  return absl::IsOutOfRange(visited) ? FallenBehind() : visited;
}

}  // namespace services
