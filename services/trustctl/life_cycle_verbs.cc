#include "services/trustctl/life_cycle_verbs.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/command_flags.h"
#include "services/trustctl/confirmation.h"
#include "services/trustctl/life_cycle_request.h"
#include "services/trustctl/recorded_answer.h"

namespace trustctl {
namespace {

// Sends what the command line asks for, and prints what was recorded.
template <typename Request, typename Call>
absl::Status SendCommand(const absl::StatusOr<Request>& request, Session& session, Call call) {
  if (!request.ok()) return request.status();
  const auto answer = call(*request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request->partnership(), request->validate_only(), session.console);
  return absl::OkStatus();
}

absl::Status RunCreate(const Invocation& invocation, Session& session) {
  return SendCommand(CreateRequestOf(invocation), session,
                     [&](const auto& request) { return session.connection.CreatePartnership(request); });
}

absl::Status RunMilestone(const Invocation& invocation, Session& session) {
  return SendCommand(MilestoneRequestOf(invocation), session,
                     [&](const auto& request) { return session.connection.RecordMilestone(request); });
}

template <typename Request>
absl::StatusOr<Request> PauseRequestOf(const Invocation& invocation) {
  Request request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  return request;
}

absl::Status RunSuspend(const Invocation& invocation, Session& session) {
  return SendCommand(PauseRequestOf<trust::v1::SuspendPartnershipRequest>(invocation), session,
                     [&](const auto& request) { return session.connection.SuspendPartnership(request); });
}

absl::Status RunResume(const Invocation& invocation, Session& session) {
  return SendCommand(PauseRequestOf<trust::v1::ResumePartnershipRequest>(invocation), session,
                     [&](const auto& request) { return session.connection.ResumePartnership(request); });
}

absl::Status RunTerminate(const Invocation& invocation, Session& session) {
  const absl::StatusOr<trust::v1::TerminatePartnershipRequest> request = TerminateRequestOf(invocation);
  if (request.ok() && !request->validate_only() && !invocation.Has("yes")) {
    const absl::Status confirmed =
        Confirm(absl::StrCat("Ending ", request->partnership()), request->partnership(), session.console);
    if (!confirmed.ok()) return confirmed;
  }
  return SendCommand(request, session,
                     [&](const auto& request) { return session.connection.TerminatePartnership(request); });
}

Verb VerbOfPartnership(const char* name, const char* summary) {
  Verb verb;
  verb.syntax.name = name;
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = summary;
  verb.syntax.flags = {Required(OnFlag()), RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  return verb;
}

}  // namespace

Verb CreateVerb() {
  Verb verb;
  verb.syntax.name = "create";
  verb.syntax.arguments = "PARTNERSHIP PARTNER[=NAME] PARTNER[=NAME]...";
  verb.syntax.arguments_min = 3;
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "create a partnership of two or more organizations";
  verb.syntax.description =
      "Creates a partnership with these partners, 2 to 50, who met --on that day; readings begin there. Ids are small "
      "letters, digits and dashes, and begin with a letter; NAME is what is shown to people. trustctl import takes in "
      "one with its whole history.\n\n"
      "With --json one CreatePartnershipResponse is printed.";
  verb.syntax.flags = {
      Required({"on", "DATE", "when they first met; a coarse date is known as coarsely"}),
      {"name", "NAME", "the name shown to people; default the id"},
      {"recorder", "ID", "the organization on whose behalf it is recorded; default the first partner"},
      RequestIdFlag(),
      DryRunFlag(),
  };
  verb.syntax.examples = {"trustctl create klm-northwest klm northwest --on 1989-07",
                          "trustctl create acme-globex acme=\"Acme Corp.\" globex=Globex --name \"Acme and Globex\" "
                          "--on 2026-01-08"};
  verb.run = RunCreate;
  return verb;
}

Verb MilestoneVerb() {
  Verb verb = VerbOfPartnership("milestone", "record a formal step: an agreement, a review, a renewal");
  verb.syntax.arguments = "PARTNERSHIP STEP [FIELD=VALUE...]";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = -1;
  verb.syntax.description = absl::StrCat(
      "Records a formal step of the partnership. It moves no reading, except a renewal. FIELD=VALUE is what a step "
      "says "
      "besides: of health-check-completed stated-trust=TRUSTOR:TRUSTEE:BASIS-POINTS[,...], what people say of their "
      "trust; of effectiveness-reviewed figures=NAME:BASIS-POINTS[,...], how much of each target was reached. 10000 "
      "basis points are all.\n\n"
      "Steps: ",
      absl::StrJoin(MilestoneSteps(), ", "), ".\n\nWith --json one RecordMilestoneResponse is printed.");
  verb.syntax.flags.insert(verb.syntax.flags.begin() + 2, NoteFlag());
  verb.syntax.examples = {"trustctl milestone klm-northwest agreement-signed --on 1992-09 --recorder klm",
                          "trustctl milestone klm-northwest health-check-completed "
                          "stated-trust=klm:northwest:7200,northwest:klm:6500 --on 1995-06-30 --recorder klm"};
  verb.run = RunMilestone;
  return verb;
}

Verb SuspendVerb() {
  Verb verb = VerbOfPartnership("suspend", "record that a partnership paused");
  verb.syntax.description =
      "Records that the partnership paused. It changes no reading.\n\n"
      "With --json one SuspendPartnershipResponse is printed.";
  verb.syntax.examples = {"trustctl suspend klm-northwest --on 1996-02 --recorder klm"};
  verb.run = RunSuspend;
  return verb;
}

Verb ResumeVerb() {
  Verb verb = VerbOfPartnership("resume", "record that the pause ended");
  verb.syntax.description =
      "Records that the pause of a suspended partnership ended. It changes no reading.\n\n"
      "With --json one ResumePartnershipResponse is printed.";
  verb.syntax.examples = {"trustctl resume klm-northwest --on 1996-08 --recorder klm"};
  verb.run = RunResume;
  return verb;
}

Verb TerminateVerb() {
  Verb verb = VerbOfPartnership("terminate", "record that a partnership ended");
  verb.syntax.description =
      "Records that the partnership ended, and how: its agreed time ran out (expired), by agreement (mutual), by one "
      "side as the agreement allowed (convenience), by one side naming a cause (for-cause), or by insolvency. Its "
      "readings freeze on that day. Ending is not breaching: what was the cause is recorded by trustctl record. It "
      "cannot be undone, so trustctl asks once more, and without a terminal wants --yes; --dry-run shows what would be "
      "recorded.\n\n"
      "With --json one TerminatePartnershipResponse is printed.";
  verb.syntax.flags.insert(
      verb.syntax.flags.begin(),
      Required({"mode", "MODE", absl::StrCat("how it ended: ", absl::StrJoin(TerminationModes(), ", "))}));
  verb.syntax.flags.push_back(YesFlag());
  verb.syntax.examples = {"trustctl terminate klm-northwest --mode mutual --on 1997-08-08 --recorder klm"};
  verb.run = RunTerminate;
  return verb;
}

}  // namespace trustctl
