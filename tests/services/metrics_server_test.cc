// What a server counts, over a channel; how it is told over HTTP stands in tests/e2e/metrics_test.py.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "services/identity/method_rules.h"
#include "services/metrics_endpoint.h"
#include "services/rpc/call_meter.h"
#include "tests/services/server_fixture.h"
#include "tests/support/faulty_store.h"
#include "trust/v1/admin_service.grpc.pb.h"
#include "trust/v1/history_service.pb.h"

namespace services::metrics_tests {

grpc::Status Fault(grpc::StatusCode code, const char* reason) {
  google::rpc::Status wire;
  wire.set_code(code);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  wire.add_details()->PackFrom(info);
  return {code, "it failed", wire.SerializeAsString()};
}

class CallMeterTest : public testing::Test {
 protected:
  rpc::MethodReading Of(absl::string_view path) const {
    const std::vector<rpc::MethodReading> methods = meter_.Methods();
    return methods[meter_.IndexOf(path)];
  }

  uint64_t CountOf(const std::string& reason) const {
    for (const auto& [name, count] : meter_.reasons().Read()) {
      if (name == reason) return count;
    }
    ADD_FAILURE() << reason << " is not counted";
    return 0;
  }

  void Handle(absl::string_view path, const grpc::Status& status) {
    meter_.Started(meter_.IndexOf(path));
    meter_.Handled(meter_.IndexOf(path), status, absl::Milliseconds(3), [] { return std::string("an-id"); });
  }

