// The answers of AssessTrust as one table: a row for each direction, and one for the whole of a partnership of two. Not
// thread-safe.

#ifndef SERVICES_TRUSTCTL_STAGE_TABLE_H_
#define SERVICES_TRUSTCTL_STAGE_TABLE_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "services/trustctl/console.h"
#include "services/trustctl/table.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

class StageTable {
 public:
  StageTable();

  void Add(const trust::v1::AssessTrustResponse& reading);

  // Prints what was added since the last call.
  void Print(const Console& console) { table_.Print(console); }

  // Prints which day and which policy the readings are about, and by when what they use was known, unless known is
  // empty. Nothing when nothing was added.
  void PrintFootnote(const Console& console, absl::string_view known) const;

 private:
  Table table_;
  std::set<std::string> days_;
  std::set<std::string> policies_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_STAGE_TABLE_H_
