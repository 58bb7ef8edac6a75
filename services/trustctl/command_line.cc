#include "services/trustctl/command_line.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

constexpr int kHelpWidth = 100;

// How many letters must be added, dropped, replaced or swapped to make a of b.
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<int>> cost(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::vector<std::string> FlagNames(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back(absl::StrCat("--", flag.name));
  return names;
}

// What other programs call a verb of ours.
struct Synonym {
  const char* written;
  const char* verb;
};
constexpr Synonym kSynonyms[] = {{"list", "partnerships"},  {"end", "terminate"}, {"pause", "suspend"},
                                 {"log", "history"},        {"health", "status"}, {"version", "--version"},
                                 {"export", "audit export"}};

// The verbs of several words that begin with this one.
std::vector<std::string> VerbsUnder(const std::vector<VerbSyntax>& verbs, absl::string_view word) {
  std::vector<std::string> names;
  for (const VerbSyntax& verb : verbs) {
    if (absl::StartsWith(verb.name, absl::StrCat(word, " "))) names.push_back(verb.name);
  }
  return names;
}

// words, the first of which begins no verb alone.
absl::Status UnknownVerb(const std::vector<VerbSyntax>& verbs, const std::vector<std::string>& words) {
  const std::string& written = words.front();
  if (const std::vector<std::string> longer = VerbsUnder(verbs, written); !longer.empty()) {
    return UsageError(words.size() == 1
                          ? absl::StrCat("\"", written, "\" alone is no verb; there are: ", absl::StrJoin(longer, ", "))
                          : absl::StrCat("there is no verb \"", written, " ", words[1],
                                         "\"; there are: ", absl::StrJoin(longer, ", ")));
  }
  std::string meant;
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.written == written) meant = absl::StrCat("; did you mean ", synonym.verb, "?");
  }
  if (meant.empty()) {
    std::vector<std::string> names = {"help"};
    for (const VerbSyntax& verb : verbs) names.push_back(verb.name);
    meant = Suggestion(written, names);
  }
  return UsageError(absl::StrCat("there is no verb \"", written, "\"", meant, "\ntrustctl help lists them."));
}

absl::Status UnknownFlag(const std::vector<VerbSyntax>& verbs, const VerbSyntax* verb, absl::string_view name) {
  std::vector<Flag> known = GlobalFlags();
  if (verb != nullptr) known.insert(known.begin(), verb->flags.begin(), verb->flags.end());
  const std::string written = absl::StrCat("--", name);
  std::string message = absl::StrCat(verb == nullptr ? "there is no flag " : absl::StrCat(verb->name, " has no flag "),
                                     written, Suggestion(written, FlagNames(known)));
  std::vector<std::string> others;
  for (const VerbSyntax& other : verbs) {
    if (FindFlag(other.flags, name) != nullptr) others.push_back(other.name);
  }
  if (!others.empty()) absl::StrAppend(&message, "\nIt is a flag of: ", absl::StrJoin(others, ", "), ".");
  std::vector<std::string> shown;
  for (const Flag& flag : known) shown.push_back(FlagAsWritten(flag));
  absl::StrAppend(&message, "\nThe flags are: ", absl::StrJoin(shown, ", "), ".");
  return UsageError(message);
}

// The command line apart: its words, and its flags in the order given.
struct Pieces {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::optional<std::string>>> flags;
};

// Whether a flag takes a value depends on the verb, which may come after it; a name means the same in all verbs.
absl::StatusOr<Pieces> TakeApart(const std::vector<VerbSyntax>& verbs, const std::vector<std::string>& args) {
  Pieces pieces;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--") {
      pieces.words.insert(pieces.words.end(), args.begin() + i + 1, args.end());
      break;
    }
    if (arg == "-h") {
      pieces.flags.emplace_back("help", std::nullopt);
      continue;
    }
    if (arg.size() < 2 || arg[0] != '-') {
      pieces.words.push_back(arg);
      continue;
    }
    const std::pair<std::string, std::string> halves =
        absl::StrSplit(absl::StripPrefix(absl::StripPrefix(arg, "-"), "-"), absl::MaxSplits('=', 1));
    const Flag* flag = FindFlag(GlobalFlags(), halves.first);
    for (const VerbSyntax& verb : verbs) {
      if (flag == nullptr) flag = FindFlag(verb.flags, halves.first);
    }
    const std::string& name = flag == nullptr ? halves.first : flag->name;
    if (absl::StrContains(arg, '=')) {
      if (flag != nullptr && flag->value.empty()) {
        return UsageError(absl::StrCat("--", name, " takes no value; write --", name, " alone"));
      }
      pieces.flags.emplace_back(name, halves.second);
    } else if (flag == nullptr || flag->value.empty()) {
      pieces.flags.emplace_back(name, std::nullopt);
    } else if (i + 1 == args.size() || absl::StartsWith(args[i + 1], "--")) {
      return UsageError(absl::StrCat("--", name, " wants a value: ", FlagAsWritten(*flag), ": ", flag->meaning));
    } else {
      pieces.flags.emplace_back(name, args[++i]);
    }
  }
  return pieces;
}

