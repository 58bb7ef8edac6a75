#include "services/server.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/memory_store.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "tests/support/fake_clock.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace services {
namespace {

using grpc::ClientContext;

google::protobuf::Timestamp Midnight(const char* day) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", day, &time, &error)) << error;
  return projections::ToTimestamp(time);
}

// The reason that stands in a status's details.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  if (!wire.ParseFromString(status.error_details())) return "no details";
  for (const google::protobuf::Any& detail : wire.details()) detail.UnpackTo(&info);
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
  }
  return info.reason();
}

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock_, [] {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    partnerships_ = trust::v1::PartnershipService::NewStub(channel_);
    evidence_ = trust::v1::EvidenceService::NewStub(channel_);
    trust_ = trust::v1::TrustService::NewStub(channel_);
    history_ = trust::v1::HistoryService::NewStub(channel_);
  }

  grpc::Status Found(const std::string& partnership) {
    trust::v1::CreatePartnershipRequest request;
    request.set_partnership(partnership);
    request.add_partners()->set_organization("acme");
    request.add_partners()->set_organization("globex");
    request.set_recorder("acme");
    *request.mutable_initial_contact_time() = Midnight("2020-01-06");
    ClientContext context;
    trust::v1::CreatePartnershipResponse response;
    return partnerships_->CreatePartnership(&context, request, &response);
  }

  static trust::v1::RecordEvidenceRequest Shared(const std::string& partnership, const char* day) {
    trust::v1::RecordEvidenceRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight(day);
    request.mutable_evidence()->set_actor("*");
    request.mutable_evidence()->add_affected("acme");
    request.mutable_evidence()->add_affected("globex");
    request.mutable_evidence()->mutable_shared_experience_held();
    return request;
  }

  grpc::Status Record(const trust::v1::RecordEvidenceRequest& request, trust::v1::RecordEvidenceResponse* response) {
    ClientContext context;
    return evidence_->RecordEvidence(&context, request, response);
  }

  // Sends all messages, then reads all results.
  grpc::Status Import(const std::vector<trust::v1::ImportHistoryRequest>& messages,
                      std::vector<trust::v1::ImportResult>* results) {
    ClientContext context;
    const auto stream = evidence_->ImportHistory(&context);
    for (const trust::v1::ImportHistoryRequest& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    trust::v1::ImportHistoryResponse response;
    while (stream->Read(&response)) {
      for (const trust::v1::ImportResult& result : response.results()) results->push_back(result);
    }
    return stream->Finish();
  }

  static trust::v1::ImportItem Item(const std::string& partnership, const std::string& external_id, const char* day) {
    trust::v1::ImportItem item;
    item.set_partnership(partnership);
    item.set_external_id(external_id);
    *item.mutable_occur_time() = Midnight(day);
    return item;
  }

  static trust::v1::ImportItem FoundingItem(const std::string& partnership) {
    trust::v1::ImportItem item = Item(partnership, "founding", "2020-01-06");
    item.mutable_partnership_proposed()->add_partners()->set_organization("acme");
    item.mutable_partnership_proposed()->add_partners()->set_organization("globex");
    return item;
  }

  static trust::v1::ImportItem KeptItem(const std::string& partnership, const std::string& external_id,
                                        const char* day) {
    trust::v1::ImportItem item = Item(partnership, external_id, day);
    item.mutable_evidence()->set_actor("globex");
    item.mutable_evidence()->add_affected("acme");
    item.mutable_evidence()->mutable_commitment_fulfilled();
    return item;
  }

  support::FakeClock clock_{projections::ToTime(Midnight("2024-01-01"))};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<trust::v1::PartnershipService::Stub> partnerships_;
  std::unique_ptr<trust::v1::EvidenceService::Stub> evidence_;
  std::unique_ptr<trust::v1::TrustService::Stub> trust_;
  std::unique_ptr<trust::v1::HistoryService::Stub> history_;
};

