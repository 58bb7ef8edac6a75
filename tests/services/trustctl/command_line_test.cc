#include "services/trustctl/command_line.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/question_flags.h"
#include "services/trustctl/verb.h"

namespace trustctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Wish = Invocation::Wish;

absl::StatusOr<Invocation> Parsed(const std::vector<std::string>& args) {
  return ParseCommandLine(AllVerbSyntax(), args);
}

std::string Refusal(const std::vector<std::string>& args) {
  const auto invocation = Parsed(args);
  if (invocation.ok()) return "accepted";
  EXPECT_EQ(ExitCodeOf(invocation.status()), ExitCode::kUsage);
  return std::string(invocation.status().message());
}

TEST(CommandLineTest, FlagsStandAnywhere) {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"--server", "h:1", "stage", "x", "--as-of", "1993", "y"},
                                             {"stage", "--as-of=1993", "x", "--server=h:1", "y"},
                                             {"stage", "x", "y", "-server", "h:1", "-as-of=1993"}}) {
    const auto invocation = Parsed(args);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->wish, Wish::kRun);
    EXPECT_EQ(invocation->verb, "stage");
    EXPECT_THAT(invocation->arguments, ElementsAre("x", "y"));
    EXPECT_EQ(invocation->Get("as-of"), "1993");
    EXPECT_EQ(invocation->Get("server"), "h:1");
    EXPECT_FALSE(invocation->Has("all"));
    EXPECT_EQ(invocation->Get("known", "never"), "never");
  }
}

TEST(CommandLineTest, WhatFollowsTwoDashesIsArguments) {
  const auto invocation = Parsed({"import", "--json", "--", "--strange-file.jsonl", "-"});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_THAT(invocation->arguments, ElementsAre("--strange-file.jsonl", "-"));
}

TEST(CommandLineTest, HelpIsThereInEveryForm) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"-h"}}) {
    const auto invocation = Parsed(args);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->wish, Wish::kHelp);
    EXPECT_THAT(invocation->verb, IsEmpty());
  }
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"help", "stage"}, {"stage", "--help"}, {"stage", "-h", "--all"}}) {
    const auto invocation = Parsed(args);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->wish, Wish::kHelp);
    EXPECT_EQ(invocation->verb, "stage");
  }
  EXPECT_EQ(Parsed({"--version"})->wish, Wish::kVersion);
}

TEST(CommandLineTest, TheVerbsAreThese) {
  std::vector<std::string> names;
  for (const VerbSyntax& verb : AllVerbSyntax()) names.push_back(verb.name);
  EXPECT_EQ(absl::StrJoin(names, ", "),
            "partnerships, show, stage, timeline, explain, history, replay, watch, attention, report, "
            "create, record, batch, import, milestone, suspend, resume, terminate, correct, retract, confirm, contest, "
            "partner add, partner remove, tie declare, contact assign, contact release, contact show, erase, "
            "hold place, hold release, "
            "policy list, policy show, policy publish, policy activate, policy pin, policy unpin, simulate, "
            "assess issue, "
            "assess verify, assess list, assess restatements, checkpoint, verify, proof inclusion, proof consistency, "
            "audit export, audit check, access, position, wait, status, keygen, backup, restore, call, completion, "
            "completion words, man");
}

TEST(CommandLineTest, AnUnknownVerbNamesTheNearest) {
  const std::string more = "\ntrustctl help lists them.";
  EXPECT_EQ(Refusal({"stgae", "klm-northwest"}), "there is no verb \"stgae\"; did you mean stage?" + more);
  EXPECT_EQ(Refusal({"hist"}), "there is no verb \"hist\"; did you mean history?" + more);
  EXPECT_EQ(Refusal({"frobnicate"}), "there is no verb \"frobnicate\"" + more);
  EXPECT_THAT(Refusal({"help", "stag"}), HasSubstr("did you mean stage?"));
  EXPECT_THAT(Refusal({std::string(100000, 'x')}), HasSubstr("there is no verb"));
}

TEST(CommandLineTest, WhatOtherProgramsCallAVerbLeadsToIt) {
  for (const auto& [written, verb] : std::map<std::string, std::string>{{"list", "partnerships"},
                                                                        {"end", "terminate"},
                                                                        {"pause", "suspend"},
                                                                        {"log", "history"},
                                                                        {"health", "status"},
                                                                        {"export", "audit export"}}) {
    EXPECT_THAT(Refusal({written, "x"}), HasSubstr("; did you mean " + verb + "?\n"));
    std::vector<std::string> words = absl::StrSplit(verb, ' ');
    EXPECT_NE(TakeVerb(AllVerbSyntax(), &words), nullptr) << verb;
  }
  EXPECT_THAT(Refusal({"version"}), HasSubstr("; did you mean --version?\n"));
}

