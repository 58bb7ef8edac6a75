// What RocksDB tells of a database that is open: sizes, stalls, errors, and the room on its disk. Thread-safe.

#ifndef EVENTSTORE_ROCKSDB_CONDITION_H_
#define EVENTSTORE_ROCKSDB_CONDITION_H_

#include "absl/types/span.h"
#include "eventstore/event_store.h"
#include "rocksdb/db.h"

namespace eventstore {

// All but the reserve, which RocksDB does not know. Takes the database's lock for some microseconds a family, and asks
// the file system, which may block. REQUIRES: families is not empty.
StoreCondition ReadCondition(rocksdb::DB* database, absl::Span<rocksdb::ColumnFamilyHandle* const> families);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_CONDITION_H_