  support::FakeClock clock_{absl::UnixEpoch()};
  std::vector<std::string> told_;
  rpc::CallMeter meter_{
      &clock_, [this](const rpc::FailedCall& call) {
        told_.push_back(absl::StrCat(call.method, " ", call.code, " ", call.reason, " ", call.request_id));
      }};
};

TEST_F(CallMeterTest, EachMethodHasItsOwnNumbersAndWhatHasNoRuleIsOne) {
  Handle("/trust.v1.TrustService/AssessTrust", grpc::Status::OK);
  Handle("/trust.v1.TrustService/AssessTrust", grpc::Status::OK);
  Handle("/trust.v1.TrustService/ExplainTrust", grpc::Status::OK);
  for (int i = 0; i < 100; ++i) Handle(absl::StrCat("/grpc.any.Thing/", i), grpc::Status::OK);
  EXPECT_EQ(Of("/trust.v1.TrustService/AssessTrust").started, 2u);
  EXPECT_EQ(Of("/trust.v1.TrustService/ExplainTrust").handled[0], 1u);
  EXPECT_EQ(Of("/grpc.any.Thing/7").started, 100u);
  EXPECT_EQ(Of("/grpc.any.Thing/7").service, "unknown");
  EXPECT_EQ(meter_.Methods().size(), identity::MethodRules::Get().Paths().size() + 1);
}

TEST_F(CallMeterTest, ADurationIsCountedWithItsBoundAndAStreamHasNone) {
  const size_t method = meter_.IndexOf("/trust.v1.HistoryService/WatchEvents");
  Handle("/trust.v1.TrustService/AssessTrust", grpc::Status::OK);
  meter_.Started(method);
  meter_.Handled(method, grpc::Status::OK, absl::Nanoseconds(-1), [] { return std::string(); });
  const rpc::MethodReading unary = Of("/trust.v1.TrustService/AssessTrust");
  EXPECT_EQ(unary.duration.counts[Histogram::BucketOf(kDurationBoundsNs, 3'000'000)], 1u);
  EXPECT_EQ(unary.duration.sum, 3'000'000u);
  EXPECT_EQ(Of("/trust.v1.HistoryService/WatchEvents").duration.sum, 0u);
  EXPECT_EQ(Of("/trust.v1.HistoryService/WatchEvents").handled[0], 1u);
}

TEST_F(CallMeterTest, ErrorsAreCountedByReasonAndAnInventedReasonByNone) {
  Handle("/trust.v1.TrustService/AssessTrust", Fault(grpc::StatusCode::NOT_FOUND, "PARTNERSHIP_NOT_FOUND"));
  Handle("/trust.v1.TrustService/AssessTrust", Fault(grpc::StatusCode::NOT_FOUND, "SOMETHING_ELSE"));
  Handle("/trust.v1.TrustService/AssessTrust", {grpc::StatusCode::CANCELLED, "gone"});
  EXPECT_EQ(CountOf("PARTNERSHIP_NOT_FOUND"), 1u);
  EXPECT_EQ(CountOf("UNSPECIFIED"), 2u);
  EXPECT_TRUE(told_.empty());
}

TEST_F(CallMeterTest, WhatFailedThroughTheServerIsToldWithItsRequestIdAndTheEndOfTheServerIsNot) {
  Handle("/trust.v1.EvidenceService/RecordEvidence", Fault(grpc::StatusCode::DATA_LOSS, "LOG_DAMAGED"));
  Handle("/trust.v1.EvidenceService/RecordEvidence", Fault(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD"));
  Handle("/trust.v1.HistoryService/WatchEvents", Fault(grpc::StatusCode::UNAVAILABLE, "SHUTTING_DOWN"));
  EXPECT_EQ(told_, std::vector<std::string>{"trust.v1.EvidenceService/RecordEvidence DATA_LOSS LOG_DAMAGED an-id"});
}

TEST_F(CallMeterTest, CallersThatWereRefusedAreCountedByWhatTheyLack) {
  meter_.Refused(rpc::CallerRefusal::kCertificate, "", grpc::StatusCode::UNAUTHENTICATED);
  meter_.Refused(rpc::CallerRefusal::kUnknown, "/trust.v1.TrustService/AssessTrust", grpc::StatusCode::UNAUTHENTICATED);
  meter_.Refused(rpc::CallerRefusal::kUnknown, "/grpc.Name/That a caller chose", grpc::StatusCode::UNAUTHENTICATED);
  Handle("/trust.v1.TrustService/AssessTrust", Fault(grpc::StatusCode::PERMISSION_DENIED, "PERMISSION_DENIED"));
  EXPECT_EQ(meter_.refused(rpc::CallerRefusal::kCertificate), 1u);
  EXPECT_EQ(meter_.refused(rpc::CallerRefusal::kUnknown), 2u);
  EXPECT_EQ(meter_.refused(rpc::CallerRefusal::kNotPermitted), 1u);
  EXPECT_EQ(told_,
            (std::vector<std::string>{" UNAUTHENTICATED  ", "trust.v1.TrustService/AssessTrust UNAUTHENTICATED  ",
                                      "unknown UNAUTHENTICATED  ",
                                      "trust.v1.TrustService/AssessTrust PERMISSION_DENIED PERMISSION_DENIED an-id"}));
}

constexpr char kUuid[] = "123e4567-e89b-12d3-a456-426614174000";

class FailedCallTest : public ServerTest {
 protected:
  void SetUp() override {}

  // What the server says on its log while a write fails that a command with this request id asked for.
  std::string LogOfAFailedWrite(const std::string& request_id, grpc::StatusCode expected) {
    auto store = std::make_unique<support::FaultyStore>(&memory_);
    support::FaultyStore* const faulty = store.get();
    Serve(std::move(store));
    EXPECT_TRUE(Found("alpha").ok());
    faulty->next_writes = {absl::UnknownError("the disk is gone")};
    trust::v1::RecordEvidenceRequest request = Shared("alpha", "2020-02-03");
    request.set_request_id(request_id);
    grpc::ClientContext context;
    trust::v1::RecordEvidenceResponse response;
    testing::internal::CaptureStderr();
    EXPECT_EQ(evidence_->RecordEvidence(&context, request, &response).error_code(), expected);
    server_ = nullptr;
    return testing::internal::GetCapturedStderr();
  }

  eventstore::MemoryStore memory_;
};

TEST_F(FailedCallTest, TheLogNamesMethodReasonAndRequestId) {
  const std::string log = LogOfAFailedWrite(kUuid, grpc::StatusCode::UNKNOWN);
  EXPECT_TRUE(
      absl::StrContains(log,
                        "\"level\":\"error\",\"message\":\"a call failed\",\"code\":\"UNKNOWN\",\"method\":"
                        "\"trust.v1.EvidenceService/RecordEvidence\",\"reason\":\"OUTCOME_UNKNOWN\",\"request_id\":"
                        "\"123e4567-e89b-12d3-a456-426614174000\"}"))
      << log;
  EXPECT_FALSE(absl::StrContains(log, "alpha")) << log;
}

class ClockBehindTest : public ServerTest {
 protected:
  void SetUp() override {}
  void TearDown() override { server_ = nullptr; }  // Before the store, which is here.

  trust::v1::Event Recorded(const char* day) {
    grpc::ClientContext context;
    trust::v1::RecordEvidenceResponse response;
    const grpc::Status status = evidence_->RecordEvidence(&context, Shared("alpha", day), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.events_size() == 1 ? response.events(0) : trust::v1::Event();
  }

  eventstore::MemoryStore memory_;
};

TEST_F(ClockBehindTest, AClockThatWasSetBackIsToldAndNoTimeOfRecordingGoesBack) {
  const absl::Time noon = clock_.Now();
  Serve(std::make_unique<support::FaultyStore>(&memory_));
  ASSERT_TRUE(Found("alpha").ok());
  const trust::v1::Event before = Recorded("2020-02-03");
  testing::internal::CaptureStderr();
  clock_.Set(noon - absl::Milliseconds(900));
  Recorded("2020-02-04");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "clocks are corrected by so much all the time";

  testing::internal::CaptureStderr();
  clock_.Set(noon - absl::Seconds(90));
  const trust::v1::Event after = Recorded("2020-02-05");
  EXPECT_EQ(after.record_time().ShortDebugString(), before.record_time().ShortDebugString());
  EXPECT_GT(after.revision(), before.revision());
  server_ = nullptr;
  Serve(std::make_unique<support::FaultyStore>(&memory_));
  const std::string log = testing::internal::GetCapturedStderr();
  const std::string line =
      "\"level\":\"warning\",\"message\":\"the clock is behind what was recorded\",\"behind\":\"1m30s\"";
  EXPECT_EQ(absl::StrContains(log, line) ? std::vector<std::string>(absl::StrSplit(log, line)).size() - 1 : 0, 2u)
      << "by the command, and by the next start:\n"
      << log;
}

// The value of a metric without labels, as Prometheus reads it from an address of this machine; -1 where there is none.
double Scraped(const std::string& address, const std::string& metric) {
  const std::string port = address.substr(address.rfind(':') + 1);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(port)));
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  EXPECT_EQ(send(connection, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  char block[4096];
  for (ssize_t size; (size = recv(connection, block, sizeof(block), 0)) > 0;) {
    answer.append(block, static_cast<size_t>(size));
  }
  close(connection);
  const size_t found = answer.find(absl::StrCat("\n", metric, " "));
  if (found == std::string::npos) return -1;
  return std::stod(answer.substr(found + metric.size() + 2));
}

TEST_F(ClockBehindTest, ByHowMuchIsShownToPrometheusAndToTheOperator) {
  const absl::Time noon = clock_.Now();
  ServerOptions options;
  options.metrics_listen = "127.0.0.1:0";
  Serve(std::make_unique<support::FaultyStore>(&memory_), options);
  ASSERT_TRUE(Found("alpha").ok());
  const auto admin = trust::v1::AdminService::NewStub(channel_);
  for (const auto& [clock, behind] : std::vector<std::pair<absl::Time, double>>{{noon, 0},
                                                                                {noon - absl::Milliseconds(1500), 1.5},
                                                                                {noon - absl::Hours(2), 7200},
                                                                                {noon + absl::Hours(1), 0}}) {
    clock_.Set(clock);
    EXPECT_NEAR(Scraped(server_->metrics_address(), "trustd_clock_behind_seconds"), behind, 0.001);
    grpc::ClientContext context;
    trust::v1::GetServerStatusResponse status;
    ASSERT_TRUE(admin->GetServerStatus(&context, {}, &status).ok());
    EXPECT_NEAR(static_cast<double>(status.clock_behind().seconds()) + status.clock_behind().nanos() / 1e9, behind,
                0.001);
    EXPECT_EQ(status.has_clock_behind(), behind > 0);
    EXPECT_EQ(status.clock_time().seconds(), absl::ToUnixSeconds(clock));
    EXPECT_FALSE(status.storage_full());
  }
}

class TraceServerTest : public ServerTest {
 protected:
  // The trace that the event has which a command with this metadata records; listed, not as the command answers it.
  std::string TraceOf(const std::vector<std::string>& traceparents) {
    grpc::ClientContext context;
    for (const std::string& traceparent : traceparents) context.AddMetadata("traceparent", traceparent);
    trust::v1::RecordEvidenceResponse recorded;
    const grpc::Status status = evidence_->RecordEvidence(&context, Shared("alpha", "2020-02-03"), &recorded);
    EXPECT_TRUE(status.ok()) << status.error_message();
    grpc::ClientContext list_context;
    trust::v1::ListEventsRequest list;
    list.set_partnership("alpha");
    trust::v1::ListEventsResponse listed;
    EXPECT_TRUE(history_->ListEvents(&list_context, list, &listed).ok());
    const trust::v1::Event& last = listed.events(listed.events_size() - 1);
    EXPECT_EQ(last.trace().ShortDebugString(), recorded.events(0).trace().ShortDebugString());
    return last.has_trace() ? last.trace().trace_id() + " " + last.trace().parent_span_id() : "none";
  }
};

TEST_F(TraceServerTest, ATraceIsStoredWithTheEventsOfItsCommandAndShownWhereverTheyAre) {
  ASSERT_TRUE(Found("alpha").ok());
  const std::string whole = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_EQ(TraceOf({whole}), "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7");
  EXPECT_EQ(TraceOf({}), "none");
  EXPECT_EQ(TraceOf({"no traceparent"}), "none");
  EXPECT_EQ(TraceOf({whole, whole}), "none") << "which of them holds is not known";
}

TEST(MetricsEndpointTest, AnAddressThatIsTakenIsRefusedWithWords) {
  const auto first = MetricsEndpoint::Listen("127.0.0.1:0", [] { return std::vector<MetricFamily>(); });
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = MetricsEndpoint::Listen((*first)->address(), [] { return std::vector<MetricFamily>(); });
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(absl::StrContains(second.status().message(), "--metrics_listen")) << second.status();
}

TEST(MetricsOptionsTest, AnAddressThatOthersReachNeedsLeave) {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  const support::FakeClock clock(absl::UnixEpoch());
  for (const char* address : {"0.0.0.0:0", "[::]:0", "9464", "unix:metrics"}) {
    options.metrics_listen = address;
    const auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock, [] {});
    ASSERT_FALSE(server.ok()) << address;
    EXPECT_TRUE(absl::IsInvalidArgument(server.status())) << server.status();
  }
  options.metrics_listen = "0.0.0.0:0";
  options.metrics_anywhere = true;
  const auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock, [] {});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_FALSE((*server)->metrics_address().empty());
}

}  // namespace services::metrics_tests
