// A stricter look at a file in RocksDB's log format (its WALs and its MANIFEST) than RocksDB takes itself.
//
// RocksDB forgives a last record that was never finished, and takes for one whatever starts like it: a damaged length
// or type in a header near the end silently drops that record and all that follow, although they were acknowledged.
// This tells the two apart. The other way round, it refuses a last record of which a power cut left some pages
// unwritten, although it was never acknowledged; this finds its beginning. Of the RocksDB engine alone. Pure;
// thread-safe.

#ifndef EVENTSTORE_ROCKSDB_LOG_FILE_H_
#define EVENTSTORE_ROCKSDB_LOG_FILE_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventstore {

// The bytes of the file that are to be kept: all when it is sound up to its end, or up to a record that was never
// finished, or up to nothing but zeros. Those before the last record, or before its first fragment that is not whole,
// when pages of it are there and others are not, be it that with its header: the file was made longer, and what it was
// to hold never came to the disk.
// Errors:
//   DATA_LOSS: a record is damaged. What proves it: a sound record was begun after it, which happens only once it has
//     been flushed; or all its bytes are there and fit its checksum under another length or type than its header says.
absl::StatusOr<size_t> CheckLogFile(absl::string_view file);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_LOG_FILE_H_
