#include "services/trustctl/record_request.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/verb.h"

namespace trustctl::record_request_test {
namespace {

const std::map<std::string, std::string> kFlags = {{"actor", "northwest"}, {"affected", "klm"}, {"on", "1993-01-20"}};

absl::StatusOr<trust::v1::RecordEvidenceRequest> Parsed(std::vector<std::string> arguments,
                                                        std::map<std::string, std::string> flags = {}) {
  Invocation invocation;
  invocation.verb = "record";
  invocation.arguments = std::move(arguments);
  invocation.arguments.insert(invocation.arguments.begin(), "klm-northwest");
  invocation.flags = std::move(flags);
  invocation.flags.insert(kFlags.begin(), kFlags.end());
  return RecordRequestOf(invocation);
}

std::string Refusal(std::vector<std::string> arguments, std::map<std::string, std::string> flags = {}) {
  const auto request = Parsed(std::move(arguments), std::move(flags));
  if (request.ok()) return "taken";
  EXPECT_EQ(ExitCodeOf(request.status()), ExitCode::kUsage);
  return std::string(request.status().message());
}

TEST(RecordRequestTest, TheShortFormIsTheWholeRequest) {
  const auto request = Parsed({"commitment-fulfilled"});
  ASSERT_TRUE(request.ok()) << request.status();
  trust::v1::RecordEvidenceRequest expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(partnership: "klm-northwest"
           recorder: "klm"
           occur_time { seconds: 727488000 }
           occur_time_precision: TIME_PRECISION_DAY
           evidence {
             actor: "northwest"
             affected: "klm"
             commitment_fulfilled {}
           })pb",
      &expected));
  EXPECT_EQ(request->DebugString(), expected.DebugString());
}

TEST(RecordRequestTest, WhatAKindSaysBesidesIsSetByName) {
  const auto kept = Parsed({"commitment-fulfilled", "result=late", "commitment=12"});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->evidence().commitment_fulfilled().result(), trust::v1::FULFILMENT_RESULT_LATE);
  EXPECT_EQ(kept->evidence().commitment_fulfilled().commitment(), "12") << "the server takes a number for the event";
  const auto made = Parsed({"commitment_made", "due_time=1994-06"});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->evidence().commitment_made().due_time().seconds(), 772934400)
      << "due in June: on the last of its days";
  const auto violated =
      Parsed({"violation-reported", "type=confidentiality-breach", "severity=MAJOR", "deception=true"});
  ASSERT_TRUE(violated.ok()) << violated.status();
  EXPECT_EQ(violated->evidence().violation_reported().type(), trust::v1::VIOLATION_TYPE_CONFIDENTIALITY_BREACH);
  EXPECT_EQ(violated->evidence().violation_reported().severity(), trust::v1::SEVERITY_MAJOR);
  EXPECT_TRUE(violated->evidence().violation_reported().deception());
}

TEST(RecordRequestTest, FlagsSayWhoAndHow) {
  const auto request = Parsed({"feedback-given"}, {{"actor", "*"},
                                                   {"affected", "klm, northwest"},
                                                   {"witnesses", "alitalia"},
                                                   {"recorder", "alitalia"},
                                                   {"materiality", "high"},
                                                   {"level", "interpersonal"},
                                                   {"label", "12"},
                                                   {"on", "1993"},
                                                   {"learned", "1993-02-01"},
                                                   {"request-id", "0b7a8c1e-3f52-4c1b-9d1e-6f1f5d2a9c01"},
                                                   {"expected-revision", "7"},
                                                   {"dry-run", ""}});
  ASSERT_TRUE(request.ok()) << request.status();
  const trust::v1::Evidence& evidence = request->evidence();
  EXPECT_EQ(evidence.actor(), "*");
  EXPECT_EQ(std::vector<std::string>(evidence.affected().begin(), evidence.affected().end()),
            (std::vector<std::string>{"klm", "northwest"}));
  EXPECT_EQ(evidence.witnesses(0), "alitalia");
  EXPECT_EQ(request->recorder(), "alitalia");
  EXPECT_EQ(evidence.materiality(), trust::v1::MATERIALITY_HIGH);
  EXPECT_EQ(evidence.level(), trust::v1::LEVEL_INTERPERSONAL);
  EXPECT_EQ(evidence.label(), "12") << "a label is a name, not the number of an event";
  EXPECT_EQ(request->occur_time_precision(), trust::v1::TIME_PRECISION_YEAR);
  EXPECT_EQ(request->observe_time().seconds(), 728524800);
  EXPECT_EQ(request->request_id(), "0b7a8c1e-3f52-4c1b-9d1e-6f1f5d2a9c01");
  EXPECT_EQ(request->expected_revision(), 7);
  EXPECT_TRUE(request->validate_only());
}

