// A partnership's events as a table, a row each; in a replay with what each event changed. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_HISTORY_TABLE_H_
#define SERVICES_TRUSTCTL_HISTORY_TABLE_H_

#include <cstddef>
#include <vector>

#include "services/trustctl/console.h"
#include "services/trustctl/record_marks.h"
#include "services/trustctl/table.h"
#include "trust/v1/history_service.pb.h"

namespace trustctl {

class HistoryTable {
 public:
  HistoryTable();

  void Add(const trust::v1::Event& event);
  void Add(const trust::v1::ReplayStep& step);

  // Prints what was added since the last call. The mark of a record is what was added or learned by now.
  void Print(const Console& console);

  // What later events say of those that are printed before they are added.
  RecordMarks& marks() { return marks_; }

  // The events that wait to be printed.
  size_t waiting() const { return waiting_.size(); }

 private:
  void AddRow(const trust::v1::ReplayStep& step);

  RecordMarks marks_;
  std::vector<trust::v1::ReplayStep> waiting_;
  Table table_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_HISTORY_TABLE_H_
