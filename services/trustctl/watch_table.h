// What a watch tells, as a table: a change a row, or an event a row. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_WATCH_TABLE_H_
#define SERVICES_TRUSTCTL_WATCH_TABLE_H_

#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

class TrustWatchTable {
 public:
  TrustWatchTable();

  // How many rows it made; 0 for a message that is only a sign of life.
  int Add(const trust::v1::WatchTrustResponse& message);
  void Print(const Console& console) { table_.Print(console); }

 private:
  Table table_;
};

class EventWatchTable {
 public:
  EventWatchTable();

  void Add(const trust::v1::Event& event);
  void Print(const Console& console) { table_.Print(console); }

 private:
  Table table_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_WATCH_TABLE_H_
