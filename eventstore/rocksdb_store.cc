#include "eventstore/rocksdb_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/key_layout.h"
#include "eventstore/limits.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/record_codec.h"
#include "eventstore/record_reader.h"
#include "eventstore/rocksdb_condition.h"
#include "eventstore/rocksdb_directory.h"
#include "eventstore/rocksdb_format.h"
#include "eventstore/rocksdb_info_log.h"
#include "eventstore/rocksdb_options.h"
#include "eventstore/rocksdb_slice.h"
#include "eventstore/rocksdb_status.h"
#include "eventstore/rocksdb_table_file.h"
#include "eventstore/rocksdb_wal_watch.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"

namespace eventstore {
namespace {

// Of the tree, while it is made for a store that has none.
constexpr size_t kUpgradeBatchBytes = 1 << 20;
constexpr size_t kMemoryBytesMin = 16 << 20;
// A group is on its way to the disk for tens of milliseconds at most.
constexpr size_t kGroupBytesMax = 4 << 20;
constexpr size_t kHeadsMax = 16384;
constexpr size_t kInfoLogBytesMax = 8 << 20;

// Adds the place to what is wrong with a frame.
absl::Status At(absl::string_view place, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(place, ": ", status.message()));
}

std::string PositionPlace(uint64_t position) { return absl::StrCat("the record at position ", position); }

std::string RevisionPlace(absl::string_view stream, uint64_t revision) {
  return absl::StrCat("the record of stream ", stream, " at revision ", revision);
}

std::string HeadPlace(absl::string_view stream) { return absl::StrCat("the head of stream ", stream); }

absl::Status RefusedAfterFailure() {
  return absl::FailedPreconditionError("the store takes no more writes after one that failed: open it again");
}

std::string EncodeHead(const StreamHead& head) {
  std::string value = EncodeNumber(head.revision);
  value.append(AsBytes(head.leaf_hash).data(), head.leaf_hash.size());
  return value;
}

}  // namespace

absl::StatusOr<RocksDbStore::StoredHead> RocksDbStore::DecodeHead(absl::string_view stream, absl::string_view value) {
  StoredHead head;
  const std::optional<uint64_t> revision = DecodeNumber(value.substr(0, 8));
  if (!revision || *revision == 0) return absl::DataLossError(absl::StrCat(HeadPlace(stream), " is not a revision"));
  head.revision = *revision;
  const absl::string_view hash = value.substr(8);
  if (hash.empty()) return head;
  if (hash.size() != sizeof(Sha256Digest)) {
    return absl::DataLossError(absl::StrCat(HeadPlace(stream), " has ", value.size(), " bytes"));
  }
  head.leaf_hash.emplace();
  std::copy(hash.begin(), hash.end(), head.leaf_hash->begin());
  return head;
}

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const RocksDbOptions& options) {
  if (options.memory_bytes < kMemoryBytesMin) {
    return absl::InvalidArgumentError(absl::StrCat("a store needs at least ", kMemoryBytesMin, " bytes of memory"));
  }
  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const absl::StatusOr<DirectoryContent> content = PrepareDirectory(options.directory, env);
  if (!content.ok()) return content.status();

  EngineOptions engine(options.memory_bytes, env);
  absl::StatusOr<FamiliesThere> there = FamiliesThere();
  if (*content == DirectoryContent::kDatabase) there = CheckFamilies(options.directory, engine);
  if (!there.ok()) return there.status();
  const auto wal_watch = std::make_shared<WalWatch>();
  engine.database->listeners.push_back(wal_watch);
  engine.database->info_log =
      std::make_shared<RocksDbInfoLog>(options.directory, kInfoLogBytesMax, rocksdb::InfoLogLevel::INFO_LEVEL, env);
  engine.database->create_if_missing = *content == DirectoryContent::kNothing;
  engine.database->create_missing_column_families = !there->all_of_version_1 || !there->tree;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* database = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(*engine.database, options.directory, engine.families, &families, &database);
  if (!opened.ok()) return ReadFailure(absl::StrCat("the store in ", options.directory), opened);

  // Not make_unique: the constructor is private.
  std::unique_ptr<RocksDbStore> store(new RocksDbStore(std::unique_ptr<rocksdb::DB>(database), std::move(families),
                                                       wal_watch, options.disk_reserve_bytes));
  if (absl::Status status = store->CheckOptions(); !status.ok()) return status;
  const absl::StatusOr<uint64_t> version = ReadFormat(*there, store->database_.get(), store->families_);
  if (!version.ok()) return version.status();
  if (absl::Status status = store->StartFromLastRecord(); !status.ok()) return status;
  const bool has_tree = *version > kFormatVersionWithoutTree;
  if (absl::Status status = has_tree ? store->LoadTree() : store->MakeTree(); !status.ok()) return status;
  return store;
}