TEST(CommandLineTest, HalfAVerbNamesItsOtherHalves) {
  EXPECT_EQ(Refusal({"hold"}), "\"hold\" alone is no verb; there are: hold place, hold release");
  EXPECT_EQ(Refusal({"audit", "verify", "log.audit"}),
            "there is no verb \"audit verify\"; there are: audit export, audit check");
  EXPECT_THAT(Refusal({"help", "policy", "simulate"}),
              HasSubstr("there is no verb \"policy simulate\"; there are: policy list, "));
}

TEST(CommandLineTest, TheHelpOfHalfAVerbListsItsOtherHalves) {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"help", "audit"}, {"audit", "--help"}, {"audit", "-h"}}) {
    const auto invocation = Parsed(args);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->wish, Wish::kHelp);
    EXPECT_EQ(invocation->verb, "audit");
  }
  const std::string help = GroupHelp(AllVerbSyntax(), "audit");
  EXPECT_THAT(help, HasSubstr("  trustctl audit export "));
  EXPECT_THAT(help, HasSubstr("\n  trustctl audit check "));
  EXPECT_THAT(help, HasSubstr("\n\nMore: trustctl help audit ...\n"));
  EXPECT_THAT(help, Not(HasSubstr("trustctl access")));
}

TEST(CommandLineTest, TheHelpOfRecordTellsOfAKind) {
  const std::vector<Verb>& verbs = AllVerbs();
  const auto record =
      std::find_if(verbs.begin(), verbs.end(), [](const Verb& verb) { return verb.syntax.name == "record"; });
  const auto help = [&](const std::vector<std::string>& args) {
    const auto invocation = Parsed(args);
    EXPECT_TRUE(invocation.ok()) << invocation.status();
    return record->help(*record, *invocation);
  };
  EXPECT_THAT(*help({"help", "record", "commitment-made"}), HasSubstr("  due-time=  a date\n"));
  EXPECT_THAT(*help({"record", "p-q", "commitment-made", "--help"}), HasSubstr("  due-time=  a date\n"));
  EXPECT_EQ(*help({"help", "record"}), VerbHelp(record->syntax));
  EXPECT_EQ(*help({"record", "p-q", "--help"}), VerbHelp(record->syntax));
  EXPECT_THAT(help({"help", "record", "commitment"}).status().message(), HasSubstr("there is no kind of evidence"));
  EXPECT_THAT(VerbHelp(record->syntax), HasSubstr("\n\nPersons: interpersonal-trust-attested.\n\n"));
}

TEST(CommandLineTest, AnUnknownFlagNamesTheNearestAndAll) {
  EXPECT_THAT(
      Refusal({"stage", "x", "--as-off", "1993"}),
      AllOf(
          HasSubstr("stage has no flag --as-off; did you mean --as-of?"),
          HasSubstr("The flags are: --all, --trustor ORGANIZATION, --trustee ORGANIZATION, --as-of DATE, --known DATE, "
                    "--hindsight, --policy POLICY, --server HOST:PORT, --ca FILE, --cert FILE, --key FILE, --token "
                    "FILE, --json")));
  EXPECT_THAT(Refusal({"--jsn", "stage", "x"}), HasSubstr("did you mean --json?"));
}

TEST(CommandLineTest, AFlagOfAnotherVerbSaysWhose) {
  EXPECT_THAT(Refusal({"stage", "x", "--replay"}),
              AllOf(HasSubstr("stage has no flag --replay"), HasSubstr("It is a flag of: history.")));
}

TEST(CommandLineTest, AFlagWithoutItsValueSaysWhatItWants) {
  EXPECT_THAT(Refusal({"stage", "x", "--as-of"}), HasSubstr("--as-of wants a value: --as-of DATE"));
  EXPECT_THAT(Refusal({"stage", "x", "--as-of", "--json"}), HasSubstr("--as-of wants a value"));
  EXPECT_EQ(Refusal({"stage", "--all=yes"}), "--all takes no value; write --all alone");
  EXPECT_EQ(Refusal({"stage", "--all", "--all"}), "--all was given twice; once is enough");
}

TEST(CommandLineTest, TheNumberOfArgumentsIsChecked) {
  EXPECT_THAT(Refusal({"import"}),
              HasSubstr("import wants FILE..., and nothing was given\nUsage: trustctl import FILE..."));
  EXPECT_THAT(Refusal({"history", "a", "b"}), HasSubstr("history does not take \"b\""));
  EXPECT_THAT(Refusal({"record", "x"}), HasSubstr(", and only 1 was given\n"));
  EXPECT_THAT(Refusal({"tie", "declare", "x", "y"}), HasSubstr(", and only 2 were given\n"));
  EXPECT_THAT(Refusal({"explain", "x", "y", "z"}), HasSubstr("explain does not take \"y\""));
  EXPECT_THAT(Refusal({"--json"}), HasSubstr("a verb is missing"));
}

