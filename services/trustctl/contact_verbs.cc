#include "services/trustctl/contact_verbs.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/confirmation.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/life_cycle_request.h"
#include "services/trustctl/partnership_table.h"
#include "services/trustctl/recorded_answer.h"

namespace trustctl {
namespace {

Flag RequestReferenceFlag() {
  return Required({"request", "REFERENCE", "the reference of the request for it; kept for ever, so nothing personal"});
}

Flag ReasonFlag() {
  return Required({"reason", "REFERENCE", "why, as a reference; kept for ever, so nothing personal"});
}

// Who stands for whom, and since when.
template <typename Request>
absl::Status SetAssignment(const Invocation& invocation, Request* request) {
  request->set_contact(invocation.arguments[1]);
  request->set_organization(invocation.arguments[2]);
  return SetPartnershipCommand(invocation, request);
}

absl::Status RunAssign(const Invocation& invocation, Session& session) {
  trust::v1::AssignContactRequest request;
  if (absl::Status set = SetAssignment(invocation, &request); !set.ok()) return set;
  trust::v1::ContactProfile profile;
  profile.set_display_name(invocation.Get("name"));
  profile.set_email(invocation.Get("email"));
  profile.set_phone(invocation.Get("phone"));
  profile.set_position(invocation.Get("position"));
  if (profile.ByteSizeLong() > 0) *request.mutable_profile() = std::move(profile);
  const auto answer = session.connection.AssignContact(request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request.partnership(), request.validate_only(), session.console);
  return absl::OkStatus();
}

absl::Status RunRelease(const Invocation& invocation, Session& session) {
  trust::v1::ReleaseContactRequest request;
  if (absl::Status set = SetAssignment(invocation, &request); !set.ok()) return set;
  const auto answer = session.connection.ReleaseContact(request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request.partnership(), request.validate_only(), session.console);
  return absl::OkStatus();
}

absl::Status RunContactShow(const Invocation& invocation, Session& session) {
  const Console& console = session.console;
  trust::v1::GetContactRequest request;
  request.set_partnership(invocation.arguments[0]);
  request.set_contact(invocation.arguments[1]);
  const auto answer = session.connection.GetContact(request);
  if (!answer.ok()) return answer.status();
  if (console.json) {
    PrintJson(*answer, console.out);
  } else {
    PrintContact(*answer, console);
  }
  return absl::OkStatus();
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
    if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
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
  if (absl::Status set = SetCommand(invocation, &request); !set.ok()) return set;
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

Verb ContactAssignVerb() {
  Verb verb;
  verb.syntax.name = "contact assign";
  verb.syntax.arguments = "PARTNERSHIP CONTACT PARTNER";
  verb.syntax.arguments_min = 3;
  verb.syntax.arguments_max = 3;
  verb.syntax.summary = "record that a person became a partner's contact";
  verb.syntax.description =
      "Records that a person became the contact of a partner. CONTACT is an opaque id that names no person, such as "
      "person-9, and stays in the log for ever. Who the person is, by the flags, is kept under the person's key, until "
      "trustctl erase destroys it.\n\n"
      "With --json one AssignContactResponse is printed.";
  verb.syntax.flags = {Required(OnFlag()),
                       RecorderFlag(),
                       {"name", "NAME", "the name shown to people"},
                       {"email", "ADDRESS", "the person's address for electronic mail"},
                       {"phone", "NUMBER", "the person's telephone number"},
                       {"position", "TEXT", "the person's position or function"},
                       RequestIdFlag(),
                       ExpectedRevisionFlag(),
                       DryRunFlag()};
  verb.syntax.examples = {"trustctl contact assign klm-northwest person-9 klm --on 1993-02 --recorder klm",
                          "trustctl contact assign klm-northwest person-9 klm --name \"Ada Example\" --position "
                          "\"alliance manager\" --on 1993-02 --recorder klm"};
  verb.run = RunAssign;
  return verb;
}

Verb ContactReleaseVerb() {
  Verb verb;
  verb.syntax.name = "contact release";
  verb.syntax.arguments = "PARTNERSHIP CONTACT PARTNER";
  verb.syntax.arguments_min = 3;
  verb.syntax.arguments_max = 3;
  verb.syntax.summary = "record that a person ceased to be a partner's contact";
  verb.syntax.description =
      "Records that a person ceased to be the contact of a partner. From that day only a part of what rests on the "
      "person counts.\n\n"
      "With --json one ReleaseContactResponse is printed.";
  verb.syntax.flags = {Required(OnFlag()), RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  verb.syntax.examples = {"trustctl contact release klm-northwest person-9 klm --on 1995-06-30 --recorder klm"};
  verb.run = RunRelease;
  return verb;
}

Verb ContactShowVerb() {
  Verb verb;
  verb.syntax.name = "contact show";
  verb.syntax.arguments = "PARTNERSHIP CONTACT";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = "for whom a person stands, and who it is";
  verb.syntax.description =
      "Shows for which partners a person stands or stood in a partnership, from when until when, and who it is while "
      "that is known.\n\n"
      "With --json one GetContactResponse is printed.";
  verb.syntax.examples = {"trustctl contact show klm-northwest person-9"};
  verb.run = RunContactShow;
  return verb;
}

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
  verb.syntax.flags = {RequestReferenceFlag(), ApproverFlag(), YesFlag(), RequestIdFlag(), DryRunFlag()};
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
