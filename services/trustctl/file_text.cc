#include "services/trustctl/file_text.h"

#include <cerrno>
#include <cstdio>
#include <memory>

namespace trustctl {

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

}  // namespace trustctl