TEST(RecordRequestTest, EveryKindCanBeWritten) {
  const std::vector<std::string> kinds = EvidenceKinds();
  EXPECT_GT(kinds.size(), 50u);
  for (const std::string& kind : kinds) {
    const std::string outcome = Refusal({kind});
    EXPECT_TRUE(outcome == "taken" || outcome.find(kind + " wants ") == 0) << outcome;
  }
}

TEST(RecordRequestTest, AFieldThatTheKindRequiresIsAskedForWithItsValues) {
  EXPECT_EQ(Refusal({"violation-reported", "severity=major"}),
            "violation-reported wants type=...: one of quality-failure, opportunism, confidentiality-breach, "
            "contract-breach, deception\nMore: trustctl help record violation-reported");
  EXPECT_EQ(Refusal({"conflict-resolved", "mode=joint"}),
            "conflict-resolved wants conflict=...: the number of the event that began the conflict\n"
            "More: trustctl help record conflict-resolved");
}

Invocation CorrectionOf(std::map<std::string, std::string> flags) {
  Invocation invocation;
  invocation.flags = std::move(flags);
  return invocation;
}

TEST(RecordRequestTest, WhatACorrectionDoesNotSayStays) {
  const auto recorded = Parsed({"commitment-fulfilled", "result=late", "commitment=12"}, {{"label", "go-live"}});
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  trust::v1::Evidence evidence = recorded->evidence();
  trust::v1::Evidence expected = evidence;
  EXPECT_TRUE(SetEvidence(CorrectionOf({}), {}, &evidence).ok());
  EXPECT_EQ(evidence.DebugString(), expected.DebugString());
  EXPECT_TRUE(SetEvidence(CorrectionOf({{"materiality", "high"}}), {"result=exceeded"}, &evidence).ok());
  expected.set_materiality(trust::v1::MATERIALITY_HIGH);
  expected.mutable_commitment_fulfilled()->set_result(trust::v1::FULFILMENT_RESULT_EXCEEDED);
  EXPECT_EQ(evidence.DebugString(), expected.DebugString());
  // A list is replaced, not added to.
  EXPECT_TRUE(SetEvidence(CorrectionOf({{"affected", "alitalia"}, {"label", ""}}), {}, &evidence).ok());
  expected.set_affected(0, "alitalia");
  expected.clear_label();
  EXPECT_EQ(evidence.DebugString(), expected.DebugString());
  EXPECT_TRUE(SetEvidence(CorrectionOf({}), {"commitment-missed", "commitment=12"}, &evidence).ok());
  expected.mutable_commitment_missed()->set_commitment("12");
  EXPECT_EQ(evidence.DebugString(), expected.DebugString()) << "another kind has none of the fields of the first";
}

TEST(RecordRequestTest, ACorrectionOfAFieldThatTheKindLacksSaysWhichThereAre) {
  trust::v1::Evidence evidence;
  evidence.mutable_commitment_fulfilled();
  const absl::Status refused = SetEvidence(CorrectionOf({}), {"severity=grave"}, &evidence);
  EXPECT_EQ(refused.message(), "commitment-fulfilled has no \"severity\"; it takes commitment=..., result=...");
}

VerbSyntax RecordSyntax() {
  for (const VerbSyntax& verb : AllVerbSyntax()) {
    if (verb.name == "record") return verb;
  }
  return VerbSyntax();
}

std::string BatchRefusal(const std::string& line) {
  const auto item = ParseBatchLine(RecordSyntax(), line);
  const std::string message = item.ok() ? "taken" : std::string(item.status().message());
  return message.substr(0, message.find('\n'));
}

