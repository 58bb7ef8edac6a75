#include "eventstore/watermark.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "eventstore/durable_file.h"

namespace eventstore {
namespace {

constexpr absl::string_view kFirstLine = "watermark/1\n";
constexpr absl::string_view kChecksum = "sha256 ";
constexpr absl::string_view kTimeFormat = "%Y-%m-%dT%H:%M:%E6SZ";

// "watermark/1", a line "size root time origin" a mark, and the SHA-256 of all that.
std::string Render(const std::vector<Watermark>& marks) {
  std::string text(kFirstLine);
  for (const Watermark& mark : marks) {
    absl::StrAppend(&text, mark.checkpoint.size, " ", Base64Of(mark.checkpoint.root), " ",
                    absl::FormatTime(kTimeFormat, mark.time, absl::UTCTimeZone()), " ", mark.checkpoint.origin, "\n");
  }
  return absl::StrCat(text, kChecksum, Sha256Hex(text), "\n");
}

std::optional<Watermark> ParseMark(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
  Watermark mark;
  std::string error;
  if (words.size() != 4 || !absl::SimpleAtoi(words[0], &mark.checkpoint.size)) return std::nullopt;
  const absl::StatusOr<Sha256Digest> root = ParseDigest(words[1]);
  if (!root.ok() || !absl::ParseTime(kTimeFormat, words[2], absl::UTCTimeZone(), &mark.time, &error)) {
    return std::nullopt;
  }
  mark.checkpoint.root = *root;
  mark.checkpoint.origin = std::string(words[3]);
  return mark;
}

std::optional<std::vector<Watermark>> Parse(absl::string_view text) {
  const size_t end = text.rfind(kChecksum);
  if (end == absl::string_view::npos || !absl::StartsWith(text, kFirstLine)) return std::nullopt;
  absl::string_view body = text.substr(0, end);
  if (text.substr(end) != absl::StrCat(kChecksum, Sha256Hex(body), "\n")) return std::nullopt;
  body.remove_prefix(kFirstLine.size());
  std::vector<Watermark> marks;
  for (const absl::string_view line : absl::StrSplit(body, '\n', absl::SkipEmpty())) {
    std::optional<Watermark> mark = ParseMark(line);
    if (!mark.has_value()) return std::nullopt;
    if (!marks.empty() && mark->checkpoint.size < marks.back().checkpoint.size) return std::nullopt;
    marks.push_back(*std::move(mark));
  }
  // A mark has one text: a time to the nanosecond, say, was not written here.
  if (marks.size() > WatermarkFile::kMarksKept || Render(marks) != text) return std::nullopt;
  return marks;
}

}  // namespace

absl::StatusOr<WatermarkFile> WatermarkFile::Open(const std::string& directory) {
  if (absl::Status made = MakeDirectory(directory); !made.ok()) return made;
  WatermarkFile file(absl::StrCat(directory, "/watermark"));
  const absl::StatusOr<std::string> text = ReadWholeFile(file.path_);
  if (absl::IsNotFound(text.status())) return file;
  if (!text.ok()) return text.status();
  std::optional<std::vector<Watermark>> marks = Parse(*text);
  if (!marks.has_value()) return absl::DataLossError(absl::StrCat("the watermark ", file.path_, " is damaged"));
  file.exists_ = true;
  file.marks_ = *std::move(marks);
  return file;
}

std::optional<Watermark> WatermarkFile::Newest() const {
  return marks_.empty() ? std::nullopt : std::make_optional(marks_.back());
}

absl::Status WatermarkFile::Add(const Watermark& mark) {
  if (!marks_.empty()) {
    const Checkpoint& newest = marks_.back().checkpoint;
    if (newest == mark.checkpoint) return absl::OkStatus();
    if (newest.size > mark.checkpoint.size ||
        (newest.size == mark.checkpoint.size && newest.root != mark.checkpoint.root)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the watermark ", path_, " stands at size ", newest.size, " and root ", Base64Of(newest.root), "; size ",
          mark.checkpoint.size, " and root ", Base64Of(mark.checkpoint.root), " contradict it"));
    }
  }
  std::vector<Watermark> marks = marks_;
  marks.push_back(mark);
  if (marks.size() > kMarksKept) marks.erase(marks.begin());
  if (absl::Status written = ReplaceDurableFile(path_, Render(marks)); !written.ok()) return written;
  marks_ = std::move(marks);
  exists_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> WatermarkFile::SetAside() {
  if (!exists_) return std::string();
  std::string aside;
  for (int number = 1;; ++number) {
    aside = absl::StrCat(path_, ".replaced-", number);
    if (access(aside.c_str(), F_OK) != 0) break;
  }
  if (absl::Status renamed = RenameDurableFile(path_, aside); !renamed.ok()) return renamed;
  exists_ = false;
  marks_.clear();
  return aside;
}

}  // namespace eventstore
