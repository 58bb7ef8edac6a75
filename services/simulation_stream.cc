#include "services/simulation_stream.h"

#include <utility>

#include "services/rpc/status.h"

namespace services {
namespace {

constexpr int kWorkersMax = 2;
constexpr size_t kMessagesMax = 64;  // That wait for the caller before work stops.
// Progress is promised every few seconds.
constexpr int64_t kProgressIntervalUs = 1'000'000;

}  // namespace

SimulationStream::SimulationStream(const ServiceParts& parts, const trust::v1::SimulatePolicyRequest& request)
    : parts_(parts), simulation_(parts.store, parts.policies, request, parts.clock->Now()) {}

SimulationStream* SimulationStream::Begin(const ServiceParts& parts, const trust::v1::SimulatePolicyRequest& request,
                                          const AccessGate& gate) {
  auto* const stream = new SimulationStream(parts, request);
  const absl::Status shape = Simulation::Check(request);
  if (shape.ok()) {
    Pass(gate, [stream](const absl::Status& recorded) { stream->Start(recorded); });
  } else {
    stream->Start(shape);
  }
  return stream;
}

void SimulationStream::Start(const absl::Status& admitted) {
  std::unique_lock<std::mutex> lock(mutex_);
  status_ = admitted;
  if (status_.ok()) {
    if (parts_.pool->Post([this] { Prepare(); })) {
      workers_ = 1;
    } else {
      status_ = ReadsOverloaded();
    }
  }
  Advance(std::move(lock));
}

void SimulationStream::OnDone() { delete this; }

void SimulationStream::OnCancel() { cancelled_ = true; }

void SimulationStream::Prepare() {
  const absl::Status begun = simulation_.Begin();
  progress_due_us_ = absl::ToUnixMicros(parts_.clock->Now()) + kProgressIntervalUs;
  std::unique_lock<std::mutex> lock(mutex_);
  --workers_;
  status_.Update(begun);
  begun_ = begun.ok();
  if (begun_) messages_.push_back(simulation_.Progress());
  Advance(std::move(lock));
}

void SimulationStream::Run() {
  for (bool again = true; again;) {
    const absl::Status worked = simulation_.Work([this] { return Tick(); });
    std::unique_lock<std::mutex> lock(mutex_);
    status_.Update(worked);
    simulation_.Take(&messages_);
    again = false;
    if (!MayWork()) {
      --workers_;
    } else if (!parts_.pool->Post([this] { Run(); })) {
      again = true;  // Others wait for the pool in great number; this piece's turn is not given up for them.
    }
    Advance(std::move(lock));
  }
}

bool SimulationStream::Tick() {
  if (cancelled_.load(std::memory_order_relaxed)) return false;
  const int64_t now_us = absl::ToUnixMicros(parts_.clock->Now());
  int64_t due_us = progress_due_us_.load(std::memory_order_relaxed);
  if (now_us < due_us || !progress_due_us_.compare_exchange_strong(due_us, now_us + kProgressIntervalUs)) return true;
  std::unique_lock<std::mutex> lock(mutex_);
  // A caller that has not taken the messages before has no use for another.
  if (messages_.size() < 2) messages_.push_back(simulation_.Progress());
  Advance(std::move(lock));
  return true;
}

bool SimulationStream::MayWork() {
  return begun_ && status_.ok() && !cancelled_ && messages_.size() < kMessagesMax && simulation_.HasMore() &&
         simulation_.HasRoom();
}

void SimulationStream::OnWriteDone(bool ok) {
  std::unique_lock<std::mutex> lock(mutex_);
  writing_ = false;
  messages_.pop_front();
  if (!ok) cancelled_ = true;
  Advance(std::move(lock));
}

void SimulationStream::Advance(std::unique_lock<std::mutex> lock) {
  if (finished_) return;
  while (workers_ < kWorkersMax && MayWork()) {
    if (parts_.pool->Post([this] { Run(); })) {
      ++workers_;
      continue;
    }
    // Another worker or a write that is done comes by again; without either there is nobody to go on.
    if (workers_ == 0 && messages_.empty()) status_.Update(ReadsOverloaded());
    break;
  }
  if (begun_ && status_.ok() && !cancelled_ && workers_ == 0 && !ended_ && !simulation_.HasMore()) {
    simulation_.Take(&messages_);
    messages_.push_back(simulation_.End());
    ended_ = true;
  }
  const bool over = !status_.ok() || cancelled_;
  if (!over && !writing_ && !messages_.empty()) {
    writing_ = true;
    StartWrite(&messages_.front());
  }
  if (writing_ || workers_ > 0 || (!over && !(ended_ && messages_.empty()))) return;
  finished_ = true;
  grpc::Status verdict = rpc::ToGrpcStatus(status_);
  if (status_.ok() && cancelled_) verdict = grpc::Status(grpc::StatusCode::CANCELLED, "nobody waits any more");
  lock.unlock();
  Finish(verdict);
}

}  // namespace services
