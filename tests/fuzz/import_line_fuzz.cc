// The lines of import files. Promised: a file is the same lines whatever its length; an item is read as it was written
// in JSON; a refusal is one short line that a terminal can show.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/import_line.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;
using trust::v1::ImportItem;

constexpr size_t kFileBytesMax = 600 << 10;  // More than two of the pieces in which a file is read.

// The item as JSON; empty for one that has none, such as a time outside the years 1 to 9999.
std::string TextOf(const ImportItem& item) {
  std::string text;
  return google::protobuf::util::MessageToJsonString(item, &text).ok() ? text : std::string();
}

void ReadLine(absl::string_view bytes) {
  const fuzz::ExactCopy line(bytes);
  if (trustctl::IsSilent(line.view())) return;
  const absl::StatusOr<ImportItem> item = trustctl::ParseImportLine(line.view());
  if (!item.ok()) {
    fuzz::RequireModest(item.status());
    Require(trustctl::Printable(item.status().message()) == item.status().message(), "a refusal can be shown");
    return;
  }
  Require(item->ByteSizeLong() <= trustctl::kImportItemBytesMax, "an item that is read can be sent");
  const std::string text = TextOf(*item);
  if (text.empty()) return;
  const absl::StatusOr<ImportItem> again = trustctl::ParseImportLine(text);
  Require(again.ok() && again->SerializeAsString() == item->SerializeAsString(), "an item is read as it was written");
}

void ReadItem(absl::string_view bytes) {
  ImportItem item;
  if (!item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  ReadLine(TextOf(item));
}

// A file with a name for this process.
class Scratch {
 public:
  Scratch() {
    const char* const parent = std::getenv("TMPDIR");
    path_ = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/fuzz-XXXXXX");
    Require(mkstemp(path_.data()) >= 0, "there is a place for a file");
  }
  ~Scratch() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void ReadFile(fuzz::Input& input) {
  static const Scratch scratch;
  // Of pieces that are repeated, so that a small input makes a file of many chunks.
  std::string content;
  while (!input.empty() && content.size() < kFileBytesMax) {
    const uint64_t times = input.Number(2);
    const absl::string_view piece = input.Text();
    for (uint64_t i = 0; i <= times && content.size() < kFileBytesMax; ++i) absl::StrAppend(&content, piece);
  }
  std::FILE* const file = std::fopen(scratch.path().c_str(), "wb");
  Require(file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size(), "a file");
  std::fclose(file);

  std::vector<absl::string_view> expected = absl::StrSplit(content, '\n');
  if (expected.back().empty()) expected.pop_back();
  absl::StatusOr<trustctl::LineReader> reader = trustctl::LineReader::Open(scratch.path());
  Require(reader.ok(), "a file can be opened");
  absl::string_view line;
  for (size_t i = 0; i < expected.size(); ++i) {
    const absl::StatusOr<bool> next = reader->Next(&line);
    Require(next.ok() && *next && reader->line_number() == static_cast<int64_t>(i) + 1, "no line is left out");
    absl::string_view right = absl::StripSuffix(expected[i], "\r");
    if (i == 0) absl::ConsumePrefix(&right, "\xEF\xBB\xBF");
    Require(line == right, "a line is what stands in the file");
  }
  const absl::StatusOr<bool> next = reader->Next(&line);
  Require(next.ok() && !*next, "a file ends where it does");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(4)) {
    case 0:
    case 1:
      ReadLine(input.Rest());
      break;
    case 2:
      ReadItem(input.Rest());
      break;
    case 3:
      ReadFile(input);
      break;
  }
  return 0;
}
