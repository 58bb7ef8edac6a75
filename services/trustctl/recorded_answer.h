// What a command says when it was recorded, or would be.

#ifndef SERVICES_TRUSTCTL_RECORDED_ANSWER_H_
#define SERVICES_TRUSTCTL_RECORDED_ANSWER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "services/trustctl/console.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/verb.h"
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

// Says that the recorder is no partner, where it is none: it may be misspelt. Nothing where the partners may not be
// read.
void PrintOutsider(const std::string& recorder, const std::string& partnership, bool third_party, bool validate_only,
                   Session& session);

// The same of what one says of evidence, as a partner or as a third party.
template <typename Answer, typename Request>
void PrintSaid(const Answer& answer, const Request& request, Session& session) {
  PrintRecorded(answer, request.partnership(), request.validate_only(), session.console);
  bool evidence = false;
  bool third_party = false;
  for (const trust::v1::Event& event : answer.events()) {
    evidence = evidence || event.has_evidence();
    third_party = third_party || event.evidence().source() == trust::v1::SOURCE_THIRD_PARTY;
  }
  // Of those who acted and those affected the server has made sure.
  if (session.console.json || (evidence && !third_party)) return;
  PrintOutsider(request.recorder(), request.partnership(), third_party, request.validate_only(), session);
}

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_RECORDED_ANSWER_H_
