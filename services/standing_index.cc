#include "services/standing_index.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/limits.h"
#include "services/domain/refusal.h"
#include "services/log.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/standing_rows.h"
#include "services/store_fault.h"

namespace services {
namespace {

using projections::StandingCause;
using trust::v1::StandingRow;
using trust::v1::WatchTrustResponse;

constexpr size_t kClearRowsMax = 4096;
constexpr int kRetryAfterMs = 1000;
constexpr int kNiceness = 10;
// How long the index steps aside, as multiples of what a step took, while others write.
constexpr int kPauseShare = 4;
constexpr absl::Duration kPauseMax = absl::Milliseconds(500);

absl::Status NotReady(const StandingIndex::State& state, absl::string_view message) {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_INDEX_NOT_READY, message,
                       {{"done", absl::StrCat(state.done)}, {"total", absl::StrCat(state.total)}}, kRetryAfterMs);
}

absl::Status IndexShuttingDown() {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_SHUTTING_DOWN,
                       "the server is stopping; repeat elsewhere or later", {}, kRetryAfterMs);
}

}  // namespace

// What one step writes.
struct StandingIndex::Batch {
  std::vector<eventstore::RowWrite> rows;
  std::vector<Change> changes;
  uint64_t sequence = 0;  // Of the last of them.
  size_t bytes = 0;
};

StandingIndex::StandingIndex(const Config& config, eventstore::EventStore* store, const Clock* clock,
                             ReadingCache* readings, std::function<std::string()> policy_sha256,
                             std::function<void()> on_changes, std::function<void()> on_store_failed)
    : config_(config),
      store_(store),
      clock_(clock),
      readings_(readings),
      policy_sha256_(std::move(policy_sha256)),
      on_changes_(std::move(on_changes)),
      on_store_failed_(std::move(on_store_failed)) {}

StandingIndex::~StandingIndex() { Stop(); }

// ---- One step

void StandingIndex::Prepare() {
  const bool empty = store_->LogSize() == 0;
  do {
    const absl::StatusOr<bool> stepped = Step();
    if (!stepped.ok()) {
      Log(LogLevel::kError, "the standing index cannot be read", {{"status", stepped.status().ToString()}});
      return;
    }
  } while (empty && !state().ready);
}

absl::StatusOr<bool> StandingIndex::Step() {
  const auto did = [this](const absl::Status& status) -> absl::StatusOr<bool> {
    if (status.ok()) return true;
    loaded_ = false;  // What the store holds counts, not what was meant to be written.
    if (on_store_failed_ && (absl::IsUnknown(status) || absl::IsFailedPrecondition(status))) on_store_failed_();
    return status;
  };
  if (!loaded_) return did(Load());
  if (progress_.format() != kStandingFormat) {
    const absl::StatusOr<bool> cleared = Clear();
    if (!cleared.ok()) return did(cleared.status());
    return did(*cleared ? BeginBuild() : absl::OkStatus());
  }
  if (progress_.policy_sha256() != policy_sha256_()) return did(BeginBuild());
  if (progress_.building()) return did(Build());
  const projections::Day today = projections::DayOf(clock_->Now());
  if (today > progress_.day()) return did(AdvanceDay(today));
  const absl::StatusOr<bool> followed = Follow();
  if (!followed.ok()) return did(followed.status());
  if (*followed) return true;
  const absl::StatusOr<bool> trimmed = Trim();
  return trimmed.ok() ? trimmed : did(trimmed.status());
}

absl::Status StandingIndex::Load() {
  const absl::StatusOr<std::optional<std::string>> row = store_->GetRow(kStandingProgressTable, kStandingProgressKey);
  if (!row.ok()) return ReadFault(row.status());
  progress_.Clear();
  if (row->has_value() && !progress_.ParseFromString(**row)) progress_.Clear();
  // Visits every stream, which is not to be waited for where nobody is told.
  total_ = progress_.building() ? CountPartnerships() : 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!recent_.empty() && state_.sequence != progress_.sequence()) recent_.clear();
  }
  loaded_ = true;
  Publish({});
  return absl::OkStatus();
}

// Takes out rows of another format, some at a time; true when none is left.
absl::StatusOr<bool> StandingIndex::Clear() {
  std::vector<eventstore::RowWrite> writes;
  for (const char* table :
       {kStandingTable, kStandingDayTable, kAttentionTable, kStandingWordsTable, kTrustChangeTable}) {
    const absl::Status scanned = store_->ScanRows(table, "", [&](absl::string_view key, absl::string_view) {
      writes.push_back({table, std::string(key), std::nullopt});
      return writes.size() < kClearRowsMax;
    });
    if (!scanned.ok()) return ReadFault(scanned);
  }
  if (writes.empty()) return true;
  const absl::Status written = store_->WriteRows(writes);
  if (!written.ok()) return written;
  return false;
}

