#include "services/trustctl/import_line.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

constexpr size_t kChunkBytes = 256 << 10;
constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

absl::Status SystemError() { return absl::ErrnoToStatus(errno, "cannot be read"); }

// The names of an enum's values, when text names one by its full name; otherwise nothing.
std::string ValuesOf(absl::string_view type_name) {
  const auto* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(std::string(type_name));
  if (type == nullptr) return "";
  std::vector<std::string> names;
  for (int i = 1; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
  return absl::StrJoin(names, ", ");
}

// What protobuf says of JSON that it cannot read has up to three lines: the fault, what stands around it, and a caret
// below the place. This makes a sentence of it.
std::string Readable(absl::string_view message) {
  const std::vector<std::string> lines = absl::StrSplit(message, '\n');
  std::string fault = absl::StrReplaceAll(lines[0], {{"type.googleapis.com/", ""}, {" for type oneof", ""}});
  if (absl::StartsWith(fault, ": ")) fault.erase(0, 2);
  if (const size_t type = fault.rfind(" for type "); type != std::string::npos) {
    const std::string values = ValuesOf(absl::string_view(fault).substr(type + strlen(" for type ")));
    if (!values.empty()) fault = absl::StrCat(fault.substr(0, type), "; right are: ", values);
  }
  if (lines.size() < 3) return fault;
  const size_t caret = lines[2].find('^');
  const std::string rest = caret < lines[1].size() ? lines[1].substr(caret, 24) : "";
  absl::StripTrailingAsciiWhitespace(&fault);
  if (rest.empty()) return absl::StrCat(fault, " The line ends too early; it may have been cut.");
  return absl::StrCat(fault, " At: ", rest);
}

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
    return absl::InvalidArgumentError(Printable(Readable(absl::string_view(message.data(), message.size()))));
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
