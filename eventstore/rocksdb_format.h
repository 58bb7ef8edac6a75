// The format version of a store and the families that belong to it: whether this program can open what is there.
//
// Of the RocksDB engine alone. Blocks on the disk.

#ifndef EVENTSTORE_ROCKSDB_FORMAT_H_
#define EVENTSTORE_ROCKSDB_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "eventstore/rocksdb_options.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace eventstore {

inline constexpr char kFormatKey[] = "format";  // In kFormatFamily.
inline constexpr uint64_t kFormatVersion = 2;
inline constexpr uint64_t kFormatVersionWithoutTree = 1;

// Which families a database had before it was opened.
struct FamiliesThere {
  bool all_of_version_1 = false;
  bool tree = false;
};

// Looks at a database that is not open. Errors: FAILED_PRECONDITION, saying what to do, when a newer program wrote it;
// DATA_LOSS and UNAVAILABLE as ReadFailure tells them.
absl::StatusOr<FamiliesThere> CheckFamilies(const std::string& directory, const EngineOptions& engine);

// The format version of an open database, whose families are in the order of Family. One that is new, or was never
// finished, is given the newest. Errors: as CheckFamilies; DATA_LOSS too when version, families and data do not belong
// together; UNAVAILABLE when a new store cannot be written.
absl::StatusOr<uint64_t> ReadFormat(const FamiliesThere& there, rocksdb::DB* database,
                                    absl::Span<rocksdb::ColumnFamilyHandle* const> families);

}  // namespace eventstore

#endif  // EVENTSTORE_ROCKSDB_FORMAT_H_