TEST(RecordRequestTest, ALineOfABatchIsWhatStandsBehindRecord) {
  const auto line =
      ParseBatchLine(RecordSyntax(),
                     " commitment-fulfilled\tresult=late --actor northwest --affected 'klm, alitalia' --on 1993-01-20 "
                     "--learned 1993-02-01 --note 'person-9=\"said so\" twice'");
  ASSERT_TRUE(line.ok()) << line.status();
  trust::v1::EvidenceItem expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(occur_time { seconds: 727488000 }
           occur_time_precision: TIME_PRECISION_DAY
           observe_time { seconds: 728524800 }
           evidence {
             actor: "northwest"
             affected: "klm"
             affected: "alitalia"
             commitment_fulfilled { result: FULFILMENT_RESULT_LATE }
           }
           note { contact: "person-9" text: "\"said so\" twice" })pb",
      &expected));
  EXPECT_EQ(line->DebugString(), expected.DebugString());
}

TEST(RecordRequestTest, ALineOfABatchThatIsWrongSaysWhatWouldBeRight) {
  const std::string good = "feedback-given --actor a --affected b --on 1993";
  EXPECT_EQ(BatchRefusal(good), "taken");
  EXPECT_EQ(BatchRefusal("feedback-given --actor a --affected b"),
            "record wants --on DATE: when it happened; a coarse date is known as coarsely");
  EXPECT_EQ(BatchRefusal(good + " --label 'x"), "a quote, ', has no end");
  for (const std::string flag : {"--recorder a", "--request-id x", "--expected-revision 3", "--dry-run", "--json"}) {
    const std::string name = flag.substr(0, flag.find(' '));
    EXPECT_EQ(BatchRefusal(good + " " + flag),
              name + " is said of the whole batch, behind trustctl batch, not of a line");
  }
  EXPECT_EQ(BatchRefusal("--help"), "--help is said of the whole batch, behind trustctl batch, not of a line");
  EXPECT_EQ(BatchRefusal(good + " --frobnicate"), "record has no flag --frobnicate");
}

TEST(RecordRequestTest, ANoteNamesThePerson) {
  const auto request = Parsed({"feedback-given"}, {{"note", "person-9=said so = twice"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->note().contact(), "person-9");
  EXPECT_EQ(request->note().text(), "said so = twice");
  for (const std::string text : {"said so", "=said so", "person-9=", ""}) {
    EXPECT_EQ(Refusal({"feedback-given"}, {{"note", text}}),
              "--note wants CONTACT=TEXT, the person's id and what is noted, not \"" + text + "\"");
  }
}

TEST(RecordRequestTest, AMistakeIsAnsweredWithWhatWouldBeRight) {
  EXPECT_EQ(Refusal({"comitment-fulfilled"}),
            "there is no kind of evidence \"comitment-fulfilled\"; did you mean commitment-fulfilled?");
  EXPECT_EQ(Refusal({"commitment-fulfilled", "reslt=late"}),
            "commitment-fulfilled has no \"reslt\"; did you mean result?; it takes commitment=..., result=...");
  EXPECT_EQ(Refusal({"commitment-fulfilled", "result"}),
            "commitment-fulfilled has no \"result\"; did you mean result?; it takes commitment=..., result=...");
  EXPECT_EQ(Refusal({"commitment-fulfilled", "result=lat"}),
            "result wants one of on-time, exceeded, late, not \"lat\"; did you mean late?");
  EXPECT_EQ(Refusal({"commitment-fulfilled", "result=late", "result=exceeded"}),
            "result is given twice; write it once");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"learned", "1993-02"}}),
            "--learned wants a day or an instant, not \"1993-02\"");
  EXPECT_EQ(Refusal({"feedback-given", "result=late"}),
            "feedback-given has no \"result\"; it has no fields of its own");
  EXPECT_EQ(Refusal({"violation-reported", "deception=yes"}), "deception wants true or false, not \"yes\"");
  EXPECT_EQ(Refusal({"commitment-made", "due-time=soon"}),
            "\"soon\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"on", "20.1.1993"}}),
            "\"20.1.1993\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"actor", ""}}),
            "record wants --actor ID, whose act it was; '*' for a joint one");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"affected", ""}}), "record wants --affected ID[,ID...], who experienced it");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"materiality", "huge"}}),
            "--materiality wants one of low, medium, high, critical, not \"huge\"");
  EXPECT_EQ(Refusal({"feedback-given"}, {{"expected-revision", "-1"}}),
            "--expected-revision wants a number of events, 0 and on");
}

}  // namespace
}  // namespace trustctl::record_request_test
