#include "eventstore/rocksdb_condition.h"

#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "rocksdb/env.h"

namespace eventstore {
namespace {

uint64_t Property(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family, const std::string& name) {
  uint64_t value = 0;
  return database->GetIntProperty(family, name, &value) ? value : 0;
}

// How often writes to a family were slowed down or stopped. Newer versions tell it under other names.
uint64_t StallsOf(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family) {
  uint64_t stalls = 0;
  for (const char* property : {"rocksdb.cfstats", "rocksdb.cf-write-stall-stats"}) {
    std::map<std::string, std::string> statistics;
    if (!database->GetMapProperty(family, property, &statistics)) continue;
    for (const char* name : {"io_stalls.total_slowdown", "io_stalls.total_stop", "total-delays", "total-stops"}) {
      uint64_t count = 0;
      const auto found = statistics.find(name);
      if (found != statistics.end() && absl::SimpleAtoi(found->second, &count)) stalls += count;
    }
    if (stalls > 0) return stalls;
  }
  return stalls;
}

}  // namespace

StoreCondition ReadCondition(rocksdb::DB* database, absl::Span<rocksdb::ColumnFamilyHandle* const> families) {
  using Properties = rocksdb::DB::Properties;
  StoreCondition condition;
  for (rocksdb::ColumnFamilyHandle* const family : families) {
    condition.table_bytes += Property(database, family, Properties::kTotalSstFilesSize);
    condition.memtable_bytes += Property(database, family, Properties::kCurSizeAllMemTables);
    condition.compaction_pending_bytes += Property(database, family, Properties::kEstimatePendingCompactionBytes);
    condition.stalls += StallsOf(database, family);
  }
  // What all families share.
  condition.block_cache_bytes = Property(database, families.back(), Properties::kBlockCacheUsage);
  condition.write_stopped = Property(database, families.back(), Properties::kIsWriteStopped) != 0;
  condition.background_errors = Property(database, families.back(), Properties::kBackgroundErrors);
  uint64_t free = 0;
  if (database->GetEnv()->GetFreeSpace(database->GetName(), &free).ok()) condition.disk_free_bytes = free;
  return condition;
}

}  // namespace eventstore
