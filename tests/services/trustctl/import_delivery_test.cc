#include "services/trustctl/import_delivery.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

// A server in memory: answers every item, and ends the call with a status after so many results.
class MemoryCall : public ImportCall {
 public:
  struct Server {
    std::vector<std::string> seen;                      // External ids in the order of arrival, all calls.
    std::vector<std::pair<int, absl::Status>> endings;  // The calls to come: results before the end, and the end.
    size_t calls = 0;
    size_t batch_items_max = 0;
    size_t batch_bytes_max = 0;
    size_t waiting_max = 0;
    int64_t lie_at = -1;  // The result that names another item.
    int64_t results = 0;
  };

  explicit MemoryCall(Server* server) : server_(server) {
    if (server->calls < server->endings.size()) ending_ = server->endings[server->calls];
    ++server->calls;
  }

  bool Write(const trust::v1::ImportHistoryRequest& request) override {
    std::lock_guard lock(mutex_);
    if (over_) return false;
    server_->batch_items_max = std::max<size_t>(server_->batch_items_max, request.items_size());
    server_->batch_bytes_max = std::max(server_->batch_bytes_max, request.ByteSizeLong());
    for (const auto& item : request.items()) {
      server_->seen.push_back(item.external_id());
      waiting_.push_back(item);
    }
    server_->waiting_max = std::max(server_->waiting_max, waiting_.size());
    changed_.notify_all();
    return true;
  }

  void WritesDone() override {
    std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

  // Results come three at a time, across the borders of batches.
  bool Read(trust::v1::ImportHistoryResponse* response) override {
    std::unique_lock lock(mutex_);
    response->Clear();
    changed_.wait(lock, [this] { return over_ || !waiting_.empty() || done_; });
    while (!over_ && ending_.first != 0 && !waiting_.empty() && response->results_size() < 3) {
      auto* result = response->add_results();
      result->set_partnership(waiting_.front().partnership());
      result->set_external_id(server_->results++ == server_->lie_at ? "another" : waiting_.front().external_id());
      result->set_outcome(trust::v1::IMPORT_OUTCOME_CREATED);
      waiting_.pop_front();
      --ending_.first;
    }
    if (response->results_size() > 0) return true;
    over_ = true;
    return false;
  }

  void Cancel() override {
    std::lock_guard lock(mutex_);
    over_ = true;
    ending_.second = absl::CancelledError("cancelled");
    changed_.notify_all();
  }

  absl::Status Finish() override { return ending_.second; }

 private:
  Server* const server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<trust::v1::ImportItem> waiting_;
  std::pair<int, absl::Status> ending_ = {-1, absl::OkStatus()};
  bool done_ = false;
  bool over_ = false;
};

absl::Status Overloaded() {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(absl::StatusCode::kResourceExhausted));
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  wire.add_details()->PackFrom(retry);
  return ServerRefusal(absl::StatusCode::kResourceExhausted, "full", wire.SerializeAsString());
}

class ImportDeliveryTest : public ::testing::Test {
 protected:
  ImportDeliveryTest() : spool_(*ImportSpool::Create()) {
    ports_.open = [this] { return std::make_unique<MemoryCall>(&server_); };
    ports_.receive = [this](const SpooledItem& item, const trust::v1::ImportResult& result) {
      EXPECT_EQ(item.item.external_id(), result.external_id());
      received_.push_back(item.line);
    };
    ports_.retry = [this](const absl::Status&, absl::Duration wait) { waits_.push_back(wait); };
    ports_.sleep = [this](absl::Duration wait) { slept_.push_back(wait); };
  }

  absl::Status Deliver(int items, size_t citation_bytes = 0) {
    for (int i = 0; i < items; ++i) {
      SpooledItem item{0, i + 1, {}};
      item.item.set_partnership("p");
      item.item.set_external_id(absl::StrCat("e", i));
      item.item.set_citation(std::string(citation_bytes, 'x'));
      EXPECT_TRUE(spool_.Add(item).ok());
    }
    EXPECT_TRUE(spool_.Rewind().ok());
    return DeliverImport(&spool_, limits_, ports_);
  }

