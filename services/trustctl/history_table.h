// A partnership's events as a table, a row each; in a replay with what each event changed. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_HISTORY_TABLE_H_
#define SERVICES_TRUSTCTL_HISTORY_TABLE_H_

#include <cstddef>

#include "services/trustctl/console.h"
#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"

namespace trustctl {

class HistoryTable {
 public:
  HistoryTable();

  void Add(const trust::v1::Event& event);
  void Add(const trust::v1::ReplayStep& step);

  // Prints what was added since the last call.
  void Print(const Console& console) { table_.Print(console); }

  // The rows that wait to be printed.
  size_t waiting() const { return table_.waiting(); }

 private:
  Table table_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_HISTORY_TABLE_H_
