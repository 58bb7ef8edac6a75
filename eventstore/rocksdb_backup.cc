#include "eventstore/rocksdb_backup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/durable_file.h"
#include "eventstore/rocksdb_key_store.h"
#include "eventstore/rocksdb_store.h"
#include "eventstore/sha256.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/utilities/backup_engine.h"

namespace eventstore {
namespace {

constexpr char kDescribed[] = "/described";
constexpr char kRestoring[] = ".restoring";
// How soon a backup notices that it is to stop, and how much of a limited rate is taken at once.
constexpr uint64_t kStopLookBytes = 1 << 20;
constexpr int64_t kRateRefillUs = 50'000;
constexpr int32_t kRateFairness = 10;

rocksdb::Env* EnvOf(rocksdb::Env* env) { return env == nullptr ? rocksdb::Env::Default() : env; }

std::string DescriptionPath(const std::string& directory, uint64_t id) {
  return absl::StrCat(directory, kDescribed, "/", id);
}

std::string EngineListPath(const std::string& directory, uint64_t id) { return absl::StrCat(directory, "/meta/", id); }

absl::Status BackupFailure(const std::string& directory, const rocksdb::Status& status) {
  const std::string message = absl::StrCat("the backup in ", directory, ": ", status.ToString());
  if (status.IsIncomplete() || status.IsAborted()) return absl::CancelledError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (status.IsCorruption() || status.IsPathNotFound()) return absl::DataLossError(message);
  if (status.IsNotFound()) return absl::NotFoundError(message);
  // RocksDB has no code for it, only the system's words.
  const std::string words = status.ToString();
  for (const char* refused : {"Permission denied", "Read-only file system", "No such file or directory",
                              "Not a directory", "Operation not permitted"}) {
    if (absl::StrContains(words, refused)) return absl::PermissionDeniedError(message);
  }
  return absl::UnavailableError(message);
}

// Makes the directory durably and closes it to others.
absl::Status MakeClosedDirectory(const std::string& path) {
  if (absl::Status made = MakeDirectory(path); !made.ok()) return made;
  if (::chmod(path.c_str(), S_IRWXU) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("cannot close the directory ", path, " to others"));
}

absl::Status FlushDirectoryOf(const std::string& path, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env->NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return status.ok() ? absl::OkStatus() : BackupFailure(path, status);
}

// A disk whose files cannot be read on once a backup is to stop: the engine's own stop does not reach its verification.
class StoppableFiles final : public rocksdb::FileSystemWrapper {
 public:
  StoppableFiles(const std::shared_ptr<rocksdb::FileSystem>& files, const std::atomic<bool>* stopped)
      : FileSystemWrapper(files), stopped_(stopped) {}

  const char* Name() const override { return "eventstore.StoppableFiles"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewSequentialFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<File>(std::move(*result), stopped_);
    return status;
  }

 private:
  class File final : public rocksdb::FSSequentialFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSSequentialFile> file, const std::atomic<bool>* stopped)
        : FSSequentialFileOwnerWrapper(std::move(file)), stopped_(stopped) {}
    rocksdb::IOStatus Read(size_t bytes, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) override {
      if (*stopped_) return rocksdb::IOStatus::Aborted("the backup is to stop");
      return target()->Read(bytes, options, result, scratch, debug);
    }

   private:
    const std::atomic<bool>* const stopped_;
  };

  const std::atomic<bool>* const stopped_;
};

