#include "services/backups.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/domain/refusal.h"
#include "services/log.h"

namespace services {
namespace {

constexpr char kLogFlag[] = "backup_directory";
constexpr char kKeysFlag[] = "keys_backup_directory";
constexpr int kRunningRetryMs = 10'000;
constexpr int kBackupsFullRetryMs = 60'000;

absl::Status BackupsStopping() {
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_SHUTTING_DOWN,
                       "the server is stopping; no backup was made");
}

// What a failure means to the caller. Paths stay in the server's log.
absl::Status BackupFault(const absl::Status& status, const char* flag) {
  if (absl::IsCancelled(status)) return BackupsStopping();
  Log(LogLevel::kError, "no backup was made",
      {{"directory", flag},
       {"code", absl::StatusCodeToString(status.code())},
       {"detail", std::string(status.message())}});
  const domain::Metadata metadata = {{"flag", flag}};
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return domain::Fault(
          absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_BACKUP_STORAGE_FULL,
          absl::StrCat("there is no room for the backup, on the disk of --", flag, " or on that of what is backed up"),
          metadata, kBackupsFullRetryMs);
    case absl::StatusCode::kDataLoss:
      return domain::Fault(absl::StatusCode::kDataLoss, trust::v1::ERROR_REASON_BACKUP_DAMAGED,
                           absl::StrCat("a file that the backup in --", flag,
                                        " needs is damaged, so it does not count; the server's log names the file"),
                           metadata);
    default:
      return domain::Fault(
          absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_BACKUP_FAILED,
          absl::StrCat("the backup could not be written to the directory of --", flag, "; the server's log says why"),
          metadata);
  }
}

void LogMade(const BackupOutcome& outcome) {
  const eventstore::BackupDescription& log = outcome.log.description;
  Log(LogLevel::kInfo, "a backup was made",
      {{"backup", absl::StrCat(log.id)},
       {"log_size", absl::StrCat(log.checkpoint.size)},
       {"bytes", absl::StrCat(log.bytes)},
       {"bytes_new", absl::StrCat(outcome.log.bytes_new)},
       {"key_backup", absl::StrCat(outcome.keys.description.id)},
       {"milliseconds", absl::StrCat(absl::ToInt64Milliseconds(outcome.duration))}});
}

// The path as the system sees it, as far as it is there.
std::filesystem::path Canonical(const std::string& path) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, error);
  const std::filesystem::path whole = error ? std::filesystem::path(path) : canonical;
  return whole.has_filename() ? whole : whole.parent_path();  // Without a slash at its end.
}

bool Contains(const std::filesystem::path& outer, const std::filesystem::path& inner) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

absl::Status CheckApart(const std::vector<FlaggedDirectory>& of_backups,
                        const std::vector<FlaggedDirectory>& of_stores) {
  std::vector<FlaggedDirectory> all = of_backups;
  all.insert(all.end(), of_stores.begin(), of_stores.end());
  for (size_t i = 0; i < of_backups.size(); ++i) {
    for (size_t j = i + 1; j < all.size(); ++j) {
      if (all[i].path.empty() || all[j].path.empty()) continue;
      const std::filesystem::path a = Canonical(all[i].path), b = Canonical(all[j].path);
      if (!Contains(a, b) && !Contains(b, a)) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("--", all[i].flag, "=", all[i].path, " and --", all[j].flag, "=", all[j].path,
                       " lie one in the other; backups go to a directory of their own, best on another disk"));
    }
  }
  return absl::OkStatus();
}

Backups::Backups(const Config& config, const eventstore::EventStore* store, Checkpointer* checkpointer,
                 const Clock* clock)
    : config_(config), store_(store), checkpointer_(checkpointer), clock_(clock) {}

Backups::~Backups() { Stop(); }

