// The files of tables that a database needs, each verified by itself: read from the disk, past what is cached of it.
//
// Of the RocksDB engine alone. Thread-safe; blocks on the disk.

#ifndef EVENTSTORE_ROCKSDB_TABLE_FILE_H_
#define EVENTSTORE_ROCKSDB_TABLE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace eventstore {

// Their names within the directory, in order.
std::vector<std::string> ListTableFiles(rocksdb::DB* database);

// Compares a file with the checksum with which it was written. OK for one that is needed no more, or was written
// without. Errors: DATA_LOSS naming the file; UNAVAILABLE when the system refuses to read it.
absl::Status VerifyTableFile(rocksdb::DB* database, const std::string& name);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_TABLE_FILE_H_
