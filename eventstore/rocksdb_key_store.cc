#include "eventstore/rocksdb_key_store.h"

#include <sys/stat.h>

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/rocksdb_directory.h"
#include "eventstore/rocksdb_info_log.h"
#include "eventstore/rocksdb_options.h"
#include "eventstore/rocksdb_status.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/iterator.h"
#include "rocksdb/metadata.h"
#include "rocksdb/table.h"
#include "rocksdb/transaction_log.h"
#include "rocksdb/write_batch.h"

namespace eventstore {
namespace {

constexpr size_t kWriteBufferBytes = 4 << 20;
constexpr size_t kKeysInfoLogBytesMax = 1 << 20;
// Tables that are not merged yet; beyond it opening merges them.
constexpr size_t kTablesMax = 8;
// Stands from the moment that an erasure hides its keys until their bytes are gone. No id begins with a zero byte.
constexpr char kErasing[] = "\0erasing";
const rocksdb::Slice kErasingKey(kErasing, sizeof kErasing - 1);

rocksdb::Options KeyOptions(rocksdb::Env* env) {
  rocksdb::Options options;
  options.env = env;
  options.create_if_missing = true;
  options.write_buffer_size = kWriteBufferBytes;
  // Keys do not compress, and an erasure must be able to be checked by looking for their bytes.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kNoCompression;
  // No copies of keys in memory beside the buffer of writes.
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.paranoid_checks = true;
  options.paranoid_file_checks = true;
  options.force_consistency_checks = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.allow_data_in_errors = false;
  // See rocksdb_options.cc: what must not be lost.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.avoid_flush_during_recovery = false;
  // A restored store has no file IDENTITY; its backups go on where those before it are.
  options.write_dbid_to_manifest = true;
  options.max_bgerror_resume_count = 0;
  // A file that is no longer needed goes at once: neither reused nor archived.
  options.recycle_log_file_num = 0;
  options.WAL_ttl_seconds = 0;
  options.WAL_size_limit_MB = 0;
  options.delete_obsolete_files_period_micros = 0;
  // Only an erasure and an opening rewrite tables, so that nothing else makes files meanwhile.
  options.disable_auto_compactions = true;
  options.level0_slowdown_writes_trigger = 1 << 20;
  options.level0_stop_writes_trigger = 1 << 20;
  options.max_open_files = 64;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

absl::Status WriteFailure(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return absl::ResourceExhaustedError("the disk of the key store is full");
  return absl::UnavailableError(absl::StrCat("the key store cannot be written: ", status.ToString()));
}

rocksdb::Slice SliceOf(absl::string_view text) { return rocksdb::Slice(text.data(), text.size()); }

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbKeyStore>> RocksDbKeyStore::Open(const RocksDbKeyOptions& options) {
  rocksdb::Env* const env = options.env == nullptr ? rocksdb::Env::Default() : options.env;
  const absl::StatusOr<DirectoryContent> content = PrepareDirectory(options.directory, env);
  if (!content.ok()) return content.status();
  // Whoever reads the directory reads what the keys seal.
  if (::chmod(options.directory.c_str(), S_IRWXU) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot close the directory ", options.directory, " to others; does it belong to another user?"));
  }
  rocksdb::Options engine = KeyOptions(env);
  engine.info_log =
      std::make_shared<RocksDbInfoLog>(options.directory, kKeysInfoLogBytesMax, rocksdb::InfoLogLevel::WARN_LEVEL, env);
  rocksdb::DB* database = nullptr;
  if (const rocksdb::Status status = rocksdb::DB::Open(engine, options.directory, &database); !status.ok()) {
    return ReadFailure(options.directory, status);
  }
  std::unique_ptr<RocksDbKeyStore> store(
      new RocksDbKeyStore(std::unique_ptr<rocksdb::DB>(database), options.directory, env));
  std::vector<rocksdb::LiveFileMetaData> tables;
  store->database_->GetLiveFilesMetaData(&tables);
  std::string marker;
  const rocksdb::Status erasing = store->database_->Get(rocksdb::ReadOptions(), kErasingKey, &marker);
  if (!erasing.ok() && !erasing.IsNotFound()) return ReadFailure(options.directory, erasing);
  if (erasing.ok() || tables.size() > kTablesMax) {
    if (absl::Status status = store->RewriteAll(); !status.ok()) return status;
  }
  return store;
}

RocksDbKeyStore::RocksDbKeyStore(std::unique_ptr<rocksdb::DB> database, std::string directory, rocksdb::Env* env)
    : database_(std::move(database)), directory_(std::move(directory)), env_(env) {}

RocksDbKeyStore::~RocksDbKeyStore() = default;

absl::StatusOr<std::optional<std::string>> RocksDbKeyStore::Get(absl::string_view id) const {
  std::string bytes;
  const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), SliceOf(id), &bytes);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ReadFailure("the key store", status);
  return std::optional<std::string>(std::move(bytes));
}

absl::Status RocksDbKeyStore::Put(absl::string_view id, absl::string_view bytes) {
  if (id.empty() || id[0] == '\0' || id.size() > kKeyIdBytesMax || bytes.size() > kKeyBytesMax) {
    return absl::InvalidArgumentError("an id of the key store has 1 to 255 bytes, and what it stands for at most 1024");
  }
  const std::lock_guard<std::mutex> lock(writing_);
  const rocksdb::Status status = database_->Put(DurableWrite(), SliceOf(id), SliceOf(bytes));
  return status.ok() ? absl::OkStatus() : WriteFailure(status);
}

absl::Status RocksDbKeyStore::Erase(const std::vector<std::string>& ids) {
  const std::lock_guard<std::mutex> lock(writing_);
  rocksdb::WriteBatch batch;
  batch.Put(kErasingKey, "");
  for (const std::string& id : ids) batch.Delete(id);
  if (const rocksdb::Status status = database_->Write(DurableWrite(), &batch); !status.ok()) {
    return WriteFailure(status);
  }
  return RewriteAll();
}

absl::Status RocksDbKeyStore::ListIds(absl::string_view after, IdVisitor visit) const {
  const std::unique_ptr<rocksdb::Iterator> ids(database_->NewIterator(rocksdb::ReadOptions()));
  for (ids->Seek(SliceOf(after)); ids->Valid(); ids->Next()) {
    const absl::string_view id(ids->key().data(), ids->key().size());
    if (id == after || id[0] == '\0') continue;
    if (!visit(id)) return absl::OkStatus();
  }
  if (!ids->status().ok()) return ReadFailure("the key store", ids->status());
  return absl::OkStatus();
}

absl::Status RocksDbKeyStore::WithDatabase(const std::function<absl::Status(rocksdb::DB* database)>& work) {
  const std::lock_guard<std::mutex> lock(writing_);
  return work(database_.get());
}

absl::Status RocksDbKeyStore::RewriteAll() {
  rocksdb::FlushOptions flush;
  flush.wait = true;
  flush.allow_write_stall = true;
  if (const rocksdb::Status status = database_->Flush(flush); !status.ok()) return WriteFailure(status);
  rocksdb::CompactRangeOptions compact;
  compact.exclusive_manual_compaction = true;
  compact.allow_write_stall = true;
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  if (const rocksdb::Status status = database_->CompactRange(compact, nullptr, nullptr); !status.ok()) {
    return WriteFailure(status);
  }
  // RocksDB deletes old files in its own time; this asks for it now, and looks. Only older versions have a parameter
  // here.
  if (const rocksdb::Status status = database_->EnableFileDeletions(); !status.ok()) return WriteFailure(status);
  if (absl::Status status = DeleteWhatIsNotLive(); !status.ok()) return status;
  const rocksdb::Status status = database_->Delete(DurableWrite(), kErasingKey);
  return status.ok() ? absl::OkStatus() : WriteFailure(status);
}

absl::Status RocksDbKeyStore::DeleteWhatIsNotLive() {
  std::set<std::string> live;
  std::vector<rocksdb::LiveFileMetaData> tables;
  database_->GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) live.insert(table.relative_filename);
  std::unique_ptr<rocksdb::LogFile> wal;
  if (const rocksdb::Status status = database_->GetCurrentWalFile(&wal); !status.ok()) return WriteFailure(status);
  live.insert(wal->PathName().substr(wal->PathName().find_last_of('/') + 1));
  std::vector<std::string> files;
  if (const rocksdb::Status status = env_->GetChildren(directory_, &files); !status.ok()) return WriteFailure(status);
  for (const std::string& file : files) {
    const bool holds_keys = !file.empty() && absl::ascii_isdigit(static_cast<unsigned char>(file[0])) &&
                            (absl::EndsWith(file, ".sst") || absl::EndsWith(file, ".log"));
    if (!holds_keys || live.contains(file)) continue;
    const rocksdb::Status status = env_->DeleteFile(absl::StrCat(directory_, "/", file));
    if (!status.ok() && !status.IsNotFound() && !status.IsPathNotFound()) return WriteFailure(status);
  }
  // A deleted name could come back after the power went.
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env_->NewDirectory(directory_, &directory);
  if (status.ok()) status = directory->Fsync();
  return status.ok() ? absl::OkStatus() : WriteFailure(status);
}

}  // namespace eventstore