RocksDbStore::RocksDbStore(std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> families,
                           std::shared_ptr<WalWatch> wal_watch, uint64_t disk_reserve_bytes)
    : database_(std::move(database)),
      families_(std::move(families)),
      wal_watch_(std::move(wal_watch)),
      disk_reserve_bytes_(disk_reserve_bytes),
      heads_(kHeadsMax),
      tree_(database_.get(), families_[kTreeFamily]),
      queue_(kGroupBytesMax, [this](absl::Span<PendingWrite* const> group) { Commit(group); }) {}

RocksDbStore::~RocksDbStore() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    // Fails only for a family that is not this database's.
    database_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
}

absl::Status RocksDbStore::CheckOptions() const {
  // Of all options the one whose wrong value shows only after acknowledged events are gone.
  if (database_->GetDBOptions().wal_recovery_mode != rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords) {
    return absl::InternalError("the store was opened with another WAL recovery mode than it needs");
  }
  return absl::OkStatus();
}

absl::Status RocksDbStore::StartFromLastRecord() {
  const std::unique_ptr<rocksdb::Iterator> last(database_->NewIterator(LongScan(), families_[kLogFamily]));
  last->SeekToLast();
  if (!last->Valid()) {
    if (!last->status().ok()) return ReadFailure("the end of the log", last->status());
    const std::unique_ptr<rocksdb::Iterator> head(database_->NewIterator(LongScan(), families_[kHeadsFamily]));
    head->SeekToFirst();
    if (head->Valid()) return absl::DataLossError("the log is empty, but there are heads of streams");
    if (!head->status().ok()) return ReadFailure("the heads of streams", head->status());
    return absl::OkStatus();
  }
  const std::optional<uint64_t> position = DecodeNumber(AsView(last->key()));
  if (!position) return absl::DataLossError("the last key of the log is not a position");
  const std::string place = PositionPlace(*position);
  RecordReader reader;
  RecordedEvent event;
  if (absl::Status status = reader.Read(AsView(last->value()), &event); !status.ok()) return At(place, status);
  if (event.position != *position) {
    return absl::DataLossError(absl::StrCat(place, " says that it is at position ", event.position));
  }
  // The last event of the log is the last of its stream.
  const absl::StatusOr<StoredHead> head = ReadHead(event.stream);
  if (!head.ok()) return head.status();
  if (head->revision != event.revision) {
    return absl::DataLossError(absl::StrCat(place, " is revision ", event.revision, " of stream ", event.stream,
                                            ", whose head says ", head->revision));
  }
  if (absl::Status status = CheckLastOfStream(event.stream, *head, event.stored); !status.ok()) return status;
  const std::lock_guard<std::mutex> lock(view_mutex_);
  PublishLocked(*position, event.record_time);
  return absl::OkStatus();
}

absl::Status RocksDbStore::LoadTree() {
  return tree_.Load(LogSize(), [this](uint64_t after_position, RocksDbTree::LeafVisitor visit) {
    return ReadLog(after_position, [&](const RecordedEvent& event) {
      visit(LeafHash(event.stored));
      return true;
    });
  });
}

// Whatever an attempt that was cut off has left is written again. The version comes last, and what was written before
// it is durable when it is.
absl::Status RocksDbStore::MakeTree() {
  rocksdb::WriteOptions unflushed = DurableWrite();
  unflushed.sync = false;
  rocksdb::WriteBatch batch(/*reserved_bytes=*/0, /*max_bytes=*/0, /*protection_bytes_per_key=*/8,
                            /*default_cf_ts_sz=*/0);
  rocksdb::Status written;
  const absl::Status read = ReadLog(0, [&](const RecordedEvent& event) {
    written = tree_.Stage(LeafHash(event.stored), &batch);
    if (written.ok() && batch.GetDataSize() >= kUpgradeBatchBytes) {
      written = database_->Write(unflushed, &batch);
      batch.Clear();
    }
    return written.ok();
  });
  if (!read.ok()) return read;
  if (written.ok()) written = batch.Put(families_[kFormatFamily], kFormatKey, EncodeNumber(kFormatVersion));
  if (written.ok()) written = database_->Write(DurableWrite(), &batch);
  if (!written.ok()) {
    return absl::UnavailableError(absl::StrCat("the store's tree cannot be made: ", written.ToString()));
  }
  tree_.Publish();
  const std::lock_guard<std::mutex> lock(view_mutex_);
  PublishLocked(view_.log_size, view_.latest_record_time);
  return absl::OkStatus();
}

