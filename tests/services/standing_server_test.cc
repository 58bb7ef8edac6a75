// What the standing index answers, over a real channel.

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/memory_store.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "services/server.h"
#include "tests/services/wire_status.h"
#include "tests/support/fake_clock.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace services {
namespace {

using grpc::ClientContext;
using trust::v1::WatchTrustResponse;

// Later than any real day: gRPC takes the server's deadlines for those of the real clock.
constexpr projections::Day kToday = 56247;  // 2124-01-01

google::protobuf::Timestamp OnDay(projections::Day day) { return projections::ToTimestamp(projections::StartOf(day)); }

class StandingServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.index.poll_interval_ms = 20;
    options.watches.poll_interval_ms = 20;
    auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock_, [] {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    partnerships_ = trust::v1::PartnershipService::NewStub(channel_);
    evidence_ = trust::v1::EvidenceService::NewStub(channel_);
    trust_ = trust::v1::TrustService::NewStub(channel_);
    for (const char* id : {"alpha", "beta"}) Found(id);
  }

  void Found(const std::string& partnership) {
    trust::v1::CreatePartnershipRequest request;
    request.set_partnership(partnership);
    request.add_partners()->set_organization("acme");
    request.add_partners()->set_organization(partnership == "alpha" ? "globex" : "hooli");
    request.set_recorder("acme");
    *request.mutable_initial_contact_time() = OnDay(kToday - 100);
    ClientContext context;
    trust::v1::CreatePartnershipResponse response;
    ASSERT_TRUE(partnerships_->CreatePartnership(&context, request, &response).ok());
    position_ = response.log_position();
  }

  // A conflict between acme and globex; returns its log position.
  std::string RaiseConflict() {
    trust::v1::RecordEvidenceRequest request;
    request.set_partnership("alpha");
    request.set_recorder("acme");
    *request.mutable_occur_time() = OnDay(projections::DayOf(clock_.Now()));
    request.mutable_evidence()->set_actor("globex");
    request.mutable_evidence()->add_affected("acme");
    request.mutable_evidence()->mutable_conflict_raised();
    ClientContext context;
    trust::v1::RecordEvidenceResponse response;
    EXPECT_TRUE(evidence_->RecordEvidence(&context, request, &response).ok());
    return response.log_position();
  }

  grpc::Status List(const trust::v1::ListAttentionRequest& request, trust::v1::ListAttentionResponse* response) {
    ClientContext context;
    return trust_->ListAttention(&context, request, response);
  }

  // The index has taken in everything acknowledged so far.
  void AwaitIndex() {
    trust::v1::ListAttentionRequest request;
    request.set_min_position(position_);
    trust::v1::ListAttentionResponse response;
    ASSERT_TRUE(List(request, &response).ok());
  }

  support::FakeClock clock_{projections::StartOf(kToday) + absl::Hours(10)};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<trust::v1::PartnershipService::Stub> partnerships_;
  std::unique_ptr<trust::v1::EvidenceService::Stub> evidence_;
  std::unique_ptr<trust::v1::TrustService::Stub> trust_;
  std::string position_;
};

TEST_F(StandingServerTest, WhatNeedsCareIsListedOnceThePositionIsTakenIn) {
  trust::v1::ListAttentionRequest request;
  request.set_min_position(RaiseConflict());
  trust::v1::ListAttentionResponse response;
  const grpc::Status listed = List(request, &response);
  ASSERT_TRUE(listed.ok()) << listed.error_message();
  EXPECT_EQ(response.as_of_date(), "2124-01-01");
  ASSERT_EQ(response.items_size(), 1);
  EXPECT_EQ(response.items(0).kind(), trust::v1::ATTENTION_KIND_OPEN_CONFLICT);
  EXPECT_EQ(response.items(0).event(), "partnerships/alpha/events/3");
  EXPECT_EQ(response.items(0).trustor(), "acme");
  request.set_min_position("nonsense");
  EXPECT_EQ(ReasonOf(List(request, &response)), "INVALID_POSITION");
  request.clear_min_position();
  request.set_within_days(-1);
  EXPECT_EQ(ReasonOf(List(request, &response)), "INVALID_FIELD");
}

