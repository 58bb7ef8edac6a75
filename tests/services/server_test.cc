#include "services/server.h"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/services/server_fixture.h"
#include "tests/support/faulty_store.h"

namespace services {
namespace {

using grpc::ClientContext;

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

TEST_F(ServerTest, AfterShutdownNoCallIsTaken) {
  ASSERT_TRUE(Found("alpha").ok());
  server_->Shutdown();
  EXPECT_EQ(Found("beta").error_code(), grpc::StatusCode::UNAVAILABLE);
}

// What the health service says of the server as a whole.
grpc::health::v1::HealthCheckResponse::ServingStatus Health(const std::string& address) {
  grpc::TemplatedGenericStub<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse> stub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &queue);
  call->StartCall();
  grpc::health::v1::HealthCheckResponse response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok) && ok && status.ok()) << status.error_message();
  return response.status();
}

TEST_F(ServerTest, AWriteOfTheIndexWithUnknownOutcomeEndsServing) {
  EXPECT_EQ(Health(server_->address()), grpc::health::v1::HealthCheckResponse::SERVING);
  // While the server starts; when the index takes in what a command recorded.
  for (const size_t writes_before : {0, 2}) {
    eventstore::MemoryStore under;
    auto store = std::make_unique<support::FaultyStore>(&under);
    store->next_row_writes.resize(writes_before);
    store->next_row_writes.push_back(absl::UnknownError("it may be stored"));
    std::promise<void> failed;
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = Server::Start(options, std::move(store), &clock_, [&] { failed.set_value(); });
    ASSERT_TRUE(server.ok()) << server.status();
    partnerships_ = trust::v1::PartnershipService::NewStub(
        grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
    EXPECT_TRUE(Found("alpha").ok());
    ASSERT_EQ(failed.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
    EXPECT_EQ(Health((*server)->address()), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    *server = nullptr;
  }
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

}  // namespace
}  // namespace services
