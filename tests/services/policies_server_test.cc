// Policies, simulations and reported assessments over the wire.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "projections/day.h"
#include "projections/policy.h"
#include "services/server.h"
#include "tests/services/wire_status.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_store.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/policy_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace services {
namespace {

using grpc::ClientContext;

constexpr char kUuid[] = "0b7a8c1e-3f52-4c1b-9d1e-6f1f5d2a9c01";
constexpr char kBuiltIn[] = "trust-stages/1.0.0";

trust::v1::PolicyDocument Strict() {
  trust::v1::PolicyDocument document = projections::Policy::Default()->document();
  document.set_version("strict/1.0.0");
  document.set_prior_weight_milli(900'000);
  return document;
}

class PoliciesServerTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }

  // Starts a server on what the one before left.
  void Start() {
    server_ = nullptr;
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = Server::Start(options, std::make_unique<support::FaultyStore>(&memory_), &clock_, [] {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    const auto channel = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    partnerships_ = trust::v1::PartnershipService::NewStub(channel);
    evidence_ = trust::v1::EvidenceService::NewStub(channel);
    trust_ = trust::v1::TrustService::NewStub(channel);
    history_ = trust::v1::HistoryService::NewStub(channel);
    policies_ = trust::v1::PolicyService::NewStub(channel);
  }

  // A partnership at the second stage.
  void Found(const std::string& partnership) {
    trust::v1::CreatePartnershipRequest request;
    request.set_partnership(partnership);
    request.add_partners()->set_organization("acme");
    request.add_partners()->set_organization("globex");
    request.set_recorder("acme");
    *request.mutable_initial_contact_time() = Midnight("2020-01-06");
    ClientContext context;
    trust::v1::CreatePartnershipResponse response;
    ASSERT_TRUE(partnerships_->CreatePartnership(&context, request, &response).ok());
    for (int i = 0; i < 3; ++i) Record(partnership, "2020-01-20", i);
    Record(partnership, "2020-02-10", 3);
  }

  std::string Record(const std::string& partnership, const char* day, int kind) {
    trust::v1::RecordEvidenceRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight(day);
    trust::v1::Evidence& evidence = *request.mutable_evidence();
    evidence.set_actor("globex");
    evidence.add_affected("acme");
    if (kind == 0) evidence.mutable_credibility_assessed()->set_result(trust::v1::CREDIBILITY_RESULT_SUPPORTED);
    if (kind == 1) evidence.mutable_intentions_assessed()->set_result(trust::v1::INTENTIONS_RESULT_ALIGNED);
    if (kind == 2) evidence.mutable_credentials_verified();
    if (kind == 3) evidence.mutable_shared_experience_held();
    ClientContext context;
    trust::v1::RecordEvidenceResponse response;
    const grpc::Status status = evidence_->RecordEvidence(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.log_position();
  }

  grpc::Status Publish(const trust::v1::PolicyDocument& document, trust::v1::PublishPolicyResponse* response,
                       const std::string& request_id = "") {
    trust::v1::PublishPolicyRequest request;
    *request.mutable_document() = document;
    request.set_request_id(request_id);
    ClientContext context;
    return policies_->PublishPolicy(&context, request, response);
  }

  grpc::Status Activate(const std::string& policy, trust::v1::ActivatePolicyResponse* response) {
    trust::v1::ActivatePolicyRequest request;
    request.set_policy(policy);
    request.set_approver("the board");
    ClientContext context;
    return policies_->ActivatePolicy(&context, request, response);
  }

  grpc::Status Pin(const std::string& partnership, const std::string& policy, trust::v1::PinPolicyResponse* response) {
    trust::v1::PinPolicyRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    request.set_policy(policy);
    ClientContext context;
    return policies_->PinPolicy(&context, request, response);
  }

  trust::v1::AssessTrustResponse Assess(const trust::v1::AssessTrustRequest& request) {
    ClientContext context;
    trust::v1::AssessTrustResponse response;
    const grpc::Status status = trust_->AssessTrust(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static trust::v1::AssessTrustRequest Ask(const std::string& partnership) {
    trust::v1::AssessTrustRequest request;
    request.set_partnership(partnership);
    request.set_trustor("acme");
    request.set_trustee("globex");
    *request.mutable_as_of_time() = Midnight("2020-06-30");
    return request;
  }

  std::string Judged(const trust::v1::AssessTrustRequest& request) {
    const trust::v1::AssessTrustResponse response = Assess(request);
    if (response.directions().empty()) return "nothing";
    return absl::StrCat(response.policy_version(), " ", static_cast<int>(response.directions(0).stage()));
  }

  std::vector<trust::v1::Event> Events(const std::string& partnership) {
    trust::v1::ListEventsRequest request;
    request.set_partnership(partnership);
    ClientContext context;
    trust::v1::ListEventsResponse response;
    EXPECT_TRUE(history_->ListEvents(&context, request, &response).ok());
    return {response.events().begin(), response.events().end()};
  }

  grpc::Status Issue(trust::v1::IssueAssessmentRequest request, trust::v1::IssueAssessmentResponse* response) {
    request.set_recorder("acme");
    ClientContext context;
    return trust_->IssueAssessment(&context, request, response);
  }

  grpc::Status Verify(const std::string& assessment, trust::v1::VerifyAssessmentResponse* response) {
    trust::v1::VerifyAssessmentRequest request;
    request.set_partnership("alpha");
    request.set_assessment(assessment);
    ClientContext context;
    return trust_->VerifyAssessment(&context, request, response);
  }

  eventstore::MemoryStore memory_;
  support::FakeClock clock_{projections::ToTime(Midnight("2024-01-01"))};
  std::unique_ptr<Server> server_;
  std::unique_ptr<trust::v1::PartnershipService::Stub> partnerships_;
  std::unique_ptr<trust::v1::EvidenceService::Stub> evidence_;
  std::unique_ptr<trust::v1::TrustService::Stub> trust_;
  std::unique_ptr<trust::v1::HistoryService::Stub> history_;
  std::unique_ptr<trust::v1::PolicyService::Stub> policies_;
};

TEST_F(PoliciesServerTest, ADocumentIsPublishedOnceUnderItsLabelAndInForceNowhere) {
  trust::v1::PublishPolicyResponse published;
  ASSERT_TRUE(Publish(Strict(), &published, kUuid).ok());
  EXPECT_EQ(published.policy().version(), "strict/1.0.0");
  EXPECT_EQ(published.canonical_text(), projections::CanonicalText(Strict()));
  EXPECT_EQ(published.policy().sha256(), eventstore::Sha256Hex(published.canonical_text()));
  EXPECT_TRUE(published.policy().has_publish_time());
  EXPECT_FALSE(published.policy().active());
  ASSERT_EQ(published.events_size(), 1);
  EXPECT_EQ(published.events(0).policy_published().document(), published.canonical_text());
  EXPECT_FALSE(published.log_position().empty());

  trust::v1::PublishPolicyResponse again;
  ASSERT_TRUE(Publish(Strict(), &again).ok());
  EXPECT_EQ(again.events_size(), 0);
  EXPECT_EQ(again.log_position(), "");
  EXPECT_EQ(again.policy().SerializeAsString(), published.policy().SerializeAsString());
  trust::v1::PublishPolicyResponse repeated;
  ASSERT_TRUE(Publish(Strict(), &repeated, kUuid).ok());
  EXPECT_EQ(repeated.SerializeAsString(), published.SerializeAsString());
  trust::v1::PublishPolicyResponse built_in;
  ASSERT_TRUE(Publish(projections::Policy::Default()->document(), &built_in).ok());
  EXPECT_TRUE(built_in.policy().built_in());
  EXPECT_EQ(built_in.events_size(), 0);

  trust::v1::PolicyDocument other = Strict();
  other.set_loss_permille(1500);
  EXPECT_EQ(ReasonOf(Publish(other, &again)), "POLICY_EXISTS");
  other.set_version(kBuiltIn);
  EXPECT_EQ(ReasonOf(Publish(other, &again)), "POLICY_EXISTS");
  other.set_version("next/1");
  other.set_algorithm(2);
  EXPECT_EQ(ReasonOf(Publish(other, &again)), "ALGORITHM_UNKNOWN");
  EXPECT_EQ(Events("").size(), 1u) << "the whole log shows the publication";
  trust::v1::ListPartnershipsResponse partnerships;
  ClientContext context;
  ASSERT_TRUE(partnerships_->ListPartnerships(&context, {}, &partnerships).ok());
  EXPECT_EQ(partnerships.partnerships_size(), 0) << "the policies' stream is no partnership";
}

TEST_F(PoliciesServerTest, EveryBrokenRuleIsNamed) {
  trust::v1::PolicyDocument document = Strict();
  document.set_positive_half_life_days(2000);
  document.mutable_facets(0)->set_hold_score_bp(100);
  document.mutable_recidivism()->set_cap_permille(500);
  document.mutable_source()->set_self_permille(1500);
  document.mutable_early_violation()->set_multiplier_permille(10);
  document.set_prior_weight_milli(0);
  trust::v1::PublishPolicyResponse response;
  const grpc::Status status = Publish(document, &response);
  EXPECT_EQ(ReasonOf(status), "INVALID_POLICY");
  std::vector<std::string> rules;
  const google::rpc::BadRequest bad_request = DetailOf<google::rpc::BadRequest>(status);
  for (const auto& violation : bad_request.field_violations()) {
    EXPECT_EQ(violation.field(), "document");
    rules.push_back(violation.description().substr(0, violation.description().find(':')));
  }
  EXPECT_EQ(rules, (std::vector<std::string>{"V11", "V7", "V8", "V9", "V2", "V1"}));
  EXPECT_TRUE(Events("").empty());
}

TEST_F(PoliciesServerTest, ActivationAndTyingShowInTheNextReading) {
  Found("alpha");
  Found("beta");
  EXPECT_EQ(Judged(Ask("alpha")), absl::StrCat(kBuiltIn, " 2"));
  trust::v1::PublishPolicyResponse published;
  ASSERT_TRUE(Publish(Strict(), &published).ok());
  EXPECT_EQ(Judged(Ask("alpha")), absl::StrCat(kBuiltIn, " 2"));

  trust::v1::ActivatePolicyResponse activated;
  ASSERT_TRUE(Activate("strict/1.0.0", &activated).ok());
  EXPECT_TRUE(activated.policy().active());
  EXPECT_EQ(activated.policy().approver(), "the board");
  EXPECT_EQ(Judged(Ask("alpha")), "strict/1.0.0 1");
  EXPECT_EQ(Judged(Ask("alpha")), "strict/1.0.0 1") << "from the cache";
  EXPECT_EQ(Assess(Ask("alpha")).policy_sha256(), published.policy().sha256());
  EXPECT_EQ(ReasonOf(Activate(published.policy().sha256(), &activated)), "POLICY_IN_FORCE");
  EXPECT_EQ(ReasonOf(Activate("nobody/1", &activated)), "POLICY_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Activate("", &activated)), "INVALID_FIELD");

  trust::v1::PinPolicyResponse pinned;
  ASSERT_TRUE(Pin("alpha", kBuiltIn, &pinned).ok());
  EXPECT_EQ(pinned.revision(), 7);
  EXPECT_EQ(Judged(Ask("alpha")), absl::StrCat(kBuiltIn, " 2"));
  EXPECT_EQ(Judged(Ask("beta")), "strict/1.0.0 1");
  EXPECT_EQ(ReasonOf(Pin("alpha", kBuiltIn, &pinned)), "POLICY_IN_FORCE");
  EXPECT_EQ(ReasonOf(Pin("beta", "", &pinned)), "POLICY_IN_FORCE");
  EXPECT_EQ(ReasonOf(Pin("beta", "nobody/1", &pinned)), "POLICY_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Pin("nobody", kBuiltIn, &pinned)), "PARTNERSHIP_NOT_FOUND");
  trust::v1::GetPartnershipRequest get;
  get.set_partnership("alpha");
  trust::v1::GetPartnershipResponse got;
  {
    ClientContext context;
    ASSERT_TRUE(partnerships_->GetPartnership(&context, get, &got).ok());
  }
  EXPECT_EQ(got.partnership().policy_sha256().size(), 64u);
  trust::v1::ReplayHistoryRequest replay;
  replay.set_partnership("beta");
  ClientContext context;
  const auto stream = history_->ReplayHistory(&context, replay);
  trust::v1::ReplayHistoryResponse message;
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(message.end().policy_version(), "strict/1.0.0");

  ASSERT_TRUE(Pin("alpha", "", &pinned).ok());
  EXPECT_EQ(Judged(Ask("alpha")), "strict/1.0.0 1");
}

TEST_F(PoliciesServerTest, AReadingSaysWhatWasKnownAndByWhichPolicyThen) {
  Found("alpha");
  const std::string before = Events("").back().log_position();
  trust::v1::PublishPolicyResponse published;
  ASSERT_TRUE(Publish(Strict(), &published).ok());
  trust::v1::ActivatePolicyResponse activated;
  ASSERT_TRUE(Activate("strict/1.0.0", &activated).ok());
  Record("alpha", "2020-03-01", 3);

  trust::v1::AssessTrustRequest request = Ask("alpha");
  request.set_known_position(before);
  EXPECT_EQ(Judged(request), absl::StrCat(kBuiltIn, " 2"));
  EXPECT_EQ(Assess(request).revision(), 6);
  request = Ask("alpha");
  request.set_known_revision(5);
  EXPECT_EQ(Judged(request), absl::StrCat(kBuiltIn, " 1")) << "the shared experience was revision 6";
  request.clear_as_of_time();
  EXPECT_EQ(Assess(request).as_of_date(), "2024-01-01") << "the day on which it was recorded";
  request = Ask("alpha");
  request.set_policy(kBuiltIn);
  EXPECT_EQ(Judged(request), absl::StrCat(kBuiltIn, " 2"));
  request.set_view(trust::v1::VIEW_HINDSIGHT);
  EXPECT_EQ(Assess(request).view(), trust::v1::VIEW_HINDSIGHT);
  EXPECT_EQ(Assess(Ask("alpha")).view(), trust::v1::VIEW_HELD);

  const auto reason = [&](const trust::v1::AssessTrustRequest& asked) {
    ClientContext context;
    trust::v1::AssessTrustResponse response;
    return ReasonOf(trust_->AssessTrust(&context, asked, &response));
  };
  request.set_policy("nobody/1");
  EXPECT_EQ(reason(request), "POLICY_NOT_FOUND");
  request = Ask("alpha");
  request.set_known_revision(99);
  EXPECT_EQ(reason(request), "INVALID_FIELD") << "there is no such revision";
  request.set_policy("NO LABEL");
  EXPECT_EQ(reason(request), "INVALID_FIELD");
  request = Ask("alpha");
  request.set_known_position("nonsense");
  EXPECT_EQ(reason(request), "INVALID_POSITION");
  request.set_known_revision(3);
  EXPECT_EQ(reason(request), "INVALID_FIELD") << "one at most";

  trust::v1::GetTrustTimelineRequest timeline;
  timeline.set_partnership("alpha");
  timeline.set_policy(kBuiltIn);
  timeline.set_page_size(1);
  trust::v1::GetTrustTimelineResponse page;
  ClientContext context, next_context, other_context;
  ASSERT_TRUE(trust_->GetTrustTimeline(&context, timeline, &page).ok());
  EXPECT_EQ(page.policy_version(), kBuiltIn);
  timeline.set_page_token(page.next_page_token());
  ASSERT_TRUE(trust_->GetTrustTimeline(&next_context, timeline, &page).ok());
  timeline.set_policy("strict/1.0.0");
  EXPECT_EQ(ReasonOf(trust_->GetTrustTimeline(&other_context, timeline, &page)), "INVALID_PAGE_TOKEN");
}

TEST_F(PoliciesServerTest, PoliciesAreListedAndReadWithTheirDocuments) {
  trust::v1::PublishPolicyResponse published;
  ASSERT_TRUE(Publish(Strict(), &published).ok());
  trust::v1::PolicyDocument third = Strict();
  third.set_version("third/1");
  ASSERT_TRUE(Publish(third, &published).ok());
  std::string listed;
  trust::v1::ListPoliciesRequest list;
  list.set_page_size(1);
  do {
    ClientContext context;
    trust::v1::ListPoliciesResponse page;
    ASSERT_TRUE(policies_->ListPolicies(&context, list, &page).ok());
    for (const trust::v1::Policy& policy : page.policies()) absl::StrAppend(&listed, policy.version(), " ");
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(listed, "trust-stages/1.0.0 strict/1.0.0 third/1 ");

  trust::v1::GetPolicyRequest get;
  trust::v1::GetPolicyResponse got;
  {
    ClientContext context;
    ASSERT_TRUE(policies_->GetPolicy(&context, get, &got).ok());
  }
  EXPECT_TRUE(got.policy().active() && got.policy().built_in());
  EXPECT_FALSE(got.policy().has_publish_time());
  get.set_policy(published.policy().sha256());
  {
    ClientContext context;
    ASSERT_TRUE(policies_->GetPolicy(&context, get, &got).ok());
  }
  EXPECT_EQ(projections::CanonicalText(got.document()), projections::CanonicalText(third));
  EXPECT_EQ(got.canonical_text(), projections::CanonicalText(third));
  get.set_policy("nobody/1");
  ClientContext context;
  EXPECT_EQ(ReasonOf(policies_->GetPolicy(&context, get, &got)), "POLICY_NOT_FOUND");
}

TEST_F(PoliciesServerTest, PoliciesOutliveTheServer) {
  Found("alpha");
  Found("beta");
  trust::v1::PublishPolicyResponse published, repeated;
  ASSERT_TRUE(Publish(Strict(), &published, kUuid).ok());
  trust::v1::ActivatePolicyResponse activated;
  ASSERT_TRUE(Activate("strict/1.0.0", &activated).ok());
  trust::v1::PinPolicyResponse pinned;
  ASSERT_TRUE(Pin("alpha", kBuiltIn, &pinned).ok());
  Start();
  EXPECT_EQ(Judged(Ask("alpha")), absl::StrCat(kBuiltIn, " 2"));
  EXPECT_EQ(Judged(Ask("beta")), "strict/1.0.0 1");
  EXPECT_EQ(ReasonOf(Activate("strict/1.0.0", &activated)), "POLICY_IN_FORCE");
  ASSERT_TRUE(Publish(Strict(), &repeated, kUuid).ok());
  // The latest checkpoint is a later one.
  for (trust::v1::PublishPolicyResponse* response : {&published, &repeated}) {
    response->mutable_receipt()->clear_checkpoint_size();
  }
  EXPECT_EQ(repeated.SerializeAsString(), published.SerializeAsString());
}

TEST_F(PoliciesServerTest, ASimulationStreamsProgressDifferencesAndItsEnd) {
  for (int i = 0; i < 200; ++i) Found(absl::StrCat("p", 1000 + i));
  trust::v1::SimulatePolicyRequest request;
  *request.mutable_document() = Strict();
  ClientContext context;
  const auto stream = trust_->SimulatePolicy(&context, request);
  trust::v1::SimulatePolicyResponse message;
  std::vector<std::string> differing;
  bool progress = false, ended = false;
  while (stream->Read(&message)) {
    EXPECT_FALSE(ended);
    progress = progress || message.has_progress();
    if (message.has_difference()) differing.push_back(message.difference().partnership());
    ended = message.has_end();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(progress && ended);
  EXPECT_EQ(differing.size(), 200u);
  EXPECT_TRUE(std::is_sorted(differing.begin(), differing.end()));
  EXPECT_EQ(message.end().partnership_count(), 200);
  EXPECT_EQ(message.end().event_count(), 1200);
  EXPECT_EQ(message.end().difference_count(), 200);
  EXPECT_EQ(message.end().policy_version(), "strict/1.0.0");

  const auto reason = [&](const trust::v1::SimulatePolicyRequest& asked) {
    ClientContext other;
    const auto refused = trust_->SimulatePolicy(&other, asked);
    trust::v1::SimulatePolicyResponse ignored;
    EXPECT_FALSE(refused->Read(&ignored));
    return ReasonOf(refused->Finish());
  };
  request.mutable_document()->set_prior_weight_milli(0);
  EXPECT_EQ(reason(request), "INVALID_POLICY");
  request.set_policy("nobody/1");
  EXPECT_EQ(reason(request), "POLICY_NOT_FOUND");
  request.set_policy(kBuiltIn);
  request.set_partnership("nobody");
  EXPECT_EQ(reason(request), "PARTNERSHIP_NOT_FOUND");
}

TEST_F(PoliciesServerTest, ACallerThatLeavesEndsASimulationAndTheServerGoesOn) {
  for (int i = 0; i < 300; ++i) Found(absl::StrCat("p", 1000 + i));
  trust::v1::SimulatePolicyRequest request;
  *request.mutable_document() = Strict();
  for (int i = 0; i < 20; ++i) {
    ClientContext context;
    const auto stream = trust_->SimulatePolicy(&context, request);
    trust::v1::SimulatePolicyResponse message;
    for (int read = 0; read < i; ++read) stream->Read(&message);
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_EQ(Judged(Ask("p1000")), absl::StrCat(kBuiltIn, " 2"));
}

TEST_F(PoliciesServerTest, AReportedReadingIsPinnedVerifiedAndRestated) {
  Found("alpha");
  trust::v1::IssueAssessmentRequest request;
  request.set_partnership("alpha");
  request.set_assessment("mid-year");
  *request.mutable_as_of_time() = Midnight("2020-06-30");
  request.set_request_id(kUuid);
  request.set_validate_only(true);
  trust::v1::IssueAssessmentResponse preview, issued, repeated;
  ASSERT_TRUE(Issue(request, &preview).ok());
  EXPECT_EQ(Events("alpha").size(), 6u);
  request.set_validate_only(false);
  ASSERT_TRUE(Issue(request, &issued).ok());
  EXPECT_EQ(issued.revision(), 7);
  ASSERT_EQ(issued.events_size(), 1);
  EXPECT_EQ(issued.events(0).assessment_issued().log_size(), 6);
  EXPECT_EQ(issued.reading().directions_size(), 2);
  EXPECT_TRUE(issued.reading().has_whole());

  Record("alpha", "2020-06-01", 3);
  ASSERT_TRUE(Issue(request, &repeated).ok());
  EXPECT_EQ(repeated.SerializeAsString(), issued.SerializeAsString())
      << "a repetition returns what was reported, not what is known since";
  request.set_request_id("");
  EXPECT_EQ(ReasonOf(Issue(request, &repeated)), "ASSESSMENT_EXISTS");
  request.set_assessment("later");
  *request.mutable_as_of_time() = Midnight("2024-01-02");
  EXPECT_EQ(ReasonOf(Issue(request, &repeated)), "INVALID_FIELD");
  request.clear_as_of_time();
  request.set_trustor("acme");
  request.set_trustee("initech");
  EXPECT_EQ(ReasonOf(Issue(request, &repeated)), "PARTNER_NOT_FOUND");
  request.set_trustee("globex");
  request.set_expected_revision(3);
  EXPECT_EQ(ReasonOf(Issue(request, &repeated)), "REVISION_CONFLICT");

  trust::v1::VerifyAssessmentResponse verified;
  ASSERT_TRUE(Verify("mid-year", &verified).ok());
  EXPECT_TRUE(verified.verified());
  EXPECT_EQ(verified.reading().SerializeAsString(), issued.reading().SerializeAsString());
  EXPECT_EQ(verified.digest(), eventstore::Sha256Hex(verified.canonical_text()));
  EXPECT_EQ(ReasonOf(Verify("nothing", &verified)), "ASSESSMENT_NOT_FOUND");

  trust::v1::ListRestatementsRequest list;
  list.set_partnership("alpha");
  trust::v1::ListRestatementsResponse restated;
  ClientContext context, other_context;
  ASSERT_TRUE(trust_->ListRestatements(&context, list, &restated).ok());
  ASSERT_EQ(restated.restatements_size(), 1);
  ASSERT_EQ(restated.restatements(0).causes_size(), 1);
  EXPECT_EQ(restated.restatements(0).causes(0), "partnerships/alpha/events/8");
  list.set_partnership("nobody");
  EXPECT_EQ(ReasonOf(trust_->ListRestatements(&other_context, list, &restated)), "PARTNERSHIP_NOT_FOUND");
}

}  // namespace
}  // namespace services
