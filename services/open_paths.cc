#include "services/open_paths.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace services {
namespace {

constexpr mode_t kOthersRead = S_IRGRP | S_IROTH;
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

std::string WhoCan(mode_t open) {
  return absl::StrCat((open & (S_IRWXG)) != 0 ? "its group" : "",
                      (open & S_IRWXG) != 0 && (open & S_IRWXO) != 0 ? " and " : "",
                      (open & S_IRWXO) != 0 ? "everybody" : "", " can ", (open & kOthersRead) != 0 ? "read" : "",
                      (open & kOthersRead) != 0 && (open & kOthersWrite) != 0 ? " and " : "",
                      (open & kOthersWrite) != 0 ? "change" : "", " it");
}

std::string Remedy(const GuardedPath& guarded) {
  switch (guarded.guard) {
    case GuardedPath::Guard::kDirectory:
      return absl::StrCat("chmod -R go-rwx ", guarded.path);
    case GuardedPath::Guard::kKeys:
      return absl::StrCat("chmod -R go-rwx ", guarded.path, "; who could read it may know keys of personal data");
    case GuardedPath::Guard::kFile:
      return absl::StrCat("chmod go-w ", guarded.path);
  }
  return "";
}

}  // namespace

std::vector<LogFields> FindOpenPaths(absl::Span<const GuardedPath> paths) {
  std::vector<LogFields> found;
  for (const GuardedPath& guarded : paths) {
    struct stat attributes = {};
    if (guarded.path.empty() || stat(guarded.path.c_str(), &attributes) != 0) continue;
    const bool file = guarded.guard == GuardedPath::Guard::kFile;
    if (file ? !S_ISREG(attributes.st_mode) : !S_ISDIR(attributes.st_mode)) continue;
    const mode_t open = attributes.st_mode & (file ? kOthersWrite : kOthersRead | kOthersWrite);
    if (open == 0) continue;
    found.push_back({{"path", guarded.path},
                     {"flag", absl::StrCat("--", guarded.flag)},
                     {"mode", absl::StrFormat("%04o", attributes.st_mode & 07777)},
                     {"what", WhoCan(open)},
                     {"remedy", Remedy(guarded)}});
  }
  return found;
}

}  // namespace services