absl::StatusOr<Appended> RocksDbStore::Write(const Append& append) {
  const absl::StatusOr<size_t> bytes = CheckAppend(append);
  if (!bytes.ok()) return bytes.status();
  PendingWrite write;
  write.append = &append;
  write.rows = &append.rows;
  write.bytes = *bytes;
  queue_.Submit(&write);
  return write.outcome;
}

absl::Status RocksDbStore::WriteRows(const std::vector<RowWrite>& rows) {
  const absl::StatusOr<size_t> bytes = CheckRows(rows);
  if (!bytes.ok()) return bytes.status();
  if (rows.empty()) return absl::OkStatus();
  PendingWrite write;
  write.rows = &rows;
  write.bytes = *bytes;
  queue_.Submit(&write);
  return write.outcome.status();
}

// Its turn comes when those before it are through; there is nothing of its own to store.
absl::Status RocksDbStore::AwaitWrites() {
  const std::vector<RowWrite> none;
  PendingWrite write;
  write.rows = &none;
  queue_.Submit(&write);
  // A full disk refuses what would be stored, which nothing is.
  return absl::IsResourceExhausted(write.outcome.status()) ? absl::OkStatus() : write.outcome.status();
}

void RocksDbStore::Commit(absl::Span<PendingWrite* const> group) {
  if (failed_) {
    for (PendingWrite* write : group) write->outcome = RefusedAfterFailure();
    return;
  }
  if (const absl::Status room = CheckReserve(); !room.ok()) {
    for (PendingWrite* write : group) write->outcome = room;
    return;
  }
  const View before = CurrentView();
  AppendPlan plan(before.log_size, before.latest_record_time);
  size_t group_bytes = 0;
  for (const PendingWrite* write : group) group_bytes += write->bytes;
  // Each event is stored twice. The entries carry their checksums from the moment that they are put here.
  rocksdb::WriteBatch batch(/*reserved_bytes=*/3 * group_bytes, /*max_bytes=*/0, /*protection_bytes_per_key=*/8,
                            /*default_cf_ts_sz=*/0);
  rocksdb::Status written;
  if (!Stage(group, &plan, &batch, &written)) return;
  if (written.ok()) written = WriteAndPublish(&batch, plan);
  if (written.ok()) return;
  const absl::Status failure = Classify(written, before.log_size + 1);
  for (PendingWrite* write : group) {
    if (write->outcome.ok()) {
      write->outcome = failure;
    } else if (absl::IsAborted(write->outcome.status())) {
      // It may have been judged against an append of the same group, which is now not stored.
      write->outcome = failed_ ? RefusedAfterFailure() : failure;
    }
  }
}

// Returns whether there is anything to write.
bool RocksDbStore::Stage(absl::Span<PendingWrite* const> group, AppendPlan* plan, rocksdb::WriteBatch* batch,
                         rocksdb::Status* status) {
  const auto update = [&](const rocksdb::Status& next) {
    if (status->ok()) *status = next;
  };
  tree_.DropStaged();
  bool any = false;
  for (PendingWrite* write : group) {
    if (write->append != nullptr) {
      write->outcome = plan->Add(
          *write->append, [this](absl::string_view stream) { return HeadForLeader(stream); },
          [&](const v1::Record& record, absl::string_view frame, const Sha256Digest& leaf_hash) {
            update(batch->Put(families_[kLogFamily], LogKey(record.position()), AsSlice(frame)));
            update(
                batch->Put(families_[kStreamsFamily], StreamKey(record.stream(), record.revision()), AsSlice(frame)));
            update(tree_.Stage(leaf_hash, batch));
          });
      if (!write->outcome.ok()) continue;
    } else if (write->rows->empty()) {
      continue;
    }
    for (const RowWrite& row : *write->rows) {
      const std::string key = RowKey(row.table, row.key);
      update(row.value ? batch->Put(families_[kRowsFamily], key, *row.value)
                       : batch->Delete(families_[kRowsFamily], key));
    }
    any = true;
  }
  for (const auto& [stream, head] : plan->heads()) {
    update(batch->Put(families_[kHeadsFamily], stream, EncodeHead(head)));
  }
  return any;
}