// The verb with what must stand behind it.
std::string ShortUsage(const VerbSyntax& verb) {
  std::string text = absl::StrCat("trustctl ", verb.name);
  if (!verb.arguments.empty()) absl::StrAppend(&text, " ", verb.arguments);
  for (const Flag& flag : verb.flags) {
    if (flag.required) absl::StrAppend(&text, " ", FlagAsWritten(flag));
  }
  return text;
}

std::string UsageLines(const VerbSyntax& verb) {
  return absl::StrCat("\nUsage: ", ShortUsage(verb), "\nMore: trustctl ", verb.name, " --help");
}

absl::Status CheckArguments(const VerbSyntax& verb, const std::vector<std::string>& arguments) {
  const int count = static_cast<int>(arguments.size());
  if (count < verb.arguments_min) {
    return UsageError(absl::StrCat(verb.name, " wants ", verb.arguments, ", and ",
                                   count == 0 ? "nothing" : absl::StrCat("only ", count), count < 2 ? " was" : " were",
                                   " given", UsageLines(verb)));
  }
  if (verb.arguments_max >= 0 && count > verb.arguments_max) {
    return UsageError(
        absl::StrCat(verb.name, " does not take \"", arguments[verb.arguments_max], "\"", UsageLines(verb)));
  }
  return absl::OkStatus();
}

// Names every flag that is missing.
absl::Status CheckRequiredFlags(const VerbSyntax& verb, const Invocation& invocation) {
  std::vector<std::string> missing;
  for (const Flag& flag : verb.flags) {
    if (!flag.required || !invocation.Get(flag.name).empty()) continue;
    if (flag.unless != nullptr && invocation.Has(flag.unless)) continue;
    missing.push_back(absl::StrCat(FlagAsWritten(flag), ": ", flag.meaning));
  }
  if (missing.empty()) return absl::OkStatus();
  return UsageError(absl::StrCat(verb.name, " wants ", absl::StrJoin(missing, "\n  and "), UsageLines(verb)));
}

// The flags as lines of help, the meanings aligned.
std::string FlagHelp(const std::vector<Flag>& flags) {
  size_t width = 0;
  for (const Flag& flag : flags) width = std::max(width, FlagInHelp(flag).size());
  std::string text;
  for (const Flag& flag : flags) {
    const std::string written = FlagInHelp(flag);
    absl::StrAppend(&text, "  ", written, std::string(width - written.size() + 2, ' '));
    const std::string indent(width + 4, ' ');
    absl::StrAppend(
        &text, absl::StrJoin(Wrap(flag.meaning, kHelpWidth - static_cast<int>(indent.size())), "\n" + indent), "\n");
  }
  return text;
}

std::string Usage(const VerbSyntax& verb) {
  std::string text = ShortUsage(verb);
  for (const Flag& flag : verb.flags) {
    if (!flag.required) absl::StrAppend(&text, " [", FlagAsWritten(flag), "]");
  }
  return text;
}

// The width of the longest verb with its arguments.
size_t VerbWidth(const std::vector<VerbSyntax>& verbs) {
  size_t width = 0;
  for (const VerbSyntax& verb : verbs) width = std::max(width, verb.name.size() + 1 + verb.arguments.size());
  return width;
}

// The verb as a line of a list, its summary behind that width.
std::string VerbLine(const VerbSyntax& verb, size_t width) {
  const std::string written = absl::StrCat(verb.name, " ", verb.arguments);
  return absl::StrCat("  trustctl ", written, std::string(width - written.size() + 2, ' '), verb.summary, "\n");
}

std::string ExitCodeHelp() {
  std::string text = "Exit codes:\n";
  for (size_t code = 0; code < ExitCodeMeanings().size(); ++code) {
    absl::StrAppend(&text, "  ", code, "  ", ExitCodeMeanings()[code], "\n");
  }
  return text;
}

}  // namespace

Flag Required(Flag flag, const char* unless) {
  flag.required = true;
  flag.unless = unless;
  return flag;
}

