// The access record over the wire: no history is read that is not recorded first.

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "services/event_codec.h"
#include "services/system_stream.h"
#include "tests/services/server_fixture.h"
#include "tests/support/faulty_store.h"
#include "trust/v1/audit_service.grpc.pb.h"

namespace services {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// What came of a call: its status, and whether anything was told.
struct Told {
  grpc::Status status;
  bool something = false;
};

// A way to read the history of some partnerships, or of all.
struct Reading {
  const char* method;
  std::vector<std::string> partnerships;
  std::function<Told(grpc::ClientContext*)> call;
};

template <class Stub, class Request, class Response>
Reading Unary(const char* method, std::vector<std::string> partnerships, Stub* stub,
              grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*), const Request& request) {
  return {method, std::move(partnerships), [stub, call, request](grpc::ClientContext* context) {
            Response response;
            const grpc::Status status = (stub->*call)(context, request, &response);
            return Told{status, response.ByteSizeLong() > 0};
          }};
}

// Ends the call behind the first message.
template <class Stub, class Request, class Response>
Reading Stream(const char* method, std::vector<std::string> partnerships, Stub* stub,
               std::unique_ptr<grpc::ClientReader<Response>> (Stub::*call)(grpc::ClientContext*, const Request&),
               const Request& request) {
  return {method, std::move(partnerships), [stub, call, request](grpc::ClientContext* context) {
            const auto stream = (stub->*call)(context, request);
            Response response;
            const bool something = stream->Read(&response);
            if (something) context->TryCancel();
            const grpc::Status status = stream->Finish();
            return Told{something ? grpc::Status::OK : status, something};
          }};
}

template <class Request>
Request OfMoon() {
  Request request;
  request.set_partnership("moon");
  return request;
}

class AccessServerTest : public ServerTest {
 protected:
  // Before log_, which it uses.
  ~AccessServerTest() override { server_ = nullptr; }

  void SetUp() override { Start(/*record_accesses=*/true); }

  // Serves what is in log_, anew.
  void Start(bool record_accesses) {
    server_ = nullptr;
    auto store = std::make_unique<support::FaultyStore>(&log_);
    store_ = store.get();
    ServerOptions options;
    options.record_accesses = record_accesses;
    options.drain_timeout = absl::ZeroDuration();
    Serve(std::move(store), options);
    audit_ = trust::v1::AuditService::NewStub(channel_);
  }

  // Founds a partnership with a contact and a report that a late record changes, and waits for the standing index.
  void FillMoon() {
    ASSERT_TRUE(Found("moon").ok());
    trust::v1::AssignContactRequest contact = OfMoon<trust::v1::AssignContactRequest>();
    contact.set_recorder("acme");
    *contact.mutable_occur_time() = Midnight("2023-01-01");
    contact.set_contact("ada");
    contact.set_organization("acme");
    grpc::ClientContext assigning;
    trust::v1::AssignContactResponse assigned;
    ASSERT_TRUE(partnerships_->AssignContact(&assigning, contact, &assigned).ok());
    trust::v1::IssueAssessmentRequest report = OfMoon<trust::v1::IssueAssessmentRequest>();
    report.set_recorder("acme");
    report.set_assessment("first");
    grpc::ClientContext issuing;
    trust::v1::IssueAssessmentResponse issued;
    const grpc::Status reported = trust_->IssueAssessment(&issuing, report, &issued);
    ASSERT_TRUE(reported.ok()) << reported.error_message();
    trust::v1::RecordEvidenceResponse recorded;
    ASSERT_TRUE(Record(Shared("moon", "2023-12-01"), &recorded).ok());
    trust::v1::ListAttentionRequest indexed;
    indexed.set_min_position(recorded.log_position());
    grpc::Status waited;
    do {  // A server that has just begun refuses until its index is made.
      grpc::ClientContext waiting;
      trust::v1::ListAttentionResponse attention;
      waited = trust_->ListAttention(&waiting, indexed, &attention);
    } while (ReasonOf(waited) == "INDEX_NOT_READY");
    ASSERT_TRUE(waited.ok()) << waited.error_message();
  }