absl::Status StandingIndex::BeginBuild() {
  if (progress_.format() != kStandingFormat) {
    progress_.Clear();
    progress_.set_format(kStandingFormat);
    progress_.set_epoch(static_cast<uint64_t>(absl::ToUnixMicros(clock_->Now())));
    progress_.set_oldest_sequence(1);
    // With another policy the rows still say up to where and for which day they were read, and what came since is told
    // as ever.
    progress_.set_position(store_->LogSize());
    progress_.set_day(projections::DayOf(clock_->Now()));
  }
  progress_.set_policy_sha256(policy_sha256_());
  progress_.set_building(true);
  progress_.clear_built_partnership();
  progress_.clear_built_count();
  total_ = CountPartnerships();
  Batch batch;
  const absl::Status flushed = Flush(batch);
  if (flushed.ok() && total_ > 0) {
    Log(LogLevel::kInfo, "the standing index is read anew",
        {{"partnerships", absl::StrCat(total_)}, {"policy_sha256", progress_.policy_sha256()}});
  }
  return flushed;
}

absl::Status StandingIndex::Build() {
  std::vector<std::string> partnerships;
  const absl::Status listed =
      store_->ListStreams(progress_.built_partnership(), [&](absl::string_view stream, uint64_t) {
        if (!eventstore::IsSystemStream(stream)) partnerships.emplace_back(stream);
        return partnerships.size() < config_.batch_partnerships_max;
      });
  if (!listed.ok()) return ReadFault(listed);
  Batch batch;
  for (const std::string& partnership : partnerships) {
    // One that came behind the position is new to watches.
    const absl::StatusOr<bool> is_new = IsNewerThan(progress_.position(), partnership);
    const absl::Status read = Reread(partnership, /*revision_min=*/0, /*told_when_new=*/is_new.ok() && *is_new, batch);
    if (!read.ok()) return read;
    progress_.set_built_partnership(partnership);
    progress_.set_built_count(progress_.built_count() + 1);
  }
  if (partnerships.empty()) {
    progress_.set_building(false);
    progress_.clear_built_partnership();
    if (progress_.built_count() > 0) {
      Log(LogLevel::kInfo, "the standing index is complete", {{"partnerships", absl::StrCat(progress_.built_count())}});
    }
  }
  return Flush(batch);
}

absl::Status StandingIndex::AdvanceDay(projections::Day today) {
  std::vector<std::string> keys;
  const std::string end = DayKey(today + 1);
  const absl::Status scanned = store_->ScanRows(kStandingDayTable, "", [&](absl::string_view key, absl::string_view) {
    if (key >= end) return false;
    keys.emplace_back(key);
    return keys.size() < config_.batch_partnerships_max;
  });
  if (!scanned.ok()) return ReadFault(scanned);
  Batch batch;
  for (const std::string& key : keys) {
    // Whatever follows from its row writes the key anew where it is still right.
    batch.rows.push_back({kStandingDayTable, key, std::nullopt});
    const absl::Status read = RereadThrough(key.substr(4), today, batch);
    if (!read.ok()) return read;
  }
  if (keys.empty()) progress_.set_day(today);
  return Flush(batch);
}

absl::StatusOr<bool> StandingIndex::Follow() {
  absl::btree_map<std::string, uint64_t> revisions;
  uint64_t position = progress_.position();
  bool policies_seen = false;
  const absl::Status read = store_->ReadLog(position, [&](const eventstore::RecordedEvent& event) {
    if (eventstore::IsSystemStream(event.stream)) {
      policies_seen = true;
    } else {
      revisions[std::string(event.stream)] = event.revision;
    }
    position = event.position;
    return position - progress_.position() < config_.batch_events_max &&
           revisions.size() < config_.batch_partnerships_max;
  });
  if (!read.ok()) return ReadFault(read);
  if (position == progress_.position()) return false;
  // An activation may have become durable since the step began: whoever waits for its position waits for its readings.
  if (policies_seen && progress_.policy_sha256() != policy_sha256_()) return true;
  Batch batch;
  for (const auto& [partnership, revision] : revisions) {
    const absl::Status reread = Reread(partnership, revision, /*told_when_new=*/true, batch);
    if (!reread.ok()) return reread;
  }
  progress_.set_position(position);
  const absl::Status flushed = Flush(batch);
  if (!flushed.ok()) return flushed;
  return true;
}

