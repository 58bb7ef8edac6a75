// Where snapshots are kept, by name: a seam. What is in there is derived: any of it may be missing, old or damaged, and
// whoever reads it finds that out. Thread-safe for different names. Blocks on the disk.

#ifndef SERVICES_SNAPSHOT_FILES_H_
#define SERVICES_SNAPSHOT_FILES_H_

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace services {

// Behind the name of a file that is being written.
inline constexpr char kUnfinishedSuffix[] = ".new";

class SnapshotFiles {
 public:
  virtual ~SnapshotFiles() = default;

  // The content of a file, or its first bytes. Errors: NOT_FOUND; UNAVAILABLE when it cannot be read.
  virtual absl::StatusOr<std::string> Read(const std::string& name,
                                           size_t bytes_max = std::numeric_limits<size_t>::max()) const = 0;

  // Puts content in the place of a file, or makes it. A reader finds the old or the new one; after a power cut perhaps
  // neither, or a part. Errors: UNAVAILABLE when it cannot be written, or the disk would be left without its reserve.
  virtual absl::Status Write(const std::string& name, absl::string_view content) = 0;

  // Deletes a file, if there is one and it can be.
  virtual void Delete(const std::string& name) = 0;

  // The names of all files, what writes that were cut short left behind included; in no order.
  virtual std::vector<std::string> List() const = 0;
};

}  // namespace services

#endif  // SERVICES_SNAPSHOT_FILES_H_