std::string FlagAsWritten(const Flag& flag) {
  return flag.value.empty() ? absl::StrCat("--", flag.name) : absl::StrCat("--", flag.name, " ", flag.value);
}

std::string FlagInHelp(const Flag& flag) {
  const std::string written = FlagAsWritten(flag);
  return flag.letter == '\0' ? written : absl::StrCat(written, ", -", absl::string_view(&flag.letter, 1));
}

const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name) {
  const auto found = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) {
    return flag.name == name || (flag.letter != '\0' && name.size() == 1 && name[0] == flag.letter);
  });
  return found == flags.end() ? nullptr : &*found;
}

const VerbSyntax* TakeVerb(const std::vector<VerbSyntax>& verbs, std::vector<std::string>* words) {
  const VerbSyntax* best = nullptr;
  size_t best_length = 0;
  for (const VerbSyntax& verb : verbs) {
    const std::vector<std::string> name = absl::StrSplit(verb.name, ' ');
    if (name.size() > words->size() || name.size() <= best_length) continue;
    if (!std::equal(name.begin(), name.end(), words->begin())) continue;
    best = &verb;
    best_length = name.size();
  }
  words->erase(words->begin(), words->begin() + best_length);
  return best;
}

const std::vector<std::string>& ExitCodeMeanings() {
  static const auto* const kMeanings =
      new std::vector<std::string>{"done", "the server refused, an item was rejected, or a file is wrong",
                                   "the command line is wrong", "no server answers, or not in time"};
  return *kMeanings;
}