TEST(CommandLineTest, AFlagThatMustBeGivenIsAskedFor) {
  EXPECT_EQ(Refusal({"erase", "person-9", "--approver", ""}),
            "erase wants --request REFERENCE: the reference of the request for it; kept for ever, so nothing personal\n"
            "  and --approver WHO: who approved it, at most 128 bytes\n"
            "Usage: trustctl erase CONTACT... --request REFERENCE --approver WHO\n"
            "More: trustctl erase --help");
  int required = 0;
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    std::vector<std::string> args = absl::StrSplit(verb.name, ' ');
    args.insert(args.end(), verb.arguments_min, "x");
    for (const Flag& flag : verb.flags) {
      if (!flag.required) continue;
      ++required;
      EXPECT_THAT(Refusal(args), AllOf(HasSubstr(verb.name + " wants --"), HasSubstr(FlagAsWritten(flag) + ": ")));
    }
  }
  EXPECT_GE(required, 44);
}

TEST(CommandLineTest, AFlagThatMustBeGivenStandsWithoutBracketsInTheUsage) {
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    const std::string usage = absl::StrReplaceAll(VerbHelp(verb).substr(0, VerbHelp(verb).find("\n\n")), {{"\n", " "}});
    const std::string line = absl::StrJoin(absl::StrSplit(usage, ' ', absl::SkipEmpty()), " ");
    for (const Flag& flag : verb.flags) {
      const std::string written = FlagAsWritten(flag);
      EXPECT_THAT(line, HasSubstr(flag.required ? " " + written : "[" + written + "]")) << verb.name;
    }
  }
}

TEST(CommandLineTest, AnotherFlagMayTakeThePlaceOfOneThatMustBeGiven) {
  EXPECT_TRUE(Parsed({"report", "x", "--json"}).ok());
  EXPECT_THAT(Refusal({"report", "x"}), HasSubstr("report wants --out FILE: where to write the page"));
  EXPECT_TRUE(Parsed({"restore", "--backup-directory", "b", "--list"}).ok());
  EXPECT_THAT(Refusal({"restore", "--backup-directory", "b"}),
              HasSubstr("restore wants --data-directory DIRECTORY: a new directory for the store"));
}

TEST(CommandLineTest, AVerbMayHaveSeveralWords) {
  const std::vector<VerbSyntax> verbs = {{"assess", "", 0, -1, "", "", {}, {}},
                                         {"assess issue", "X", 1, 1, "", "", {}, {}}};
  const auto longer = ParseCommandLine(verbs, {"assess", "issue", "x"});
  ASSERT_TRUE(longer.ok()) << longer.status();
  EXPECT_EQ(longer->verb, "assess issue");
  EXPECT_THAT(longer->arguments, ElementsAre("x"));
  const auto shorter = ParseCommandLine(verbs, {"assess", "x", "issue"});
  ASSERT_TRUE(shorter.ok()) << shorter.status();
  EXPECT_EQ(shorter->verb, "assess");
}

TEST(CommandLineTest, AFlagMeansTheSameInAllVerbs) {
  // The parser relies on it: it reads flags before it knows the verb.
  std::map<std::string, std::string> values;
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    for (const Flag& flag : verb.flags) {
      EXPECT_EQ(values.emplace(flag.name, flag.value).first->second, flag.value) << verb.name << " --" << flag.name;
    }
  }
}

TEST(CommandLineTest, ADirectionIsChosenTheSameWayInEveryVerb) {
  int verbs = 0;
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    EXPECT_THAT(verb.arguments, Not(HasSubstr("TRUST"))) << verb.name;
    const Flag* const trustor = FindFlag(verb.flags, "trustor");
    const Flag* const trustee = FindFlag(verb.flags, "trustee");
    ASSERT_EQ(trustor == nullptr, trustee == nullptr) << verb.name;
    if (trustor == nullptr) continue;
    ++verbs;
    EXPECT_EQ(trustor->meaning, TrustorFlag().meaning) << verb.name;
    EXPECT_EQ(trustee->meaning, TrusteeFlag().meaning) << verb.name;
    EXPECT_FALSE(trustor->required || trustee->required) << verb.name;
  }
  EXPECT_EQ(verbs, 5) << "stage, timeline, explain, report, assess issue";
}

