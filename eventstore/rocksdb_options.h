// Every option that RocksDB is opened with, each with its reason beside it, and the families it keeps.
//
// Of the RocksDB engine alone. Thread-safe.

#ifndef EVENTSTORE_ROCKSDB_OPTIONS_H_
#define EVENTSTORE_ROCKSDB_OPTIONS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace rocksdb {
struct ColumnFamilyDescriptor;
struct DBOptions;
class Env;
class EventListener;
struct ReadOptions;
struct WriteOptions;
}  // namespace rocksdb

namespace eventstore {

// A family has an order and options of its own; one batch is atomic over all of them. The numbers are the indexes in
// what Families returns.
enum Family {
  kFormatFamily,   // RocksDB's "default": what the store says about itself.
  kLogFamily,      // position -> frame
  kStreamsFamily,  // stream, revision -> frame
  kHeadsFamily,    // stream -> revision, leaf hash
  kRowsFamily,     // table, key -> value
  kTreeFamily,     // tile level, tile -> 256 hashes
  kFamilyCount,
};

// memory_bytes bounds the block cache and the write buffers together; env must outlive the database.
// The first holds the options of the database, the second those of its families, in the order of Family.
struct EngineOptions {
  std::unique_ptr<rocksdb::DBOptions> database;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;

  EngineOptions(size_t memory_bytes, rocksdb::Env* env);
  ~EngineOptions();
};

// Writes that return once they are durable.
rocksdb::WriteOptions DurableWrite();

// Reads of one place or a short range, which is likely to be read again.
rocksdb::ReadOptions CachedRead();

// Reads of a long range once: they must not push what is read often out of the cache.
rocksdb::ReadOptions LongScan();

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_OPTIONS_H_
