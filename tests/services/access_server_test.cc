// The access record over the wire: no history is read that is not recorded first.

#include <functional>
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

// What came of a call: its status, and how many messages or events it told.
struct Told {
  grpc::Status status;
  int count = 0;
};

struct Reading {
  const char* method;
  std::vector<std::string> partnerships;
  std::function<Told(grpc::ClientContext*)> call;
};

class AccessServerTest : public ServerTest {
 protected:
  // Before log_, which it uses.
  ~AccessServerTest() override { server_ = nullptr; }

  void SetUp() override { Serve(/*record_accesses=*/true); }

  // Serves what is in log_, anew.
  void Serve(bool record_accesses) {
    server_ = nullptr;
    auto store = std::make_unique<support::FaultyStore>(&log_);
    store_ = store.get();
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.record_accesses = record_accesses;
    options.drain_timeout = absl::ZeroDuration();
    auto server = Server::Start(options, std::move(store), &clock_, [] {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    Connect();
    audit_ = trust::v1::AuditService::NewStub(channel_);
  }

  void FillMoon() {
    ASSERT_TRUE(Found("moon").ok());
    trust::v1::AssignContactRequest contact;
    contact.set_partnership("moon");
    contact.set_recorder("acme");
    *contact.mutable_occur_time() = Midnight("2023-01-01");
    contact.set_contact("ada");
    contact.set_organization("acme");
    grpc::ClientContext context;
    trust::v1::AssignContactResponse response;
    ASSERT_TRUE(partnerships_->AssignContact(&context, contact, &response).ok());
  }

  template <class Stream, class Response>
  static Told Drain(Stream& stream, Response, int enough = 1'000'000, grpc::ClientContext* context = nullptr) {
    Told told;
    Response response;
    while (told.count < enough && stream.Read(&response)) ++told.count;
    if (context != nullptr && told.count >= enough) context->TryCancel();
    told.status = stream.Finish();
    return told;
  }

  Told List(grpc::ClientContext* context, const trust::v1::ListEventsRequest& request) {
    trust::v1::ListEventsResponse response;
    const grpc::Status status = history_->ListEvents(context, request, &response);
    return {status, response.events_size()};
  }

  // Every way to read history.
  std::vector<Reading> Readings() {
    return {
        {"trust.v1.HistoryService/ListEvents",
         {"moon"},
         [this](auto* context) {
           trust::v1::ListEventsRequest request;
           request.set_partnership("moon");
           return List(context, request);
         }},
        {"trust.v1.HistoryService/ListEvents",
         {},
         [this](auto* context) {
           trust::v1::ListEventsRequest request;
           request.set_wait_ms(10'000);
           return List(context, request);
         }},
        {"trust.v1.HistoryService/WatchEvents",
         {"moon", "sun"},
         [this](auto* context) {
           trust::v1::WatchEventsRequest request;
           request.add_partnerships("moon");
           request.add_partnerships("sun");
           Told told = Drain(*history_->WatchEvents(context, request), trust::v1::WatchEventsResponse(), 1, context);
           // The caller ended it.
           if (told.count > 0 && told.status.error_code() == grpc::StatusCode::CANCELLED)
             told.status = grpc::Status::OK;
           return told;
         }},
        {"trust.v1.HistoryService/ReplayHistory",
         {"moon"},
         [this](auto* context) {
           trust::v1::ReplayHistoryRequest request;
           request.set_partnership("moon");
           return Drain(*history_->ReplayHistory(context, request), trust::v1::ReplayHistoryResponse());
         }},
        {"trust.v1.AuditService/ExportAudit",
         {"moon"},
         [this](auto* context) {
           trust::v1::ExportAuditRequest request;
           request.set_partnership("moon");
           return Drain(*audit_->ExportAudit(context, request), trust::v1::ExportAuditResponse());
         }},
        {"trust.v1.TrustService/GetTrustTimeline",
         {"moon"},
         [this](auto* context) {
           trust::v1::GetTrustTimelineRequest request;
           request.set_partnership("moon");
           trust::v1::GetTrustTimelineResponse response;
           const grpc::Status status = trust_->GetTrustTimeline(context, request, &response);
           return Told{status, response.view() == trust::v1::VIEW_UNSPECIFIED ? 0 : 1};
         }},
        {"trust.v1.TrustService/ExplainTrust",
         {"moon"},
         [this](auto* context) {
           trust::v1::ExplainTrustRequest request;
           request.set_partnership("moon");
           request.set_trustor("acme");
           request.set_trustee("globex");
           trust::v1::ExplainTrustResponse response;
           const grpc::Status status = trust_->ExplainTrust(context, request, &response);
           return Told{status, response.view() == trust::v1::VIEW_UNSPECIFIED ? 0 : 1};
         }},
        {"trust.v1.TrustService/ListRestatements",
         {"moon"},
         [this](auto* context) {
           trust::v1::ListRestatementsRequest request;
           request.set_partnership("moon");
           trust::v1::ListRestatementsResponse response;
           const grpc::Status status = trust_->ListRestatements(context, request, &response);
           return Told{status, status.ok() ? 1 : 0};
         }},
        {"trust.v1.PartnershipService/GetContact",
         {"moon"},
         [this](auto* context) {
           trust::v1::GetContactRequest request;
           request.set_partnership("moon");
           request.set_contact("ada");
           trust::v1::GetContactResponse response;
           const grpc::Status status = partnerships_->GetContact(context, request, &response);
           return Told{status, response.assignments_size()};
         }},
    };
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
    EXPECT_GT(told.count, 0);
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
    EXPECT_EQ(told.count, 0);
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
    EXPECT_EQ(told.count, 0);
    EXPECT_EQ(log_.LogSize(), size);
    told = reading.call(As("auditor-7").get());
    EXPECT_TRUE(told.status.ok()) << told.status.error_message();
    EXPECT_EQ(log_.LogSize(), size + 1);
  }
}

TEST_F(AccessServerTest, WhereAccessesAreNotRecordedNobodyIsAskedAndNothingIsWritten) {
  Serve(/*record_accesses=*/false);
  FillMoon();
  const uint64_t size = log_.LogSize();
  for (const Reading& reading : Readings()) {
    SCOPED_TRACE(reading.method);
    const Told told = reading.call(As("").get());
    EXPECT_TRUE(told.status.ok()) << told.status.error_message();
    EXPECT_GT(told.count, 0);
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
  Serve(/*record_accesses=*/true);
  EXPECT_THAT(Switches(), ElementsAre(true));
  Serve(/*record_accesses=*/false);
  Serve(/*record_accesses=*/false);
  EXPECT_THAT(Switches(), ElementsAre(true, false));
  Serve(/*record_accesses=*/true);
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
  Serve(/*record_accesses=*/true);
  store_->reads_of[kAccessStream] = absl::DataLossError("planted");
  EXPECT_TRUE(Readings().front().call(As("auditor-7").get()).status.ok());
  EXPECT_EQ(Recorded().size(), 3u);  // The switch and two readings.
}

TEST_F(AccessServerTest, TheRecordIsReadFromTheWholeLogAndThatIsRecordedToo) {
  FillMoon();
  ASSERT_TRUE(Readings().front().call(As("auditor-7").get()).status.ok());
  trust::v1::ListEventsRequest request;
  request.add_kinds("history_accessed");
  EXPECT_EQ(List(As("auditor-8").get(), request).count, 0);
  request.set_include_system(true);
  EXPECT_EQ(List(As("auditor-8").get(), request).count, 3);
}

TEST_F(AccessServerTest, AReaderOrAQuestionThatIsTooLongIsRefusedByName) {
  FillMoon();
  trust::v1::ListEventsRequest request;
  request.set_partnership("moon");
  Told told = List(As(std::string(257, 'a')).get(), request);
  EXPECT_EQ(ReasonOf(told.status), "INVALID_FIELD");
  EXPECT_THAT(told.status.error_message(), HasSubstr("trust-reader"));
  told = List(As("auditor-7", std::string(501, 'a')).get(), request);
  EXPECT_EQ(ReasonOf(told.status), "INVALID_FIELD");
  EXPECT_THAT(told.status.error_message(), HasSubstr("trust-purpose"));
  request.set_page_token(std::string(70'000, 'a'));
  told = List(As("auditor-7").get(), request);
  EXPECT_EQ(ReasonOf(told.status), "INVALID_FIELD");
  EXPECT_THAT(told.status.error_message(), HasSubstr("can be recorded"));
  EXPECT_THAT(Recorded().size(), 1u);
}

}  // namespace
}  // namespace services
