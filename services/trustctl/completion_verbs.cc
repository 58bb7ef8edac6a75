#include "services/trustctl/completion_verbs.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/trustctl/completion.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/settings.h"

namespace trustctl {
namespace {

constexpr int kIdsMax = 1000;
// Nobody waits longer for a word.
constexpr absl::Duration kServerPatience = absl::Seconds(1);

absl::Status RunCompletion(const Invocation& invocation, Session& session) {
  const std::string& shell = invocation.arguments[0];
  const std::vector<std::string>& shells = CompletionShells();
  if (std::find(shells.begin(), shells.end(), shell) == shells.end()) {
    return UsageError(absl::StrCat("completion wants one of ", absl::StrJoin(shells, ", "), ", not \"", shell, "\"",
                                   Suggestion(shell, shells)));
  }
  session.console.out << CompletionScript(shell);
  return absl::OkStatus();
}

void PrintCandidate(const std::string& word, const std::string& meaning, const Console& console) {
  console.out << Printable(word);
  if (!meaning.empty()) console.out << "\t" << Printable(meaning);
  console.out << "\n";
}

// What the server has; nothing when it does not answer soon.
void PrintAnswered(const Completion& completion, const Console& console) {
  Invocation typed;
  typed.flags = completion.flags;
  const absl::StatusOr<Settings> settings = ReadSettings(typed, ProcessEnvironment);
  if (!settings.ok()) return;
  Connection connection(settings->server, std::min(settings->deadline, kServerPatience), settings->credentials,
                        settings->reader);
  const auto print = [&](const std::string& word, const std::string& meaning) {
    if (absl::StartsWith(word, completion.typed)) {
      PrintCandidate(absl::StrCat(completion.prefix, word), meaning, console);
    }
  };
  if (completion.asked == Completion::Asked::kPartnerships) {
    trust::v1::ListPartnershipsRequest request;
    request.set_page_size(kIdsMax);
    const auto page = connection.ListPartnerships(request);
    if (!page.ok()) return;
    for (const auto& partnership : page->partnerships()) print(partnership.partnership(), partnership.display_name());
  } else {
    trust::v1::ListPoliciesRequest request;
    request.set_page_size(kIdsMax);
    const auto page = connection.ListPolicies(request);
    if (!page.ok()) return;
    for (const auto& policy : page->policies()) print(policy.version(), policy.active() ? "in force" : "");
  }
}

absl::Status RunWords(const Invocation& invocation, Session& session) {
  const Completion completion = CompleteLine(AllVerbSyntax(), invocation.arguments);
  for (const Candidate& candidate : completion.candidates) {
    PrintCandidate(candidate.word, candidate.meaning, session.console);
  }
  switch (completion.asked) {
    case Completion::Asked::kNothing:
      break;
    case Completion::Asked::kFiles:
      session.console.out << ":files\n";
      break;
    case Completion::Asked::kDirectories:
      session.console.out << ":directories\n";
      break;
    case Completion::Asked::kPartnerships:
    case Completion::Asked::kPolicies:
      PrintAnswered(completion, session.console);
      break;
  }
  return absl::OkStatus();
}

}  // namespace

Verb CompletionVerb() {
  Verb verb;
  verb.syntax.name = "completion";
  verb.syntax.arguments = "SHELL";
  verb.syntax.arguments_min = 1;
  verb.syntax.arguments_max = 1;
  verb.syntax.summary = "print the script that completes command lines in bash, zsh or fish";
  verb.syntax.description =
      "Prints a script for bash, zsh or fish. Once the shell has read it, the tab key completes verbs, flags, kinds of "
      "evidence and their fields, methods and files, and, where a server answers within a second, partnerships and "
      "policies. What may come is asked of trustctl itself, so the script stays right when trustctl is replaced.";
  verb.syntax.examples = {"source <(trustctl completion bash)", "trustctl completion zsh > \"${fpath[1]}/_trustctl\"",
                          "trustctl completion fish > ~/.config/fish/completions/trustctl.fish"};
  verb.asks_server = AsksNobody;
  verb.run = RunCompletion;
  return verb;
}

Verb CompletionWordsVerb() {
  Verb verb;
  verb.syntax.name = "completion words";
  verb.syntax.arguments = "[WORD...]";
  verb.syntax.arguments_max = -1;
  verb.syntax.summary = "what may come next on a command line, for such scripts";
  verb.syntax.description =
      "Prints what may stand in the place of the last WORD, the words being those of a command line behind trustctl: a "
      "line each, the word, a tab and what it means. A line :files or :directories stands for the names of those. "
      "Write -- before the words, so that their flags are not taken for this verb's.";
  verb.syntax.examples = {"trustctl completion words -- stage --as"};
  // It asks one only where it can, and says nothing of it.
  verb.asks_server = AsksNobody;
  verb.run = RunWords;
  return verb;
}

}  // namespace trustctl
