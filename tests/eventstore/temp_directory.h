// A fresh directory that goes with its owner, and the damage a test can do to the files in it. Not thread-safe.

#ifndef TESTS_EVENTSTORE_TEMP_DIRECTORY_H_
#define TESTS_EVENTSTORE_TEMP_DIRECTORY_H_

#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "gtest/gtest.h"

namespace eventstore {

class TempDirectory {
 public:
  TempDirectory() : path_(testing::TempDir() + "/eventstore_XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "cannot make " << path_;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }

  // Where a store goes: it is not there yet.
  std::string store() const { return path_ + "/store"; }

  // The paths of the store's files that end so, by name.
  std::vector<std::string> Files(const std::string& ending) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(store())) {
      const std::string path = entry.path().string();
      if (path.size() >= ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0) {
        files.push_back(path);
      }
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static uint64_t Size(const std::string& path) { return std::filesystem::file_size(path); }

  static void FlipBit(const std::string& path, uint64_t byte, int bit) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(byte));
    const int value = file.get();
    file.seekp(static_cast<std::streamoff>(byte));
    file.put(static_cast<char>(value ^ (1 << bit)));
    ASSERT_TRUE(file.good()) << path;
  }

  // Copies the store as it stands, as a process that dies leaves it, to another directory.
  void CopyStoreTo(const TempDirectory& other) const {
    std::filesystem::copy(store(), other.store(), std::filesystem::copy_options::recursive);
  }

 private:
  std::string path_;
};

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_TEMP_DIRECTORY_H_
