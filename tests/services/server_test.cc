#include "services/server.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/services/server_fixture.h"

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
