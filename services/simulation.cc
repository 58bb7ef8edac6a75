#include "services/simulation.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/limits.h"
#include "eventstore/sha256.h"
#include "services/domain/policy_decider.h"
#include "services/event_codec.h"
#include "services/query_checks.h"
#include "services/store_fault.h"

namespace services {
namespace {

using projections::StageStep;
using projections::TrustHistory;
using trust::v1::SimulatePolicyResponse;

constexpr size_t kPiecePartnerships = 64;
constexpr size_t kListedAtOnce = 1024;
// Pieces that wait for a slow one before them, and messages that wait for a slow caller.
constexpr size_t kFinishedMax = 64;
constexpr size_t kWaitingMax = 64;
constexpr int kEventsBetweenTicks = 4096;
// A message stays well below what clients accept by default (4 MiB).
constexpr size_t kMessageBytesMax = 1 << 20;

void AddPath(const std::vector<trust::v1::Transition>& path,
             google::protobuf::RepeatedPtrField<trust::v1::Transition>* to) {
  for (const trust::v1::Transition& transition : path) *to->Add() = transition;
}

// A direction of which the two paths differ.
struct Differing {
  std::string trustor, trustee;
  int stage = 0, stage_simulated = 0;
};

int LastStage(const std::vector<StageStep>& path) { return path.empty() ? 0 : path.back().stage; }

}  // namespace

absl::Status Simulation::Check(const trust::v1::SimulatePolicyRequest& request) {
  QueryChecks checks;
  checks.OptionalId("partnership", request.partnership());
  switch (request.candidate_case()) {
    case trust::v1::SimulatePolicyRequest::kPolicy:
      if (request.policy().empty()) checks.Wrong("policy", "is empty; name a policy, or set document");
      checks.PolicyName("policy", request.policy());
      break;
    case trust::v1::SimulatePolicyRequest::kDocument:
      break;
    case trust::v1::SimulatePolicyRequest::CANDIDATE_NOT_SET:
      checks.Wrong("policy", "is required, or document: say which policy is to judge");
      break;
  }
  if (request.has_as_of_time()) checks.Timestamp("as_of_time", request.as_of_time());
  if (request.has_known_time()) checks.Timestamp("known_time", request.known_time());
  checks.Known("view", request.view());
  const absl::Status shape = checks.Verdict();
  if (!shape.ok() || !request.has_document()) return shape;
  return domain::CheckDocument(request.document());
}

Simulation::Simulation(const eventstore::EventStore* store, PolicyRegistry* policies,
                       trust::v1::SimulatePolicyRequest request, absl::Time now)
    : store_(store), policies_(policies), request_(std::move(request)) {
  if (request_.view() != trust::v1::VIEW_UNSPECIFIED) question_.view = request_.view();
  if (request_.has_known_time()) question_.known_time = projections::ToTime(request_.known_time());
  as_of_ = projections::DayOf(request_.has_as_of_time() ? projections::ToTime(request_.as_of_time()) : now);
}

absl::Status Simulation::Begin() {
  log_size_ = store_->LogSize();
  const absl::Status caught_up = policies_->CatchUp(*store_);
  if (!caught_up.ok()) return caught_up;
  const PolicyRegistry::Registered in_force =
      policies_->InForce(question_.known_time.value_or(absl::InfiniteFuture()), log_size_);
  absl::StatusOr<std::shared_ptr<const projections::Policy>> compiled = policies_->Compile(*in_force);
  if (!compiled.ok()) return compiled.status();
  in_force_ = *std::move(compiled);
  in_force_sha256_ = in_force->sha256;
  if (request_.has_document()) {
    candidate_ = std::make_shared<const projections::Policy>(request_.document());
    candidate_sha256_ = eventstore::Sha256Hex(candidate_->canonical_text());
  } else {
    const absl::StatusOr<PolicyRegistry::Registered> named = policies_->Find(request_.policy());
    if (!named.ok()) return named.status();
    compiled = policies_->Compile(**named);
    if (!compiled.ok()) return compiled.status();
    candidate_ = *std::move(compiled);
    candidate_sha256_ = (*named)->sha256;
  }

  if (!request_.partnership().empty()) {
    const absl::StatusOr<uint64_t> revision = store_->StreamRevision(request_.partnership());
    if (!revision.ok()) return ReadFault(revision.status());
    if (*revision == 0) return PartnershipNotFound(request_.partnership());
    partnership_total_ = 1;
    const std::lock_guard<std::mutex> lock(mutex_);
    listed_.push_back(request_.partnership());
    all_listed_ = true;
    return absl::OkStatus();
  }
  const absl::Status counted = store_->ListStreams("", [&](absl::string_view stream, uint64_t) {
    if (!eventstore::IsSystemStream(stream)) ++partnership_total_;
    return true;
  });
  return counted.ok() ? counted : ReadFault(counted);
}

absl::StatusOr<bool> Simulation::Claim(Piece* piece) {
  const std::lock_guard<std::mutex> claim(claim_mutex_);
  bool must_list = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    must_list = listed_.empty() && !all_listed_;
  }
  std::vector<std::string> names;
  bool all_listed = true;
  if (must_list) {
    const absl::Status listed = store_->ListStreams(listed_until_, [&](absl::string_view stream, uint64_t) {
      if (names.size() == kListedAtOnce) {
        all_listed = false;
        return false;
      }
      listed_until_ = std::string(stream);
      if (!eventstore::IsSystemStream(stream)) names.push_back(listed_until_);
      return true;
    });
    if (!listed.ok()) return ReadFault(listed);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (must_list) {
    all_listed_ = all_listed;
    std::move(names.begin(), names.end(), std::back_inserter(listed_));
  }
  if (listed_.empty()) return false;
  const size_t count = std::min(kPiecePartnerships, listed_.size());
  const auto end = listed_.begin() + static_cast<ptrdiff_t>(count);
  piece->partnerships.assign(std::make_move_iterator(listed_.begin()), std::make_move_iterator(end));
  listed_.erase(listed_.begin(), end);
  piece->number = next_piece_++;
  return true;
}

absl::Status Simulation::Work(absl::FunctionRef<bool()> tick) {
  Piece piece;
  const absl::StatusOr<bool> claimed = Claim(&piece);
  if (!claimed.ok() || !*claimed) return claimed.status();
  if (absl::Status status = Evaluate(tick, &piece); !status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_ += piece.differences.size();
  finished_.emplace(piece.number, std::move(piece));
  for (auto next = finished_.find(next_out_); next != finished_.end(); next = finished_.find(++next_out_)) {
    std::move(next->second.differences.begin(), next->second.differences.end(), std::back_inserter(ready_));
    difference_count_ += next->second.difference_count;
    stage_difference_count_ += next->second.stage_difference_count;
    finished_.erase(next);
  }
  return absl::OkStatus();
}

// The partnerships of a piece stand side by side in the store. One that was founded since the beginning is none.
absl::Status Simulation::Evaluate(absl::FunctionRef<bool()> tick, Piece* piece) {
  std::optional<TrustHistory> history;
  std::string pinned;
  trust::v1::Event event;
  absl::Status status;
  int64_t events = 0;
  const auto compare = [&] {
    if (!history.has_value()) return true;
    status = Compare(pinned, *history, piece);
    partnership_count_.fetch_add(1, std::memory_order_relaxed);
    event_count_.fetch_add(std::exchange(events, 0), std::memory_order_relaxed);
    return status.ok() && tick();
  };
  bool ended = false;
  const absl::Status read = store_->ReadStreams(
      piece->partnerships.front(), piece->partnerships.back(), [&](const eventstore::RecordedEvent& record) {
        if (record.position > log_size_ || eventstore::IsSystemStream(record.stream)) return true;
        if (!history.has_value() || record.stream != history->partnership()) {
          ended = !compare();
          if (ended) return false;
          history.emplace(std::string(record.stream), in_force_, question_.view, TrustHistory::Takes::kTrustAlone);
          pinned.clear();
        }
        ended = ++events % kEventsBetweenTicks == 0 && !tick();
        if (ended) return false;
        status = DecodeForFold(record, &event);
        if (!status.ok()) {
          status = ReadFault(status);
          return false;
        }
        if (!IsKnown(question_, event, record.position)) return true;
        if (event.has_policy_pinned()) pinned = absl::BytesToHexString(event.policy_pinned().policy_sha256());
        history->Apply(event);
        return true;
      });
  if (status.ok() && !read.ok()) return ReadFault(read);
  if (status.ok() && !ended) compare();
  return status;
}

absl::Status Simulation::Compare(const std::string& pinned, TrustHistory& history, Piece* piece) const {
  std::shared_ptr<const projections::Policy> applies = in_force_;
  if (!pinned.empty() && pinned != in_force_sha256_) {
    absl::StatusOr<std::shared_ptr<const projections::Policy>> compiled =
        policies_->Compile(*policies_->Applies(pinned));
    if (!compiled.ok()) return compiled.status();
    applies = *std::move(compiled);
  }
  const auto each_direction = [&](auto visit) {
    for (const std::string& trustor : history.partners()) {
      for (const std::string& trustee : history.partners()) {
        if (trustor != trustee) visit(trustor, trustee);
      }
    }
  };
  history.JudgeBy(applies);
  std::vector<std::vector<StageStep>> paths;
  each_direction([&](const std::string& trustor, const std::string& trustee) {
    paths.push_back(history.StagePath(trustor, trustee, as_of_));
  });
  history.JudgeBy(candidate_);
  std::vector<Differing> differing;
  size_t index = 0;
  bool stage_differs = false;
  each_direction([&](const std::string& trustor, const std::string& trustee) {
    const std::vector<StageStep>& path = paths[index++];
    const std::vector<StageStep> simulated = history.StagePath(trustor, trustee, as_of_);
    if (path == simulated) return;
    differing.push_back({trustor, trustee, LastStage(path), LastStage(simulated)});
    stage_differs = stage_differs || LastStage(path) != LastStage(simulated);
  });
  if (differing.empty()) return absl::OkStatus();

  ++piece->difference_count;
  piece->stage_difference_count += stage_differs ? 1 : 0;
  const std::string& partnership = history.partnership();
  std::vector<trust::v1::SimulatedDirection> directions(differing.size());
  for (size_t i = 0; i < differing.size(); ++i) {
    directions[i].set_trustor(differing[i].trustor);
    directions[i].set_trustee(differing[i].trustee);
    directions[i].set_stage(static_cast<trust::v1::Stage>(differing[i].stage));
    directions[i].set_stage_simulated(static_cast<trust::v1::Stage>(differing[i].stage_simulated));
    AddPath(history.Timeline(differing[i].trustor, differing[i].trustee, as_of_),
            directions[i].mutable_transitions_simulated());
  }
  history.JudgeBy(applies);
  size_t bytes = kMessageBytesMax;  // A message is begun.
  for (trust::v1::SimulatedDirection& direction : directions) {
    AddPath(history.Timeline(direction.trustor(), direction.trustee(), as_of_), direction.mutable_transitions());
    if (bytes >= kMessageBytesMax) {
      piece->differences.emplace_back().mutable_difference()->set_partnership(partnership);
      bytes = 0;
    }
    bytes += direction.ByteSizeLong();
    *piece->differences.back().mutable_difference()->add_directions() = std::move(direction);
  }
  return absl::OkStatus();
}

bool Simulation::HasMore() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return !listed_.empty() || !all_listed_;
}

bool Simulation::HasRoom() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return finished_.size() < kFinishedMax && waiting_ < kWaitingMax;
}

void Simulation::Take(Messages* messages) {
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_ -= ready_.size();
  std::move(ready_.begin(), ready_.end(), std::back_inserter(*messages));
  ready_.clear();
}

SimulatePolicyResponse Simulation::Progress() const {
  SimulatePolicyResponse message;
  message.mutable_progress()->set_partnership_count(partnership_count_.load(std::memory_order_relaxed));
  message.mutable_progress()->set_partnership_total(partnership_total_);
  message.mutable_progress()->set_event_count(event_count_.load(std::memory_order_relaxed));
  return message;
}

SimulatePolicyResponse Simulation::End() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  SimulatePolicyResponse message;
  trust::v1::SimulationEnd& end = *message.mutable_end();
  end.set_partnership_count(partnership_count_.load(std::memory_order_relaxed));
  end.set_event_count(event_count_.load(std::memory_order_relaxed));
  end.set_difference_count(difference_count_);
  end.set_stage_difference_count(stage_difference_count_);
  end.set_policy_version(candidate_->version());
  end.set_policy_sha256(candidate_sha256_);
  return message;
}

}  // namespace services
