// A verb of trustctl: how it is written and what it does. To add one: a pair of files that makes such a Verb, and a
// line in verbs.cc; help, parsing and the list of what is right follow from it.

#ifndef SERVICES_TRUSTCTL_VERB_H_
#define SERVICES_TRUSTCTL_VERB_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/connection.h"
#include "services/trustctl/console.h"

namespace trustctl {

// What a verb works with.
struct Session {
  const Console& console;
  Connection& connection;
};

struct Verb {
  VerbSyntax syntax;
  // Whether it needs a server for what is asked; when not, settings of one that are wrong do not keep it from running.
  bool (*asks_server)(const Invocation& invocation) = [](const Invocation& /*invocation*/) { return true; };
  // The help of the verb, or of what the arguments of the invocation name. Errors: a UsageError.
  absl::StatusOr<std::string> (*help)(const Verb& verb, const Invocation& invocation) =
      [](const Verb& verb, const Invocation& /*invocation*/) -> absl::StatusOr<std::string> {
    return VerbHelp(verb.syntax);
  };
  // Does it and prints the answer. The status says what went wrong, as in failure.h; the caller prints it.
  absl::Status (*run)(const Invocation& invocation, Session& session) = nullptr;
};

// For a verb that needs none.
inline bool AsksNobody(const Invocation& /*invocation*/) { return false; }

// Options that several verbs know.
inline constexpr char kVerifierKey[] = "verifier-key";
inline constexpr char kCheckpoint[] = "checkpoint";

// Every verb, in the order of the help.
const std::vector<Verb>& AllVerbs();

// Their syntax alone.
std::vector<VerbSyntax> AllVerbSyntax();

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_VERB_H_