TEST_F(ServerTest, AReadSeesTheWriteThatWasAcknowledgedBeforeIt) {
  ASSERT_TRUE(Found("alpha").ok());
  for (int i = 0; i < 20; ++i) {
    trust::v1::RecordEvidenceResponse recorded;
    ASSERT_TRUE(Record(Shared("alpha", "2020-02-03"), &recorded).ok());
    ClientContext context;
    trust::v1::AssessTrustRequest request;
    request.set_partnership("alpha");
    request.set_min_position(recorded.log_position());
    trust::v1::AssessTrustResponse reading;
    ASSERT_TRUE(trust_->AssessTrust(&context, request, &reading).ok());
    EXPECT_EQ(reading.revision(), recorded.revision());
    EXPECT_EQ(reading.as_of_date(), "2024-01-01");
    EXPECT_EQ(reading.policy_version(), "trust-stages/1.0.0");
    EXPECT_EQ(reading.policy_sha256().size(), 64u);
    EXPECT_EQ(reading.directions_size(), 2);
    EXPECT_TRUE(reading.has_whole());
  }
}

TEST_F(ServerTest, QueriesNameEveryWrongField) {
  ClientContext context;
  trust::v1::AssessTrustRequest request;
  request.set_partnership("NOT AN ID");
  request.set_trustor("acme");
  trust::v1::AssessTrustResponse response;
  const grpc::Status status = trust_->AssessTrust(&context, request, &response);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_NE(status.error_message().find("partnership"), std::string::npos);
  EXPECT_NE(status.error_message().find("trustee"), std::string::npos);
}

TEST_F(ServerTest, APartnerThatNeverWasIsNotFound) {
  ASSERT_TRUE(Found("alpha").ok());
  ClientContext context;
  trust::v1::AssessTrustRequest request;
  request.set_partnership("alpha");
  request.set_trustor("acme");
  request.set_trustee("initech");
  trust::v1::AssessTrustResponse response;
  EXPECT_EQ(ReasonOf(trust_->AssessTrust(&context, request, &response)), "PARTNER_NOT_FOUND");
}

TEST_F(ServerTest, AnExplanationExplainsTheReadingThatAssessTrustGives) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  for (const char* day : {"2020-02-03", "2020-03-02", "2020-04-06"})
    ASSERT_TRUE(Record(Shared("alpha", day), &recorded).ok());
  ClientContext context, assess_context;
  trust::v1::ExplainTrustRequest request;
  request.set_partnership("alpha");
  request.set_trustor("acme");
  request.set_trustee("globex");
  request.set_contributions_max(2);
  request.set_min_position(recorded.log_position());
  trust::v1::ExplainTrustResponse explained;
  ASSERT_TRUE(trust_->ExplainTrust(&context, request, &explained).ok());
  trust::v1::AssessTrustRequest assess;
  assess.set_partnership("alpha");
  assess.set_trustor("acme");
  assess.set_trustee("globex");
  trust::v1::AssessTrustResponse reading;
  ASSERT_TRUE(trust_->AssessTrust(&assess_context, assess, &reading).ok());
  EXPECT_EQ(explained.reading().SerializeAsString(), reading.directions(0).SerializeAsString());
  EXPECT_EQ(explained.partnership(), "alpha");
  EXPECT_EQ(explained.revision(), reading.revision());
  EXPECT_EQ(explained.as_of_date(), "2024-01-01");
  EXPECT_EQ(explained.policy_sha256(), reading.policy_sha256());
  EXPECT_EQ(explained.view(), trust::v1::VIEW_HELD);
  ASSERT_EQ(explained.facets_size(), 4);
  EXPECT_EQ(explained.facets(1).positive_size(), 2);
  EXPECT_NE(explained.facets(1).other_positive_mass(), "0");
  EXPECT_FALSE(explained.summary().empty());
}