TEST_F(StandingServerTest, PartnershipsAreListedByPartnerStageAndCondition) {
  const auto list = [&](trust::v1::ListPartnershipsRequest request) {
    request.set_min_position(position_);
    ClientContext context;
    trust::v1::ListPartnershipsResponse response;
    EXPECT_TRUE(partnerships_->ListPartnerships(&context, request, &response).ok());
    std::vector<std::string> ids;
    for (const trust::v1::Partnership& partnership : response.partnerships()) ids.push_back(partnership.partnership());
    return ids;
  };
  position_ = RaiseConflict();
  using Ids = std::vector<std::string>;
  EXPECT_EQ(list({}), (Ids{"alpha", "beta"}));
  trust::v1::ListPartnershipsRequest request;
  request.set_organization("hooli");
  EXPECT_EQ(list(request), Ids{"beta"});
  request.set_organization("acme");
  EXPECT_EQ(list(request), (Ids{"alpha", "beta"}));
  request.set_condition(trust::v1::CONDITION_STRAINED);
  EXPECT_EQ(list(request), Ids{"alpha"});
  request.clear_organization();
  request.set_stage(trust::v1::STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(list(request), Ids{});
}

TEST_F(StandingServerTest, EffectivenessStandsBesideTheReadingOfAWholePartnership) {
  trust::v1::AssessTrustRequest request;
  request.set_partnership("alpha");
  request.set_effectiveness_window_days(30);
  trust::v1::AssessTrustResponse response;
  ClientContext context;
  ASSERT_TRUE(trust_->AssessTrust(&context, request, &response).ok());
  EXPECT_EQ(response.effectiveness().age_days(), 100);
  EXPECT_EQ(response.effectiveness().window_days(), 30);
  request.set_trustor("acme");
  request.set_trustee("globex");
  ClientContext one_context;
  ASSERT_TRUE(trust_->AssessTrust(&one_context, request, &response).ok());
  EXPECT_FALSE(response.has_effectiveness());
  request.set_effectiveness_window_days(3651);
  ClientContext wrong_context;
  EXPECT_EQ(ReasonOf(trust_->AssessTrust(&wrong_context, request, &response)), "INVALID_FIELD");
}

TEST_F(StandingServerTest, AWatchIsToldOfAChangeWhenItIsRecordedAndGoesOnFromItsToken) {
  AwaitIndex();
  trust::v1::WatchTrustRequest request;
  request.add_partnerships("alpha");
  request.set_snapshot(true);
  WatchTrustResponse message;
  std::string token;
  {
    ClientContext context;
    const auto watch = trust_->WatchTrust(&context, request);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(watch->Read(&message));
      EXPECT_EQ(message.snapshot().reading().stage(), trust::v1::STAGE_INITIAL_CONTACT);
    }
    ASSERT_TRUE(watch->Read(&message));
    EXPECT_EQ(message.caught_up().date(), "2124-01-01");
    token = message.resume_token();
    RaiseConflict();
    ASSERT_TRUE(watch->Read(&message));
    EXPECT_EQ(message.change().condition(), trust::v1::CONDITION_STRAINED);
    EXPECT_EQ(message.change().trustor(), "acme");
    // A sign of life after some seconds of quiet.
    clock_.Set(clock_.Now() + absl::Seconds(6));
    ASSERT_TRUE(watch->Read(&message));
    EXPECT_TRUE(message.has_caught_up());
    context.TryCancel();
    while (watch->Read(&message)) {
    }
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  request.clear_snapshot();
  request.set_resume_token(token);
  ClientContext context;
  const auto watch = trust_->WatchTrust(&context, request);
  ASSERT_TRUE(watch->Read(&message));
  EXPECT_EQ(message.change().condition(), trust::v1::CONDITION_STRAINED) << "what came after the token comes again";
  context.TryCancel();
  while (watch->Read(&message)) {
  }
  watch->Finish();
}

TEST_F(StandingServerTest, ANewDayReachesAWatchByItself) {
  AwaitIndex();
  RaiseConflict();
  ClientContext context;
  trust::v1::WatchTrustRequest request;
  const auto watch = trust_->WatchTrust(&context, request);
  WatchTrustResponse message;
  do {
    ASSERT_TRUE(watch->Read(&message));
  } while (!message.has_caught_up());
  clock_.Set(clock_.Now() + absl::Hours(24));
  // The day is looked at by itself.
  do {
    ASSERT_TRUE(watch->Read(&message));
  } while (!message.has_caught_up() || message.caught_up().date() != "2124-01-02");
  context.TryCancel();
  while (watch->Read(&message)) {
  }
  watch->Finish();
}

TEST_F(StandingServerTest, AWrongTokenAndAnUnknownPartnershipEndAWatchAtOnce) {
  AwaitIndex();
  const auto reason = [&](const trust::v1::WatchTrustRequest& request) {
    ClientContext context;
    const auto watch = trust_->WatchTrust(&context, request);
    WatchTrustResponse message;
    EXPECT_FALSE(watch->Read(&message));
    return ReasonOf(watch->Finish());
  };
  trust::v1::WatchTrustRequest request;
  request.set_resume_token("made-up");
  EXPECT_EQ(reason(request), "INVALID_RESUME_TOKEN");
  request.clear_resume_token();
  request.add_partnerships("nobody");
  EXPECT_EQ(reason(request), "PARTNERSHIP_NOT_FOUND");
  for (int i = 0; i < 1000; ++i) request.add_partnerships("alpha");
  EXPECT_EQ(reason(request), "INVALID_FIELD");
}

TEST_F(StandingServerTest, HundredsOfWatchesAreToldAndEndWithTheServer) {
  AwaitIndex();
  constexpr int kWatches = 300;
  std::vector<std::unique_ptr<ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<WatchTrustResponse>>> watches;
  for (int i = 0; i < kWatches; ++i) {
    contexts.push_back(std::make_unique<ClientContext>());
    watches.push_back(trust_->WatchTrust(contexts.back().get(), {}));
  }
  WatchTrustResponse message;
  for (const auto& watch : watches) {
    do {
      ASSERT_TRUE(watch->Read(&message));
    } while (!message.has_caught_up());
  }
  RaiseConflict();
  for (const auto& watch : watches) {
    ASSERT_TRUE(watch->Read(&message));
    EXPECT_TRUE(message.has_change());
  }
  std::thread stopping([this] { server_->Shutdown(); });
  for (const auto& watch : watches) {
    while (watch->Read(&message)) {
    }
    const grpc::Status ended = watch->Finish();
    EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(ended), "SHUTTING_DOWN");
  }
  stopping.join();
}

}  // namespace
}  // namespace services
