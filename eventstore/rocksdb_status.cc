#include "eventstore/rocksdb_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "rocksdb/status.h"

namespace eventstore {

absl::Status ReadFailure(absl::string_view place, const rocksdb::Status& status) {
  const std::string message = absl::StrCat(place, ": ", status.ToString());
  if (status.IsCorruption() || status.IsPathNotFound()) return absl::DataLossError(message);
  return absl::UnavailableError(message);
}

}  // namespace eventstore
