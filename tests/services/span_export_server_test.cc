// Which calls are traced, what their spans say, and what becomes of them, with a module that does what it is told. The
// one that sends them stands in tests/e2e/traces_test.py.

#include <dlfcn.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/span_export.h"
#include "tests/services/server_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/told_span_module.h"

namespace services::span_export_tests {

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParentId[] = "00f067aa0ba902b7";

std::string TraceParent(const char* flags) { return absl::StrCat("00-", kTraceId, "-", kParentId, "-", flags); }

// The module's own side. One a process: each test begins it anew.
support::ToldSpanModule& Told() {
  void* const library = dlopen(TOLD_SPAN_MODULE, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(library, nullptr) << dlerror();
  return *reinterpret_cast<support::ToldSpanModuleFunction>(dlsym(library, "told_span_module"))();
}

SpanExport::Config Configured(int sample_per_mille = 0) {
  return {"http://127.0.0.1:4318", TOLD_SPAN_MODULE, "1.2.3", sample_per_mille, /*waiting_max=*/3};
}

class SpanExportTest : public ServerTest {
 protected:
  void SetUp() override {
    told_.taken.clear();
    told_.opened = told_.closed = 0;
  }
  void TearDown() override { server_ = nullptr; }  // Before the export.

  void Open(const SpanExport::Config& config) {
    auto opened = SpanExport::Open(config, &clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    spans_ = *std::move(opened);
  }

  void End(const trust::v1::TraceContext& of) {
    spans_->End({"/trust.v1.TrustService/AssessTrust", of, clock_.Now(), absl::Milliseconds(3), grpc::StatusCode::OK,
                 "", "", ""});
  }

  std::vector<std::string> Taken() {
    const std::lock_guard<std::mutex> lock(told_.mutex);
    return told_.taken;
  }

  std::string Outcomes() const {
    const SpanExport::Counts counts = spans_->counts();
    return absl::StrCat("sent ", counts.sent, " failed ", counts.failed, " dropped ", counts.dropped, " waiting ",
                        counts.waiting);
  }

  // The place in the log of the event with this revision.
  std::string PositionOf(const std::string& partnership, int revision) {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", TraceParent("00"));
    trust::v1::ListEventsRequest list;
    list.set_partnership(partnership);
    trust::v1::ListEventsResponse listed;
    EXPECT_TRUE(history_->ListEvents(&context, list, &listed).ok());
    return listed.events(revision - 1).log_position();
  }

  support::ToldSpanModule& told_ = Told();
  std::unique_ptr<SpanExport> spans_;
};

TEST_F(SpanExportTest, ACallIsTracedAsItsCallerSays) {
  Open(Configured());
  for (const char* flags : {"01", "03", "ff", "0b"}) {
    const auto of = spans_->Begin(TraceParent(flags));
    ASSERT_TRUE(of.has_value()) << flags;
    EXPECT_EQ(of->trace_id(), kTraceId);
    EXPECT_EQ(of->parent_span_id(), kParentId);
  }
  for (const char* flags : {"00", "02", "fe", "0a"})
    EXPECT_FALSE(spans_->Begin(TraceParent(flags)).has_value()) << flags;
}

TEST_F(SpanExportTest, OfCallsWithoutATraceparentTheRateBeginTracesAndMalformedOnesCountAsThey) {
  for (const int rate : {0, 1, 7, 500, 999, 1000}) {
    Open(Configured(rate));
    int begun = 0;
    for (int i = 0; i < 3000; ++i) {
      const auto of = spans_->Begin(i % 2 == 0 ? "" : "00-malformed");
      if (!of.has_value()) continue;
      ++begun;
      EXPECT_TRUE(of->trace_id().empty() && of->parent_span_id().empty());
    }
    EXPECT_EQ(begun, 3 * rate);
  }
}

TEST_F(SpanExportTest, MoreSpansThanMayWaitAreDroppedUntilSomeAreDoneWith) {
  Open(Configured());
  for (int i = 0; i < 5; ++i) End({});
  EXPECT_EQ(Taken().size(), 3u);
  EXPECT_EQ(Outcomes(), "sent 0 failed 0 dropped 2 waiting 3");
  told_.done(told_.context, 2, nullptr);
  for (int i = 0; i < 3; ++i) End({});
  EXPECT_EQ(Taken().size(), 5u);
  EXPECT_EQ(Outcomes(), "sent 2 failed 0 dropped 3 waiting 3");
}

TEST_F(SpanExportTest, WhatCannotBeSentIsCountedAndToldOnceAMinute) {
  Open(Configured());
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    End({});
    told_.done(told_.context, 1, "nobody \"there\"");
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(absl::StrContains(log,
                                "\"level\":\"warning\",\"message\":\"traces could not be sent\",\"spans\":\"1\","
                                "\"error\":\"nobody \\\"there\\\"\"}\n"))
      << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
  EXPECT_EQ(Outcomes(), "sent 0 failed 3 dropped 0 waiting 0");
  clock_.Pass(absl::Minutes(1));
  testing::internal::CaptureStderr();
  End({});
  told_.done(told_.context, 1, std::string(5000, 'x').c_str());
  const std::string later = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(absl::StrContains(later, "\"left_out\":\"2\"")) << later;
  EXPECT_LT(later.size(), 600u);
}

TEST_F(SpanExportTest, OnceStoppedItClosesTheModuleAndDropsWhatComes) {
  Open(Configured());
  spans_->Stop();
  spans_->Stop();
  End({});
  EXPECT_EQ(told_.closed, 1);
  EXPECT_TRUE(Taken().empty());
  EXPECT_EQ(Outcomes(), "sent 0 failed 0 dropped 1 waiting 0");
}

TEST_F(SpanExportTest, AnEndpointGetsThePathThatCollectorsHave) {
  for (const auto& [given, whole] : {std::pair("http://a.b:4318", "http://a.b:4318/v1/traces"),
                                     std::pair("https://[::1]:4318/", "https://[::1]:4318/v1/traces"),
                                     std::pair("http://a.b/c/d", "http://a.b/c/d")}) {
    SpanExport::Config config = Configured();
    config.endpoint = given;
    Open(config);
    EXPECT_EQ(told_.endpoint, whole);
  }
}

TEST_F(SpanExportTest, WhatIsNoEndpointIsRefusedBeforeAnythingIsLoaded) {
  for (const char* endpoint : {"", "collector:4318", "http://", "http:///v1", "http://:4318", "grpc://collector:4317",
                               "http://n:password@a.b:4318", "http://a.b 4318", "http://a.b\n"}) {
    SpanExport::Config config = Configured();
    config.endpoint = endpoint;
    const auto opened = SpanExport::Open(config, &clock_);
    ASSERT_FALSE(opened.ok()) << endpoint;
    EXPECT_TRUE(absl::IsInvalidArgument(opened.status())) << opened.status();
    EXPECT_TRUE(absl::StrContains(opened.status().message(), "--traces_endpoint")) << opened.status();
  }
  EXPECT_EQ(told_.opened, 0);
}

TEST_F(SpanExportTest, AModuleThatIsMissingOrOfAnotherVersionIsRefusedWithWhatToInstall) {
  SpanExport::Config config = Configured();
  for (const auto& [module, words] : {std::pair("/usr/lib/trustd/is-not-there.so", "it cannot be loaded"),
                                      std::pair("libm.so.6", "is no module of trustd"),
                                      std::pair(OTHER_SPAN_MODULE, "it has interface 99, and this trustd 1")}) {
    config.module = module;
    const auto opened = SpanExport::Open(config, &clock_);
    ASSERT_FALSE(opened.ok()) << module;
    EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
    EXPECT_TRUE(absl::StrContains(opened.status().message(), words)) << opened.status();
    EXPECT_TRUE(
        absl::StrContains(opened.status().message(), "install the package trustd-opentelemetry of version 1.2.3"))
        << opened.status();
  }
}

TEST_F(SpanExportTest, ASpanSaysWhatWasCalledHowItEndedAndWhereItIsInTheLog) {
  SpanExport::Config config = Configured(1000);
  config.waiting_max = 100;
  Open(config);
  ServerOptions options;
  options.spans = spans_.get();
  Serve(std::make_unique<eventstore::MemoryStore>(), options);
  ASSERT_TRUE(Found("alpha").ok());
  const std::string id = "123e4567-e89b-12d3-a456-426614174000";
  trust::v1::RecordEvidenceRequest request = Shared("alpha", "2020-02-03");
  request.set_request_id(id);
  trust::v1::RecordEvidenceResponse recorded, other;
  grpc::ClientContext context;
  context.AddMetadata("traceparent", TraceParent("01"));
  ASSERT_TRUE(evidence_->RecordEvidence(&context, request, &recorded).ok());
  grpc::ClientContext unsampled;
  unsampled.AddMetadata("traceparent", TraceParent("00"));
  ASSERT_TRUE(evidence_->RecordEvidence(&unsampled, Shared("alpha", "2020-02-04"), &other).ok());
  request.set_request_id("Anna Example, who is no request id");
  EXPECT_FALSE(Record(request, &other).ok());
  request = Shared("nobody", "2020-02-03");
  EXPECT_FALSE(Record(request, &other).ok());
  std::vector<trust::v1::ImportResult> results;
  trust::v1::ImportHistoryRequest import;
  *import.add_items() = FoundingItem("beta");
  ASSERT_TRUE(Import({import}, &results).ok());
  const std::string founded = PositionOf("alpha", 2);
  server_ = nullptr;
  EXPECT_EQ(Taken(), (std::vector<std::string>{
                         "trust.v1.PartnershipService/CreatePartnership - - OK - - " + founded,
                         absl::StrCat("trust.v1.EvidenceService/RecordEvidence ", kTraceId, " ", kParentId, " OK - ",
                                      id, " ", recorded.log_position()),
                         "trust.v1.EvidenceService/RecordEvidence - - INVALID_ARGUMENT INVALID_FIELD - -",
                         "trust.v1.EvidenceService/RecordEvidence - - NOT_FOUND PARTNERSHIP_NOT_FOUND - -",
                         "trust.v1.EvidenceService/ImportHistory - - OK - - -",
                     }));
  EXPECT_EQ(told_.closed, 1) << "the end of the server sends what waits";
}

}  // namespace services::span_export_tests
