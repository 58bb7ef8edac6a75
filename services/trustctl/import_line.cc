#include "services/trustctl/import_line.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/json_fault.h"

namespace trustctl {
namespace {

constexpr size_t kChunkBytes = 256 << 10;
constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

absl::Status SystemError() { return absl::ErrnoToStatus(errno, "cannot be read"); }

}  // namespace

bool IsSilent(absl::string_view line) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(line);
  return text.empty() || text[0] == '#';
}

absl::StatusOr<trust::v1::ImportItem> ParseImportLine(absl::string_view line) {
  trust::v1::ImportItem item;
  const auto status =
      google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(line.data(), line.size()), &item);
  if (!status.ok()) {
    const auto message = status.message();
    return absl::InvalidArgumentError(Printable(JsonFault(absl::string_view(message.data(), message.size()))));
  }
  const size_t bytes = item.ByteSizeLong();
  if (bytes > kImportItemBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("The item has ", WithSeparators(static_cast<int64_t>(bytes)),
                                                   " bytes; at most ", WithSeparators(kImportItemBytesMax),
                                                   " can be sent."));
  }
  return item;
}

void LineReader::Closer::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

absl::StatusOr<LineReader> LineReader::Open(const std::string& path) {
  if (path == "-") return LineReader(stdin);
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return SystemError();
  LineReader reader(file);
  struct stat about {};
  if (fstat(fileno(file), &about) != 0) return SystemError();
  if (S_ISDIR(about.st_mode)) return absl::FailedPreconditionError("is a directory, not a file");
  return reader;
}

absl::StatusOr<bool> LineReader::Next(absl::string_view* line) {
  size_t searched = begin_;
  size_t end = buffer_.find('\n', searched);
  while (end == std::string::npos && !at_end_) {
    if (buffer_.size() - begin_ > kImportLineBytesMax) {
      ++line_number_;
      return absl::OutOfRangeError(
          absl::StrCat("The line is longer than ", WithSeparators(kImportLineBytesMax), " bytes."));
    }
    searched = buffer_.size() - begin_;
    if (absl::Status status = Fill(); !status.ok()) return status;
    end = buffer_.find('\n', searched);
  }
  if (end == std::string::npos && begin_ == buffer_.size()) return false;
  ++line_number_;
  *line = absl::string_view(buffer_).substr(begin_, end == std::string::npos ? end : end - begin_);
  begin_ = end == std::string::npos ? buffer_.size() : end + 1;
  absl::ConsumeSuffix(line, "\r");
  if (line_number_ == 1) absl::ConsumePrefix(line, kByteOrderMark);
  return true;
}

// Drops what was returned and reads the next chunk.
absl::Status LineReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t kept = buffer_.size();
  buffer_.resize(kept + kChunkBytes);
  const size_t read = std::fread(buffer_.data() + kept, 1, kChunkBytes, file_.get());
  buffer_.resize(kept + read);
  if (read < kChunkBytes) {
    if (std::ferror(file_.get()) != 0) return SystemError();
    at_end_ = true;
  }
  return absl::OkStatus();
}

}  // namespace trustctl
