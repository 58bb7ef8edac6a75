#include "services/command_lane.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/limits.h"
#include "services/domain/refusal.h"
#include "services/log.h"
#include "services/partnership_loader.h"
#include "services/store_fault.h"

namespace services {
namespace {

constexpr int kOverloadedRetryMs = 100;
constexpr int kConflictsInARowMax = 8;
// Clocks are corrected by less than this all the time.
constexpr absl::Duration kClockBehindMax = absl::Seconds(1);

absl::Status Overloaded() {
  return domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_OVERLOADED,
                       "too many commands wait; repeat after the time given", {}, kOverloadedRetryMs);
}

absl::Status ShuttingDown() {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_SHUTTING_DOWN, "the server is stopping",
                       {}, 1'000);
}

absl::Status DeadlinePassed() {
  return domain::Fault(absl::StatusCode::kDeadlineExceeded, trust::v1::ERROR_REASON_DEADLINE_PASSED,
                       "the call's time ran out before it was decided; nothing was stored");
}

}  // namespace

struct CommandLane::Batch {
  Batch(const eventstore::EventStore* store, absl::Time time) : record_time(time), rows(store) {}

  const absl::Time record_time;
  PendingRows rows;
  absl::flat_hash_map<std::string, std::unique_ptr<Draft>> drafts;
  std::vector<Draft*> order;  // Drafts as they were begun: the order of the append.
  std::vector<Judged> judged;
  size_t bytes = 0;
};

CommandLane::CommandLane(const Config& config, eventstore::EventStore* store, const Clock* clock, Executor* pool,
                         Publisher* publisher, std::function<void()> on_store_failed)
    : config_(config),
      store_(store),
      clock_(clock),
      pool_(pool),
      publisher_(publisher),
      on_store_failed_(std::move(on_store_failed)),
      log_limit_({}, clock),
      budget_(config.state_cache_bytes_max) {}

CommandLane::~CommandLane() { Stop(); }

void CommandLane::Submit(std::unique_ptr<Command> command) {
  absl::Status refusal;
  const absl::Duration now = clock_->Monotonic();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      refusal = ShuttingDown();
    } else if (waiting_.load(std::memory_order_relaxed) >= config_.commands_waiting_max ||
               (queue_.size() >= config_.batch_commands_max && now - queue_.front().since > config_.command_wait_max &&
                !command->Patient())) {
      refusal = Overloaded();
    } else {
      waiting_.fetch_add(1, std::memory_order_relaxed);
      queue_.push_back({std::move(command), now});
    }
  }
  if (refusal.ok()) {
    wake_.notify_one();
  } else {
    meters_.refused.Add(domain::ReasonOf(refusal));
    command->Refuse(refusal);  // NOLINT(bugprone-use-after-move): moved only where there is no refusal.
  }
}

void CommandLane::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CommandLane::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    for (bool more = true; more;) {
      while (RunBatch()) {
      }
      std::unique_lock<std::mutex> lock(mutex_);
      loads_done_.wait(lock, [this] { return loads_running_ == 0; });
      more = HasWork();
    }
  }
}

bool CommandLane::HasWork() const { return !queue_.empty() || !loaded_.empty() || !carried_.empty(); }

void CommandLane::Run() {
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return HasWork() || (stopping_ && loads_running_ == 0); });
      if (!HasWork()) return;
    }
    RunBatch();
  }
}

bool CommandLane::RunBatch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!HasWork()) return false;
  }
  std::vector<std::unique_ptr<Command>> ready = TakeReady();
  // A record's time never lies before that of the record before it, whatever the clock does.
  const absl::Time now = clock_->Now(), latest = store_->LatestRecordTime();
  if (latest - now > kClockBehindMax) TellClockBehind(latest - now);
  Batch batch(store_, std::max(now, latest));
  Judge(std::move(ready), batch);
  if (!batch.judged.empty()) meters_.batch_commands.Observe(batch.judged.size());
  const absl::Status written = Write(batch);
  if (written.ok()) Publish(batch);
  Complete(batch, written);
  Evict();
  return true;
}

bool CommandLane::IsLate(const Command& command) const {
  return command.Cancelled() || command.deadline() <= clock_->Now();
}