TEST_F(ServerTest, AnExplanationOfThePastAsKnownThenLeavesOutWhatCameLater) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  ASSERT_TRUE(Record(Shared("alpha", "2020-02-03"), &recorded).ok());
  ClientContext context;
  trust::v1::ExplainTrustRequest request;
  request.set_partnership("alpha");
  request.set_trustor("acme");
  request.set_trustee("globex");
  *request.mutable_as_of_time() = Midnight("2020-03-01");
  *request.mutable_known_time() = Midnight("2020-03-01");
  trust::v1::ExplainTrustResponse explained;
  ASSERT_TRUE(trust_->ExplainTrust(&context, request, &explained).ok());
  EXPECT_EQ(explained.as_of_date(), "2020-03-01");
  EXPECT_EQ(explained.facets(1).positive_size(), 0);
}

TEST_F(ServerTest, AnExplanationNamesEveryWrongFieldAndUnknownPartners) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::ExplainTrustRequest request;
  request.set_partnership("NOT AN ID");
  request.set_contributions_max(-1);
  trust::v1::ExplainTrustResponse response;
  ClientContext wrong_context;
  const grpc::Status wrong = trust_->ExplainTrust(&wrong_context, request, &response);
  EXPECT_EQ(ReasonOf(wrong), "INVALID_FIELD");
  for (const char* field : {"partnership", "trustor", "trustee", "contributions_max"}) {
    EXPECT_NE(wrong.error_message().find(field), std::string::npos) << wrong.error_message();
  }
  request.set_contributions_max(0);
  request.set_partnership("alpha");
  request.set_trustor("acme");
  request.set_trustee("acme");
  ClientContext same_context;
  EXPECT_EQ(ReasonOf(trust_->ExplainTrust(&same_context, request, &response)), "INVALID_FIELD");
  request.set_trustee("initech");
  ClientContext unknown_context;
  EXPECT_EQ(ReasonOf(trust_->ExplainTrust(&unknown_context, request, &response)), "PARTNER_NOT_FOUND");
  request.set_partnership("beta");
  ClientContext nowhere_context;
  EXPECT_EQ(ReasonOf(trust_->ExplainTrust(&nowhere_context, request, &response)), "PARTNERSHIP_NOT_FOUND");
}

TEST_F(ServerTest, ListsArePagedAndTheirTokensBound) {
  for (const char* id : {"gamma", "alpha", "beta"}) ASSERT_TRUE(Found(id).ok());
  std::string token;
  std::vector<std::string> ids;
  for (int page = 0; page < 10; ++page) {
    ClientContext context;
    trust::v1::ListPartnershipsRequest request;
    request.set_page_size(1);
    request.set_page_token(token);
    trust::v1::ListPartnershipsResponse response;
    ASSERT_TRUE(partnerships_->ListPartnerships(&context, request, &response).ok());
    for (const auto& partnership : response.partnerships()) {
      ids.push_back(partnership.partnership());
      EXPECT_EQ(partnership.revision(), 2);
    }
    token = response.next_page_token();
    if (token.empty()) break;
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"alpha", "beta", "gamma"}));
  ClientContext context;
  trust::v1::ListEventsRequest request;
  request.set_page_token("made-up");
  trust::v1::ListEventsResponse response;
  EXPECT_EQ(ReasonOf(history_->ListEvents(&context, request, &response)), "INVALID_PAGE_TOKEN");
}