std::string Suggestion(absl::string_view written, const std::vector<std::string>& words) {
  std::string nearest;
  int distance_max = std::max<int>(1, static_cast<int>(written.size()) / 3);
  for (const std::string& word : words) {
    const bool begins = written.size() >= 2 && absl::StartsWith(word, written);
    const int distance = begins ? 0 : EditDistance(written.substr(0, 64), word);
    if (distance <= distance_max) {
      nearest = word;
      distance_max = distance - 1;
    }
  }
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

bool Invocation::Has(absl::string_view flag) const { return flags.count(std::string(flag)) > 0; }

std::string Invocation::Get(absl::string_view flag, absl::string_view otherwise) const {
  const auto found = flags.find(std::string(flag));
  return found == flags.end() ? std::string(otherwise) : found->second;
}

const std::vector<Flag>& GlobalFlags() {
  static const auto* const kFlags = new std::vector<Flag>{
      {"server", "HOST:PORT", "where trustd listens; default: TRUSTCTL_SERVER, or else 127.0.0.1:50051"},
      {"ca", "FILE", "PEM of the authorities of the server's certificate: TLS is spoken; default: TRUSTCTL_CA"},
      {"cert", "FILE", "PEM of the certificate to show, with --key; default: TRUSTCTL_CERT"},
      {"key", "FILE", "PEM of its key; default: TRUSTCTL_KEY"},
      {"token", "FILE", "a file of the token to show; default: TRUSTCTL_TOKEN"},
      {"json", "", "print the server's answers as protobuf JSON, one object a line; errors too"},
      {"deadline", "TIME", "how long a call may take, and a stream be silent: 500ms, 30s, 2m; default 30s"},
      {"reader", "ID",
       "who reads, an opaque id, for servers that record who reads histories; default: TRUSTCTL_READER"},
      {"purpose", "TEXT", "what for, for the same; default: TRUSTCTL_PURPOSE"},
      {"color", "WHEN", "auto, always or never; auto, the default, colours a terminal unless NO_COLOR is set"},
      {"config", "FILE",
       "lines NAME = VALUE for the flags above, but for json; default: TRUSTCTL_CONFIG, or else trustctl/config in "
       "XDG_CONFIG_HOME or ~/.config"},
      {"help", "", "say what a verb does"},
      {"version", "", "say which version this is"},
  };
  return *kFlags;
}

absl::StatusOr<Invocation> ParseCommandLine(const std::vector<VerbSyntax>& verbs,
                                            const std::vector<std::string>& args) {
  absl::StatusOr<Pieces> pieces = TakeApart(verbs, args);
  if (!pieces.ok()) return pieces.status();
  Invocation invocation;
  std::vector<std::string> words = std::move(pieces->words);
  if (!words.empty() && words.front() == "help") {
    invocation.wish = Invocation::Wish::kHelp;
    words.erase(words.begin());
  }
  const bool helps =
      invocation.wish == Invocation::Wish::kHelp ||
      std::any_of(pieces->flags.begin(), pieces->flags.end(), [](const auto& flag) { return flag.first == "help"; });
  const VerbSyntax* const verb = TakeVerb(verbs, &words);
  if (verb != nullptr) {
    invocation.verb = verb->name;
  } else if (helps && words.size() == 1 && !VerbsUnder(verbs, words.front()).empty()) {
    invocation.verb = words.front();
  } else if (!words.empty()) {
    return UnknownVerb(verbs, words);
  }
  for (const auto& [name, value] : pieces->flags) {
    if (FindFlag(GlobalFlags(), name) == nullptr && (verb == nullptr || FindFlag(verb->flags, name) == nullptr)) {
      return UnknownFlag(verbs, verb, name);
    }
    if (!invocation.flags.emplace(name, value.value_or("")).second) {
      return UsageError(absl::StrCat("--", name, " was given twice; once is enough"));
    }
  }
  if (invocation.Has("version")) {
    invocation.wish = Invocation::Wish::kVersion;
  } else if (invocation.Has("help") || (verb == nullptr && args.empty())) {
    invocation.wish = Invocation::Wish::kHelp;
  }
  invocation.arguments = std::move(words);
  if (invocation.wish != Invocation::Wish::kRun) return invocation;
  if (verb == nullptr) return UsageError("say what to do: a verb is missing\nMore: trustctl help");
  if (absl::Status status = CheckArguments(*verb, invocation.arguments); !status.ok()) return status;
  if (absl::Status status = CheckRequiredFlags(*verb, invocation); !status.ok()) return status;
  return invocation;
}

std::string ProgramHelp(const std::vector<VerbSyntax>& verbs) {
  std::string text =
      "trustctl: the command line of trustd, which reads how far partners trust each other.\n\n"
      "Usage: trustctl VERB [ARGUMENT...] [--FLAG...]\n"
      "       trustctl help VERB    says what a verb does, with its flags and examples\n\n"
      "To begin: trustctl status, trustctl partnerships, trustctl stage --all.\n\n";
  const size_t width = VerbWidth(verbs);
  std::string group;
  for (const VerbSyntax& verb : verbs) {
    if (verb.group != group) absl::StrAppend(&text, group.empty() ? "" : "\n", verb.group, ":\n");
    group = verb.group;
    absl::StrAppend(&text, VerbLine(verb, width));
  }
  absl::StrAppend(&text, "\nFlags of every verb:\n", FlagHelp(GlobalFlags()), "\n",
                  absl::StrJoin(Wrap(kDatesExplained, kHelpWidth), "\n"), "\n\n", ExitCodeHelp());
  return text;
}

std::string GroupHelp(const std::vector<VerbSyntax>& verbs, absl::string_view word) {
  std::vector<VerbSyntax> group;
  std::copy_if(verbs.begin(), verbs.end(), std::back_inserter(group),
               [&](const VerbSyntax& verb) { return absl::StartsWith(verb.name, absl::StrCat(word, " ")); });
  std::string text;
  for (const VerbSyntax& verb : group) absl::StrAppend(&text, VerbLine(verb, VerbWidth(group)));
  return absl::StrCat(text, "\nMore: trustctl help ", word, " ...\n");
}

std::string VerbHelp(const VerbSyntax& verb) {
  std::string text = absl::StrCat("Usage: ", absl::StrJoin(Wrap(Usage(verb), kHelpWidth - 9), "\n         "), "\n\n");
  for (absl::string_view paragraph : absl::StrSplit(verb.description, "\n\n")) {
    absl::StrAppend(&text, absl::StrJoin(Wrap(paragraph, kHelpWidth), "\n"), "\n\n");
  }
  if (!verb.flags.empty()) absl::StrAppend(&text, "Flags:\n", FlagHelp(verb.flags), "\n");
  absl::StrAppend(&text, "Flags of every verb:\n", FlagHelp(GlobalFlags()), "\n");
  if (!verb.examples.empty()) {
    absl::StrAppend(&text, "Examples:\n");
    for (const std::string& example : verb.examples) absl::StrAppend(&text, "  ", example, "\n");
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, ExitCodeHelp());
  return text;
}

absl::StatusOr<absl::Duration> ParseWait(absl::string_view flag, absl::string_view text) {
  absl::Duration wait;
  if (!absl::ParseDuration(text, &wait) || wait <= absl::ZeroDuration() || wait > absl::Hours(24 * 365)) {
    return UsageError(
        absl::StrCat("--", flag, " wants a time with its unit, such as 500ms, 30s or 2m, not \"", text, "\""));
  }
  return wait;
}

}  // namespace trustctl
