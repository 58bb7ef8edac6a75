#include "services/trustctl/partner_verbs.h"

#include "services/trustctl/command_flags.h"
#include "services/trustctl/life_cycle_request.h"
#include "services/trustctl/recorded_answer.h"

namespace trustctl {
namespace {

absl::Status RunPartnerAdd(const Invocation& invocation, Session& session) {
  const auto request = AddPartnerRequestOf(invocation);
  if (!request.ok()) return request.status();
  const auto answer = session.connection.AddPartner(*request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request->partnership(), request->validate_only(), session.console);
  return absl::OkStatus();
}

absl::Status RunPartnerRemove(const Invocation& invocation, Session& session) {
  trust::v1::RemovePartnerRequest request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  request.set_organization(invocation.arguments[1]);
  const auto answer = session.connection.RemovePartner(request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request.partnership(), request.validate_only(), session.console);
  return absl::OkStatus();
}

absl::Status RunTieDeclare(const Invocation& invocation, Session& session) {
  trust::v1::DeclareTieRequest request;
  if (absl::Status set = SetPartnershipCommand(invocation, &request); !set.ok()) return set;
  request.add_organizations(invocation.arguments[1]);
  request.add_organizations(invocation.arguments[2]);
  const auto answer = session.connection.DeclareTie(request);
  if (!answer.ok()) return answer.status();
  PrintRecorded(*answer, request.partnership(), request.validate_only(), session.console);
  return absl::OkStatus();
}

Verb VerbOfPartner(const char* name, const char* summary) {
  Verb verb;
  verb.syntax.name = name;
  verb.syntax.arguments = "PARTNERSHIP PARTNER";
  verb.syntax.arguments_min = 2;
  verb.syntax.arguments_max = 2;
  verb.syntax.summary = summary;
  verb.syntax.flags = {Required(OnFlag()), RecorderFlag(), RequestIdFlag(), ExpectedRevisionFlag(), DryRunFlag()};
  return verb;
}

}  // namespace

Verb PartnerAddVerb() {
  Verb verb = VerbOfPartner("partner add", "record that an organization joined");
  verb.syntax.arguments = "PARTNERSHIP PARTNER[=NAME]";
  verb.syntax.description =
      "Records that an organization joined, and that it met the present partners on that day: all of them, or those "
      "of --met. NAME is what is shown to people.\n\n"
      "With --json one AddPartnerResponse is printed.";
  verb.syntax.flags.insert(verb.syntax.flags.begin() + 2,
                           {"met", "ID[,ID...]", "the partners that it met on that day; default all"});
  verb.syntax.examples = {"trustctl partner add klm-northwest alitalia=Alitalia --on 1998-11 --recorder klm"};
  verb.run = RunPartnerAdd;
  return verb;
}

Verb PartnerRemoveVerb() {
  Verb verb = VerbOfPartner("partner remove", "record that an organization left");
  verb.syntax.description =
      "Records that an organization left. What it trusts and is trusted freezes as it stands on that day. Of a "
      "partnership of two: trustctl terminate.\n\n"
      "With --json one RemovePartnerResponse is printed.";
  verb.syntax.examples = {"trustctl partner remove klm-northwest alitalia --on 2000-04-28 --recorder klm"};
  verb.run = RunPartnerRemove;
  return verb;
}

Verb TieDeclareVerb() {
  Verb verb = VerbOfPartner("tie declare", "record that two partners need each other");
  verb.syntax.arguments = "PARTNERSHIP PARTNER PARTNER";
  verb.syntax.arguments_min = 3;
  verb.syntax.arguments_max = 3;
  verb.syntax.description =
      "Records that the partnership needs these two partners to work together. Once a tie is declared, readings of the "
      "whole partnership are about declared ties alone.\n\n"
      "With --json one DeclareTieResponse is printed.";
  verb.syntax.examples = {"trustctl tie declare klm-northwest klm northwest --on 1998-11 --recorder klm"};
  verb.run = RunTieDeclare;
  return verb;
}

}  // namespace trustctl