TEST_F(ServerTest, TheWholeLogIsListedInItsOrder) {
  ASSERT_TRUE(Found("beta").ok());
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  ASSERT_TRUE(Record(Shared("beta", "2020-02-03"), &recorded).ok());
  std::string token;
  std::vector<std::string> events;
  do {
    ClientContext context;
    trust::v1::ListEventsRequest request;
    request.set_page_size(2);
    request.set_page_token(token);
    trust::v1::ListEventsResponse response;
    ASSERT_TRUE(history_->ListEvents(&context, request, &response).ok());
    for (const auto& event : response.events())
      events.push_back(event.partnership() + "#" + std::to_string(event.revision()));
    token = response.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(events, (std::vector<std::string>{"beta#1", "beta#2", "alpha#1", "alpha#2", "beta#3"}));
}

TEST_F(ServerTest, AnImportAnswersItemByItemInOrder) {
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("alpha");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "BAD ID", "2020-03-02");
  *message.add_items() = FoundingItem("beta");
  *message.add_items() = KeptItem("missing", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "kept-too", "2020-03-03");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 6u);
  EXPECT_EQ(results[0].outcome(), trust::v1::IMPORT_OUTCOME_CREATED);
  EXPECT_EQ(results[0].revision(), 2);
  EXPECT_EQ(results[1].revision(), 3);
  EXPECT_FALSE(results[1].log_position().empty());
  EXPECT_EQ(results[2].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_EQ(results[2].error().code(), 3);
  EXPECT_EQ(results[3].outcome(), trust::v1::IMPORT_OUTCOME_CREATED);
  EXPECT_EQ(results[4].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_EQ(results[5].revision(), 4);
}

TEST_F(ServerTest, ARepeatedImportStoresNothingTwice) {
  std::vector<trust::v1::ImportHistoryRequest> messages(20);
  *messages[0].add_items() = FoundingItem("alpha");
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 30; ++j) {
      *messages[i].add_items() = KeptItem("alpha", "kept-" + std::to_string(i) + "-" + std::to_string(j), "2020-03-02");
    }
  }
  for (const bool again : {false, true}) {
    std::vector<trust::v1::ImportResult> results;
    ASSERT_TRUE(Import(messages, &results).ok());
    ASSERT_EQ(results.size(), 601u);
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].outcome(), again ? trust::v1::IMPORT_OUTCOME_UNCHANGED : trust::v1::IMPORT_OUTCOME_CREATED);
      EXPECT_EQ(results[i].revision(), static_cast<int64_t>(i) + 2);
    }
  }
}

TEST_F(ServerTest, AnExternalIdWithOtherContentIsRejected) {
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("alpha");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-03");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[2].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_NE(results[2].error().message().find("kept"), std::string::npos);
}

TEST_F(ServerTest, ALivePartnershipIsClosedToImport) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
}

TEST_F(ServerTest, AnImportMessageOfTheWrongSizeEndsTheCallAfterTheResultsBeforeIt) {
  trust::v1::ImportHistoryRequest first;
  *first.add_items() = FoundingItem("alpha");
  std::vector<trust::v1::ImportResult> results;
  const grpc::Status status = Import({first, trust::v1::ImportHistoryRequest()}, &results);
  EXPECT_EQ(ReasonOf(status), "BATCH_TOO_LARGE");
  EXPECT_EQ(results.size(), 1u);
}

