#include "services/trustctl/failure.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "services/trustctl/remedy.h"
#include "services/trustctl/verb.h"
#include "trust/v1/errors.pb.h"

namespace trustctl {
namespace {

google::rpc::Status Wire(absl::StatusCode code, const std::string& message, const std::string& reason) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain("trust.v1");
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  return status;
}

absl::Status FromServer(const google::rpc::Status& wire) {
  return ServerRefusal(static_cast<absl::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
}

TEST(FailureTest, EveryWrongFieldHasItsLine) {
  google::rpc::Status wire = Wire(absl::StatusCode::kInvalidArgument, "2 fields are wrong", "INVALID_FIELD");
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field("partnership");
  violation->set_description("must be an id");
  violation = request.add_field_violations();
  violation->set_field("evidence.actor");
  violation->set_description("is required");
  wire.add_details()->PackFrom(request);
  const absl::Status status = FromServer(wire);
  EXPECT_EQ(Describe(status),
            "INVALID_ARGUMENT / INVALID_FIELD: 2 fields are wrong\n"
            "  partnership: must be an id\n"
            "  evidence.actor: is required");
  EXPECT_EQ(ExitCodeOf(status), ExitCode::kRefused);
}

TEST(FailureTest, WrongFieldsAreNotSaidTwice) {
  google::rpc::Status wire = Wire(absl::StatusCode::kInvalidArgument, "partnership: must be an id", "INVALID_FIELD");
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field("partnership");
  violation->set_description("must be an id");
  wire.add_details()->PackFrom(request);
  EXPECT_EQ(Describe(FromServer(wire)), "INVALID_ARGUMENT / INVALID_FIELD\n  partnership: must be an id");
}

TEST(FailureTest, TheAdviceToRetryIsShown) {
  google::rpc::Status wire = Wire(absl::StatusCode::kResourceExhausted, "the queue is full", "OVERLOADED");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  wire.add_details()->PackFrom(retry);
  const absl::Status status = FromServer(wire);
  EXPECT_EQ(Describe(status), "RESOURCE_EXHAUSTED / OVERLOADED: the queue is full\n  Try again in 250ms.");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(250));
  EXPECT_EQ(RetryDelayOf(absl::UnavailableError("x")), std::nullopt);
}

TEST(FailureTest, WhatStandsInTheWayIsNamed) {
  google::rpc::Status wire = Wire(absl::StatusCode::kFailedPrecondition, "it has an outcome", "COMMITMENT_RESOLVED");
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject("partnerships/x/events/17");
  violation->set_description("it has an outcome");
  wire.add_details()->PackFrom(failure);
  EXPECT_EQ(Describe(FromServer(wire)),
            "FAILED_PRECONDITION / COMMITMENT_RESOLVED: it has an outcome\n  about partnerships/x/events/17\n"
            "  To change the outcome, correct the event that has it (trustctl correct PARTNERSHIP EVENT).");
}

TEST(FailureTest, EveryReasonSaysWhatToDoNext) {
  // What needs no advice: the error names every field, or the time to wait.
  const std::set<std::string> says_all = {"INVALID_FIELD", "OVERLOADED", "INDEX_NOT_READY", "ACCESS_NOT_RECORDED",
                                          "BACKUP_RUNNING"};
  const google::protobuf::EnumDescriptor& reasons = *trust::v1::ErrorReason_descriptor();
  ASSERT_GT(reasons.value_count(), 50);
  for (int i = 1; i < reasons.value_count(); ++i) {
    const std::string reason = reasons.value(i)->name().substr(std::string("ERROR_REASON_").size());
    const std::string shown = Describe(FromServer(Wire(absl::StatusCode::kNotFound, "no", reason)));
    const std::string bare = "NOT_FOUND / " + reason + ": no";
    if (says_all.count(reason) > 0) {
      EXPECT_EQ(shown, bare);
    } else {
      EXPECT_EQ(shown.find(bare + "\n  "), 0) << shown;
      EXPECT_EQ(shown.back(), '.') << shown;
    }
  }
  EXPECT_EQ(RemedyFor("OF_A_NEWER_SERVER"), "");
}

TEST(FailureTest, TheRemediesNameVerbsAndFlagsThatThereAre) {
  const std::vector<VerbSyntax> verbs = AllVerbSyntax();
  int named = 0;
  for (int i = 1; i < trust::v1::ErrorReason_descriptor()->value_count(); ++i) {
    const std::string& name = trust::v1::ErrorReason_descriptor()->value(i)->name();
    const std::string remedy = RemedyFor(name.substr(std::string("ERROR_REASON_").size()));
    for (size_t at = remedy.find("trustctl "); at != std::string::npos; at = remedy.find("trustctl ", at + 1)) {
      std::vector<std::string> words = absl::StrSplit(remedy.substr(at + 9), absl::ByAnyChar(" .,:;()"));
      EXPECT_NE(TakeVerb(verbs, &words), nullptr) << remedy;
      ++named;
    }
  }
  EXPECT_GT(named, 15);
}

TEST(FailureTest, AStatusOfGrpcItselfIsShownToo) {
  const absl::Status status = ServerRefusal(absl::StatusCode::kUnimplemented, "no such method", "");
  EXPECT_EQ(Describe(status), "UNIMPLEMENTED: no such method");
  EXPECT_FALSE(HasServerDetails(status));
  EXPECT_EQ(Describe(ServerRefusal(absl::StatusCode::kInternal, "broken", "\xFF\xFFno proto")), "INTERNAL: broken");
}

TEST(FailureTest, WithoutAReasonTheCodeSaysWhatToDo) {
  EXPECT_EQ(Describe(ServerRefusal(absl::StatusCode::kUnauthenticated, "who are you", "")),
            "UNAUTHENTICATED: who are you\n  " + RemedyFor("UNAUTHENTICATED"));
  EXPECT_EQ(Describe(ServerRefusal(absl::StatusCode::kPermissionDenied, "not you", "")),
            "PERMISSION_DENIED: not you\n  " + RemedyFor("PERMISSION_DENIED"));
}

TEST(FailureTest, AReasonThatIsTheCodeIsNotSaidTwice) {
  EXPECT_EQ(Describe(FromServer(Wire(absl::StatusCode::kPermissionDenied, "not you", "PERMISSION_DENIED"))),
            "PERMISSION_DENIED: not you\n  " + RemedyFor("PERMISSION_DENIED"));
}

TEST(FailureTest, WhereNoServerAnswersTheCauseSaysWhatToDo) {
  const std::string prefix = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: ";
  for (const std::string& cause :
       {prefix + "Failed to connect to remote host: Connection refused", prefix + "No route to host",
        std::string("DNS resolution failed for tls.example:1: C-ares status is not ARES_SUCCESS qtype=A "
                    "name=tls.example is_balancer=0: Domain name not found"),
        std::string("unix:/run/x: Failed to connect to remote host: No such file or directory")}) {
    const std::string remedy = RemedyForSilence(cause);
    EXPECT_NE(remedy.find("Is trustd running there?"), std::string::npos) << cause;
    EXPECT_EQ(remedy.find("--ca"), std::string::npos) << cause;
  }
  const std::vector<std::pair<std::string, std::string>> others = {
      {"Socket closed", "want a certificate"},
      {"recvmsg:Connection reset by peer", "want a certificate"},
      {prefix + "error:0A000086:SSL routines::certificate verify failed", "of no authority in --ca"},
      {prefix + "error:0A00010B:SSL routines::wrong version number", "does not seem to speak TLS"},
      {"empty address list: ", "--key must be that of --cert"}};
  for (const auto& [cause, words] : others) {
    const std::string remedy = RemedyForSilence(cause);
    EXPECT_EQ(remedy.find("Is trustd running there?"), std::string::npos) << cause;
    EXPECT_NE(remedy.find(words), std::string::npos) << cause;
  }
  EXPECT_NE(RemedyForSilence("something new").find("Is trustd running there?"), std::string::npos);
  EXPECT_NE(RemedyForSilence("something new").find("--ca"), std::string::npos);
}

TEST(FailureTest, TheExitCodeTellsWhoseFaultItIs) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(UsageError("x")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(Unreachable("x")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("x")), ExitCode::kRefused);
}

TEST(FailureTest, WhatTheServerSaysCannotSteerTheTerminal) {
  EXPECT_EQ(Describe(ServerRefusal(absl::StatusCode::kNotFound, "no \033[2J", "")), "NOT_FOUND: no \xEF\xBF\xBD[2J");
}

}  // namespace
}  // namespace trustctl
