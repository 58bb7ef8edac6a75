// A replay as a table: an event a row, and below it a row for each direction whose reading it changed, with the scores
// and by how much they moved. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_REPLAY_TABLE_H_
#define SERVICES_TRUSTCTL_REPLAY_TABLE_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"

namespace trustctl {

class ReplayTable {
 public:
  ReplayTable();

  void Add(const trust::v1::ReplayStep& step);

  // Prints what was added since the last call.
  void Print(const Console& console) { table_.Print(console); }

  // The rows that wait to be printed.
  size_t waiting() const { return table_.waiting(); }

 private:
  Table table_;
  std::map<std::pair<std::string, std::string>, trust::v1::DirectionReading> before_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_REPLAY_TABLE_H_
