#include "services/trustctl/contact_verbs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/confirmation.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

Flag RequestReferenceFlag() {
  return Required({"request", "REFERENCE", "the reference of the request for it; kept for ever, so nothing personal"});
}

Flag ReasonFlag() {
  return Required({"reason", "REFERENCE", "why, as a reference; kept for ever, so nothing personal"});
}

absl::Status RunErase(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  const std::vector<std::string>& contacts = invocation.arguments;
  if (invocation.Has("request-id") && contacts.size() > 1) {
    return UsageError("--request-id is for one contact: another erasure is another command");
  }
  for (const std::string& contact : contacts) {
    trust::v1::EraseContactRequest request;
    request.set_contact(contact);
    request.set_request(invocation.Get("request"));
    request.set_approver(invocation.Get("approver"));
    request.set_request_id(invocation.Get("request-id"));
    request.set_validate_only(invocation.Has("dry-run"));
    if (!request.validate_only() && !invocation.Has("yes")) {
      const absl::Status confirmed =
          Confirm(absl::StrCat("Erasing for ever what is kept about ", contact), contact, console);
      if (!confirmed.ok()) return confirmed;
    }
    const auto answer = session.connection.EraseContact(request);
    if (!answer.ok()) return answer.status();
    if (console.json) {
      PrintJson(*answer, console.out);
    } else if (request.validate_only()) {
      console.out << contact << " could be erased; nothing was recorded.\n";
    } else {
      console.out << "Erased: what was kept about " << contact
                  << " cannot be read any more, here or in copies of the log. Backups of the keys made before keep its "
                     "key until their retention is over.\n";
    }
    console.out.flush();
  }
  return absl::OkStatus();
}

// Either of the two commands of a legal hold.
template <typename Request, typename Call>
absl::Status ChangeHold(const Invocation& invocation, Session& session, const char* done, const char* possible,
                        Call call) {
  Request request;
  request.set_contact(invocation.arguments[0]);
  request.set_reason(invocation.Get("reason"));
  request.set_approver(invocation.Get("approver"));
  request.set_request_id(invocation.Get("request-id"));
  request.set_validate_only(invocation.Has("dry-run"));
  const auto answer = call(request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
  } else {
    session.console.out << request.contact() << (request.validate_only() ? possible : done) << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunHoldPlace(const Invocation& invocation, Session& session) {
  return ChangeHold<trust::v1::PlaceLegalHoldRequest>(
      invocation, session, " is under a legal hold now, and cannot be erased until it is released.",
      " could be put under a legal hold; nothing was recorded.",
      [&](const auto& request) { return session.connection.PlaceLegalHold(request); });
}

absl::Status RunHoldRelease(const Invocation& invocation, Session& session) {
  return ChangeHold<trust::v1::ReleaseLegalHoldRequest>(
      invocation, session, " is under no legal hold any more, and can be erased.",
      " could be released; nothing was recorded.",
      [&](const auto& request) { return session.connection.ReleaseLegalHold(request); });
}

}  // namespace

Verb EraseVerb() {
  Verb verb;
  verb.syntax.name = "erase";
  verb.syntax.arguments = "CONTACT...";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "erase for ever what is kept about a person";
  verb.syntax.description =
      "Destroys the key under which notes and profiles of a person are kept, in all partnerships. This cannot be "
      "undone, so on a terminal each id has to be typed once more; elsewhere --yes is required. No reading, digest or "
      "proof changes.\n\n"
      "With --json one EraseContactResponse is printed for each contact.";
  verb.syntax.flags = {
      RequestReferenceFlag(), ApproverFlag(), {"yes", "", "do it without asking"}, RequestIdFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl erase person-9 --request \"ticket 4711\" --approver data-protection-officer",
                          "trustctl erase person-9 --request \"ticket 4711\" --approver dpo --dry-run"};
  verb.run = RunErase;
  return verb;
}

Verb HoldPlaceVerb() {
  Verb verb;
  verb.syntax.name = "hold place";
  verb.syntax.arguments = "CONTACT";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "forbid to erase what is kept about a person";
  verb.syntax.description =
      "Places a legal hold: until it is released, erasing the person is refused.\n\n"
      "With --json one PlaceLegalHoldResponse is printed.";
  verb.syntax.flags = {ReasonFlag(), ApproverFlag(), RequestIdFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl hold place person-9 --reason \"case 2025-117\" --approver counsel"};
  verb.run = RunHoldPlace;
  return verb;
}

Verb HoldReleaseVerb() {
  Verb verb;
  verb.syntax.name = "hold release";
  verb.syntax.arguments = "CONTACT";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "allow it again";
  verb.syntax.description =
      "Ends a legal hold.\n\n"
      "With --json one ReleaseLegalHoldResponse is printed.";
  verb.syntax.flags = {ReasonFlag(), ApproverFlag(), RequestIdFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl hold release person-9 --reason \"case 2025-117 closed\" --approver counsel"};
  verb.run = RunHoldRelease;
  return verb;
}

}  // namespace trustctl