// Keeps a second process out of a directory of backups: the engine does not.
class DirectoryLock {
 public:
  DirectoryLock(const std::string& directory, rocksdb::Env* env) : env_(env) {
    status_ = env_->LockFile(absl::StrCat(directory, "/LOCK"), &lock_);
  }
  ~DirectoryLock() {
    if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::Env* const env_;
  rocksdb::FileLock* lock_ = nullptr;
  rocksdb::Status status_;
};

// The backups that count, by id: what describes each, or why that cannot be read.
using Descriptions = std::map<uint64_t, absl::StatusOr<BackupDescription>>;

absl::StatusOr<Descriptions> ReadDescriptions(const std::string& directory) {
  Descriptions descriptions;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(absl::StrCat(directory, kDescribed), error), end;
       !error && entry != end; entry.increment(error)) {
    uint64_t id = 0;
    // What is being written has another name.
    if (!absl::SimpleAtoi(entry->path().filename().string(), &id)) continue;
    const absl::StatusOr<std::string> text = ReadWholeFile(entry->path().string());
    if (!text.ok()) return text.status();
    absl::StatusOr<BackupDescription> description = ParseDescription(*text);
    if (description.ok() && description->id != id) {
      description = absl::DataLossError(absl::StrCat("it is the description of backup ", description->id));
    }
    if (!description.ok()) {
      description = absl::Status(description.status().code(),
                                 absl::StrCat(entry->path().string(), ": ", description.status().message()));
    }
    descriptions.emplace(id, std::move(description));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::PermissionDeniedError(absl::StrCat("cannot read ", directory, kDescribed, ": ", error.message()));
  }
  return descriptions;
}

absl::Status RemoveDescription(const std::string& directory, uint64_t id, rocksdb::Env* env) {
  const std::string path = DescriptionPath(directory, id);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return absl::PermissionDeniedError(absl::StrCat("cannot remove ", path));
  }
  return FlushDirectoryOf(absl::StrCat(directory, kDescribed), env);
}

// The engine's list of files says what each must be; the description says what that list must be.
absl::Status CheckEngineList(const std::string& directory, const BackupDescription& description) {
  const std::string path = EngineListPath(directory, description.id);
  const absl::StatusOr<std::string> list = ReadWholeFile(path);
  if (absl::IsNotFound(list.status())) return absl::DataLossError(absl::StrCat(path, " is missing"));
  if (!list.ok()) return list.status();
  if (Sha256Hex(*list) == description.engine_sha256) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, " is not what it was when the backup was made"));
}

