#include "services/replay.h"

#include <algorithm>
#include <vector>

#include "projections/day.h"
#include "projections/effectiveness.h"
#include "projections/timeline_revision.h"
#include "services/command_lane.h"
#include "services/history_search.h"
#include "services/partnership_loader.h"
#include "services/query_checks.h"
#include "services/store_fault.h"

namespace services {
namespace {

using trust::v1::DirectionReading;

bool SameWords(const DirectionReading& a, const DirectionReading& b) {
  return a.stage() == b.stage() && a.condition() == b.condition();
}

}  // namespace

Replay::Replay(const eventstore::EventStore* store, PolicyRegistry* policies, trust::v1::ReplayHistoryRequest request,
               const PersonalData* personal)
    : store_(store),
      personal_(personal),
      policies_(policies),
      request_(std::move(request)),
      view_(request_.view() == trust::v1::VIEW_HINDSIGHT ? trust::v1::VIEW_HINDSIGHT : trust::v1::VIEW_HELD),
      history_(request_.partnership(), policies->Compile(*policies->built_in()).value(), view_) {}

absl::Status Replay::CheckShape() const {
  QueryChecks checks;
  checks.Id("partnership", request_.partnership());
  if (request_.after_revision() < 0) checks.Wrong("after_revision", "is negative; use 0 to begin at the start");
  if (request_.until_revision() < 0) checks.Wrong("until_revision", "is negative; use 0 to go to the end");
  if (request_.has_after_time()) {
    checks.Timestamp("after_time", request_.after_time());
    if (request_.after_revision() != 0) checks.Wrong("after_time", "stands beside after_revision; give one of the two");
  }
  if (request_.has_until_time()) {
    checks.Timestamp("until_time", request_.until_time());
    if (request_.until_revision() != 0) checks.Wrong("until_time", "stands beside until_revision; give one of the two");
  }
  checks.Known("view", request_.view());
  checks.PolicyName("policy", request_.policy());
  return checks.Verdict();
}

absl::Status Replay::Begin() {
  if (const absl::Status shape = CheckShape(); !shape.ok()) return shape;
  if (const absl::Status range = ChooseRange(); !range.ok()) return range;
  if (const absl::Status chosen = ChoosePolicy(); !chosen.ok()) return chosen;
  begun_ = true;
  return absl::OkStatus();
}

absl::Status Replay::ChooseRange() {
  const absl::StatusOr<uint64_t> revision = store_->StreamRevision(request_.partnership());
  if (!revision.ok()) return ReadFault(revision.status());
  if (*revision == 0) return PartnershipNotFound(request_.partnership());
  const auto at_time = [this](const google::protobuf::Timestamp& timestamp) {
    const absl::Time time = projections::ToTime(timestamp);
    return LastRevision(*store_, request_.partnership(),
                        [time](const eventstore::RecordedEvent& record) { return record.record_time <= time; });
  };
  after_revision_ = request_.after_revision();
  if (request_.has_after_time()) {
    const absl::StatusOr<uint64_t> after = at_time(request_.after_time());
    if (!after.ok()) return after.status();
    after_revision_ = static_cast<int64_t>(*after);
  }
  until_revision_ = static_cast<int64_t>(*revision);
  if (request_.until_revision() > 0) until_revision_ = std::min(until_revision_, request_.until_revision());
  if (request_.has_until_time()) {
    const absl::StatusOr<uint64_t> until = at_time(request_.until_time());
    if (!until.ok()) return until.status();
    // What was recorded since the call began is not told.
    until_revision_ = std::min(until_revision_, static_cast<int64_t>(*until));
  }
  return absl::OkStatus();
}

absl::Status Replay::ChoosePolicy() {
  const absl::Status caught_up = policies_->CatchUp(*store_);
  if (!caught_up.ok()) return caught_up;
  if (!request_.policy().empty()) {
    const absl::StatusOr<PolicyRegistry::Registered> named = policies_->Find(request_.policy());
    if (!named.ok()) return named.status();
    policy_ = *named;
  } else {
    const absl::StatusOr<std::optional<std::string>> row = store_->GetRow(kPartnershipTable, request_.partnership());
    if (!row.ok()) return ReadFault(row.status());
    trust::v1::Partnership partnership;
    if (row->has_value() && !partnership.ParseFromString(**row)) {
      return ReadFault(absl::DataLossError("the row of a partnership is not a partnership"));
    }
    policy_ = policies_->Applies(partnership.policy_sha256());
  }
  absl::StatusOr<std::shared_ptr<const projections::Policy>> policy = policies_->Compile(*policy_);
  if (!policy.ok()) return policy.status();
  history_.JudgeBy(*std::move(policy));
  return absl::OkStatus();
}

absl::Status Replay::Next(size_t bytes_max, std::deque<trust::v1::ReplayHistoryResponse>* messages) {
  if (!begun_) {
    const absl::Status begun = Begin();
    if (!begun.ok()) return begun;
  }
  size_t bytes = 0;
  if (history_.revision() < until_revision_) {
    const absl::Status read = VisitEvents(
        *store_, request_.partnership(), static_cast<uint64_t>(history_.revision()), true,
        [&](trust::v1::Event& event) {
          const size_t before = messages->size();
          Step(event, messages);
          if (messages->size() > before) bytes += messages->back().ByteSizeLong();
          return history_.revision() < until_revision_ && bytes < bytes_max;
        },
        personal_);
    if (!read.ok()) return read;
  }
  if (history_.revision() >= until_revision_) {
    trust::v1::ReplayEnd& end = *messages->emplace_back().mutable_end();
    end.set_revision(history_.revision());
    end.set_event_count(event_count_);
    end.set_policy_version(policy_->version);
    end.set_policy_sha256(policy_->sha256);
    end.set_view(view_);
    ended_ = true;
  }
  return absl::OkStatus();
}

// Applies one event and, where it is asked for, tells the readings after it.
void Replay::Step(trust::v1::Event& event, std::deque<trust::v1::ReplayHistoryResponse>* messages) {
  // The paths just before the event, the silence until its day included, so that what differs is its doing.
  const projections::Day as_of =
      std::max(history_.latest_record_day(), projections::DayOf(projections::KnownTime(event)));
  std::map<std::pair<std::string, std::string>, std::vector<projections::StageStep>> paths;
  if (event.revision() > after_revision_) {
    for (const auto& [direction, reading] : readings_) {
      paths[direction] = history_.StagePath(direction.first, direction.second, as_of);
    }
  }
  history_.Apply(event);
  // The readings before the first event told are needed for what it changed.
  if (event.revision() < after_revision_) return;
  trust::v1::ReplayStep step;
  step.set_as_of_date(projections::FormatDay(as_of));
  const bool between_two = history_.partners().size() == 2;
  for (const std::string& trustor : history_.partners()) {
    for (const std::string& trustee : history_.partners()) {
      if (trustor == trustee) continue;
      DirectionReading reading = history_.Read(trustor, trustee, as_of, /*with_holds_until=*/false);
      projections::ReadStatedTrust(history_.conduct(), as_of, view_ == trust::v1::VIEW_HINDSIGHT, &reading);
      DirectionReading& before = readings_[{trustor, trustee}];
      if (!SameWords(before, reading)) {
        trust::v1::ReadingChange& change = *step.add_changes();
        change.set_trustor(trustor);
        change.set_trustee(trustee);
        change.set_stage_before(before.stage());
        change.set_stage(reading.stage());
        change.set_condition_before(before.condition());
        change.set_condition(reading.condition());
      }
      if (between_two || !SameWords(before, reading)) *step.add_directions() = reading;
      before = std::move(reading);
      const auto path = paths.find({trustor, trustee});
      if (path == paths.end()) continue;
      for (trust::v1::RevisedInterval& interval : projections::RevisedIntervals(
               trustor, trustee, path->second, history_.StagePath(trustor, trustee, as_of), as_of)) {
        *step.add_revised() = std::move(interval);
      }
    }
  }
  if (event.revision() <= after_revision_) return;
  *step.mutable_event() = event;
  ++event_count_;
  *messages->emplace_back().mutable_step() = std::move(step);
}

}  // namespace services
