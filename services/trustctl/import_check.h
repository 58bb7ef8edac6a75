// Checks the lines of import files and collects their items, so that a file that is damaged anywhere is found out
// before anything of the run is sent. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_IMPORT_CHECK_H_
#define SERVICES_TRUSTCTL_IMPORT_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/trustctl/import_spool.h"

namespace trustctl {

class ImportCheck {
 public:
  // The items go to spool, which must outlive the check.
  explicit ImportCheck(ImportSpool* spool) : spool_(spool) {}

  // Checks the next file and notes what is wrong in it, calling progress with the number of lines read so far. Errors:
  // of the spool alone.
  absl::Status CheckFile(const std::string& path, absl::FunctionRef<void(int64_t)> progress);

  // OK when nothing was wrong. Errors: INVALID_ARGUMENT with a line for each of the first faults: "file:line: what is
  // wrong".
  absl::Status Verdict() const;

 private:
  void Note(absl::string_view place, const absl::Status& fault);

  ImportSpool* const spool_;
  int file_ = -1;
  int64_t lines_ = 0;
  int64_t faults_ = 0;
  std::vector<std::string> noted_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_CHECK_H_