rocksdb::BackupEngineOptions ReadingOptions(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.share_files_with_checksum = true;
  return options;
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenToRead(const std::string& directory,
                                                                          rocksdb::Env* env) {
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  const rocksdb::Status status = rocksdb::BackupEngineReadOnly::Open(ReadingOptions(directory), env, &opened);
  std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
  if (!status.ok()) return BackupFailure(directory, status);
  return engine;
}

// All that can be told of a backup without reading its files.
absl::Status Glance(const std::string& directory, const BackupDescription& description,
                    const rocksdb::BackupEngineReadOnly& engine) {
  if (absl::Status list = CheckEngineList(directory, description); !list.ok()) return list;
  const auto id = static_cast<rocksdb::BackupID>(description.id);
  const rocksdb::Status status = engine.VerifyBackup(id, /*verify_with_checksum=*/false);
  if (status.ok()) return absl::OkStatus();
  const absl::Status failure = BackupFailure(directory, status);
  // A file that is not there is a file that is lost.
  return absl::IsNotFound(failure) || absl::IsPermissionDenied(failure) ? absl::DataLossError(failure.message())
                                                                        : failure;
}

// Whether there is nothing at a path, or an empty directory.
absl::Status CheckFree(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::symlink_status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return absl::OkStatus();
  if (status.type() == std::filesystem::file_type::directory && std::filesystem::is_empty(path, error) && !error) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(
      absl::StrCat("there is something at ", path, "; nothing is ever restored over it: name a new directory"));
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

RocksDbBackups::RocksDbBackups(RocksDbBackupOptions options, RocksDbStore* store)
    : options_(std::move(options)),
      env_(EnvOf(options_.env)),
      incremental_(true),
      with_database_([store](const Work& work) { return work(store->database()); }),
      await_writes_([store] { return store->AwaitWrites(); }) {}

RocksDbBackups::RocksDbBackups(RocksDbBackupOptions options, RocksDbKeyStore* store)
    : options_(std::move(options)),
      env_(EnvOf(options_.env)),
      incremental_(false),
      with_database_([store](const Work& work) { return store->WithDatabase(work); }),
      await_writes_([] { return absl::OkStatus(); }) {}

absl::Status RocksDbBackups::WithEngine(const std::function<absl::Status(rocksdb::BackupEngine* engine)>& work) {
  if (stopped_) return absl::CancelledError("the server is stopping");
  const std::string& directory = options_.directory;
  for (const std::string& path : {directory, absl::StrCat(directory, kDescribed)}) {
    if (absl::Status made = MakeClosedDirectory(path); !made.ok()) return made;
  }
  const DirectoryLock lock(directory, env_);
  if (!lock.status().ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the directory of backups ", directory, " cannot be locked: another process uses it, or it is not writable (",
        lock.status().ToString(), ")"));
  }
  const std::unique_ptr<rocksdb::Env> stoppable =
      rocksdb::NewCompositeEnv(std::make_shared<StoppableFiles>(env_->GetFileSystem(), &stopped_));
  rocksdb::BackupEngineOptions options(directory);
  options.backup_env = stoppable.get();
  options.sync = true;
  options.share_table_files = incremental_;
  options.share_files_with_checksum = incremental_;
  options.callback_trigger_interval_size = kStopLookBytes;
  if (options_.bytes_per_second_max > 0) {
    options.backup_rate_limiter.reset(
        rocksdb::NewGenericRateLimiter(static_cast<int64_t>(options_.bytes_per_second_max), kRateRefillUs,
                                       kRateFairness, rocksdb::RateLimiter::Mode::kAllIo));
  }
  rocksdb::BackupEngine* opened = nullptr;
  const rocksdb::Status status = rocksdb::BackupEngine::Open(options, env_, &opened);
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  if (!status.ok()) return BackupFailure(directory, status);
  return work(engine.get());
}

absl::StatusOr<BackupMade> RocksDbBackups::Make(const BackupDescription& description) {
  BackupMade made;
  made.description = description;
  const absl::Status status = WithEngine([&](rocksdb::BackupEngine* engine) {
    if (absl::Status copied = Copy(engine, &made); !copied.ok()) {
      // Makes room; what is left is tried again before the next backup.
      engine->GarbageCollect().PermitUncheckedError();
      return copied;
    }
    return Retire(engine, description.made);
  });
  if (!status.ok()) return status;
  return made;
}

absl::Status RocksDbBackups::Prune(absl::Time now) {
  std::error_code error;
  // There may never have been a backup, and the directory may not be there yet.
  if (!std::filesystem::exists(absl::StrCat(options_.directory, kDescribed), error)) return absl::OkStatus();
  return WithEngine([&](rocksdb::BackupEngine* engine) { return Retire(engine, now); });
}

// A directory that was named by mistake may hold what somebody else relies on.
std::optional<absl::Time> RocksDbBackups::NewestTime() const {
  const absl::StatusOr<Descriptions> descriptions = ReadDescriptions(options_.directory);
  if (!descriptions.ok()) return std::nullopt;
  for (auto described = descriptions->rbegin(); described != descriptions->rend(); ++described) {
    if (described->second.ok()) return described->second->made;
  }
  return std::nullopt;
}

absl::Status RocksDbBackups::CheckOwner(const BackupDescription& description) const {
  const absl::StatusOr<Descriptions> there = ReadDescriptions(options_.directory);
  if (!there.ok()) return there.status();
  for (const auto& [id, other] : *there) {
    if (!other.ok() || other->store == description.store) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(options_.directory, " holds backups of another store, which this one's would push out: name a ",
                     "directory of its own"));
  }
  return absl::OkStatus();
}

