// trustctl: the command line of trustd.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "services/trustctl/failure.h"
#include "services/trustctl/interruption.h"
#include "services/trustctl/settings.h"
#include "services/trustctl/verb.h"
#include "services/trustctl/version.h"

namespace trustctl {
namespace {

void PrintFailure(const absl::Status& status, bool json) {
  if (json) {
    PrintJson(WireStatusOf(status), std::cerr);
  } else {
    std::cerr << "trustctl: " << Describe(status) << "\n";
  }
}

absl::Status PrintHelp(const Invocation& invocation) {
  absl::StatusOr<std::string> help =
      invocation.verb.empty() ? ProgramHelp(AllVerbSyntax()) : GroupHelp(AllVerbSyntax(), invocation.verb);
  for (const Verb& verb : AllVerbs()) {
    if (verb.syntax.name == invocation.verb) help = verb.help(verb, invocation);
  }
  if (help.ok()) std::cout << *help;
  return help.status();
}

absl::Status RunVerb(const Verb& verb, const Invocation& invocation) {
  const absl::StatusOr<Settings> settings = verb.asks_server(invocation)
                                                ? ReadSettings(invocation, ProcessEnvironment)
                                                : ReadSettingsOffline(invocation, ProcessEnvironment);
  if (!settings.ok()) return settings.status();
  const Console console = OpenConsole(std::cout, std::cerr, settings->color, invocation.Has("json"));
  std::optional<Connection> connection;
  {
    // The threads of gRPC take none, now or later.
    const HeldSignals held;
    connection.emplace(settings->server, settings->deadline, settings->credentials, settings->reader);
  }
  Session session{console, *connection};
  return verb.run(invocation, session);
}

absl::Status Run(const Invocation& invocation) {
  for (const Verb& verb : AllVerbs()) {
    if (verb.syntax.name == invocation.verb) return RunVerb(verb, invocation);
  }
  return UsageError("say what to do: trustctl help");
}

ExitCode Main(const std::vector<std::string>& args) {
  const absl::StatusOr<Invocation> invocation = ParseCommandLine(AllVerbSyntax(), args);
  if (!invocation.ok()) {
    PrintFailure(invocation.status(), false);
    return ExitCodeOf(invocation.status());
  }
  absl::Status status;
  switch (invocation->wish) {
    case Invocation::Wish::kVersion:
      std::cout << "trustctl " << Version() << "\n";
      break;
    case Invocation::Wish::kHelp:
      status = PrintHelp(*invocation);
      break;
    case Invocation::Wish::kRun:
      status = Run(*invocation);
      break;
  }
  std::cout.flush();
  if (status.ok() && !std::cout) status = absl::DataLossError("the answer could not be written to the standard output");
  if (!status.ok()) PrintFailure(status, invocation->Has("json"));
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace trustctl

int main(int argc, char** argv) {
  // What gRPC logs by itself is noise beside our own messages; whoever wants it can still ask for it.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  return static_cast<int>(trustctl::Main({argv + 1, argv + argc}));
}
