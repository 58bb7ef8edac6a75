// CreateBackup over the wire: what is answered when, by makers of backups that do as they are told. That the bytes come
// back is shown by tests/eventstore/backup_test.cc and tests/e2e/backup_test.py.

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/backup.h"
#include "eventstore/merkle_tree.h"
#include "gmock/gmock.h"
#include "services/backups.h"
#include "services/log_position.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/services/server_fixture.h"
#include "trust/v1/admin_service.grpc.pb.h"

namespace services {
namespace {

using testing::HasSubstr;
using testing::Not;

// Makes nothing, and tells what it was asked for.
class ToldBackups final : public eventstore::StoreBackups {
 public:
  absl::StatusOr<eventstore::BackupMade> Make(const eventstore::BackupDescription& description) override {
    std::unique_lock<std::mutex> lock(mutex_);
    asked_.push_back(description);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_ || stopped_; });
    if (stopped_) return absl::CancelledError("stopped");
    if (!failure_.ok()) return failure_;
    eventstore::BackupMade made;
    made.description = description;
    made.description.id = asked_.size();
    made.description.bytes = 1000;
    made.bytes_new = 10;
    return made;
  }
  absl::Status Prune(absl::Time now) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    pruned_ = now;
    changed_.notify_all();
    return absl::OkStatus();
  }
  void Stop() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  // For another server.
  void Restart() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = false;
  }
  void Fail(absl::Status failure) {
    const std::lock_guard<std::mutex> lock(mutex_);
    failure_ = std::move(failure);
  }
  void Hold(bool held) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  void AwaitAsked(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return asked_.size() >= count; });
  }
  void AwaitPruned(absl::Time now) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return pruned_ == now; });
  }
  std::vector<eventstore::BackupDescription> asked() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<eventstore::BackupDescription> asked_;
  absl::Status failure_;
  absl::Time pruned_ = absl::InfinitePast();
  bool held_ = false;
  bool stopped_ = false;
};

class BackupServerTest : public ServerTest {
 protected:
  void SetUp() override { ServeBackups(&log_, &keys_); }
  void TearDown() override { server_ = nullptr; }

  void ServeBackups(eventstore::StoreBackups* log, eventstore::StoreBackups* keys) {
    server_ = nullptr;
    log_.Restart();
    keys_.Restart();
    auto store = std::make_unique<eventstore::MemoryStore>();
    store_ = store.get();
    ServerOptions options;
    options.backups.log = log;
    options.backups.keys = keys;
    options.backups.prune_interval = absl::Milliseconds(10);
    Serve(std::move(store), options);
    admin_ = trust::v1::AdminService::NewStub(channel_);
  }

  grpc::Status Create(trust::v1::CreateBackupResponse* response = nullptr) {
    grpc::ClientContext context;
    trust::v1::CreateBackupResponse own;
    return admin_->CreateBackup(&context, trust::v1::CreateBackupRequest(), response == nullptr ? &own : response);
  }

  // Outlive the server, which goes first.
  ToldBackups log_, keys_;
  eventstore::MemoryStore* store_ = nullptr;
  std::unique_ptr<trust::v1::AdminService::Stub> admin_;
};

TEST_F(BackupServerTest, ABackupIsOfAllThatWasAcknowledgedAndIsTold) {
  ASSERT_TRUE(Found("moon").ok());
  trust::v1::CreateBackupResponse response;
  ASSERT_TRUE(Create(&response).ok());
  EXPECT_EQ(response.backup(), "1");
  EXPECT_EQ(response.log_size(), static_cast<int64_t>(store_->LogSize()));
  EXPECT_EQ(response.log_position(), LogPositionToken(store_->LogSize()));
  const auto root = eventstore::RootAt(
      store_->LogSize(), [this](int level, uint64_t index) { return store_->ReadTreeNode(level, index); });
  EXPECT_EQ(response.root(), eventstore::BytesOf(*root));
  EXPECT_EQ(response.make_time().seconds(), Midnight("2024-01-01").seconds());
  EXPECT_EQ(response.byte_count(), 1000);
  EXPECT_EQ(response.new_byte_count(), 10);
  EXPECT_EQ(response.key_backup(), "1");
  EXPECT_EQ(response.key_byte_count(), 1000);
  ASSERT_EQ(log_.asked().size(), 1u);
  EXPECT_EQ(log_.asked().front().checkpoint.size, store_->LogSize());
  // Those of keys tell nothing of the log.
  EXPECT_EQ(keys_.asked().front().checkpoint.size, 0u);
}

TEST_F(BackupServerTest, TheKeysComeBeforeTheLog) {
  keys_.Hold(true);
  std::thread caller([this] { EXPECT_TRUE(Create().ok()); });
  keys_.AwaitAsked(1);
  EXPECT_TRUE(log_.asked().empty());
  // What is acknowledged meanwhile need not be in it, but may.
  EXPECT_TRUE(Found("moon").ok());
  keys_.Hold(false);
  caller.join();
  EXPECT_EQ(log_.asked().size(), 1u);
}