TEST_F(ServerTest, AReplayTellsTheReadingsThatAssessTrustGivesAtEveryRevision) {
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("alpha");
  const char* const days[] = {"2020-02-03", "2020-03-02", "2020-03-02", "2020-06-01", "2020-05-01", "2022-01-03"};
  for (size_t i = 0; i < std::size(days); ++i) {
    trust::v1::ImportItem item = KeptItem("alpha", "kept-" + std::to_string(i), days[i]);
    if (i == 4) *item.mutable_observe_time() = Midnight("2020-07-01");
    *message.add_items() = item;
  }
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());

  ClientContext context;
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("alpha");
  const auto stream = history_->ReplayHistory(&context, request);
  trust::v1::ReplayHistoryResponse response;
  int64_t steps = 0;
  bool ended = false;
  while (stream->Read(&response)) {
    if (response.has_end()) {
      ended = true;
      EXPECT_EQ(response.end().event_count(), steps);
      continue;
    }
    const trust::v1::ReplayStep& step = response.step();
    EXPECT_EQ(step.event().revision(), ++steps);
    ClientContext assess_context;
    trust::v1::AssessTrustRequest assess;
    assess.set_partnership("alpha");
    absl::Time as_of;
    std::string error;
    ASSERT_TRUE(absl::ParseTime("%Y-%m-%d", step.as_of_date(), &as_of, &error));
    *assess.mutable_as_of_time() = projections::ToTimestamp(as_of);
    *assess.mutable_known_time() = projections::ToTimestamp(projections::KnownTime(step.event()));
    trust::v1::AssessTrustResponse reading;
    ASSERT_TRUE(trust_->AssessTrust(&assess_context, assess, &reading).ok());
    if (reading.revision() != step.event().revision()) continue;  // Others were recorded at the same instant.
    ASSERT_EQ(step.directions_size(), reading.directions_size());
    for (int i = 0; i < reading.directions_size(); ++i) {
      trust::v1::DirectionReading expected = reading.directions(i);
      expected.clear_holds_until_date();
      expected.clear_stage_after();
      EXPECT_EQ(step.directions(i).SerializeAsString(), expected.SerializeAsString());
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(ended);
  EXPECT_EQ(steps, 8);
}

TEST_F(ServerTest, AReplayOfAPartTellsOnlyThatPart) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Record(Shared("alpha", "2020-02-03"), &recorded).ok());
  ClientContext context;
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("alpha");
  request.set_after_revision(3);
  request.set_until_revision(5);
  const auto stream = history_->ReplayHistory(&context, request);
  trust::v1::ReplayHistoryResponse response;
  std::vector<int64_t> revisions;
  while (stream->Read(&response)) {
    if (response.has_step()) revisions.push_back(response.step().event().revision());
    if (response.has_end()) {
      EXPECT_EQ(response.end().revision(), 5);
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(revisions, (std::vector<int64_t>{4, 5}));
}

TEST_F(ServerTest, ALongReplayComesInPiecesAndIsWhole) {
  std::vector<trust::v1::ImportHistoryRequest> messages(10);
  *messages[0].add_items() = FoundingItem("alpha");
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 300; ++j) {
      *messages[i].add_items() = KeptItem("alpha", "kept-" + std::to_string(i * 300 + j), "2020-03-02");
    }
  }
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import(messages, &results).ok());
  ClientContext context;
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("alpha");
  const auto stream = history_->ReplayHistory(&context, request);
  trust::v1::ReplayHistoryResponse response;
  int64_t steps = 0;
  while (stream->Read(&response)) {
    if (response.has_step()) {
      EXPECT_EQ(response.step().event().revision(), ++steps);
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(steps, 3002);
}

TEST_F(ServerTest, ATimelineIsPagedInTheOrderOfDays) {
  ASSERT_TRUE(Found("alpha").ok());
  ClientContext context;
  trust::v1::GetTrustTimelineRequest request;
  request.set_partnership("alpha");
  request.set_page_size(1);
  trust::v1::GetTrustTimelineResponse first;
  ASSERT_TRUE(trust_->GetTrustTimeline(&context, request, &first).ok());
  ASSERT_EQ(first.transitions_size(), 1);
  EXPECT_EQ(first.transitions(0).trustor(), "acme");
  EXPECT_EQ(first.transitions(0).cause(), trust::v1::TRANSITION_CAUSE_START);
  EXPECT_EQ(first.transitions(0).date(), "2020-01-06");
  request.set_page_token(first.next_page_token());
  ClientContext second_context;
  trust::v1::GetTrustTimelineResponse second;
  ASSERT_TRUE(trust_->GetTrustTimeline(&second_context, request, &second).ok());
  ASSERT_EQ(second.transitions_size(), 1);
  EXPECT_EQ(second.transitions(0).trustor(), "globex");
  EXPECT_TRUE(second.next_page_token().empty());
}

TEST_F(ServerTest, TheLifeOfAPartnershipIsRecorded) {
  ASSERT_TRUE(Found("alpha").ok());
  const auto get = [&] {
    ClientContext context;
    trust::v1::GetPartnershipRequest request;
    request.set_partnership("alpha");
    trust::v1::GetPartnershipResponse response;
    EXPECT_TRUE(partnerships_->GetPartnership(&context, request, &response).ok());
    return response.partnership();
  };
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_ACTIVE);
  EXPECT_FALSE(get().imported());
  ClientContext suspend_context;
  trust::v1::SuspendPartnershipRequest suspend;
  suspend.set_partnership("alpha");
  suspend.set_recorder("acme");
  *suspend.mutable_occur_time() = Midnight("2021-01-04");
  trust::v1::SuspendPartnershipResponse suspended;
  ASSERT_TRUE(partnerships_->SuspendPartnership(&suspend_context, suspend, &suspended).ok());
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_SUSPENDED);
  ClientContext terminate_context;
  trust::v1::TerminatePartnershipRequest terminate;
  terminate.set_partnership("alpha");
  terminate.set_recorder("acme");
  *terminate.mutable_occur_time() = Midnight("2022-01-04");
  terminate.set_mode(trust::v1::TERMINATION_MODE_MUTUAL);
  trust::v1::TerminatePartnershipResponse terminated;
  ASSERT_TRUE(partnerships_->TerminatePartnership(&terminate_context, terminate, &terminated).ok());
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_ENDED);
  EXPECT_EQ(get().revision(), 4);
  trust::v1::RecordEvidenceResponse recorded;
  EXPECT_EQ(ReasonOf(Record(Shared("alpha", "2022-02-01"), &recorded)), "PARTNERSHIP_ENDED");
  EXPECT_TRUE(Record(Shared("alpha", "2021-02-01"), &recorded).ok());
}