absl::StatusOr<StreamHead> RocksDbStore::HeadForLeader(absl::string_view stream) {
  if (const std::optional<StreamHead> recent = heads_.Find(stream)) return *recent;
  const absl::StatusOr<StoredHead> head = ReadHead(stream);
  if (!head.ok()) return head.status();
  if (head->revision == 0) return StreamHead{};
  if (head->leaf_hash) return StreamHead{head->revision, *head->leaf_hash};
  const absl::StatusOr<Sha256Digest> hash = LastLeafHash(stream, head->revision);
  if (!hash.ok()) return hash.status();
  return StreamHead{head->revision, *hash};
}

absl::StatusOr<Sha256Digest> RocksDbStore::LastLeafHash(absl::string_view stream, uint64_t revision) const {
  const std::string place = RevisionPlace(stream, revision);
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      database_->Get(CachedRead(), families_[kStreamsFamily], StreamKey(stream, revision), &value);
  if (status.IsNotFound()) return absl::DataLossError(absl::StrCat(place, " is missing"));
  if (!status.ok()) return ReadFailure(place, status);
  const absl::StatusOr<absl::string_view> stored = RecordBytes(AsView(value));
  if (!stored.ok()) return At(place, stored.status());
  return LeafHash(*stored);
}

StoreCondition RocksDbStore::Condition() const {
  StoreCondition condition = ReadCondition(database_.get(), families_);
  condition.disk_reserve_bytes = disk_reserve_bytes_;
  return condition;
}

// Asks the system each time: a microsecond beside a flush of hundreds.
absl::Status RocksDbStore::CheckReserve() const {
  uint64_t free = 0;
  if (disk_reserve_bytes_ == 0 || !database_->GetEnv()->GetFreeSpace(database_->GetName(), &free).ok() ||
      free >= disk_reserve_bytes_) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat("the disk of ", database_->GetName(), " has ", free >> 20,
                                                   " MiB free, less than the ", disk_reserve_bytes_ >> 20,
                                                   " MiB that are kept free"));
}

absl::Status RocksDbStore::Classify(const rocksdb::Status& failure, uint64_t first_position) {
  const std::string message = failure.ToString();
  if (failure.IsInvalidArgument()) return absl::InvalidArgumentError(message);
  if (failure.IsNoSpace() && wal_watch_->IsSurelyNotThere()) {
    // A batch that could not be appended whole is never replayed; see that it is not in memory either.
    std::string value;
    const rocksdb::Status found = database_->Get(CachedRead(), families_[kLogFamily], LogKey(first_position), &value);
    if (found.IsNotFound()) return absl::ResourceExhaustedError(absl::StrCat("the disk is full: ", message));
  }
  failed_ = true;
  return absl::UnknownError(absl::StrCat("the write may or may not be stored: ", message));
}

rocksdb::Status RocksDbStore::WriteAndPublish(rocksdb::WriteBatch* batch, const AppendPlan& plan) {
  {
    const std::lock_guard<std::mutex> lock(view_mutex_);
    committing_ = true;
  }
  wal_watch_->Begin();
  const rocksdb::Status written = database_->Write(DurableWrite(), batch);
  if (written.ok()) {
    for (const auto& [stream, head] : plan.heads()) heads_.Put(stream, head);
    // Before LogSize counts the records: who knows of one finds it in the tree.
    tree_.Publish();
  }
  {
    const std::lock_guard<std::mutex> lock(view_mutex_);
    committing_ = false;
    if (written.ok()) {
      PublishLocked(plan.log_size(), plan.latest_record_time());
    } else {
      // RocksDB counts a batch that failed: nobody must wait for it.
      PublishLocked(view_.log_size, view_.latest_record_time);
    }
  }
  view_published_.notify_all();
  return written;
}

void RocksDbStore::PublishLocked(uint64_t log_size, absl::Time latest_record_time) {
  view_ = {log_size, latest_record_time, database_->GetLatestSequenceNumber()};
}

RocksDbStore::View RocksDbStore::CurrentView() const {
  const std::lock_guard<std::mutex> lock(view_mutex_);
  return view_;
}

// RocksDB shows a batch once it is durable, some microseconds before it is published. Who has read from RocksDB waits
// these out here, before showing anything to a caller: so no reader is ever ahead of LogSize. A RocksDB snapshot for
// each view would do the same, but releasing one makes RocksDB rewrite every file of the log once more.
void RocksDbStore::AwaitPublished() const {
  const uint64_t seen = database_->GetLatestSequenceNumber();
  std::unique_lock<std::mutex> lock(view_mutex_);
  view_published_.wait(lock, [&] { return !committing_ || view_.sequence >= seen; });
}