TEST(CommandLineTest, HalfADirectionIsRefused) {
  Invocation invocation;
  trust::v1::AssessTrustRequest request;
  EXPECT_TRUE(SetDirection(invocation, &request).ok());
  EXPECT_THAT(request.trustor(), IsEmpty());
  for (const std::map<std::string, std::string>& flags : std::vector<std::map<std::string, std::string>>{
           {{"trustor", "a"}}, {{"trustee", "b"}}, {{"trustor", "a"}, {"trustee", ""}}}) {
    invocation.flags = flags;
    EXPECT_EQ(SetDirection(invocation, &request).message(),
              "--trustor ORGANIZATION and --trustee ORGANIZATION go together; without both, all directions are meant");
  }
  invocation.flags = {{"trustor", "a"}, {"trustee", "b"}};
  EXPECT_TRUE(SetDirection(invocation, &request).ok());
  EXPECT_EQ(request.trustor() + request.trustee(), "ab");
}

TEST(CommandLineTest, EveryVerbOfACommandHasTheFlagsThatMakeItSafe) {
  // What records something can be tried and repeated; --expected-revision is of those that speak of one history.
  for (const char* name : {"record", "batch", "milestone", "suspend", "resume", "terminate", "correct", "retract",
                           "confirm", "contest", "partner add", "partner remove", "tie declare", "contact assign",
                           "contact release", "policy pin", "policy unpin", "assess issue"}) {
    std::vector<std::string> words = absl::StrSplit(name, ' ');
    const std::vector<VerbSyntax> verbs = AllVerbSyntax();
    const VerbSyntax* const verb = TakeVerb(verbs, &words);
    ASSERT_NE(verb, nullptr) << name;
    EXPECT_NE(FindFlag(verb->flags, "recorder"), nullptr) << name;
    EXPECT_NE(FindFlag(verb->flags, "expected-revision"), nullptr) << name;
  }
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    EXPECT_EQ(FindFlag(verb.flags, "request-id") == nullptr, FindFlag(verb.flags, "dry-run") == nullptr) << verb.name;
    if (FindFlag(verb.flags, "expected-revision") != nullptr) {
      EXPECT_NE(FindFlag(verb.flags, "request-id"), nullptr) << verb.name;
    }
  }
}

TEST(CommandLineTest, TheHelpListsVerbsUnderHeadings) {
  const std::string help = ProgramHelp(AllVerbSyntax());
  std::string group;
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    ASSERT_FALSE(verb.group.empty()) << verb.name;
    if (verb.group == group) continue;
    group = verb.group;
    EXPECT_THAT(help, HasSubstr("\n\n" + group + ":\n  trustctl " + verb.name));
  }
  for (const absl::string_view line : absl::StrSplit(help, '\n')) EXPECT_LE(line.size(), 134U) << line;
}

TEST(CommandLineTest, AFlagMayHaveAShortSpelling) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"report", "x", "-o", "f"}, {"-o=f", "report", "x"}, {"report", "x", "--out", "f"}}) {
    const auto invocation = Parsed(args);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->Get("out"), "f");
  }
  EXPECT_EQ(Refusal({"report", "x", "-o", "f", "--out", "g"}), "--out was given twice; once is enough");
  EXPECT_THAT(Refusal({"stage", "x", "-o", "f"}), HasSubstr("It is a flag of: report, audit export, keygen."));
  std::string help;
  for (const VerbSyntax& verb : AllVerbSyntax()) help += VerbHelp(verb);
  EXPECT_THAT(help, HasSubstr("  --out FILE, -o "));
}

TEST(CommandLineTest, TheHelpTellsEveryVerbFlagAndExitCode) {
  const std::string help = ProgramHelp(AllVerbSyntax());
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    EXPECT_THAT(help, HasSubstr("trustctl " + verb.name));
    const std::string verb_help = VerbHelp(verb);
    EXPECT_THAT(verb_help, HasSubstr("Usage: trustctl " + verb.name));
    for (const Flag& flag : verb.flags) EXPECT_THAT(verb_help, HasSubstr("  --" + flag.name));
    EXPECT_THAT(verb_help, HasSubstr("  3  no server answers"));
  }
  for (const Flag& flag : GlobalFlags()) EXPECT_THAT(help, HasSubstr("  --" + flag.name));
  EXPECT_THAT(help, HasSubstr("Exit codes:\n  0  done\n"));
}

TEST(CommandLineTest, ATimeToWaitNeedsItsUnit) {
  EXPECT_EQ(*ParseWait("deadline", "30s"), absl::Seconds(30));
  EXPECT_EQ(*ParseWait("deadline", "1m30s"), absl::Seconds(90));
  for (const std::string text : {"30", "", "-1s", "0", "inf", "soon"}) {
    const auto wait = ParseWait("deadline", text);
    ASSERT_FALSE(wait.ok()) << text;
    EXPECT_EQ(wait.status().message(),
              "--deadline wants a time with its unit, such as 500ms, 30s or 2m, not \"" + text + "\"");
  }
}

}  // namespace
}  // namespace trustctl
