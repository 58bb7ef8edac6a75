#include "services/trustctl/audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "projections/audit_line.h"
#include "services/trustctl/audit_text.h"

namespace trustctl {
namespace {

bool Exists(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0;
}

}  // namespace

absl::Status AuditFile::SystemError(const char* what) const {
  return absl::FailedPreconditionError(absl::StrCat(part_, " cannot be ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<std::unique_ptr<AuditFile>> AuditFile::Open(const std::string& path) {
  if (Exists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " is there already; remove it or write to another file"));
  }
  std::unique_ptr<AuditFile> file(new AuditFile(path));
  // Made first, so that a place that cannot be written is found before anything is asked of the server.
  file->file_.reset(std::fopen(file->part_.c_str(), "ab"));
  if (file->file_ == nullptr) return file->SystemError("written");
  const absl::Status taken_in = file->TakeIn();
  if (!taken_in.ok()) return taken_in;
  return file;
}

absl::Status AuditFile::TakeIn() {
  // What was written up to the last record, and what stands behind it.
  int64_t kept = 0;
  int64_t offset = 0;
  int64_t records = 0, assessments = 0, assessments_kept = 0;
  {
    std::ifstream there(part_, std::ios::binary);
    std::string text;
    trust::v1::AuditLine line;
    while (std::getline(there, text) && !there.eof()) {
      if (offset == 0) {
        if (!ParseLine(text, &line).ok() || line.header().format() != projections::kAuditFormat) {
          return absl::FailedPreconditionError(
              absl::StrCat(part_, " is no beginning of a bundle; remove it, and export again"));
        }
        header_ = line.header();
        has_header_ = true;
      }
      if (IsRecordText(text)) {
        RecordParts parts;
        if (!FindRecordParts(text, &parts)) break;
        kept = offset;
        assessments_kept = assessments;
        from_log_index_ = parts.log_index;
        ++records;
      } else if (ParseLine(text, &line).ok() && line.has_assessment()) {
        ++assessments;
      }
      offset += static_cast<int64_t>(text.size()) + 1;
    }
  }
  if (from_log_index_ == 0) {
    // Too little to go on with.
    kept = 0;
    has_header_ = false;
    records = 1;
    assessments_kept = 0;
  }
  record_count_ = has_header_ ? records - 1 : 0;
  assessment_count_ = assessments_kept;
  if (ftruncate(fileno(file_.get()), kept) != 0) return SystemError("cut");
  std::ifstream there(part_, std::ios::binary);
  std::string text;
  while (std::getline(there, text)) {
    digest_.Add(text);
    digest_.Add("\n");
  }
  return absl::OkStatus();
}

absl::Status AuditFile::Add(trust::v1::AuditLine line) {
  if (line.has_header()) {
    if (has_header_) {
      if (google::protobuf::util::MessageDifferencer::Equals(header_, line.header())) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat(
          part_, " holds the beginning of another bundle, of another log or key; remove it, and export again"));
    }
    header_ = line.header();
    has_header_ = true;
  }
  if (line.has_record()) ++record_count_;
  if (line.has_assessment()) ++assessment_count_;
  if (line.has_end()) {
    line.mutable_end()->set_record_count(record_count_);
    line.mutable_end()->set_assessment_count(assessment_count_);
    line.mutable_end()->set_sha256(digest_.Hex());
  }
  const std::string text = absl::StrCat(TextOf(line), "\n");
  digest_.Add(text);
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return SystemError("written");
  return absl::OkStatus();
}

void AuditFile::Discard() { unlink(part_.c_str()); }

absl::Status AuditFile::Complete() {
  if (std::fflush(file_.get()) != 0 || fsync(fileno(file_.get())) != 0) return SystemError("written");
  if (std::rename(part_.c_str(), path_.c_str()) != 0) return SystemError("renamed");
  const size_t slash = path_.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || fsync(descriptor) != 0) return SystemError("made durable");
  close(descriptor);
  return absl::OkStatus();
}

}  // namespace trustctl
