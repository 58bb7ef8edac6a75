// What may come next on a command line that is being typed, from the table of verbs, and the scripts by which shells
// ask for it. Pure.

#ifndef SERVICES_TRUSTCTL_COMPLETION_H_
#define SERVICES_TRUSTCTL_COMPLETION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/trustctl/command_line.h"

namespace trustctl {

struct Candidate {
  std::string word;     // As it would stand on the command line; with an = at the end more is to follow.
  std::string meaning;  // A phrase.
};

struct Completion {
  std::vector<Candidate> candidates;  // All of them begin with what was typed.
  // What only others know: the names of files or folders, what the server has. They stand behind prefix and begin with
  // typed.
  enum class Asked { kNothing, kFiles, kDirectories, kPartnerships, kPolicies };
  Asked asked = Asked::kNothing;
  std::string prefix, typed;
  std::map<std::string, std::string> flags;  // Those that were given before, without dashes.
};

// words are those behind the program's name, the last being the one that is typed, which may be empty; without any the
// answer is that to an empty one.
Completion CompleteLine(const std::vector<VerbSyntax>& verbs, std::vector<std::string> words);

// The shells that there is a script for.
const std::vector<std::string>& CompletionShells();

// The script that makes the shell ask "trustctl completion words". REQUIRES: shell is one of them.
std::string CompletionScript(absl::string_view shell);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMPLETION_H_