// Drops changes beyond those to keep, when there is nothing else to do; an earlier run may have kept more.
absl::StatusOr<bool> StandingIndex::Trim() {
  if (!KeepsTooMany()) return false;
  Batch batch;
  const absl::Status flushed = Flush(batch);
  if (!flushed.ok()) return flushed;
  return true;
}

// ---- One partnership

absl::StatusOr<bool> StandingIndex::IsNewerThan(uint64_t position, const std::string& partnership) const {
  bool newer = false;
  const absl::Status read = store_->ReadStream(partnership, 0, [&](const eventstore::RecordedEvent& event) {
    newer = event.position > position;
    return false;
  });
  if (!read.ok()) return ReadFault(read);
  return newer;
}

// One damaged history must not hold up all others: it keeps the row it has, an empty one for a beginning, and the
// operator is told.
void StandingIndex::LeaveOut(const std::string& partnership, const std::optional<StandingRow>& before,
                             const absl::Status& why, Batch& batch) {
  Log(LogLevel::kError, "a partnership is left out of the standing index until tomorrow",
      {{"partnership", partnership}, {"status", why.ToString()}});
  StandingRow row = before.value_or(StandingRow());
  row.set_next_day(std::max(progress_.day(), projections::DayOf(clock_->Now())) + 1);
  Put(partnership, before, std::move(row), {}, batch);
}

absl::Status StandingIndex::Reread(const std::string& partnership, uint64_t revision_min, bool told_when_new,
                                   Batch& batch) {
  const absl::StatusOr<std::optional<StandingRow>> before = ReadStandingRow(*store_, partnership);
  if (!before.ok()) return before.status();
  if (revision_min > 0 && before->has_value() && static_cast<uint64_t>((*before)->revision()) >= revision_min) {
    return absl::OkStatus();
  }
  StandingRow after;
  const absl::Status read = readings_->Read(partnership, [&](projections::TrustHistory& history) {
    // On a new day some are read for it before the progress says so, and another policy may come in between.
    after = projections::ReadStanding(
        history, before->has_value() ? std::max(progress_.day(), (*before)->day()) : progress_.day());
  });
  if (!read.ok()) {
    LeaveOut(partnership, *before, read, batch);
    return FlushWhenFull(batch);
  }
  std::vector<WatchTrustResponse> told;
  if (before->has_value() || told_when_new) {
    // What reads differently without a new event does so under another policy.
    const bool has_grown = !before->has_value() || (*before)->revision() != after.revision();
    told = projections::DiffStanding(partnership, before->value_or(StandingRow()), after,
                                     has_grown ? StandingCause::kEvents : StandingCause::kPolicy);
  }
  Put(partnership, *before, std::move(after), std::move(told), batch);
  return FlushWhenFull(batch);
}

// Reads a partnership again on each of its days that has come, so that what changed on several is told day by day.
absl::Status StandingIndex::RereadThrough(const std::string& partnership, projections::Day today, Batch& batch) {
  const absl::StatusOr<std::optional<StandingRow>> before = ReadStandingRow(*store_, partnership);
  if (!before.ok()) return before.status();
  if (!before->has_value()) return absl::OkStatus();
  StandingRow row = **before;
  std::vector<WatchTrustResponse> told;
  const absl::Status read = readings_->Read(partnership, [&](projections::TrustHistory& history) {
    while (row.next_day() != 0 && row.next_day() <= today) {
      StandingRow next = projections::ReadStanding(history, row.next_day());
      const StandingCause cause = next.revision() == row.revision() ? StandingCause::kSilence : StandingCause::kEvents;
      for (WatchTrustResponse& message : projections::DiffStanding(partnership, row, next, cause)) {
        told.push_back(std::move(message));
      }
      row = std::move(next);
    }
  });
  if (read.ok()) {
    Put(partnership, *before, std::move(row), std::move(told), batch);
  } else {
    LeaveOut(partnership, *before, read, batch);
  }
  return FlushWhenFull(batch);
}