// Takes what waits, up to a batch: what was carried over, what was waiting for a state that has arrived, then the
// queue.
std::vector<std::unique_ptr<Command>> CommandLane::TakeReady() {
  std::vector<std::unique_ptr<Command>> ready, late;
  std::deque<Loaded> loaded;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    loaded.swap(loaded_);
    for (std::unique_ptr<Command>& command : carried_) ready.push_back(std::move(command));
    carried_.clear();
    while (!queue_.empty() && ready.size() < config_.batch_commands_max) {
      std::unique_ptr<Command> command = std::move(queue_.front().command);
      queue_.pop_front();
      // Who waits no longer takes no place from who does.
      (IsLate(*command) ? late : ready).push_back(std::move(command));
    }
  }
  for (const std::unique_ptr<Command>& command : late) Refuse(*command, DeadlinePassed());
  Shed();
  if (loaded.empty()) return ready;
  std::vector<std::unique_ptr<Command>> admitted;
  for (Loaded& arrival : loaded) Admit(std::move(arrival), admitted);
  for (std::unique_ptr<Command>& command : ready) admitted.push_back(std::move(command));
  return admitted;
}

// Refuses what waited too long and has no place in the batch that begins.
void CommandLane::Shed() {
  std::vector<std::unique_ptr<Command>> late;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty()) return;
    const absl::Duration now = clock_->Monotonic();
    std::vector<Waiting> patient;
    while (!queue_.empty() && now - queue_.front().since > config_.command_wait_max) {
      if (queue_.front().command->Patient()) {
        patient.push_back(std::move(queue_.front()));
      } else {
        late.push_back(std::move(queue_.front().command));
      }
      queue_.pop_front();
    }
    queue_.insert(queue_.begin(), std::make_move_iterator(patient.begin()), std::make_move_iterator(patient.end()));
  }
  for (const std::unique_ptr<Command>& command : late) Refuse(*command, Overloaded());
}

// Makes a loaded state resident and lets the commands that waited for it go on, in their order.
void CommandLane::Admit(Loaded loaded, std::vector<std::unique_ptr<Command>>& ready) {
  auto waiting = awaiting_load_.find(loaded.partnership);
  if (waiting == awaiting_load_.end()) return;
  std::deque<std::unique_ptr<Command>> commands = std::move(waiting->second);
  awaiting_load_.erase(waiting);
  if (!loaded.state.ok()) {
    for (std::unique_ptr<Command>& command : commands) Refuse(*command, loaded.state.status());
    return;
  }
  Resident& resident = residents_[loaded.partnership];
  uses_.push_front(loaded.partnership);
  resident.use = uses_.begin();
  resident.state = *std::move(loaded.state);
  Account(loaded.partnership, projections::MemoryBytes(*resident.state));
  for (std::unique_ptr<Command>& command : commands) ready.push_back(std::move(command));
}

// Fetches a cold state on the pool, so that one long history does not stall the others.
void CommandLane::Load(const std::string& partnership) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++loads_running_;
  }
  auto arrive = [this, partnership](absl::StatusOr<std::unique_ptr<projections::Partnership>> state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    loaded_.push_back({partnership, std::move(state)});
    --loads_running_;
    // Notified under the lock: once it is released the lane may be gone.
    wake_.notify_one();
    loads_done_.notify_all();
  };
  if (!pool_->Post([this, partnership, arrive] { arrive(LoadPartnership(*store_, partnership)); }))
    arrive(Overloaded());
}

projections::Partnership* CommandLane::FindState(const std::string& partnership) {
  const auto resident = residents_.find(partnership);
  if (resident == residents_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, resident->second.use);
  return resident->second.state.get();
}

void CommandLane::Judge(std::vector<std::unique_ptr<Command>> ready, Batch& batch) {
  domain::Context context;
  context.now = batch.record_time;
  for (std::unique_ptr<Command>& command : ready) {
    if (IsLate(*command)) {
      Refuse(*command, DeadlinePassed());
      continue;
    }
    const std::string& partnership = command->partnership();
    const auto loading = awaiting_load_.find(partnership);
    if (loading != awaiting_load_.end()) {
      loading->second.push_back(std::move(command));
      continue;
    }
    projections::Partnership* const state = FindState(partnership);
    if (state == nullptr) {
      const std::string id = partnership;
      awaiting_load_[id].push_back(std::move(command));
      Load(id);
      continue;
    }
    if (batch.bytes >= config_.batch_bytes_max) {
      carried_.push_back(std::move(command));
      continue;
    }
    std::unique_ptr<Draft>& draft = batch.drafts[partnership];
    if (draft == nullptr) {
      draft = std::make_unique<Draft>(state, &batch.rows, batch.record_time);
      batch.order.push_back(draft.get());
    }
    const size_t bytes_before = draft->bytes();
    command->Judge(*draft, context);
    batch.bytes += draft->bytes() - bytes_before;
    batch.judged.push_back({std::move(command), draft.get()});
  }
}