absl::Status RocksDbBackups::Copy(rocksdb::BackupEngine* engine, BackupMade* made) {
  const std::string& directory = options_.directory;
  absl::Status status = with_database_([&](rocksdb::DB* database) {
    const rocksdb::Status named = database->GetDbIdentity(made->description.store);
    return named.ok() ? absl::OkStatus() : BackupFailure(directory, named);
  });
  if (status.ok()) status = CheckOwner(made->description);
  if (!status.ok()) return status;
  const absl::StatusOr<Descriptions> described = ReadDescriptions(directory);
  if (!described.ok()) return described.status();
  std::vector<rocksdb::BackupInfo> there;
  std::vector<rocksdb::BackupID> there_ids;
  engine->GetCorruptedBackups(&there_ids);
  engine->GetBackupInfo(&there, /*include_file_details=*/true);
  std::set<std::string> files_before;
  for (const rocksdb::BackupInfo& info : there) {
    there_ids.push_back(info.backup_id);
    if (described->count(info.backup_id) == 0) continue;
    for (const rocksdb::BackupFileInfo& file : info.file_details) files_before.insert(file.relative_filename);
  }
  for (const rocksdb::BackupID id : there_ids) {
    // Those that do not count were cut short.
    if (described->count(id) > 0) continue;
    const rocksdb::Status deleted = engine->DeleteBackup(id);
    if (!deleted.ok()) return BackupFailure(directory, deleted);
  }
  // What a kill left of a backup, or of the deletion of one: the engine looks for it only when it deletes one itself.
  engine->GarbageCollect().PermitUncheckedError();

  rocksdb::CreateBackupOptions options;
  // What is in memory goes into tables, which backups share; of the WAL little is left to copy.
  options.flush_before_backup = true;
  options.progress_callback = [this, engine] {
    if (stopped_) engine->StopBackup();
  };
  rocksdb::BackupID id = 0;
  status = with_database_([&](rocksdb::DB* database) {
    const rocksdb::Status copied = engine->CreateNewBackup(options, database, &id);
    return copied.ok() ? absl::OkStatus() : BackupFailure(directory, copied);
  });
  if (!status.ok()) return status;
  made->description.id = id;
  // The WAL may have been copied with an append that was not yet flushed. Were that to fail, the backup would hold
  // records that the log does not.
  status = await_writes_();
  if (status.ok()) status = Describe(engine, files_before, made);
  if (!status.ok()) engine->DeleteBackup(id).PermitUncheckedError();
  return status;
}

// Reads all of the backup again, those files included that were there before: what is shared must not rot unseen.
absl::Status RocksDbBackups::Describe(rocksdb::BackupEngine* engine, const std::set<std::string>& files_before,
                                      BackupMade* made) {
  const std::string& directory = options_.directory;
  const auto id = static_cast<rocksdb::BackupID>(made->description.id);
  rocksdb::BackupInfo info;
  rocksdb::Status status = engine->VerifyBackup(id, /*verify_with_checksum=*/true);
  if (status.ok()) status = engine->GetBackupInfo(id, &info, /*include_file_details=*/true);
  if (!status.ok()) return BackupFailure(directory, status);
  made->description.bytes = info.size;
  for (const rocksdb::BackupFileInfo& file : info.file_details) {
    if (files_before.count(file.relative_filename) == 0) made->bytes_new += file.size;
  }
  const absl::StatusOr<std::string> list = ReadWholeFile(EngineListPath(directory, id));
  if (!list.ok()) return list.status();
  made->description.engine_sha256 = Sha256Hex(*list);
  for (const char* part : {"", "/meta"}) {
    if (absl::Status flushed = FlushDirectoryOf(absl::StrCat(directory, part), env_); !flushed.ok()) return flushed;
  }
  return ReplaceDurableFile(DescriptionPath(directory, id), DescriptionText(made->description));
}

