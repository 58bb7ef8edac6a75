#include "services/trustctl/file_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace trustctl {
namespace {

constexpr int kLinksMax = 40;
constexpr mode_t kModeBits = 0777;

absl::Status CannotWrite(int error, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat(path, " cannot be written"));
}

// The name of what the links lead to, which need not be there yet.
absl::StatusOr<std::string> BehindLinks(const std::string& path) {
  std::filesystem::path place = path;
  for (int i = 0; i < kLinksMax; ++i) {
    std::error_code no_link;
    const std::filesystem::path target = std::filesystem::read_symlink(place, no_link);
    if (no_link) return place.string();
    place = place.parent_path() / target;
  }
  return CannotWrite(ELOOP, path);
}

// Writes all of it and closes the file; 0, or the error.
int WriteAndClose(int file, absl::string_view text) {
  int error = 0;
  while (error == 0 && !text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (close(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& path) {
  const auto close = [](std::FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  const std::unique_ptr<std::FILE, decltype(close)> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"), close);
  if (file == nullptr) return absl::ErrnoToStatus(errno, "cannot be read");
  std::string text;
  char chunk[1 << 14];
  for (size_t count = 0; (count = std::fread(chunk, 1, sizeof(chunk), file.get())) > 0;) text.append(chunk, count);
  if (std::ferror(file.get()) != 0) return absl::ErrnoToStatus(errno, "cannot be read");  // A directory, say.
  return text;
}

absl::Status WriteText(const std::string& path, absl::string_view text) {
  struct stat there {};
  const bool exists = stat(path.c_str(), &there) == 0;
  if (!exists && errno != ENOENT) return CannotWrite(errno, path);
  if (exists && !S_ISREG(there.st_mode)) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    const int error = file < 0 ? errno : WriteAndClose(file, text);
    return error == 0 ? absl::OkStatus() : CannotWrite(error, path);
  }
  const absl::StatusOr<std::string> place = BehindLinks(path);
  if (!place.ok()) return place.status();
  std::string fresh = absl::StrCat(*place, ".XXXXXX");
  const int file = mkostemp(fresh.data(), O_CLOEXEC);
  if (file < 0) return CannotWrite(errno, path);
  int error = exists && fchmod(file, there.st_mode & kModeBits) != 0 ? errno : 0;
  const int written = WriteAndClose(file, text);
  if (error == 0) error = written;
  if (error == 0 && std::rename(fresh.c_str(), place->c_str()) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  unlink(fresh.c_str());
  return CannotWrite(error, path);
}

}  // namespace trustctl