uint64_t RocksDbStore::LogSize() const { return CurrentView().log_size; }

absl::Time RocksDbStore::LatestRecordTime() const { return CurrentView().latest_record_time; }

absl::StatusOr<uint64_t> RocksDbStore::StreamRevision(absl::string_view stream) const {
  const absl::StatusOr<StoredHead> head = ReadHead(stream);
  AwaitPublished();
  if (!head.ok()) return head.status();
  return head->revision;
}

absl::StatusOr<Sha256Digest> RocksDbStore::ReadTreeNode(int level, uint64_t index) const {
  return tree_.Node(level, index);
}

absl::StatusOr<RocksDbStore::StoredHead> RocksDbStore::ReadHead(absl::string_view stream) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->Get(CachedRead(), families_[kHeadsFamily], AsSlice(stream), &value);
  if (status.IsNotFound()) return StoredHead{};
  if (!status.ok()) return ReadFailure(HeadPlace(stream), status);
  return DecodeHead(stream, AsView(value));
}

// stored: the bytes of the stream's last record.
absl::Status RocksDbStore::CheckLastOfStream(absl::string_view stream, const StoredHead& head,
                                             absl::string_view stored) const {
  if (!head.leaf_hash || *head.leaf_hash == LeafHash(stored)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(HeadPlace(stream), " has the hash of another record than ", RevisionPlace(stream, head.revision)));
}

absl::Status RocksDbStore::ReadStream(absl::string_view stream, uint64_t after_revision, EventVisitor visit) const {
  const RecentHeads::Ticket ticket = heads_.Begin(stream);
  const absl::StatusOr<StoredHead> head = ReadHead(stream);
  AwaitPublished();
  if (!head.ok()) return head.status();
  // Who reads a history to decide on it appends to it next.
  if (head->leaf_hash) heads_.Offer(stream, {head->revision, *head->leaf_hash}, ticket);
  if (after_revision >= head->revision) return absl::OkStatus();

  // Appends that come after the head was read lie beyond it: the range stands still.
  const std::string end = StreamEnd(stream);
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options = CachedRead();
  options.iterate_upper_bound = &upper_bound;
  // What lets the filters of prefixes skip files; right for keys of one stream alone.
  options.total_order_seek = false;
  options.prefix_same_as_start = true;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options, families_[kStreamsFamily]));
  it->Seek(StreamKey(stream, after_revision + 1));
  bool stopped = false;
  return ReadUpTo(*head, stream, after_revision, it.get(), visit, &stopped);
}

absl::Status RocksDbStore::ReadStreams(absl::string_view first, absl::string_view last, EventVisitor visit) const {
  // The heads first: what they name is then there to be read.
  const std::unique_ptr<rocksdb::Iterator> heads(database_->NewIterator(LongScan(), families_[kHeadsFamily]));
  const std::string end = StreamEnd(last);
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options = LongScan();
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options, families_[kStreamsFamily]));
  AwaitPublished();
  bool stopped = false;
  for (heads->Seek(AsSlice(first)); heads->Valid() && AsView(heads->key()) <= last; heads->Next()) {
    const absl::string_view stream = AsView(heads->key());
    const absl::StatusOr<StoredHead> head = DecodeHead(stream, AsView(heads->value()));
    if (!head.ok()) return head.status();
    // Mostly it stands there already: between lies only what was appended since the heads were read.
    if (!it->Valid() || !IsStreamKey(AsView(it->key()), stream, 1)) it->Seek(StreamKey(stream, 1));
    const absl::Status read = ReadUpTo(*head, stream, 0, it.get(), visit, &stopped);
    if (!read.ok() || stopped) return read;
  }
  if (!heads->status().ok()) return ReadFailure("the heads of streams", heads->status());
  return absl::OkStatus();
}