  // Every way to read history.
  std::vector<Reading> Readings() {
    using namespace trust::v1;  // NOLINT(google-build-using-namespace): a table of its names.
    ListEventsRequest poll;
    poll.set_wait_ms(10'000);
    WatchEventsRequest follow;
    follow.add_partnerships("moon");
    follow.add_partnerships("sun");
    GetInclusionProofRequest prove = OfMoon<GetInclusionProofRequest>();
    prove.set_revision(1);
    ExplainTrustRequest explain = OfMoon<ExplainTrustRequest>();
    explain.set_trustor("acme");
    explain.set_trustee("globex");
    SimulatePolicyRequest simulate = OfMoon<SimulatePolicyRequest>();
    simulate.set_policy("trust-stages/1.0.0");
    WatchTrustRequest watch;
    watch.add_partnerships("moon");
    watch.set_snapshot(true);
    GetContactRequest contact = OfMoon<GetContactRequest>();
    contact.set_contact("ada");
    using History = HistoryService::Stub;
    using Audit = AuditService::Stub;
    using Trust = TrustService::Stub;
    return {
        Unary("trust.v1.HistoryService/ListEvents", {"moon"}, history_.get(), &History::ListEvents,
              OfMoon<ListEventsRequest>()),
        Unary("trust.v1.HistoryService/ListEvents", {}, history_.get(), &History::ListEvents, poll),
        Stream("trust.v1.HistoryService/WatchEvents", {"moon", "sun"}, history_.get(), &History::WatchEvents, follow),
        Stream("trust.v1.HistoryService/ReplayHistory", {"moon"}, history_.get(), &History::ReplayHistory,
               OfMoon<ReplayHistoryRequest>()),
        Unary("trust.v1.AuditService/GetInclusionProof", {"moon"}, audit_.get(), &Audit::GetInclusionProof, prove),
        Stream("trust.v1.AuditService/ExportAudit", {"moon"}, audit_.get(), &Audit::ExportAudit,
               OfMoon<ExportAuditRequest>()),
        Unary("trust.v1.TrustService/GetTrustTimeline", {"moon"}, trust_.get(), &Trust::GetTrustTimeline,
              OfMoon<GetTrustTimelineRequest>()),
        Unary("trust.v1.TrustService/ExplainTrust", {"moon"}, trust_.get(), &Trust::ExplainTrust, explain),
        Stream("trust.v1.TrustService/SimulatePolicy", {"moon"}, trust_.get(), &Trust::SimulatePolicy, simulate),
        Unary("trust.v1.TrustService/ListRestatements", {"moon"}, trust_.get(), &Trust::ListRestatements,
              OfMoon<ListRestatementsRequest>()),
        Stream("trust.v1.TrustService/WatchTrust", {"moon"}, trust_.get(), &Trust::WatchTrust, watch),
        Unary("trust.v1.PartnershipService/GetContact", {"moon"}, partnerships_.get(),
              &PartnershipService::Stub::GetContact, contact),
    };
  }

  // The status of a listing, and how many events it has.
  std::pair<grpc::Status, int> List(grpc::ClientContext* context, const trust::v1::ListEventsRequest& request) {
    trust::v1::ListEventsResponse response;
    const grpc::Status status = history_->ListEvents(context, request, &response);
    return {status, response.events_size()};
  }

  static std::unique_ptr<grpc::ClientContext> As(const std::string& reader, const std::string& purpose = "") {
    auto context = std::make_unique<grpc::ClientContext>();
    if (!reader.empty()) context->AddMetadata("trust-reader", reader);
    if (!purpose.empty()) context->AddMetadata("trust-purpose", purpose);
    return context;
  }

  // What the record holds, in its order.
  std::vector<trust::v1::Event> Recorded() const {
    std::vector<trust::v1::Event> events;
    const absl::Status read = log_.ReadStream(kAccessStream, 0, [&](const eventstore::RecordedEvent& record) {
      EXPECT_TRUE(Decode(record, true, &events.emplace_back()).ok());
      return true;
    });
    EXPECT_TRUE(read.ok()) << read;
    return events;
  }

  std::vector<bool> Switches() const {
    std::vector<bool> switches;
    for (const trust::v1::Event& event : Recorded()) {
      if (event.has_access_record_switched()) switches.push_back(event.access_record_switched().on());
    }
    return switches;
  }

  eventstore::MemoryStore log_;
  support::FaultyStore* store_ = nullptr;  // The server's.
  std::unique_ptr<trust::v1::AuditService::Stub> audit_;
};

TEST_F(AccessServerTest, EveryReadingOfAHistoryIsRecorded) {
  FillMoon();
  for (const Reading& reading : Readings()) {
    SCOPED_TRACE(reading.method);
    const size_t before = Recorded().size();
    const Told told = reading.call(As("auditor-7", "yearly audit").get());
    EXPECT_TRUE(told.status.ok()) << told.status.error_message();
    EXPECT_TRUE(told.something);
    const std::vector<trust::v1::Event> recorded = Recorded();
    ASSERT_EQ(recorded.size(), before + 1);
    EXPECT_EQ(recorded.back().revision(), static_cast<int64_t>(before + 1));
    EXPECT_EQ(projections::ToTime(recorded.back().record_time()), clock_.Now());
    const trust::v1::HistoryAccessed& access = recorded.back().history_accessed();
    EXPECT_EQ(access.reader(), "auditor-7");
    EXPECT_EQ(access.purpose(), "yearly audit");
    EXPECT_EQ(access.method(), reading.method);
    EXPECT_EQ(std::vector<std::string>(access.partnerships().begin(), access.partnerships().end()),
              reading.partnerships);
    EXPECT_THAT(access.question(), HasSubstr(reading.partnerships.empty() ? "wait_ms" : "\"moon\""));
  }
}

TEST_F(AccessServerTest, WhoDoesNotSayWhoReadsIsToldNothing) {
  FillMoon();
  const uint64_t size = log_.LogSize();
  for (const Reading& reading : Readings()) {
    SCOPED_TRACE(reading.method);
    const Told told = reading.call(As("", "yearly audit").get());
    EXPECT_EQ(told.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(told.status), "READER_MISSING");
    EXPECT_THAT(told.status.error_message(), HasSubstr("trust-reader"));
    EXPECT_FALSE(told.something);
  }
  EXPECT_EQ(log_.LogSize(), size);
}

TEST_F(AccessServerTest, WhatCannotBeRecordedIsNotRead) {
  FillMoon();
  for (const Reading& reading : Readings()) {
    SCOPED_TRACE(reading.method);
    const uint64_t size = log_.LogSize();
    store_->next_writes.push_back(absl::ResourceExhaustedError("planted"));
    Told told = reading.call(As("auditor-7").get());
    EXPECT_EQ(told.status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(told.status), "ACCESS_NOT_RECORDED");
    EXPECT_THAT(told.status.error_message(), HasSubstr("the disk is full"));
    EXPECT_FALSE(told.something);
    EXPECT_EQ(log_.LogSize(), size);
    told = reading.call(As("auditor-7").get());
    EXPECT_TRUE(told.status.ok()) << told.status.error_message();
    EXPECT_EQ(log_.LogSize(), size + 1);
  }
}

TEST_F(AccessServerTest, WhereAccessesAreNotRecordedNobodyIsAskedAndNothingIsWritten) {
  Start(/*record_accesses=*/false);
  FillMoon();
  const uint64_t size = log_.LogSize();
  for (const Reading& reading : Readings()) {
    SCOPED_TRACE(reading.method);
    const Told told = reading.call(As("").get());
    EXPECT_TRUE(told.status.ok()) << told.status.error_message();
    EXPECT_TRUE(told.something);
  }
  EXPECT_EQ(log_.LogSize(), size);
}

TEST_F(AccessServerTest, WhatShowsNoEventIsNotRecorded) {
  FillMoon();
  const uint64_t size = log_.LogSize();
  trust::v1::AssessTrustRequest question;
  question.set_partnership("moon");
  grpc::ClientContext assessing;
  trust::v1::AssessTrustResponse reading;
  EXPECT_TRUE(trust_->AssessTrust(&assessing, question, &reading).ok());
  trust::v1::GetPartnershipRequest request;
  request.set_partnership("moon");
  grpc::ClientContext getting;
  trust::v1::GetPartnershipResponse partnership;
  EXPECT_TRUE(partnerships_->GetPartnership(&getting, request, &partnership).ok());
  EXPECT_EQ(log_.LogSize(), size);
}

TEST_F(AccessServerTest, TheRecordShowsFromWhereToWhereItHasGaps) {
  EXPECT_THAT(Switches(), ElementsAre(true));
  Start(/*record_accesses=*/true);
  EXPECT_THAT(Switches(), ElementsAre(true));
  Start(/*record_accesses=*/false);
  Start(/*record_accesses=*/false);
  EXPECT_THAT(Switches(), ElementsAre(true, false));
  Start(/*record_accesses=*/true);
  EXPECT_THAT(Switches(), ElementsAre(true, false, true));
}

TEST_F(AccessServerTest, ALogThatNeverHadARecordSaysNothingOfIt) {
  eventstore::MemoryStore fresh;
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto server = Server::Start(options, std::make_unique<support::FaultyStore>(&fresh), &clock_, [] {});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(fresh.LogSize(), 0u);
}

TEST_F(AccessServerTest, ARecordIsGoneOnWithWithoutReadingIt) {
  FillMoon();
  ASSERT_TRUE(Readings().front().call(As("auditor-7").get()).status.ok());
  Start(/*record_accesses=*/true);
  store_->reads_of[kAccessStream] = absl::DataLossError("planted");
  EXPECT_TRUE(Readings().front().call(As("auditor-7").get()).status.ok());
  EXPECT_EQ(Recorded().size(), 3u);  // The switch and two readings.
}

TEST_F(AccessServerTest, TheRecordIsReadFromTheWholeLogAndThatIsRecordedToo) {
  FillMoon();
  ASSERT_TRUE(Readings().front().call(As("auditor-7").get()).status.ok());
  trust::v1::ListEventsRequest request;
  request.add_kinds("history_accessed");
  EXPECT_EQ(List(As("auditor-8").get(), request).second, 0);
  request.set_include_system(true);
  EXPECT_EQ(List(As("auditor-8").get(), request).second, 3);
}

TEST_F(AccessServerTest, AReaderOrAQuestionThatIsTooLongIsRefusedByName) {
  FillMoon();
  trust::v1::ListEventsRequest request = OfMoon<trust::v1::ListEventsRequest>();
  grpc::Status status = List(As(std::string(257, 'a')).get(), request).first;
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(status.error_message(), HasSubstr("trust-reader"));
  status = List(As("auditor-7", std::string(501, 'a')).get(), request).first;
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(status.error_message(), HasSubstr("trust-purpose"));
  request.set_page_token(std::string(70'000, 'a'));
  status = List(As("auditor-7").get(), request).first;
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(status.error_message(), HasSubstr("can be recorded"));
  EXPECT_THAT(Recorded(), SizeIs(1));
}

TEST_F(AccessServerTest, AQuestionWithoutAFormInJsonIsRecordedAsText) {
  FillMoon();
  trust::v1::ReplayHistoryRequest request = OfMoon<trust::v1::ReplayHistoryRequest>();
  request.mutable_until_time()->set_seconds(std::numeric_limits<int64_t>::max());
  const Reading reading = Stream("", {}, history_.get(), &trust::v1::HistoryService::Stub::ReplayHistory, request);
  EXPECT_EQ(ReasonOf(reading.call(As("auditor-7").get()).status), "INVALID_FIELD");
  EXPECT_EQ(Recorded().back().history_accessed().question(),
            "partnership: \"moon\" until_time { seconds: 9223372036854775807 }");
}

}  // namespace
}  // namespace services
