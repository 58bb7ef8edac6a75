// The look at a directory before RocksDB opens it, for what RocksDB does not ask: it would take a database that has
// lost its CURRENT file for a new one, and delete the rest.
//
// Of the RocksDB engine alone. Blocks on the disk.

#ifndef EVENTSTORE_ROCKSDB_DIRECTORY_H_
#define EVENTSTORE_ROCKSDB_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace eventstore {

enum class DirectoryContent { kNothing, kDatabase };

// Makes the directory durable when it is missing, and says what is in it.
// Errors:
//   FAILED_PRECONDITION: it is in use by another process, or cannot be made.
//   DATA_LOSS: there are files of a database, but not the one that names the others; or a WAL or the MANIFEST holds a
//     damaged record that RocksDB would take for an unfinished one.
absl::StatusOr<DirectoryContent> PrepareDirectory(const std::string& directory, rocksdb::Env* env);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_DIRECTORY_H_