// The description goes first: what is half deleted does not count.
absl::Status RocksDbBackups::Retire(rocksdb::BackupEngine* engine, absl::Time now) const {
  const std::string& directory = options_.directory;
  const absl::StatusOr<Descriptions> descriptions = ReadDescriptions(directory);
  if (!descriptions.ok()) return descriptions.status();
  size_t newer = 0;
  bool any = false;
  for (auto described = descriptions->rbegin(); described != descriptions->rend(); ++described) {
    const absl::StatusOr<BackupDescription>& description = described->second;
    const bool too_many = newer++ >= options_.retention.kept_max;
    const bool too_old = description.ok() && now - description->made > options_.retention.age_max;
    if (!too_many && !too_old) continue;
    if (absl::Status removed = RemoveDescription(directory, described->first, env_); !removed.ok()) return removed;
    const rocksdb::Status deleted = engine->DeleteBackup(static_cast<rocksdb::BackupID>(described->first));
    if (!deleted.ok() && !deleted.IsNotFound()) return BackupFailure(directory, deleted);
    any = true;
  }
  if (!any) return absl::OkStatus();
  // A deleted name could come back after the power went.
  for (const char* part : {"/meta", "/private"}) {
    if (absl::Status flushed = FlushDirectoryOf(absl::StrCat(directory, part), env_); !flushed.ok()) return flushed;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ListedBackup>> ListBackups(const std::string& directory, rocksdb::Env* env) {
  const absl::StatusOr<Descriptions> descriptions = ReadDescriptions(directory);
  if (!descriptions.ok()) return descriptions.status();
  if (descriptions->empty()) return absl::NotFoundError(absl::StrCat("there is no backup in ", directory));
  const auto engine = OpenToRead(directory, EnvOf(env));
  if (!engine.ok()) return engine.status();
  std::vector<ListedBackup> listed;
  for (const auto& [id, description] : *descriptions) {
    ListedBackup& backup = listed.emplace_back();
    backup.description.id = id;
    if (description.ok()) backup.description = *description;
    const absl::Status sound = description.ok() ? Glance(directory, *description, **engine) : description.status();
    backup.problem = std::string(sound.message());
  }
  return listed;
}

absl::StatusOr<Restoration> Restoration::Begin(const std::string& directory, uint64_t id, const std::string& target,
                                               rocksdb::Env* env) {
  env = EnvOf(env);
  const std::string to = WithoutSlash(target);
  if (absl::Status is_free = CheckFree(to); !is_free.ok()) return is_free;
  const absl::StatusOr<Descriptions> descriptions = ReadDescriptions(directory);
  if (!descriptions.ok()) return descriptions.status();
  if (descriptions->empty()) return absl::NotFoundError(absl::StrCat("there is no backup in ", directory));
  const auto found = id == 0 ? std::prev(descriptions->end()) : descriptions->find(id);
  if (found == descriptions->end()) {
    return absl::NotFoundError(absl::StrCat("there is no backup ", id, " in ", directory));
  }
  if (!found->second.ok()) return found->second.status();
  const BackupDescription& description = *found->second;
  const auto engine = OpenToRead(directory, env);
  if (!engine.ok()) return engine.status();
  if (absl::Status sound = Glance(directory, description, **engine); !sound.ok()) return sound;
  const auto engine_id = static_cast<rocksdb::BackupID>(description.id);
  if (const rocksdb::Status verified = (*engine)->VerifyBackup(engine_id, /*verify_with_checksum=*/true);
      !verified.ok()) {
    return BackupFailure(directory, verified);
  }

  const std::string place = absl::StrCat(to, kRestoring);
  std::error_code error;
  std::filesystem::remove_all(place, error);
  if (absl::Status made = MakeClosedDirectory(place); !made.ok()) return made;
  const rocksdb::Status restored = (*engine)->RestoreDBFromBackup(engine_id, place, place);
  if (!restored.ok()) return BackupFailure(directory, restored);
  if (absl::Status flushed = FlushDirectoryOf(place, env); !flushed.ok()) return flushed;
  return Restoration(description, place, to);
}

absl::Status Restoration::Finish() const {
  if (absl::Status is_free = CheckFree(target_); !is_free.ok()) return is_free;
  return RenameDurableFile(place_, target_);
}

}  // namespace eventstore