  // Every item has one result, in order.
  void ExpectAllReceived(int items) {
    ASSERT_EQ(received_.size(), static_cast<size_t>(items));
    for (int i = 0; i < items; ++i) ASSERT_EQ(received_[i], i + 1);
  }

  ImportSpool spool_;
  DeliveryLimits limits_;
  DeliveryPorts ports_;
  MemoryCall::Server server_;
  std::vector<int64_t> received_;
  std::vector<absl::Duration> waits_;
  std::vector<absl::Duration> slept_;
};

TEST_F(ImportDeliveryTest, EveryItemIsSentOnceAndHasItsResult) {
  EXPECT_EQ(Deliver(10000), absl::OkStatus());
  ExpectAllReceived(10000);
  EXPECT_EQ(server_.seen.size(), 10000u);
  EXPECT_EQ(server_.calls, 1u);
  EXPECT_EQ(server_.batch_items_max, 200u);
  EXPECT_LE(server_.waiting_max, limits_.waiting_items_max + limits_.batch_items_max);
}

TEST_F(ImportDeliveryTest, ABatchStaysBelowItsBytes) {
  EXPECT_EQ(Deliver(100, 100'000), absl::OkStatus());
  ExpectAllReceived(100);
  EXPECT_LE(server_.batch_bytes_max, limits_.batch_bytes_max);
  EXPECT_GT(server_.batch_bytes_max, limits_.batch_bytes_max / 2);
}

TEST_F(ImportDeliveryTest, AnOverloadedServerIsAskedAgainFromTheFirstItemWithoutAResult) {
  server_.endings = {{300, Overloaded()}, {0, Overloaded()}, {1, absl::UnavailableError("stopping")}};
  EXPECT_EQ(Deliver(1000), absl::OkStatus());
  ExpectAllReceived(1000);
  EXPECT_EQ(server_.calls, 4u);
  EXPECT_THAT(slept_, ::testing::ElementsAre(absl::Seconds(2), absl::Seconds(2), absl::Milliseconds(100)));
  EXPECT_EQ(waits_, slept_);
  EXPECT_THAT(server_.seen, ::testing::Contains("e300").Times(3));
}

TEST_F(ImportDeliveryTest, ItIsAskedNoMoreThanTenTimesWithoutProgress) {
  server_.endings.assign(100, {0, Overloaded()});
  server_.endings[0].first = 5;
  EXPECT_EQ(Deliver(1000).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server_.calls, 10u);
  ExpectAllReceived(5);
}

TEST_F(ImportDeliveryTest, AServerThatWasNeverThereIsNotWaitedFor) {
  server_.endings.assign(100, {0, Unreachable("no server")});
  EXPECT_EQ(ExitCodeOf(Deliver(1000)), ExitCode::kUnreachable);
  EXPECT_EQ(server_.calls, 1u);
}

TEST_F(ImportDeliveryTest, AServerThatGoesAwayMeanwhileIsWaitedFor) {
  server_.endings = {{300, Unreachable("gone")}, {0, Unreachable("gone")}};
  EXPECT_EQ(Deliver(1000), absl::OkStatus());
  ExpectAllReceived(1000);
}

TEST_F(ImportDeliveryTest, ARefusalEndsIt) {
  server_.endings = {{300, absl::PermissionDeniedError("no")}};
  EXPECT_EQ(Deliver(1000), absl::PermissionDeniedError("no"));
  ExpectAllReceived(300);
}

TEST_F(ImportDeliveryTest, ACallThatEndsTooEarlyIsNoSuccess) {
  server_.endings = {{300, absl::OkStatus()}};
  EXPECT_THAT(std::string(Deliver(1000).message()), HasSubstr("items without a result"));
}

TEST_F(ImportDeliveryTest, AResultOfAnotherItemIsNoSuccess) {
  server_.lie_at = 7;
  EXPECT_EQ(Deliver(1000).code(), absl::StatusCode::kInternal);
  ExpectAllReceived(7);
}

}  // namespace
}  // namespace trustctl