// From where the iterator stands, on the revision after the given one, to beyond the head's.
absl::Status RocksDbStore::ReadUpTo(const StoredHead& head, absl::string_view stream, uint64_t after_revision,
                                    rocksdb::Iterator* it, EventVisitor visit, bool* stopped) const {
  RecordReader reader;
  RecordedEvent event;
  for (uint64_t revision = after_revision + 1; revision <= head.revision; ++revision, it->Next()) {
    if (!it->Valid() && !it->status().ok()) return ReadFailure(RevisionPlace(stream, revision), it->status());
    if (!it->Valid() || !IsStreamKey(AsView(it->key()), stream, revision)) {
      return absl::DataLossError(absl::StrCat(RevisionPlace(stream, revision), " is missing"));
    }
    if (absl::Status status = reader.Read(AsView(it->value()), &event); !status.ok()) {
      return At(RevisionPlace(stream, revision), status);
    }
    if (event.stream != stream || event.revision != revision) {
      return absl::DataLossError(absl::StrCat(RevisionPlace(stream, revision), " says that it is revision ",
                                              event.revision, " of stream ", event.stream));
    }
    *stopped = !visit(event);
    if (*stopped) return absl::OkStatus();
    if (revision == head.revision) {
      if (absl::Status status = CheckLastOfStream(stream, head, event.stored); !status.ok()) return status;
    }
  }
  if (!it->status().ok()) return ReadFailure(RevisionPlace(stream, head.revision), it->status());
  return absl::OkStatus();
}

absl::Status RocksDbStore::ReadLog(uint64_t after_position, EventVisitor visit) const {
  const uint64_t last_position = LogSize();
  if (after_position >= last_position) return absl::OkStatus();
  // The bound is a key that may be there, unless the log is as long as a number can say.
  const std::string end = LogKey(last_position + 1);
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options = LongScan();
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options, families_[kLogFamily]));
  it->Seek(LogKey(after_position + 1));
  RecordReader reader;
  RecordedEvent event;
  for (uint64_t position = after_position + 1; position <= last_position; ++position, it->Next()) {
    if (!it->Valid() && !it->status().ok()) return ReadFailure(PositionPlace(position), it->status());
    if (!it->Valid() || DecodeNumber(AsView(it->key())) != position) {
      return absl::DataLossError(absl::StrCat(PositionPlace(position), " is missing"));
    }
    if (absl::Status status = reader.Read(AsView(it->value()), &event); !status.ok()) {
      return At(PositionPlace(position), status);
    }
    if (event.position != position) {
      return absl::DataLossError(
          absl::StrCat(PositionPlace(position), " says that it is at position ", event.position));
    }
    if (!visit(event)) return absl::OkStatus();
  }
  if (!it->status().ok()) return ReadFailure(PositionPlace(last_position), it->status());
  return absl::OkStatus();
}

absl::Status RocksDbStore::ListStreams(absl::string_view after, StreamVisitor visit) const {
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(CachedRead(), families_[kHeadsFamily]));
  AwaitPublished();
  it->Seek(AsSlice(after));
  if (it->Valid() && AsView(it->key()) == after) it->Next();
  for (; it->Valid(); it->Next()) {
    const absl::string_view stream = AsView(it->key());
    const absl::StatusOr<StoredHead> head = DecodeHead(stream, AsView(it->value()));
    if (!head.ok()) return head.status();
    if (!visit(stream, head->revision)) return absl::OkStatus();
  }
  if (!it->status().ok()) return ReadFailure("the heads of streams", it->status());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> RocksDbStore::GetRow(absl::string_view table, absl::string_view key) const {
  if (absl::Status status = CheckTable(table); !status.ok()) return status;
  std::string value;
  const rocksdb::Status status = database_->Get(CachedRead(), families_[kRowsFamily], RowKey(table, key), &value);
  AwaitPublished();
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ReadFailure(absl::StrCat("a row of table ", table), status);
  return value;
}

absl::Status RocksDbStore::ScanRows(absl::string_view table, absl::string_view after, RowVisitor visit) const {
  if (absl::Status status = CheckTable(table); !status.ok()) return status;
  const std::string start = RowKey(table, after);
  const std::string end = TableEnd(table);
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options = CachedRead();
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options, families_[kRowsFamily]));
  AwaitPublished();
  it->Seek(start);
  if (it->Valid() && it->key() == rocksdb::Slice(start)) it->Next();
  for (; it->Valid(); it->Next()) {
    if (!visit(RowKeyInTable(table, AsView(it->key())), AsView(it->value()))) return absl::OkStatus();
  }
  if (!it->status().ok()) return ReadFailure(absl::StrCat("the rows of table ", table), it->status());
  return absl::OkStatus();
}

std::vector<std::string> RocksDbStore::ListFiles() const { return ListTableFiles(database_.get()); }

absl::Status RocksDbStore::VerifyFile(const std::string& name) const { return VerifyTableFile(database_.get(), name); }

}  // namespace eventstore
