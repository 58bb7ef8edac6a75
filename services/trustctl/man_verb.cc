#include "services/trustctl/man_verb.h"

#include "services/trustctl/manual_page.h"
#include "services/trustctl/version.h"

namespace trustctl {
namespace {

absl::Status RunMan(const Invocation& /*invocation*/, Session& session) {
  session.console.out << ManualPage(AllVerbSyntax(), Version());
  return absl::OkStatus();
}

}  // namespace

Verb ManVerb() {
  Verb verb;
  verb.syntax.name = "man";
  verb.syntax.summary = "print the manual page";
  verb.syntax.description = "Prints trustctl(1), the manual page with every verb and flag, as man reads it.";
  verb.syntax.examples = {"trustctl man > trustctl.1 && man ./trustctl.1"};
  verb.asks_server = AsksNobody;
  verb.run = RunMan;
  return verb;
}

}  // namespace trustctl
