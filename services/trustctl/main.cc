// trustctl: the command line of trustd.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/file_text.h"
#include "services/trustctl/verb.h"

namespace trustctl {
namespace {

constexpr char kServerDefault[] = "127.0.0.1:50051";
constexpr char kDeadlineDefault[] = "30s";

// A variable of the environment; empty when there is none.
std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> ServerOf(const Invocation& invocation) {
  const std::string environment = Environment("TRUSTCTL_SERVER");
  const bool given = invocation.Has("server");
  const std::string server = invocation.Get("server", environment.empty() ? kServerDefault : environment);
  if (!absl::StrContains(server, ":")) {
    return UsageError(absl::StrCat(given ? "--server" : "TRUSTCTL_SERVER", " wants HOST:PORT, such as ", kServerDefault,
                                   ", not \"", server, "\""));
  }
  return server;
}

// What a call says beside its request must be printable.
absl::StatusOr<std::string> Told(const Invocation& invocation, const char* flag, const char* variable) {
  std::string text = invocation.Get(flag, Environment(variable));
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) {
    return UsageError(absl::StrCat("--", flag, " (or ", variable, ") wants printable ASCII"));
  }
  return text;
}

absl::StatusOr<Reader> ReaderOf(const Invocation& invocation) {
  const absl::StatusOr<std::string> id = Told(invocation, "reader", "TRUSTCTL_READER");
  if (!id.ok()) return id.status();
  const absl::StatusOr<std::string> purpose = Told(invocation, "purpose", "TRUSTCTL_PURPOSE");
  if (!purpose.ok()) return purpose.status();
  return Reader{*id, *purpose};
}

// A file that a flag or a variable names; empty when neither does.
absl::StatusOr<std::string> FileOf(const Invocation& invocation, const char* flag, const char* variable) {
  const std::string path = invocation.Get(flag, Environment(variable));
  if (path.empty()) return path;
  absl::StatusOr<std::string> content = ReadText(path);
  if (!content.ok() || content->empty()) {
    // What is in it may be secret, and is not repeated.
    if (path.size() > 200 || absl::StartsWith(path, "eyJ") || absl::StartsWith(path, "-----BEGIN")) {
      return UsageError(absl::StrCat("--", flag, " (or ", variable, ") wants the name of a file, not what is in it"));
    }
    return UsageError(
        absl::StrCat("--", flag, " (or ", variable, ") wants a file: ", path, " cannot be read or is empty"));
  }
  return content;
}

absl::StatusOr<Credentials> CredentialsOf(const Invocation& invocation, const std::string& server) {
  Credentials credentials;
  for (const auto& [into, flag, variable] : {std::tuple(&credentials.authorities, "ca", "TRUSTCTL_CA"),
                                             std::tuple(&credentials.certificate, "cert", "TRUSTCTL_CERT"),
                                             std::tuple(&credentials.key, "key", "TRUSTCTL_KEY"),
                                             std::tuple(&credentials.token, "token", "TRUSTCTL_TOKEN")}) {
    absl::StatusOr<std::string> content = FileOf(invocation, flag, variable);
    if (!content.ok()) return content.status();
    *into = *std::move(content);
  }
  credentials.token = std::string(absl::StripAsciiWhitespace(credentials.token));
  if (credentials.certificate.empty() != credentials.key.empty())
    return UsageError("--cert and --key go together; give both");
  if (credentials.authorities.empty() && !credentials.certificate.empty()) {
    return UsageError("--cert needs --ca: without TLS no certificate is shown");
  }
  if (credentials.authorities.empty() && !credentials.token.empty() && !IsLoopback(server)) {
    return UsageError(absl::StrCat("--token needs --ca: to ", server, " the token would pass in plain text"));
  }
  return credentials;
}

void PrintFailure(const absl::Status& status, bool json) {
  if (json) {
    PrintJson(WireStatusOf(status), std::cerr);
  } else {
    std::cerr << "trustctl: " << Describe(status) << "\n";
  }
}

void PrintHelp(const std::string& verb_name) {
  for (const Verb& verb : AllVerbs()) {
    if (verb.syntax.name == verb_name) std::cout << VerbHelp(verb.syntax);
  }
  if (verb_name.empty()) std::cout << ProgramHelp(AllVerbSyntax());
}

absl::Status RunVerb(const Invocation& invocation) {
  const std::string color = invocation.Get("color", "auto");
  if (color != "auto" && color != "always" && color != "never") {
    return UsageError(absl::StrCat("--color wants auto, always or never, not \"", color, "\""));
  }
  const absl::StatusOr<std::string> server = ServerOf(invocation);
  if (!server.ok()) return server.status();
  const absl::StatusOr<absl::Duration> deadline = ParseWait("deadline", invocation.Get("deadline", kDeadlineDefault));
  if (!deadline.ok()) return deadline.status();
  const Console console = OpenConsole(std::cout, std::cerr, color, invocation.Has("json"));
  const absl::StatusOr<Reader> reader = ReaderOf(invocation);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<Credentials> credentials = CredentialsOf(invocation, *server);
  if (!credentials.ok()) return credentials.status();
  Connection connection(*server, *deadline, *credentials, *reader);
  Session session{console, connection};
  for (const Verb& verb : AllVerbs()) {
    if (verb.syntax.name == invocation.verb) return verb.run(invocation, session);
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
      std::cout << "trustctl " TRUSTCTL_VERSION "\n";
      break;
    case Invocation::Wish::kHelp:
      PrintHelp(invocation->verb);
      break;
    case Invocation::Wish::kRun:
      status = RunVerb(*invocation);
      break;
  }
  std::cout.flush();
  if (status.ok() && !std::cout) status = absl::DataLossError("the answer could not be written to the standard output");
  if (!status.ok()) PrintFailure(status, invocation->Has("json"));
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace trustctl

int main(int argc, char** argv) { return static_cast<int>(trustctl::Main({argv + 1, argv + argc})); }
