#include "services/snapshot_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace services {
namespace {

absl::Status SnapshotFault(absl::string_view what, const std::string& path) {
  const int error = errno;
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", strerror(error));
  return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

// Calls of the file system that a signal may cut short, until all is done or something is wrong.
bool ReadFully(int file, std::string* content) {
  size_t done = 0;
  while (done < content->size()) {
    const ssize_t count = read(file, content->data() + done, content->size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;  // It is shorter than it was said to be.
    done += static_cast<size_t>(count);
  }
  content->resize(done);
  return true;
}

bool WriteFully(int file, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t count = write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

SnapshotDirectory::SnapshotDirectory(std::string directory, uint64_t reserve_bytes)
    : directory_(std::move(directory)), reserve_bytes_(reserve_bytes) {
  for (const std::string& name : List()) MayHave(name) = true;
}

std::atomic<bool>& SnapshotDirectory::MayHave(const std::string& name) const {
  return may_have_[absl::Hash<std::string>()(name) % may_have_.size()];
}

std::string SnapshotDirectory::PathOf(const std::string& name) const { return absl::StrCat(directory_, "/", name); }

absl::StatusOr<std::string> SnapshotDirectory::Read(const std::string& name, size_t bytes_max) const {
  const std::string path = PathOf(name);
  if (!MayHave(name)) return absl::NotFoundError(absl::StrCat("there is no ", path));
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return SnapshotFault("open", path);
  struct stat status;
  std::string content;
  bool read = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (read) {
    content.resize(std::min<size_t>(bytes_max, static_cast<size_t>(status.st_size)));
    read = ReadFully(file, &content);
  }
  const absl::Status fault = read ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot read ", path));
  close(file);
  if (!fault.ok()) return fault;
  return content;
}

absl::Status SnapshotDirectory::Write(const std::string& name, absl::string_view content) {
  const std::string path = PathOf(name), fresh = absl::StrCat(path, kUnfinishedSuffix);
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::UnavailableError(SnapshotFault("make the directory", directory_).message());
  }
  struct statvfs disk;
  if (statvfs(directory_.c_str(), &disk) != 0) {
    return absl::UnavailableError(SnapshotFault("look for space in", directory_).message());
  }
  if (uint64_t{disk.f_bavail} * disk.f_frsize < reserve_bytes_ + content.size()) {
    return absl::UnavailableError(absl::StrCat("the disk of ", directory_, " has no room beside its reserve"));
  }
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return absl::UnavailableError(SnapshotFault("make", fresh).message());
  MayHave(name) = true;
  bool written = WriteFully(file, content);
  written = close(file) == 0 && written;
  if (written && rename(fresh.c_str(), path.c_str()) == 0) return absl::OkStatus();
  const absl::Status fault = absl::UnavailableError(SnapshotFault("write", path).message());
  unlink(fresh.c_str());
  return fault;
}

void SnapshotDirectory::Delete(const std::string& name) { unlink(PathOf(name).c_str()); }

std::vector<std::string> SnapshotDirectory::List() const {
  std::vector<std::string> names;
  DIR* const directory = opendir(directory_.c_str());
  if (directory == nullptr) return names;
  while (const dirent* const entry = readdir(directory)) {
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) names.emplace_back(entry->d_name);
  }
  closedir(directory);
  return names;
}

}  // namespace services