TEST_F(BackupServerTest, WithoutADirectoryNoneIsMadeAndTheFlagIsNamed) {
  ServeBackups(nullptr, nullptr);
  const grpc::Status refused = Create();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "BACKUP_NOT_CONFIGURED");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(refused).metadata().at("flag"), "backup_directory");
  EXPECT_THAT(refused.error_message(), HasSubstr("--backup_directory"));
}

TEST_F(BackupServerTest, WithoutADirectoryForKeysTheLogAloneIsBackedUp) {
  ServeBackups(&log_, nullptr);
  trust::v1::CreateBackupResponse response;
  ASSERT_TRUE(Create(&response).ok());
  EXPECT_EQ(response.backup(), "1");
  EXPECT_EQ(response.key_backup(), "");
}

TEST_F(BackupServerTest, ThereIsOneAtATimeAndEverythingElseGoesOn) {
  log_.Hold(true);
  std::thread caller([this] { EXPECT_TRUE(Create().ok()); });
  log_.AwaitAsked(1);
  for (int i = 0; i < 2; ++i) {
    const grpc::Status refused = Create();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(refused), "BACKUP_RUNNING");
    EXPECT_GT(DetailOf<google::rpc::RetryInfo>(refused).retry_delay().seconds(), 0);
  }
  EXPECT_TRUE(Found("moon").ok());
  log_.Hold(false);
  caller.join();
  EXPECT_TRUE(Create().ok()) << "whoever was answered may ask again";
}

TEST_F(BackupServerTest, AFailureIsToldByWhatIsToBeDoneWithoutThePathAndTheServerGoesOn) {
  const struct {
    absl::Status failure;
    grpc::StatusCode code;
    std::string reason;
  } cases[] = {
      {absl::ResourceExhaustedError("in some secret place"), grpc::StatusCode::RESOURCE_EXHAUSTED,
       "BACKUP_STORAGE_FULL"},
      {absl::PermissionDeniedError("in some secret place"), grpc::StatusCode::UNAVAILABLE, "BACKUP_FAILED"},
      {absl::FailedPreconditionError("in some secret place"), grpc::StatusCode::UNAVAILABLE, "BACKUP_FAILED"},
      {absl::UnavailableError("in some secret place"), grpc::StatusCode::UNAVAILABLE, "BACKUP_FAILED"},
      {absl::DataLossError("in some secret place"), grpc::StatusCode::DATA_LOSS, "BACKUP_DAMAGED"},
  };
  for (const auto& [failure, code, reason] : cases) {
    for (ToldBackups* const failing : {&log_, &keys_}) {
      failing->Fail(failure);
      const grpc::Status refused = Create();
      EXPECT_EQ(refused.error_code(), code);
      EXPECT_EQ(ReasonOf(refused), reason);
      const std::string flag = failing == &log_ ? "backup_directory" : "keys_backup_directory";
      EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(refused).metadata().at("flag"), flag);
      EXPECT_THAT(refused.error_message(), HasSubstr("--" + flag));
      EXPECT_THAT(refused.error_message(), Not(HasSubstr("secret")));
      failing->Fail(absl::OkStatus());
    }
  }
  EXPECT_TRUE(Found("moon").ok());
  EXPECT_TRUE(Create().ok());
}

TEST_F(BackupServerTest, AStopDoesNotWaitForABackup) {
  log_.Hold(true);
  grpc::Status answer;
  std::thread caller([&] { answer = Create(); });
  log_.AwaitAsked(1);
  server_->Shutdown();
  caller.join();
  EXPECT_EQ(answer.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(answer), "SHUTTING_DOWN");
}

TEST_F(BackupServerTest, WhatIsTooOldGoesThoughNobodyAsksForABackup) {
  clock_.Set(clock_.Now() + absl::Hours(100));
  keys_.AwaitPruned(clock_.Now());
  log_.AwaitPruned(clock_.Now());
}

TEST(BackupDirectoriesTest, ADirectoryOfBackupsLiesApartFromAllOthers) {
  eventstore::TempDirectory directory;
  const std::string root = directory.path();
  std::filesystem::create_directory(root + "/data");
  std::filesystem::create_directory_symlink(root + "/data", root + "/link");
  const auto check = [&](const std::string& backups, const std::string& keys) {
    return CheckApart({{"backup_directory", backups}, {"keys_backup_directory", keys}},
                      {{"data_directory", root + "/data"}, {"keys_directory", root + "/data-keys"}});
  };
  EXPECT_TRUE(check(root + "/backups", root + "/key-backups").ok());
  EXPECT_TRUE(check(root + "/data-backups", "").ok()) << "a name that begins alike is another";
  const std::string data = root + "/data", keys = root + "/data-keys", link = root + "/link";
  for (const std::string& inside :
       {data, data + "/", data + "/b", root, link, link + "/b", root + "/..", keys + "/b"}) {
    const absl::Status refused = check(inside, "");
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << inside;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("--backup_directory=" + inside));
  }
  const std::string backups = root + "/backups";
  EXPECT_FALSE(check(backups, backups).ok());
  EXPECT_FALSE(check(backups, backups + "/keys").ok());
}

}  // namespace
}  // namespace services
