// An audit bundle as a whole, and one whose export broke off. Promised: whatever the file holds, the check ends with a
// report; its findings are short and counted; a bundle without findings is complete; an export goes on from what was
// written, or refuses the file.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "eventstore/sha256.h"
#include "services/trustctl/audit_check.h"
#include "services/trustctl/audit_file.h"
#include "services/trustctl/audit_text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

const std::string& Path() {
  static const std::string* const path = [] {
    const char* const parent = std::getenv("TMPDIR");
    auto* const made = new std::string(absl::StrCat(parent == nullptr ? "/tmp" : parent, "/fuzz-XXXXXX"));
    const int file = mkstemp(made->data());
    Require(file >= 0, "there is a place for a file");
    close(file);
    std::atexit([] {
      unlink(Path().c_str());
      unlink(absl::StrCat(Path(), ".part").c_str());
    });
    return made;
  }();
  return *path;
}

void Write(const std::string& path, absl::string_view content) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  Require(file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size(), "a file");
  std::fclose(file);
}

void CheckBundle(absl::string_view content) {
  Write(Path(), content);
  const auto report = trustctl::CheckBundle(Path(), {}, [](int64_t, int64_t) {});
  Require(report.ok(), "a file that can be read has a report");
  Require(report->findings.size() <= trustctl::AuditReport::kFindingsKept &&
              report->finding_count >= static_cast<int64_t>(report->findings.size()),
          "findings are counted, and the first are kept");
  for (const trustctl::AuditFinding& finding : report->findings) {
    Require(finding.words.size() <= fuzz::kMessageBytesMax, "a finding is short");
    Require(finding.line >= 0 && finding.line <= report->line_count, "a finding has a place");
  }
  if (report->finding_count == 0) {
    Require(absl::EndsWith(content, "\n") && absl::StrContains(content, "{\"end\":"), "a bundle without findings ends");
  }
}

// The bundle with the digest that is right at its end, which no fuzzer finds.
std::string WithDigest(absl::string_view content) {
  const size_t end = content.rfind("{\"end\":");
  if (end == absl::string_view::npos) return std::string(content);
  trust::v1::AuditLine line;
  if (!trustctl::ParseLine(absl::StripSuffix(content.substr(end), "\n"), &line).ok()) return std::string(content);
  line.mutable_end()->set_sha256(eventstore::Sha256Hex(content.substr(0, end)));
  return absl::StrCat(content.substr(0, end), trustctl::TextOf(line), "\n");
}

void GoOn(absl::string_view content) {
  unlink(Path().c_str());
  const std::string part = absl::StrCat(Path(), ".part");
  Write(part, content);
  const auto file = trustctl::AuditFile::Open(Path());
  if (!file.ok()) return fuzz::RequireModest(file.status());
  Require((*file)->record_count() >= 0 && (*file)->from_log_index() >= 0, "an export goes on from a place of the log");
  struct stat left {};
  Require(stat(part.c_str(), &left) == 0 && left.st_size <= static_cast<off_t>(content.size()),
          "what is kept of an export is its beginning");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(4)) {
    case 0:
      CheckBundle(input.Rest());
      break;
    case 1:
    case 2:
      CheckBundle(WithDigest(input.Rest()));
      break;
    case 3:
      GoOn(input.Rest());
      break;
  }
  return 0;
}
