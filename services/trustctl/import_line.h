// The lines of an import file: one trust.v1.ImportItem as JSON a line; blank lines and lines that begin with # say
// nothing.

#ifndef SERVICES_TRUSTCTL_IMPORT_LINE_H_
#define SERVICES_TRUSTCTL_IMPORT_LINE_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// The most bytes of one item on the wire, and of one line.
inline constexpr size_t kImportItemBytesMax = 500 << 10;
inline constexpr size_t kImportLineBytesMax = 4 << 20;

// True when the line holds no item.
bool IsSilent(absl::string_view line);

// Reads one line that is not silent. Only its shape is judged: JSON, fields and values that ImportItem has; what the
// fields say is for the server to judge. Errors: INVALID_ARGUMENT saying what is wrong, without file and line.
absl::StatusOr<trust::v1::ImportItem> ParseImportLine(absl::string_view line);

// Reads a file line by line, in a bounded buffer. Not thread-safe.
class LineReader {
 public:
  // "-" is the standard input. Errors: NOT_FOUND and others as the system says, without the path.
  static absl::StatusOr<LineReader> Open(const std::string& path);

  // Returns the next line without its line feed (nor carriage return), or false at the end of the file. The view lives
  // until the next call. Errors: OUT_OF_RANGE for a line longer than kImportLineBytesMax, which cannot be read past;
  // what the system says.
  absl::StatusOr<bool> Next(absl::string_view* line);

  // The number of the line returned last, from 1.
  int64_t line_number() const { return line_number_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const;
  };

  explicit LineReader(std::FILE* file) : file_(file) {}
  absl::Status Fill();

  std::unique_ptr<std::FILE, Closer> file_;
  std::string buffer_;
  size_t begin_ = 0;  // What of the buffer was returned.
  bool at_end_ = false;
  int64_t line_number_ = 0;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_LINE_H_
