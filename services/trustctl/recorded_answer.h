// What a command says when it was recorded, or would be.

#ifndef SERVICES_TRUSTCTL_RECORDED_ANSWER_H_
#define SERVICES_TRUSTCTL_RECORDED_ANSWER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/console.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/words.h"

namespace trustctl {

// Prints the events of the answer, a line each, and how long the history is now; with --json the answer.
template <typename Answer>
void PrintRecorded(const Answer& answer, const std::string& partnership, bool validate_only, const Console& console) {
  if (console.json) {
    PrintJson(answer, console.out);
    return;
  }
  for (const trust::v1::Event& event : answer.events()) console.out << Printable(InOneLine(event)) << "\n";
  console.out << (validate_only
                      ? "Nothing was recorded: that is what would be.\n"
                      : absl::StrCat("Recorded; ", partnership, " has ", Count(answer.revision(), "event"), ".\n"));
}

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORDED_ANSWER_H_