void StandingIndex::Put(const std::string& partnership, const std::optional<StandingRow>& before, StandingRow after,
                        std::vector<WatchTrustResponse> told, Batch& batch) {
  for (WatchTrustResponse& message : told) {
    const uint64_t sequence = progress_.sequence() + 1;
    progress_.set_sequence(sequence);
    std::string bytes = message.SerializeAsString();
    batch.bytes += bytes.size();
    batch.rows.push_back({kTrustChangeTable, SequenceKey(sequence), std::move(bytes)});
    batch.changes.push_back(std::make_shared<const WatchTrustResponse>(std::move(message)));
  }
  const uint64_t before_sequence = before ? before->sequence() : 0;
  after.set_sequence(told.empty() ? before_sequence : progress_.sequence());
  for (eventstore::RowWrite& write : StandingWrites(partnership, before, after)) {
    batch.bytes += write.key.size() + (write.value ? write.value->size() : 0);
    batch.rows.push_back(std::move(write));
  }
}

// ---- Writing and telling

absl::Status StandingIndex::FlushWhenFull(Batch& batch) {
  return batch.bytes < config_.batch_bytes_max ? absl::OkStatus() : Flush(batch);
}

bool StandingIndex::KeepsTooMany() const {
  return progress_.sequence() >= std::max<uint64_t>(progress_.oldest_sequence(), 1) + config_.changes_kept_max;
}

// Writes the batch with the progress that it makes, then tells of it.
absl::Status StandingIndex::Flush(Batch& batch) {
  // More go than were added, so that what an earlier run kept beyond this one's bound is used up, some at a time.
  for (size_t left = batch.changes.size() + config_.changes_dropped_max; left > 0 && KeepsTooMany(); --left) {
    const uint64_t oldest = std::max<uint64_t>(progress_.oldest_sequence(), 1);
    batch.rows.push_back({kTrustChangeTable, SequenceKey(oldest), std::nullopt});
    progress_.set_oldest_sequence(oldest + 1);
  }
  batch.rows.push_back({kStandingProgressTable, kStandingProgressKey, progress_.SerializeAsString()});
  const absl::Status written = store_->WriteRows(batch.rows);
  if (!written.ok()) return written;
  Publish(std::move(batch.changes));
  batch = Batch();
  return absl::OkStatus();
}

void StandingIndex::Publish(std::vector<Change> changes) {
  bool moved = !changes.empty();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    moved = moved || state_.day != progress_.day();
    for (Change& change : changes) recent_.push_back(std::move(change));
    while (recent_.size() > config_.changes_in_memory_max) recent_.pop_front();
    state_.ready = progress_.format() == kStandingFormat && !progress_.building();
    state_.position = progress_.position();
    state_.day = progress_.day();
    state_.sequence = progress_.sequence();
    state_.oldest_sequence = std::max<uint64_t>(progress_.oldest_sequence(), 1);
    state_.epoch = progress_.epoch();
    state_.done = progress_.built_count();
    state_.total = std::max(total_, state_.done);
  }
  AnswerWaiters();
  if (moved && on_changes_) on_changes_();
}

uint64_t StandingIndex::CountPartnerships() const {
  uint64_t count = 0;
  const absl::Status listed = store_->ListStreams("", [&](absl::string_view stream, uint64_t) {
    count += eventstore::IsSystemStream(stream) ? 0 : 1;
    return true;
  });
  return listed.ok() ? count : 0;
}

StandingIndex::State StandingIndex::state() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

absl::Status StandingIndex::CheckReady() const {
  const State now = state();
  if (now.ready) return absl::OkStatus();
  return NotReady(now, absl::StrCat("the index across partnerships is being made, ", now.done, " of ", now.total,
                                    " partnerships are done; repeat after the time given"));
}

void StandingIndex::WhenAt(uint64_t position, std::function<void(absl::Status)> then) {
  absl::Status refusal;
  bool stands = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stands = state_.ready && state_.position >= position;
    if (!stands) {
      if (stopping_) {
        refusal = IndexShuttingDown();
      } else if (waiters_.size() >= config_.waiting_max) {
        refusal = ReadsOverloaded();
      } else {
        waiters_.push_back({position, clock_->Now() + config_.wait_max, std::move(then)});
        woken_ = true;
        wake_.notify_one();
        return;
      }
    }
  }
  then(refusal);
}

void StandingIndex::AnswerWaiters() {
  const absl::Time now = clock_->Now();
  std::vector<std::pair<std::function<void(absl::Status)>, absl::Status>> answers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto waits_on = [&](Waiter& waiter) {
      if (stopping_) {
        answers.emplace_back(std::move(waiter.then), IndexShuttingDown());
      } else if (state_.ready && state_.position >= waiter.position) {
        answers.emplace_back(std::move(waiter.then), absl::OkStatus());
      } else if (now >= waiter.until) {
        answers.emplace_back(
            std::move(waiter.then),
            NotReady(state_, "the index has not reached min_position yet; repeat after the time given"));
      } else {
        return false;
      }
      return true;
    };
    waiters_.erase(std::remove_if(waiters_.begin(), waiters_.end(), waits_on), waiters_.end());
  }
  for (auto& [then, status] : answers) then(status);
}

