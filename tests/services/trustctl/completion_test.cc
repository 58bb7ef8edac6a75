#include "services/trustctl/completion.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/trustctl/verb.h"

namespace trustctl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using Asked = Completion::Asked;

Completion CompletedLine(const std::vector<std::string>& words) { return CompleteLine(AllVerbSyntax(), words); }

std::vector<std::string> Words(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const Candidate& candidate : CompletedLine(words).candidates) found.push_back(candidate.word);
  return found;
}

TEST(CompletionTest, TheFirstWordIsAVerb) {
  EXPECT_THAT(Words({"st"}), ElementsAre("stage", "status"));
  EXPECT_THAT(Words({"help", "time"}), ElementsAre("timeline"));
  std::vector<std::string> firsts;
  for (const VerbSyntax& verb : AllVerbSyntax()) firsts.push_back(verb.name.substr(0, verb.name.find(' ')));
  EXPECT_THAT(Words({}), IsSupersetOf({"help", "audit", "record"}));
  for (const std::string& first : firsts) EXPECT_THAT(Words({""}), Contains(first).Times(1));
}

TEST(CompletionTest, TheRestOfAVerbFollows) {
  EXPECT_THAT(Words({"policy", ""}), ElementsAre("list", "show", "publish", "activate", "pin", "unpin"));
  EXPECT_THAT(Words({"--json", "hold", "r"}), ElementsAre("release"));
  EXPECT_THAT(Words({"help", "audit", ""}), ElementsAre("export", "check"));
}

TEST(CompletionTest, FlagsAreThoseOfTheVerbAndOfAll) {
  EXPECT_THAT(Words({"stage", "--a"}), ElementsAre("--all", "--as-of"));
  EXPECT_THAT(Words({"stage", "--all", "--a"}), ElementsAre("--as-of"));
  EXPECT_THAT(Words({"stage", "x", "-"}), IsSupersetOf({"--known", "--server", "--json"}));
  EXPECT_THAT(Words({"stage", "--", "--a"}), IsEmpty());
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    std::vector<std::string> line = {verb.name.substr(0, verb.name.find(' '))};
    if (line[0].size() < verb.name.size()) line.push_back(verb.name.substr(line[0].size() + 1));
    line.emplace_back("--");
    const std::vector<std::string> offered = Words(line);
    for (const Flag& flag : verb.flags) EXPECT_THAT(offered, Contains("--" + flag.name)) << verb.name;
    EXPECT_EQ(offered.size(), verb.flags.size() + GlobalFlags().size()) << verb.name;
  }
}

TEST(CompletionTest, AFlagsValueIsCompletedBehindASpaceAndBehindAnEquals) {
  EXPECT_THAT(Words({"stage", "--color", "a"}), ElementsAre("auto", "always"));
  EXPECT_THAT(Words({"--color=n"}), ElementsAre("--color=never"));
  EXPECT_THAT(Words({"record", "x", "feedback-given", "--materiality", ""}),
              ElementsAre("low", "medium", "high", "critical"));
  EXPECT_THAT(Words({"terminate", "x", "--mode", "m"}), ElementsAre("mutual"));
  EXPECT_THAT(Words({"partnerships", "--stage", "b"}), ElementsAre("building-rapport"));
  EXPECT_THAT(Words({"partnerships", "--condition", "s"}), ElementsAre("steady", "strained"));
  EXPECT_EQ(CompletedLine({"stage", "--ca", ""}).asked, Asked::kFiles);
  EXPECT_EQ(CompletedLine({"verify", "--data-directory", "x"}).asked, Asked::kDirectories);
  EXPECT_EQ(CompletedLine({"stage", "--as-of", ""}).asked, Asked::kNothing);
  EXPECT_THAT(Words({"stage", "--as-of", ""}), IsEmpty());
  const Completion partnership = CompletedLine({"audit", "export", "--partnership=kl"});
  EXPECT_EQ(partnership.asked, Asked::kPartnerships);
  EXPECT_EQ(partnership.prefix, "--partnership=");
  EXPECT_EQ(partnership.typed, "kl");
}

TEST(CompletionTest, ArgumentsAreCompletedByTheirPlace) {
  EXPECT_EQ(CompletedLine({"stage", "x", "y", ""}).asked, Asked::kPartnerships);
  EXPECT_EQ(CompletedLine({"history", ""}).asked, Asked::kPartnerships);
  EXPECT_EQ(CompletedLine({"history", "x", ""}).asked, Asked::kNothing);
  EXPECT_EQ(CompletedLine({"policy", "pin", "x", ""}).asked, Asked::kPolicies);
  EXPECT_EQ(CompletedLine({"import", "a", ""}).asked, Asked::kFiles);
  EXPECT_EQ(CompletedLine({"simulate", ""}).asked, Asked::kFiles);
  EXPECT_THAT(Words({"record", "x", "commitment-f"}), ElementsAre("commitment-fulfilled"));
  EXPECT_THAT(Words({"record", "x", "commitment-fulfilled", ""}), IsSupersetOf({"commitment=", "result=late"}));
  EXPECT_THAT(Words({"correct", "x", "17", "commitment-fulfilled", "result=l"}), ElementsAre("result=late"));
  EXPECT_THAT(Words({"correct", "x", "17", "commitment-f"}), ElementsAre("commitment-fulfilled"));
  EXPECT_THAT(Words({"milestone", "x", "r"}), ElementsAre("review-held"));
  EXPECT_THAT(Words({"milestone", "x", "health-check-completed", ""}), ElementsAre("stated-trust="));
  EXPECT_EQ(CompletedLine({"batch", "x", ""}).asked, Asked::kFiles);
  EXPECT_EQ(CompletedLine({"contact", "assign", ""}).asked, Asked::kPartnerships);
  EXPECT_THAT(Words({"record", "x", "--on", "1993", "commitment-fulfilled", "result=l"}), ElementsAre("result=late"));
  EXPECT_THAT(Words({"call", "Watch"}), ElementsAre("WatchTrust", "WatchEvents", "Watch"));
  EXPECT_THAT(Words({"completion", ""}), ElementsAre("bash", "zsh", "fish", "words"));
}

TEST(CompletionTest, TheFlagsGivenBeforeAreToldSoThatTheRightServerIsAsked) {
  const Completion completion = CompletedLine({"--server", "h:1", "stage", "--ca=x.pem", ""});
  EXPECT_EQ(completion.flags.at("server"), "h:1");
  EXPECT_EQ(completion.flags.at("ca"), "x.pem");
}

TEST(CompletionTest, WhatNobodyKnowsIsLeftAlone) {
  EXPECT_THAT(Words({"frobnicate", ""}), IsEmpty());
  EXPECT_THAT(Words({"stage", "--frobnicate=x"}), IsEmpty());
  EXPECT_THAT(Words({"record", "x", "frobnicate", ""}), IsEmpty());
  EXPECT_EQ(CompletedLine({"frobnicate", ""}).asked, Asked::kNothing);
}

}  // namespace
}  // namespace trustctl
