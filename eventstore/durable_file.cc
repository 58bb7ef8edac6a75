#include "eventstore/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace eventstore {
namespace {

// A descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool open() const { return number_ >= 0; }
  int number() const { return number_; }
  bool Close() {
    const int number = number_;
    number_ = -1;
    return number < 0 || close(number) == 0;
  }

 private:
  int number_;
};

absl::Status Failure(absl::string_view what, const std::string& path) {
  const int error = errno;
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EEXIST) return absl::AlreadyExistsError(message);
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::PermissionDeniedError(message);
}

absl::Status FlushDirectory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || fsync(directory.number()) != 0) return Failure("flush the directory", path);
  return absl::OkStatus();
}

absl::Status WriteAndFlush(Descriptor& file, const std::string& path, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file.number(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure("write", path);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file.number()) != 0 || !file.Close()) return Failure("flush", path);
  return absl::OkStatus();
}

// NOT_FOUND would say that the file is not there, which is no failure of a write.
absl::Status OfWrite(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::PermissionDeniedError(status.message()) : status;
}

}  // namespace

std::string DirectoryOf(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  const size_t slash = path.rfind('/', end);
  if (slash == std::string::npos) return ".";
  const size_t last = path.find_last_not_of('/', slash);
  return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0) {
    struct stat there;
    if (errno == EEXIST && stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) return absl::OkStatus();
    const absl::Status failure = Failure("make the directory", path);
    return absl::IsResourceExhausted(failure) ? failure : absl::PermissionDeniedError(failure.message());
  }
  return OfWrite(FlushDirectory(DirectoryOf(path)));
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return Failure("read", path);
  std::string content;
  char block[4096];
  for (;;) {
    const ssize_t read_bytes = read(file.number(), block, sizeof(block));
    if (read_bytes < 0 && errno == EINTR) continue;
    if (read_bytes < 0) return Failure("read", path);
    if (read_bytes == 0) return content;
    content.append(block, static_cast<size_t>(read_bytes));
  }
}

absl::Status CreateDurableFile(const std::string& path, absl::string_view content, int mode) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.open()) return OfWrite(Failure("make", path));
  absl::Status status = WriteAndFlush(file, path, content);
  if (status.ok()) status = FlushDirectory(DirectoryOf(path));
  if (!status.ok()) unlink(path.c_str());
  return OfWrite(status);
}

absl::Status ReplaceDurableFile(const std::string& path, absl::string_view content) {
  const std::string fresh = absl::StrCat(path, ".new");
  Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.open()) return OfWrite(Failure("make", fresh));
  if (absl::Status status = WriteAndFlush(file, fresh, content); !status.ok()) return OfWrite(status);
  return RenameDurableFile(fresh, path);
}

absl::Status RenameDurableFile(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return OfWrite(Failure("rename", from));
  return OfWrite(FlushDirectory(DirectoryOf(to)));
}

}  // namespace eventstore
