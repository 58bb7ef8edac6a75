#include "services/trustctl/completion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/trustctl/life_cycle_request.h"
#include "services/trustctl/methods.h"
#include "services/trustctl/record_request.h"
#include "services/trustctl/short_form.h"
#include "trust/v1/reading.pb.h"

namespace trustctl {
namespace {

using Asked = Completion::Asked;

// A place for arguments: PARTNERSHIP in "[PARTNERSHIP...]".
struct ArgumentPlace {
  std::string name;
  bool repeats = false;
};

std::vector<ArgumentPlace> PlacesOf(const VerbSyntax& verb) {
  std::vector<ArgumentPlace> places;
  for (absl::string_view word : absl::StrSplit(verb.arguments, ' ', absl::SkipEmpty())) {
    while (absl::ConsumePrefix(&word, "[")) {
    }
    while (absl::ConsumeSuffix(&word, "]")) {
    }
    const bool repeats = absl::ConsumeSuffix(&word, "...");
    places.push_back({std::string(word), repeats});
  }
  return places;
}

// The line up to the word that is typed.
struct TypedLine {
  std::vector<std::string> words;  // Of the verb and its arguments.
  std::map<std::string, std::string> flags;
  const Flag* open = nullptr;  // The flag whose value is typed.
  bool flags_may_come = true;  // No -- was written.
};

const Flag* FindAnyFlag(const std::vector<VerbSyntax>& verbs, absl::string_view name) {
  const Flag* flag = FindFlag(GlobalFlags(), name);
  for (const VerbSyntax& verb : verbs) {
    if (flag == nullptr) flag = FindFlag(verb.flags, name);
  }
  return flag;
}

TypedLine ReadLine(const std::vector<VerbSyntax>& verbs, const std::vector<std::string>& before) {
  TypedLine line;
  for (const std::string& word : before) {
    if (line.open != nullptr) {
      line.flags[line.open->name] = word;
      line.open = nullptr;
    } else if (!line.flags_may_come || word.size() < 2 || word[0] != '-') {
      line.words.push_back(word);
    } else if (word == "--") {
      line.flags_may_come = false;
    } else {
      const std::pair<std::string, std::string> halves =
          absl::StrSplit(absl::StripPrefix(absl::StripPrefix(word, "-"), "-"), absl::MaxSplits('=', 1));
      const Flag* const flag = FindAnyFlag(verbs, halves.first);
      line.flags[halves.first] = halves.second;
      if (flag != nullptr && !flag->value.empty() && !absl::StrContains(word, "=")) line.open = flag;
    }
  }
  return line;
}

std::vector<Candidate> Plain(const std::vector<std::string>& words) {
  std::vector<Candidate> candidates;
  for (const std::string& word : words) candidates.push_back({word, ""});
  return candidates;
}

// The fields of the kind or step among the arguments.
std::vector<Candidate> FieldCandidates(const std::vector<std::string>& arguments) {
  for (size_t i = 1; i < arguments.size(); ++i) {
    std::vector<std::string> fields = EvidenceFields(arguments[i]);
    if (fields.empty()) fields = MilestoneFields(arguments[i]);
    if (!fields.empty()) return Plain(fields);
  }
  return {};
}

// What may stand in the place of a name in capitals. arguments are those before it.
Completion CompleteValue(absl::string_view name, const std::vector<std::string>& arguments) {
  Completion completion;
  if (name == "FILE" || name == "FILE|POLICY") {
    completion.asked = Asked::kFiles;
  } else if (name == "DIRECTORY") {
    completion.asked = Asked::kDirectories;
  } else if (name == "PARTNERSHIP") {
    completion.asked = Asked::kPartnerships;
  } else if (name == "POLICY") {
    completion.asked = Asked::kPolicies;
  } else if (name == "KIND") {
    completion.candidates = Plain(EvidenceKinds());
  } else if (name == "STEP") {
    completion.candidates = Plain(MilestoneSteps());
  } else if (name == "FIELD=VALUE") {
    completion.candidates = FieldCandidates(arguments);
  } else if (name == "MODE") {
    completion.candidates = Plain(TerminationModes());
  } else if (name == "STAGE") {
    completion.candidates = Plain(ValueNames(*trust::v1::Stage_descriptor()));
  } else if (name == "CONDITION") {
    completion.candidates = Plain(ValueNames(*trust::v1::Condition_descriptor()));
  } else if (name == "LEVEL") {
    completion.candidates = Plain(EvidenceValues("level"));
  } else if (name == "HOW") {
    completion.candidates = Plain(EvidenceValues("materiality"));
  } else if (name == "WHEN") {
    completion.candidates = {{"auto", "colours on a terminal"}, {"always", ""}, {"never", ""}};
  } else if (name == "SHELL") {
    completion.candidates = Plain(CompletionShells());
  } else if (name == "METHOD") {
    for (const google::protobuf::MethodDescriptor* const method : AllMethods()) {
      completion.candidates.push_back({method->name(), method->service()->full_name()});
    }
  }
  return completion;
}

Completion CompleteArgument(const VerbSyntax& verb, const std::vector<std::string>& arguments) {
  const std::vector<ArgumentPlace> places = PlacesOf(verb);
  const bool last_repeats = !places.empty() && places.back().repeats;
  const size_t at = last_repeats ? std::min(arguments.size(), places.size() - 1) : arguments.size();
  return at < places.size() ? CompleteValue(places[at].name, arguments) : Completion();
}

std::vector<Candidate> FlagCandidates(const VerbSyntax* verb, const TypedLine& line) {
  std::vector<Candidate> candidates;
  std::vector<Flag> flags = GlobalFlags();
  if (verb != nullptr) flags.insert(flags.begin(), verb->flags.begin(), verb->flags.end());
  for (const Flag& flag : flags) {
    if (line.flags.count(flag.name) == 0) candidates.push_back({absl::StrCat("--", flag.name), flag.meaning});
  }
  return candidates;
}

// The words by which the name of a verb may go on behind words.
std::vector<Candidate> VerbCandidates(const std::vector<VerbSyntax>& verbs, const std::vector<std::string>& words) {
  std::vector<Candidate> candidates;
  for (const VerbSyntax& verb : verbs) {
    const std::vector<std::string> name = absl::StrSplit(verb.name, ' ');
    if (name.size() <= words.size() || !std::equal(words.begin(), words.end(), name.begin())) continue;
    const std::string& next = name[words.size()];
    const auto there = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate& candidate) { return candidate.word == next; });
    if (there == candidates.end()) {
      candidates.push_back({next, verb.summary});
    } else {
      absl::StrAppend(&there->meaning, "; ", verb.summary);
    }
  }
  return candidates;
}

}  // namespace

