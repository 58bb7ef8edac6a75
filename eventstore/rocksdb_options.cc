#include "eventstore/rocksdb_options.h"

#include <algorithm>
#include <initializer_list>

#include "eventstore/key_layout.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/env.h"
#include "rocksdb/file_checksum.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "rocksdb/write_buffer_manager.h"

namespace eventstore {
namespace {

// Memory is shared out in these parts of memory_bytes. The two large families may each have three buffers: one that is
// filled and two that are being written out, half of the memory at most.
constexpr size_t kWriteBuffersPart = 2;
constexpr size_t kWriteBufferPart = 12;
constexpr int kWriteBuffersPerFamily = 3;

constexpr size_t kLongBlockBytes = 16 << 10;
constexpr size_t kStreamBlockBytes = 8 << 10;
constexpr size_t kShortBlockBytes = 4 << 10;
constexpr size_t kReadaheadBytesMax = 1 << 20;
// Files of the first level of the streams that are merged into the next at once.
constexpr int kStreamFilesMergedMin = 16;
// Sorted runs, each a file or a level, that a family merged by size may have before some of them are merged.
constexpr int kRunsMax = 8;

// The part of a stream key that all events of a stream share: one entry in a filter for a whole stream.
class StreamPrefixTransform final : public rocksdb::SliceTransform {
 public:
  // Stored in the files: another name makes RocksDB ignore their filters.
  const char* Name() const override { return "eventstore.StreamPrefix"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return rocksdb::Slice(key.data(), *StreamPrefixBytes(absl::string_view(key.data(), key.size())));
  }
  bool InDomain(const rocksdb::Slice& key) const override {
    return StreamPrefixBytes(absl::string_view(key.data(), key.size())).has_value();
  }
};

// The first of the wanted ones that this build of RocksDB has.
rocksdb::CompressionType Compression(std::initializer_list<rocksdb::CompressionType> wanted) {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (const rocksdb::CompressionType type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::CompressionType SmallCompression() { return Compression({rocksdb::kZSTD, rocksdb::kLZ4Compression}); }
rocksdb::CompressionType FastCompression() { return Compression({rocksdb::kLZ4Compression}); }

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache, size_t block_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = block_bytes;
  // A read that goes on from block to block reads ever further ahead, up to this; a short one does not.
  table.max_auto_readahead_size = kReadaheadBytesMax;
  // Indexes and filters grow with the data: in the cache they are bounded, and kept before blocks of data.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // In parts that are cached each by itself: whole, the index of a large file is hundreds of kilobytes, and a store
  // that has more of them than fit would read and unpack one for each lookup.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  // Ten bits a key: one lookup in a hundred reads a block in vain.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // The fastest of the strong checksums of blocks, and a file format that all of RocksDB 7 reads.
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  return table;
}

rocksdb::ColumnFamilyOptions FamilyOptions(size_t memory_bytes) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = memory_bytes / kWriteBufferPart;
  family.max_write_buffer_number = kWriteBuffersPerFamily;
  // What is soon rewritten is compressed fast; the last level, with most of the data, small.
  family.compression = FastCompression();
  family.bottommost_compression = SmallCompression();
  // ZSTD's level 1 instead of its default 3: a few per cent more bytes for much less time, which writers wait for.
  family.compression_opts.level = 1;
  family.bottommost_compression_opts.level = 1;
  family.bottommost_compression_opts.enabled = true;
  // The last level holds nine tenths of the data at any size: little is stored twice.
  family.level_compaction_dynamic_level_bytes = true;
  // Notices a bit that memory flipped before it is written as if it were right.
  family.memtable_protection_bytes_per_key = 8;
  // Reads each new file back and compares it with what was written.
  family.paranoid_file_checks = true;
  // Refuses a tree of files that is out of order.
  family.force_consistency_checks = true;
  return family;
}

std::unique_ptr<rocksdb::DBOptions> DatabaseOptions(size_t memory_bytes, const std::shared_ptr<rocksdb::Cache>& cache,
                                                    rocksdb::Env* env) {
  auto database = std::make_unique<rocksdb::DBOptions>();
  database->env = env;

  // What must not be lost. RocksDB's own default reads a damaged WAL up to the damage and silently drops the rest; this
  // mode refuses to open, and forgives only a last record that was never finished, hence never acknowledged.
  database->wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Notices a WAL file that has gone or shrunk after it was closed.
  database->track_and_verify_wals_in_manifest = true;
  // What recovery has read from the WAL is written out anew: after a flush that failed, the old file cannot be relied
  // on.
  database->avoid_flush_during_recovery = false;
  // All families are written out together, so that none is ever ahead of another on disk, whatever happens to the WAL.
  database->atomic_flush = true;
  // Each would let a write return, or be seen, before it is durable or in another order.
  database->manual_wal_flush = false;
  database->enable_pipelined_write = false;
  database->unordered_write = false;
  database->two_write_queues = false;
  // An error of a mapped page is a signal, not a status.
  database->allow_mmap_writes = false;
  database->allow_mmap_reads = false;
  // A reused file could show old records after new ones; compression of the WAL is young in RocksDB 7.8.
  database->recycle_log_file_num = 0;
  database->wal_compression = rocksdb::kNoCompression;
  // After an error that is not a full disk the store stops: going on behind its back could make a failed write appear.
  // (Waiting for space is not a resumption in this sense, and goes on.)
  database->max_bgerror_resume_count = 0;

  // What must be noticed.
  database->paranoid_checks = true;
  database->verify_sst_unique_id_in_manifest = true;
  database->file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // The database keeps its identity when the file IDENTITY is lost.
  database->write_dbid_to_manifest = true;
  // Keys and values stay out of error messages and of the info log.
  database->allow_data_in_errors = false;

  // What must stay bounded.
  database->write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(memory_bytes / kWriteBuffersPart, cache);
  database->max_open_files = 512;
  database->max_manifest_file_size = 64 << 20;

  // What makes it fast. One thread writes at a time, so that the concurrent table of writes would only cost.
  database->allow_concurrent_memtable_write = false;
  // One flush and one compaction at a time, the machine being shared with the server; and another compaction where one
  // family waits for another and writers would soon wait for both.
  database->max_background_jobs = 3;
  // Spreads the writing of files out, so that a flush of the WAL does not queue behind a large one.
  database->bytes_per_sync = 1 << 20;
  return database;
}

}  // namespace

EngineOptions::EngineOptions(size_t memory_bytes, rocksdb::Env* env) {
  // The write buffers are charged to the cache: memory_bytes bounds both together.
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(memory_bytes);
  database = DatabaseOptions(memory_bytes, cache, env);

  // Long blocks compress well, and the log is read in ranges, never at one place.
  rocksdb::BlockBasedTableOptions log_table = TableOptions(cache, kLongBlockBytes);
  log_table.filter_policy = nullptr;
  rocksdb::ColumnFamilyOptions log = FamilyOptions(memory_bytes);
  // The log's keys only grow: its files move down the levels without being rewritten, if each level has one
  // compression.
  log.compression = SmallCompression();
  log.table_factory.reset(rocksdb::NewBlockBasedTableFactory(log_table));

  // A stream is mostly short, and read before a command on it can be decided: shorter blocks, on the last level, too,
  // unpacked fast. A filter entry for each stream lets a read skip the files that hold nothing of it.
  rocksdb::BlockBasedTableOptions streams_table = TableOptions(cache, kStreamBlockBytes);
  streams_table.whole_key_filtering = false;
  rocksdb::ColumnFamilyOptions streams = FamilyOptions(memory_bytes);
  streams.table_factory.reset(rocksdb::NewBlockBasedTableFactory(streams_table));
  streams.bottommost_compression = FastCompression();
  // Four times the default: a quarter of the rewriting of the level below, while the filters keep the cost of reads
  // down.
  streams.level0_file_num_compaction_trigger = kStreamFilesMergedMin;
  streams.level0_slowdown_writes_trigger = 3 * kStreamFilesMergedMin;
  streams.level0_stop_writes_trigger = 4 * kStreamFilesMergedMin;
  streams.prefix_extractor = std::make_shared<StreamPrefixTransform>();
  // The next event of a stream stands beside the one before it: the table in memory need not search for its place.
  streams.memtable_insert_with_hint_prefix_extractor = streams.prefix_extractor;

  // Heads, rows and the format are looked up at one place: short blocks, a filter entry for each key.
  rocksdb::ColumnFamilyOptions points = FamilyOptions(memory_bytes);
  rocksdb::BlockBasedTableOptions points_table = TableOptions(cache, kShortBlockBytes);
  points_table.whole_key_filtering = true;
  // As their indexes. Filters of streams stay whole: they hold an entry a stream, not one a key, and are small.
  points_table.partition_filters = true;
  points.table_factory.reset(rocksdb::NewBlockBasedTableFactory(points_table));
  // All families are written out when the largest is full, these as files of a megabyte or less, their keys anywhere:
  // by levels the whole of the last would be rewritten for a few MiB. By size, runs of about the same size are merged,
  // and an entry is rewritten about six times instead of ten at ten million events. For a time a merge takes as much
  // space again as these families have, which is a small part of the store.
  points.compaction_style = rocksdb::kCompactionStyleUniversal;
  points.level0_file_num_compaction_trigger = kRunsMax;
  points.level0_slowdown_writes_trigger = 4 * kRunsMax;
  points.level0_stop_writes_trigger = 8 * kRunsMax;

  families.resize(kFamilyCount);
  families[kFormatFamily] = {rocksdb::kDefaultColumnFamilyName, points};
  families[kLogFamily] = {"log", log};
  families[kStreamsFamily] = {"streams", streams};
  // A new head stands beside the one that it replaces.
  rocksdb::ColumnFamilyOptions heads = points;
  heads.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewNoopTransform());
  // Every reading of a history begins with one, mostly of a block that is not in the cache: whole filters, of which
  // there is little, and blocks that need not be unpacked. They are mostly hashes.
  rocksdb::BlockBasedTableOptions heads_table = points_table;
  heads_table.partition_filters = false;
  heads.table_factory.reset(rocksdb::NewBlockBasedTableFactory(heads_table));
  heads.compression = rocksdb::kNoCompression;
  heads.bottommost_compression = rocksdb::kNoCompression;
  families[kHeadsFamily] = {"heads", heads};
  families[kRowsFamily] = {"rows", points};
  // Hashes do not compress.
  rocksdb::ColumnFamilyOptions tree = points;
  tree.compression = rocksdb::kNoCompression;
  tree.bottommost_compression = rocksdb::kNoCompression;
  families[kTreeFamily] = {"tree", tree};
}

EngineOptions::~EngineOptions() = default;

rocksdb::WriteOptions DurableWrite() {
  rocksdb::WriteOptions options;
  options.sync = true;
  options.disableWAL = false;
  // A checksum for each entry, from the batch to the file: notices what memory does to it on the way.
  options.protection_bytes_per_key = 8;
  return options;
}

rocksdb::ReadOptions CachedRead() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = true;
  // In the order of keys, whatever filters of prefixes a family has: who reads one prefix alone says so.
  options.total_order_seek = true;
  return options;
}

rocksdb::ReadOptions LongScan() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;
  options.total_order_seek = true;
  return options;
}

}  // namespace eventstore
