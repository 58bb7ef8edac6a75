// Snapshots as files of a directory, which is made with the first of them. Nothing is flushed: what a power cut leaves
// is told by whoever reads it. Thread-safe for different names. Blocks on the disk.

#ifndef SERVICES_SNAPSHOT_DIRECTORY_H_
#define SERVICES_SNAPSHOT_DIRECTORY_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/snapshot_files.h"

namespace services {

class SnapshotDirectory : public SnapshotFiles {
 public:
  // The parent of the directory is there, and nobody else puts files into it meanwhile. Nothing is written that would
  // leave less than reserve_bytes of the disk free.
  SnapshotDirectory(std::string directory, uint64_t reserve_bytes);

  absl::StatusOr<std::string> Read(const std::string& name, size_t bytes_max) const override;
  absl::Status Write(const std::string& name, absl::string_view content) override;
  void Delete(const std::string& name) override;
  std::vector<std::string> List() const override;

 private:
  std::string PathOf(const std::string& name) const;
  std::atomic<bool>& MayHave(const std::string& name) const;

  const std::string directory_;
  const uint64_t reserve_bytes_;
  // By the hash of their names, which files may be there: of most histories there is none, and who reads them need not
  // ask the system.
  mutable std::array<std::atomic<bool>, 16384> may_have_ = {};
};

}  // namespace services

#endif  // SERVICES_SNAPSHOT_DIRECTORY_H_