absl::Status CommandLane::Write(Batch& batch) {
  eventstore::Append append;
  append.record_time = batch.record_time;
  std::vector<Draft*> written;
  for (Draft* draft : batch.order) {
    if (draft->events().empty()) continue;
    if (draft->structure_changed() && !eventstore::IsSystemStream(draft->state().id)) {
      trust::v1::Partnership resource = projections::Render(draft->state());
      resource.clear_revision();  // The stream knows it.
      batch.rows.Put(kPartnershipTable, draft->state().id, resource.SerializeAsString());
    }
    append.streams.push_back(draft->TakeAppend());
    written.push_back(draft);
  }
  if (append.streams.empty()) return absl::OkStatus();
  append.rows = batch.rows.Take();
  const absl::Duration began = clock_->Monotonic();
  const absl::StatusOr<eventstore::Appended> appended = store_->Write(append);
  meters_.commit_ns.Observe(Nanoseconds(clock_->Monotonic() - began));
  if (!appended.ok()) return appended.status();
  size_t first = 0;
  for (Draft* draft : written) {
    meters_.events.Add(draft->events().size());
    const size_t count = draft->events().size();
    draft->SetPlaces(appended->first_position + first,
                     absl::MakeConstSpan(appended->leaf_hashes).subspan(first, count));
    first += count;
  }
  return absl::OkStatus();
}

void CommandLane::Publish(Batch& batch) {
  for (Draft* draft : batch.order) {
    if (draft->events().empty()) continue;
    publisher_->Publish(draft->state().id, draft->events());
    Account(draft->state().id, projections::MemoryBytes(draft->state()));
  }
}

void CommandLane::Complete(Batch& batch, const absl::Status& status) {
  absl::Status fault;
  if (!status.ok()) {
    // What was decided stands on events that are not there: every state of the batch is dropped.
    for (Draft* draft : batch.order) {
      if (!draft->events().empty()) Forget(draft->state().id);
    }
    for (const eventstore::StreamAhead& ahead : eventstore::StreamsAhead(status)) Forget(ahead.stream);
    if (absl::IsAborted(status) && ++conflicts_in_a_row_ <= kConflictsInARowMax) {
      // Another writer was first: decide again on what it wrote.
      for (Judged& judged : batch.judged) carried_.push_back(std::move(judged.command));
      return;
    }
    fault = WriteFault(status, &log_limit_);
    for (size_t i = 0; i < batch.judged.size(); ++i) meters_.refused.Add(domain::ReasonOf(fault));
    if (absl::IsUnknown(status) || absl::IsFailedPrecondition(status)) on_store_failed_();
  }
  conflicts_in_a_row_ = 0;
  for (Judged& judged : batch.judged) {
    GiveBackPlace();
    judged.command->Finish(fault, *judged.draft);
    judged.command.reset();
  }
}

// Has only bytes change: what is to go goes at the end of the batch, which still holds states.
void CommandLane::Account(const std::string& partnership, size_t bytes) {
  Resident& resident = residents_.find(partnership)->second;
  const std::string displaced = budget_.Resize(partnership, resident.bytes, bytes);
  resident.bytes = bytes;
  if (!displaced.empty()) displaced_.push_back(displaced);
}

void CommandLane::Forget(std::string partnership) {  // NOLINT(performance-unnecessary-value-param): see the header.
  const auto resident = residents_.find(partnership);
  if (resident == residents_.end()) return;
  (void)budget_.Resize(partnership, resident->second.bytes, 0);  // Displaces nothing.
  uses_.erase(resident->second.use);
  residents_.erase(resident);
}

void CommandLane::Evict() {
  for (const std::string& partnership : displaced_) {
    if (!budget_.IsLarge(partnership)) Forget(partnership);  // Or it was used again since.
  }
  displaced_.clear();
  for (auto oldest = uses_.end(); budget_.Exceeded() && oldest != uses_.begin();) {
    --oldest;
    if (budget_.IsLarge(*oldest)) continue;
    const std::string partnership = *oldest++;
    Forget(partnership);
  }
}

void CommandLane::TellClockBehind(absl::Duration behind) {
  const std::optional<uint64_t> left_out = log_limit_.Admit("clock");
  if (!left_out.has_value()) return;
  LogFields fields = {{"behind", absl::FormatDuration(behind)},
                      {"latest_record_time", absl::FormatTime(store_->LatestRecordTime())}};
  if (*left_out > 0) fields.emplace_back("left_out", absl::StrCat(*left_out));
  Log(LogLevel::kWarning, "the clock is behind what was recorded", fields);
}

void CommandLane::Refuse(Command& command, const absl::Status& status) {
  GiveBackPlace();
  meters_.refused.Add(domain::ReasonOf(status));
  command.Refuse(status);
}

void CommandLane::GiveBackPlace() { waiting_.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace services
