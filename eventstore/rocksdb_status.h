// What a failure of RocksDB means to a caller of the store.
//
// Of the RocksDB engine alone. Messages keep RocksDB's own words, paths included: they are for the operator's log, not
// for callers. Thread-safe.

#ifndef EVENTSTORE_ROCKSDB_STATUS_H_
#define EVENTSTORE_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace eventstore {

// Of a read, of or at the place that is named.
//   DATA_LOSS: bytes are damaged, or a file is missing.
//   UNAVAILABLE: the disk or the system refused; the bytes may be sound.
absl::Status ReadFailure(absl::string_view place, const rocksdb::Status& status);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_STATUS_H_