Completion CompleteLine(const std::vector<VerbSyntax>& verbs, std::vector<std::string> words) {
  std::string typed;
  if (!words.empty()) {
    typed = std::move(words.back());
    words.pop_back();
  }
  TypedLine line = ReadLine(verbs, words);
  const bool helps = !line.words.empty() && line.words.front() == "help";
  if (helps) line.words.erase(line.words.begin());
  std::vector<std::string> arguments = line.words;
  const VerbSyntax* const verb = TakeVerb(verbs, &arguments);
  Completion completion;
  std::string prefix;
  if (line.open != nullptr) {
    completion = CompleteValue(line.open->value, {});
  } else if (line.flags_may_come && absl::StartsWith(typed, "-") && absl::StrContains(typed, "=")) {
    prefix = typed.substr(0, typed.find('=') + 1);
    const std::string name(absl::StripSuffix(absl::StripPrefix(absl::StripPrefix(prefix, "-"), "-"), "="));
    const Flag* const flag = FindAnyFlag(verbs, name);
    if (flag != nullptr) completion = CompleteValue(flag->value, {});
  } else if (line.flags_may_come && absl::StartsWith(typed, "-")) {
    completion.candidates = FlagCandidates(verb, line);
  } else {
    if (verb != nullptr && !helps) completion = CompleteArgument(*verb, arguments);
    if (helps || verb == nullptr || arguments.empty()) {
      std::vector<Candidate> longer = VerbCandidates(verbs, line.words);
      completion.candidates.insert(completion.candidates.end(), longer.begin(), longer.end());
    }
    if (!helps && line.words.empty()) completion.candidates.push_back({"help", "say what a verb does"});
  }
  completion.flags = std::move(line.flags);
  completion.prefix = prefix;
  completion.typed = typed.substr(prefix.size());
  std::vector<Candidate> fitting;
  for (Candidate& candidate : completion.candidates) {
    candidate.word = absl::StrCat(prefix, candidate.word);
    if (absl::StartsWith(candidate.word, typed)) fitting.push_back(std::move(candidate));
  }
  completion.candidates = std::move(fitting);
  return completion;
}

}  // namespace trustctl