TEST_F(ServerTest, AfterShutdownNoCallIsTaken) {
  ASSERT_TRUE(Found("alpha").ok());
  server_->Shutdown();
  EXPECT_EQ(Found("beta").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(ServerStartTest, APortInUseIsRefused) {
  support::FakeClock clock(absl::UnixEpoch());
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto first = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock, [] {});
  ASSERT_TRUE(first.ok());
  options.listen = (*first)->address();
  const auto second = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock, [] {});
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
}

TEST(ServerStartTest, PlainTextIsServedToThisMachineAlone) {
  support::FakeClock clock(absl::UnixEpoch());
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "10.0.0.1:50051", "nonsense"}) {
    ServerOptions options;
    options.listen = listen;
    const auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock, [] {});
    EXPECT_TRUE(absl::IsInvalidArgument(server.status())) << listen;
  }
}

TEST_F(ServerTest, TheRecordIsConfirmedContestedCorrectedAndRetracted) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  ASSERT_TRUE(Record(Shared("alpha", "2020-02-03"), &recorded).ok());
  const auto about = [](auto request, const char* recorder) {
    request.set_partnership("alpha");
    request.set_recorder(recorder);
    request.set_event("3");
    return request;
  };
  {
    ClientContext context;
    trust::v1::ConfirmEvidenceResponse response;
    const auto request = about(trust::v1::ConfirmEvidenceRequest(), "globex");
    ASSERT_TRUE(evidence_->ConfirmEvidence(&context, request, &response).ok());
    EXPECT_EQ(response.revision(), 4);
    EXPECT_EQ(response.events(0).evidence_confirmed().event(), "partnerships/alpha/events/3");
    EXPECT_EQ(projections::FormatDay(projections::HeldDay(response.events(0))), "2024-01-01");
  }
  {
    ClientContext context;
    trust::v1::ContestEvidenceResponse response;
    const auto request = about(trust::v1::ContestEvidenceRequest(), "globex");
    ASSERT_TRUE(evidence_->ContestEvidence(&context, request, &response).ok());
    EXPECT_TRUE(response.events(0).has_evidence_contested());
  }
  {
    ClientContext context;
    trust::v1::CorrectEvidenceResponse response;
    auto request = about(trust::v1::CorrectEvidenceRequest(), "acme");
    *request.mutable_replacement() = Shared("alpha", "2020-02-03").evidence();
    request.mutable_replacement()->set_label("workshop");
    request.set_validate_only(true);
    ASSERT_TRUE(evidence_->CorrectEvidence(&context, request, &response).ok());
    EXPECT_EQ(response.revision(), 5);
    EXPECT_EQ(response.events(0).evidence_corrected().replacement().label(), "workshop");
  }
  for (const char* recorder : {"globex", "acme"}) {
    ClientContext context;
    trust::v1::RetractEvidenceResponse response;
    auto request = about(trust::v1::RetractEvidenceRequest(), recorder);
    request.set_expected_revision(5);
    const grpc::Status status = evidence_->RetractEvidence(&context, request, &response);
    EXPECT_EQ(status.ok(), recorder == std::string("acme")) << status.error_message();
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), "RECORDER_NOT_ENTITLED");
    }
  }
}

