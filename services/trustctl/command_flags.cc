#include "services/trustctl/command_flags.h"

#include "absl/strings/str_cat.h"

namespace trustctl {

Flag RecorderFlag() { return Required({"recorder", "ID", "the organization on whose behalf it is recorded"}); }

Flag ApproverFlag() { return Required({"approver", "WHO", "who approved it, at most 128 bytes"}); }

Flag OnFlag() { return {"on", "DATE", "when it happened; a coarse date is known as coarsely"}; }

Flag RequestIdFlag() { return {"request-id", "UUID", "makes the command safe to repeat"}; }

Flag ExpectedRevisionFlag() { return {"expected-revision", "N", "refuse when the history has another length"}; }

Flag DryRunFlag() { return {"dry-run", "", "decide without recording"}; }

Flag YesFlag() { return {"yes", "", "do it without asking"}; }

Flag NoteFlag() {
  return {"note", "CONTACT=TEXT", "a note about a person that comes with it, kept under the person's key"};
}

absl::StatusOr<google::protobuf::Timestamp> ParseLearned(const std::string& text) {
  const absl::StatusOr<DatedTime> learned = ParseDate(text);
  if (!learned.ok()) return learned.status();
  if (learned->precision == trust::v1::TIME_PRECISION_YEAR || learned->precision == trust::v1::TIME_PRECISION_MONTH) {
    return UsageError(absl::StrCat("--learned wants a day or an instant, not \"", text, "\""));
  }
  return learned->time;
}

absl::StatusOr<trust::v1::Note> ParseNote(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
    return UsageError(absl::StrCat("--note wants CONTACT=TEXT, the person's id and what is noted, not \"", text, "\""));
  }
  trust::v1::Note note;
  note.set_contact(text.substr(0, equals));
  note.set_text(text.substr(equals + 1));
  return note;
}

}  // namespace trustctl
