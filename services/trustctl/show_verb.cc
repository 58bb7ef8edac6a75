#include "services/trustctl/show_verb.h"

#include "services/trustctl/partnership_table.h"

namespace trustctl {
namespace {

absl::Status RunShow(const Invocation& invocation, Session& session) {
  trust::v1::GetPartnershipRequest request;
  request.set_partnership(invocation.arguments[0]);
  const auto answer = session.connection.GetPartnership(request);
  if (!answer.ok()) return answer.status();
  if (session.console.json) {
    PrintJson(*answer, session.console.out);
  } else {
    PrintPartnership(answer->partnership(), session.console);
  }
  return absl::OkStatus();
}

}  // namespace

Verb ShowVerb() {
  Verb verb;
  verb.syntax.name = "show";
  verb.syntax.arguments = "PARTNERSHIP";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "one partnership: its state, who is in it, what judges it";
  verb.syntax.description =
      "Shows a partnership as it stands now: state, first contact, present partners and declared ties, the policy that "
      "it is tied to, and how many events its history has, which is what --expected-revision is compared with.\n\n"
      "With --json one GetPartnershipResponse is printed.";
  verb.syntax.examples = {"trustctl show klm-northwest"};
  verb.run = RunShow;
  return verb;
}

}  // namespace trustctl
