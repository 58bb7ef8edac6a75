// The command line as a table: verbs with their flags, parsed into what was asked for, and the help that is printed
// from the same table. A verb's name may have several words ("assess issue"). Every mistake is answered with what would
// be right. Pure.

#ifndef SERVICES_TRUSTCTL_COMMAND_LINE_H_
#define SERVICES_TRUSTCTL_COMMAND_LINE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trustctl {

// A flag. With an empty value it is a switch: --all.
struct Flag {
  std::string name;     // Without the dashes.
  std::string value;    // What it takes, in capitals: DATE.
  std::string meaning;  // A phrase for the help, with unit and default.
  char letter = '\0';   // The one of a short spelling: 'o' for -o; none by default.
  bool required = false;
  const char* unless = nullptr;  // A flag with which a required one may be left out.
};

// The same flag as one that must be given, unless the other one is, whose name is a constant.
Flag Required(Flag flag, const char* unless = nullptr);

// A verb as it is written.
struct VerbSyntax {
  std::string name;
  std::string arguments;  // As shown in the help: [PARTNERSHIP...]
  int arguments_min = 0;
  int arguments_max = 0;  // Below 0: as many as one likes.
  std::string summary;    // A phrase for the list of verbs.
  std::string description;
  std::vector<Flag> flags;
  std::vector<std::string> examples;
  std::string group = {};  // The heading under which the help lists it.
};

// What was asked for.
struct Invocation {
  enum class Wish { kRun, kHelp, kVersion };
  Wish wish = Wish::kRun;
  // Empty only when help or the version of the program is wished for; with help, it may be the first word of several
  // verbs, as audit is.
  std::string verb;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> flags;  // Those that were given, without dashes; a switch has an empty value.

  bool Has(absl::string_view flag) const;
  // The flag's value; otherwise when it was not given.
  std::string Get(absl::string_view flag, absl::string_view otherwise = "") const;
};

// How dates are written and meant.
inline constexpr char kDatesExplained[] =
    "Dates are 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z, in UTC. In a question a coarse one means its last "
    "day; "
    "of what is recorded it is kept as coarse as it is.";

// The flags that every verb takes.
const std::vector<Flag>& GlobalFlags();

// The flag of that name, or with that letter as its short spelling; or nothing.
const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name);

// The flag as it is written: --as-of DATE.
std::string FlagAsWritten(const Flag& flag);
// The same with the short spelling, if it has one, behind it: --out FILE, -o.
std::string FlagInHelp(const Flag& flag);

// The verb that words begin with, the one of the most words, or nothing. Removes its words.
const VerbSyntax* TakeVerb(const std::vector<VerbSyntax>& verbs, std::vector<std::string>* words);

// What each exit code means, from 0 on.
const std::vector<std::string>& ExitCodeMeanings();

// Reads args, which do not include the program's name. Flags stand anywhere, as --name value or --name=value; all that
// follows "--" is arguments. A verb that is to run has the arguments and the required flags that it wants. Errors: a
// UsageError (failure.h) that names the mistake and what would be right.
absl::StatusOr<Invocation> ParseCommandLine(const std::vector<VerbSyntax>& verbs, const std::vector<std::string>& args);

// The help of the program, that of the verbs of several words that begin with this one, and that of one verb. Each
// ends in a line feed.
std::string ProgramHelp(const std::vector<VerbSyntax>& verbs);
std::string GroupHelp(const std::vector<VerbSyntax>& verbs, absl::string_view word);
std::string VerbHelp(const VerbSyntax& verb);

// "; did you mean X?", or nothing when no word comes near what was written.
std::string Suggestion(absl::string_view written, const std::vector<std::string>& words);

// Reads the value of a flag as a time to wait: 30s, 2m, 500ms. Errors: a UsageError.
absl::StatusOr<absl::Duration> ParseWait(absl::string_view flag, absl::string_view text);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_COMMAND_LINE_H_
