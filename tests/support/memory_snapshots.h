// Snapshots in memory, which a test damages as it likes. Not thread-safe.

#ifndef TESTS_SUPPORT_MEMORY_SNAPSHOTS_H_
#define TESTS_SUPPORT_MEMORY_SNAPSHOTS_H_

#include <map>
#include <string>
#include <vector>

#include "services/snapshot_files.h"

namespace support {

class MemorySnapshots : public services::SnapshotFiles {
 public:
  std::map<std::string, std::string> files;
  bool full = false;  // Nothing more can be written.

  absl::StatusOr<std::string> Read(const std::string& name, size_t bytes_max) const override {
    const auto found = files.find(name);
    if (found == files.end()) return absl::NotFoundError(name);
    return found->second.substr(0, bytes_max);
  }
  absl::Status Write(const std::string& name, absl::string_view content) override {
    if (full) return absl::UnavailableError("no room");
    files[name] = std::string(content);
    return absl::OkStatus();
  }
  void Delete(const std::string& name) override { files.erase(name); }
  std::vector<std::string> List() const override {
    std::vector<std::string> names;
    for (const auto& [name, content] : files) names.push_back(name);
    return names;
  }
};

}  // namespace support

#endif  // TESTS_SUPPORT_MEMORY_SNAPSHOTS_H_