absl::Status StandingIndex::VisitChanges(uint64_t after,
                                         absl::FunctionRef<bool(uint64_t sequence, const Change& change)> visit) const {
  std::vector<Change> recent;
  uint64_t newest = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    newest = state_.sequence;
    if (after + 1 < state_.oldest_sequence) return absl::OutOfRangeError("the change is no longer kept");
    if (after >= newest) return absl::OkStatus();
    if (newest - after <= recent_.size())
      recent.assign(recent_.end() - static_cast<std::ptrdiff_t>(newest - after), recent_.end());
  }
  if (!recent.empty()) {
    for (size_t i = 0; i < recent.size(); ++i) {
      if (!visit(after + 1 + i, recent[i])) break;
    }
    return absl::OkStatus();
  }
  absl::Status wrong;
  uint64_t expected = after + 1;
  const absl::Status scanned =
      store_->ScanRows(kTrustChangeTable, SequenceKey(after), [&](absl::string_view key, absl::string_view value) {
        auto change = std::make_shared<WatchTrustResponse>();
        if (SequenceOfKey(key) != expected) {
          wrong = absl::OutOfRangeError("the change is no longer kept");
        } else if (!change->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          wrong = ReadFault(absl::DataLossError(absl::StrCat("change ", expected, " is not one")));
        }
        return wrong.ok() && expected <= newest && visit(expected++, std::move(change));
      });
  if (!wrong.ok()) return wrong;
  return scanned.ok() ? absl::OkStatus() : ReadFault(scanned);
}

// ---- The thread

void StandingIndex::Start() {
  thread_ = std::thread([this] { Run(); });
}

void StandingIndex::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  AnswerWaiters();
}

void StandingIndex::Wake() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    woken_ = true;
    // While it works or rests it would only be disturbed, once for each event.
    if (!idle_) return;
  }
  wake_.notify_one();
}

absl::Duration StandingIndex::PauseAfter(const Config& config, uint64_t size_before, uint64_t size_after,
                                         absl::Duration took) {
  if (size_after == size_before) return absl::ZeroDuration();
  return std::clamp(kPauseShare * took, config.rest, std::max(config.rest, kPauseMax));
}

void StandingIndex::Run() {
  // Commands and readings come first where processors are scarce. A failure only means that they do not.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness));
  bool failing = false;
  absl::Time last_step = absl::InfinitePast();  // The beginning of the last one that did something.
  for (;;) {
    const absl::Time begin = clock_->Now();
    const uint64_t log_size = store_->LogSize();
    const absl::StatusOr<bool> stepped = Step();
    if (!stepped.ok() && !failing) {
      Log(LogLevel::kError, "the standing index stands still", {{"status", stepped.status().ToString()}});
    }
    failing = !stepped.ok();
    AnswerWaiters();
    std::unique_lock<std::mutex> lock(mutex_);
    if (stopping_) return;
    if (stepped.ok() && *stepped) {
      // Whoever writes has the processors and the disk for the most part. The longer the index rests, the more often
      // does a partnership's next event come before it is read again.
      last_step = begin;
      const absl::Duration pause = PauseAfter(config_, log_size, store_->LogSize(), clock_->Now() - begin);
      if (pause == absl::ZeroDuration()) continue;
      wake_.wait_for(lock, absl::ToChronoNanoseconds(pause), [&] { return stopping_ || !waiters_.empty(); });
      if (stopping_) return;
      continue;
    }
    // After a failure the time is waited out, however often somebody wakes the index.
    idle_ = !failing;
    wake_.wait_for(lock, std::chrono::milliseconds(config_.poll_interval_ms),
                   [&] { return stopping_ || (woken_ && !failing); });
    idle_ = false;
    if (stopping_) return;
    woken_ = false;
    const absl::Duration rest = std::min(config_.rest, last_step + config_.rest - clock_->Now());
    if (rest <= absl::ZeroDuration()) continue;
    wake_.wait_for(lock, absl::ToChronoNanoseconds(rest), [&] { return stopping_ || !waiters_.empty(); });
    if (stopping_) return;
  }
}

}  // namespace services
