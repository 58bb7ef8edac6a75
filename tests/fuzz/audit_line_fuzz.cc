// The lines of audit bundles. Promised: what is found in a record's text without reading it whole is what it says; a
// line has one text, which is read as it was written.

#include <string>

#include "services/trustctl/audit_text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;
using trust::v1::AuditLine;

void Compare(const trustctl::RecordParts& parts, const trust::v1::AuditRecord& record) {
  bool same = parts.log_index == record.log_index() && parts.record == record.record() &&
              parts.proof.size() == static_cast<size_t>(record.proof_size());
  for (int i = 0; same && i < record.proof_size(); ++i) same = parts.proof[static_cast<size_t>(i)] == record.proof(i);
  Require(same, "what is found in a text is what it says");
}

void ReadText(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  trustctl::RecordParts parts;
  const bool found = trustctl::FindRecordParts(text.view(), &parts);
  Require(!found || trustctl::IsRecordText(text.view()), "parts are found in records alone");
  AuditLine line;
  const absl::Status parsed = trustctl::ParseLine(text.view(), &line);
  fuzz::RequireModest(parsed);
  if (!parsed.ok() || trustctl::TextOf(line) != bytes) return;
  // Written as bundles are.
  if (found) Compare(parts, line.record());
}

void WriteLine(absl::string_view bytes) {
  AuditLine line;
  if (!line.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  line.DiscardUnknownFields();
  const std::string text = trustctl::TextOf(line);
  if (text == "{}") return;  // Empty, or with a time that no event has.
  AuditLine returned;
  Require(trustctl::ParseLine(text, &returned).ok(), "what is written can be read");
  Require(returned.SerializeAsString() == line.SerializeAsString(), "what is written is read as it was");
  Require(trustctl::TextOf(returned) == text, "a line has one text");
  trustctl::RecordParts parts;
  const trust::v1::AuditRecord& record = line.record();
  // As exports write them: nothing that a record has is empty.
  const bool whole = record.log_index() != 0 && !record.stream().empty() && record.revision() != 0 &&
                     !record.record().empty() && record.stream().find_first_of("\"\\<>") == std::string::npos;
  if (trustctl::FindRecordParts(text, &parts)) Compare(parts, record);
  (void)whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  if (input.Pick(2) == 0) {
    ReadText(input.Rest());
  } else {
    WriteLine(input.Rest());
  }
  return 0;
}
