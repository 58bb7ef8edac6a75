// Readings, explanations, timelines and replays over the wire.

#include <iterator>
#include <string>
#include <vector>

#include "tests/services/server_fixture.h"

namespace services {
namespace {

using grpc::ClientContext;

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

}  // namespace
}  // namespace services
