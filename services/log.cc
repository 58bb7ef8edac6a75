#include "services/log.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace services {
namespace {

void AppendQuoted(std::string& line, absl::string_view text) {
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&line, "\\u%04x", byte);
    } else {
      line += c;
    }
  }
  line += '"';
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void Log(LogLevel level, absl::string_view message, const LogFields& fields) {
  std::string line = absl::StrCat("{\"level\":\"", LevelName(level), "\",\"message\":");
  AppendQuoted(line, message);
  for (const auto& [name, value] : fields) {
    line += ',';
    AppendQuoted(line, name);
    line += ':';
    AppendQuoted(line, value);
  }
  line += "}\n";
  // One write call, so that lines of several threads do not mix. A log that cannot be written is no reason to stop.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace services
