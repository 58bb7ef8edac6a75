#include "services/trustctl/import_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/import_line.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr size_t kNotedMax = 20;

}  // namespace

absl::Status ImportCheck::CheckFile(const std::string& path, absl::FunctionRef<void(int64_t)> progress) {
  ++file_;
  absl::StatusOr<LineReader> reader = LineReader::Open(path);
  if (!reader.ok()) {
    Note(path, reader.status());
    return absl::OkStatus();
  }
  while (true) {
    absl::string_view line;
    const absl::StatusOr<bool> read = reader->Next(&line);
    if (!read.ok()) Note(absl::StrCat(path, ":", reader->line_number()), read.status());
    if (!read.ok() || !*read) return absl::OkStatus();
    progress(++lines_);
    if (IsSilent(line)) continue;
    absl::StatusOr<trust::v1::ImportItem> item = ParseImportLine(line);
    if (!item.ok()) {
      Note(absl::StrCat(path, ":", reader->line_number()), item.status());
    } else if (faults_ == 0) {
      if (absl::Status status = spool_->Add({file_, reader->line_number(), *std::move(item)}); !status.ok())
        return status;
    }
  }
}

absl::Status ImportCheck::Verdict() const {
  if (faults_ == 0) return absl::OkStatus();
  std::string text = absl::StrJoin(noted_, "\n");
  const int64_t more = faults_ - static_cast<int64_t>(noted_.size());
  if (more > 0) absl::StrAppend(&text, "\n+", WithSeparators(more), " more");
  return absl::InvalidArgumentError(
      absl::StrCat("nothing was imported: ", Count(faults_, "fault"), " in the files\n", text));
}

void ImportCheck::Note(absl::string_view place, const absl::Status& fault) {
  ++faults_;
  if (noted_.size() < kNotedMax) noted_.push_back(absl::StrCat("  ", Printable(place), ": ", fault.message()));
}

}  // namespace trustctl