void Backups::Begin(Done done) {
  if (config_.log == nullptr) {
    return done(domain::FailedPrecondition(trust::v1::ERROR_REASON_BACKUP_NOT_CONFIGURED, "server",
                                           absl::StrCat("this server makes no backups: start trustd with --", kLogFlag),
                                           {{"flag", kLogFlag}}));
  }
  absl::Status refusal;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!stopping_ && !running_) {
      running_ = true;
      asked_ = std::move(done);
      wake_.notify_all();
      return;
    }
    refusal = stopping_
                  ? BackupsStopping()
                  : domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_BACKUP_RUNNING,
                                  "a backup is being made, and there is one at a time; repeat after the time given", {},
                                  kRunningRetryMs);
  }
  done(refusal);
}

absl::StatusOr<BackupOutcome> Backups::Make() {
  const absl::Time began = clock_->Now();
  eventstore::BackupDescription description;
  description.made = absl::FromUnixMicros(absl::ToUnixMicros(began));
  description.latest_record_time = store_->LatestRecordTime();
  // Covers what is acknowledged by now, and is itself covered by what is copied from now on.
  const absl::StatusOr<Checkpointer::Made> checkpoint = checkpointer_->Covering(store_->LogSize());
  if (!checkpoint.ok()) return checkpoint.status();
  BackupOutcome outcome;
  if (config_.keys != nullptr) {
    absl::StatusOr<eventstore::BackupMade> keys = config_.keys->Make(description);
    if (!keys.ok()) return BackupFault(keys.status(), kKeysFlag);
    outcome.keys = *std::move(keys);
  }
  description.checkpoint = (*checkpoint)->checkpoint;
  description.note = (*checkpoint)->note;
  absl::StatusOr<eventstore::BackupMade> log = config_.log->Make(description);
  if (!log.ok()) return BackupFault(log.status(), kLogFlag);
  outcome.log = *std::move(log);
  outcome.duration = std::max(clock_->Now() - began, absl::ZeroDuration());
  LogMade(outcome);
  return outcome;
}

void Backups::PruneOnce() {
  for (eventstore::StoreBackups* const backups : {config_.log, config_.keys}) {
    if (backups == nullptr) continue;
    const absl::Status pruned = backups->Prune(clock_->Now());
    if (pruned.ok() || absl::IsCancelled(pruned)) continue;
    Log(LogLevel::kError, "backups that are too old could not be deleted",
        {{"directory", backups == config_.log ? kLogFlag : kKeysFlag}, {"detail", std::string(pruned.message())}});
  }
}

void Backups::Start() {
  if (config_.log == nullptr) return;
  thread_ = std::thread([this] { Run(); });
}

Backups::Record Backups::record() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {config_.log != nullptr, running_, made_, failed_, newest_};
}

void Backups::Run() {
  PruneOnce();
  if (const std::optional<absl::Time> newest = config_.log->NewestTime(); newest.has_value()) {
    const std::lock_guard<std::mutex> lock(mutex_);
    newest_ = newest;
  }
  const auto interval = absl::ToChronoMilliseconds(config_.prune_interval);
  for (;;) {
    Done done;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait_for(lock, interval, [this] { return stopping_ || asked_ != nullptr; });
      if (stopping_) return;
      done = std::exchange(asked_, nullptr);
    }
    if (done == nullptr) {
      PruneOnce();
      continue;
    }
    absl::StatusOr<BackupOutcome> outcome = Make();
    {
      // Whoever was answered may ask again at once.
      const std::lock_guard<std::mutex> lock(mutex_);
      running_ = false;
      ++(outcome.ok() ? made_ : failed_);
      if (outcome.ok()) newest_ = outcome->log.description.made;
    }
    done(std::move(outcome));
  }
}

void Backups::Stop() {
  Done left;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  for (eventstore::StoreBackups* const backups : {config_.log, config_.keys}) {
    if (backups != nullptr) backups->Stop();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    left = std::exchange(asked_, nullptr);
  }
  if (left != nullptr) left(BackupsStopping());
}

}  // namespace services