TEST_F(ServerTest, PartnersTiesAndContactsAreShownAsTheyAre) {
  ASSERT_TRUE(Found("alpha").ok());
  const auto step = [](auto request, const char* day) {
    request.set_partnership("alpha");
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight(day);
    return request;
  };
  {
    ClientContext context;
    auto request = step(trust::v1::AddPartnerRequest(), "2021-01-01");
    request.mutable_partner()->set_organization("initech");
    request.add_met("acme");
    trust::v1::AddPartnerResponse response;
    ASSERT_TRUE(partnerships_->AddPartner(&context, request, &response).ok());
    EXPECT_EQ(response.events_size(), 2);
  }
  {
    ClientContext context;
    auto request = step(trust::v1::DeclareTieRequest(), "2021-01-02");
    request.add_organizations("initech");
    request.add_organizations("acme");
    trust::v1::DeclareTieResponse response;
    ASSERT_TRUE(partnerships_->DeclareTie(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::AssignContactRequest(), "2021-01-03");
    request.set_contact("person-1");
    request.set_organization("initech");
    trust::v1::AssignContactResponse response;
    ASSERT_TRUE(partnerships_->AssignContact(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::ReleaseContactRequest(), "2022-01-03");
    request.set_contact("person-1");
    request.set_organization("initech");
    trust::v1::ReleaseContactResponse response;
    ASSERT_TRUE(partnerships_->ReleaseContact(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::RemovePartnerRequest(), "2023-01-01");
    request.set_organization("globex");
    trust::v1::RemovePartnerResponse response;
    ASSERT_TRUE(partnerships_->RemovePartner(&context, request, &response).ok());
  }
  ClientContext context;
  trust::v1::GetPartnershipRequest request;
  request.set_partnership("alpha");
  trust::v1::GetPartnershipResponse response;
  ASSERT_TRUE(partnerships_->GetPartnership(&context, request, &response).ok());
  ASSERT_EQ(response.partnership().partners_size(), 2);
  EXPECT_EQ(response.partnership().partners(1).organization(), "initech");
  ASSERT_EQ(response.partnership().ties_size(), 1);
  EXPECT_EQ(response.partnership().ties(0).organizations(0), "acme");
  EXPECT_EQ(response.partnership().policy_sha256(), "");
  for (const auto& [contact, reason] : std::map<std::string, std::string>{
           {"person-1", ""}, {"person-2", "CONTACT_NOT_FOUND"}, {"Person 3", "INVALID_FIELD"}}) {
    ClientContext contact_context;
    trust::v1::GetContactRequest contact_request;
    contact_request.set_partnership("alpha");
    contact_request.set_contact(contact);
    trust::v1::GetContactResponse contact_response;
    const grpc::Status status = partnerships_->GetContact(&contact_context, contact_request, &contact_response);
    EXPECT_EQ(status.ok() ? "" : ReasonOf(status), reason);
    if (!status.ok()) continue;
    ASSERT_EQ(contact_response.assignments_size(), 1);
    EXPECT_EQ(contact_response.assignments(0).since_date(), "2021-01-03");
    EXPECT_EQ(contact_response.assignments(0).until_date(), "2022-01-03");
  }
}

}  // namespace
}  // namespace services
