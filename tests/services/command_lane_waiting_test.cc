// Who waits in the lane, for how long, and who is refused for it.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/import_command.h"
#include "tests/services/command_lane_fixture.h"

namespace services {
namespace {

TEST_F(CommandLaneTest, AQueueThatIsFullRefusesAtOnce) {
  CommandLane::Config config;
  config.commands_waiting_max = 2;
  Open(config);
  Submit(Founding("alpha"));
  Submit(Founding("beta"));
  const Told third = Submit(Founding("gamma"));
  EXPECT_EQ(Words(third), "ERROR_REASON_OVERLOADED");
  Settle();
  EXPECT_EQ(Words(Do(Founding("gamma"))), "revision 2");
}

TEST_F(CommandLaneTest, WhoIsAnsweredHasGivenItsPlaceBackAndMayAskAgainAtOnce) {
  CommandLane::Config config;
  config.commands_waiting_max = 1;
  Open(config);
  Told again;
  SubmitThen(Founding("alpha"), absl::InfiniteFuture(), [&] { again = Submit(Kept("alpha")); });
  Settle();
  ASSERT_NE(again, nullptr) << "the first was never answered";
  EXPECT_EQ(Words(again), "revision 3");
  EXPECT_EQ(lane_->waiting(), 0u);
}

TEST_F(CommandLaneTest, WhoIsRefusedUndecidedMayAskAgainAtOnceToo) {
  CommandLane::Config config;
  config.commands_waiting_max = 1;
  Open(config);
  Told after_late;
  SubmitThen(Founding("alpha"), clock_.Now() + absl::Milliseconds(1), [&] { after_late = Submit(Founding("beta")); });
  clock_.Pass(absl::Milliseconds(2));
  Settle();
  ASSERT_NE(after_late, nullptr) << "the late one was never answered";
  EXPECT_EQ(Words(after_late), "revision 2");

  Told after_fault;
  store_.reads_of["gamma"] = absl::DataLossError("planted");
  SubmitThen(Kept("gamma"), absl::InfiniteFuture(), [&] { after_fault = Submit(Kept("beta")); });
  Settle();
  ASSERT_NE(after_fault, nullptr) << "the one whose history cannot be read was never answered";
  EXPECT_EQ(Words(after_fault), "revision 3");
}

TEST_F(CommandLaneTest, WhoWaitedTooLongAndFindsNoPlaceInTheBatchIsRefused) {
  CommandLane::Config config;
  config.batch_commands_max = 1;
  config.command_wait_max = absl::Milliseconds(100);
  Open(config);
  const Told first = Submit(Founding("alpha"));
  const Told second = Submit(Founding("beta"));
  clock_.Pass(absl::Milliseconds(60));
  const Told third = Submit(Founding("gamma"));
  clock_.Pass(absl::Milliseconds(41));
  // The first has waited for 101 ms, and so would this one.
  EXPECT_EQ(Words(Submit(Founding("delta"))), "ERROR_REASON_OVERLOADED");
  Settle();
  EXPECT_EQ(Words(first), "revision 2");
  EXPECT_EQ(Words(second), "ERROR_REASON_OVERLOADED");
  EXPECT_EQ(Words(third), "revision 2");
  EXPECT_EQ(*store_.StreamRevision("beta"), 0u);
  EXPECT_EQ(Words(Do(Founding("beta"))), "revision 2");
}

TEST_F(CommandLaneTest, WhoWaitedLongForASlowDiskIsDecidedWhenThereIsRoomInTheBatch) {
  CommandLane::Config config;
  config.command_wait_max = absl::Milliseconds(100);
  Open(config);
  const Told first = Submit(Founding("alpha"));
  clock_.Pass(absl::Seconds(10));
  const Told second = Submit(Founding("beta"));
  Settle();
  EXPECT_EQ(Words(first), "revision 2");
  EXPECT_EQ(Words(second), "revision 2");
}

TEST_F(CommandLaneTest, WhoWaitsNoLongerTakesNoPlaceInABatch) {
  CommandLane::Config config;
  config.batch_commands_max = 1;
  config.command_wait_max = absl::Milliseconds(100);
  Open(config);
  Do(Founding("alpha"));
  const Told late = Submit(Founding("beta"), At("2024-01-02"));
  const Told timely = Submit(Kept("alpha"));
  clock_.Set(At("2024-01-03"));
  clock_.Pass(absl::Milliseconds(101));
  lane_->RunBatch();
  EXPECT_EQ(Words(late), "ERROR_REASON_DEADLINE_PASSED");
  EXPECT_EQ(Words(timely), "revision 3");
}

TEST_F(CommandLaneTest, AnImportWaitsForAsLongAsItTakes) {
  CommandLane::Config config;
  config.batch_commands_max = 1;
  config.command_wait_max = absl::Milliseconds(100);
  Open(config);
  Do(Founding("alpha"));
  trust::v1::ImportItem item;
  item.set_partnership("alpha");
  item.set_external_id("one");
  item.set_recorder("acme");
  *item.mutable_occur_time() = Kept("alpha").occur_time();
  *item.mutable_evidence() = Kept("alpha").evidence();
  const auto import = [&] {
    auto done = std::make_shared<bool>(false);
    lane_->Submit(std::make_unique<ImportCommand>(
        std::vector<PreparedItem>{{&item, absl::OkStatus(), "fingerprint"}}, Caller(),
        [done](const absl::StatusOr<ImportOutcome>& outcome) { *done = outcome.ok(); }));
    return done;
  };
  const auto first = import();
  const Told between = Submit(Founding("beta"));
  const auto second = import();
  clock_.Pass(absl::Seconds(10));
  const auto third = import();
  Settle();
  EXPECT_TRUE(*first);
  EXPECT_EQ(Words(between), "ERROR_REASON_OVERLOADED");
  EXPECT_TRUE(*second);
  EXPECT_TRUE(*third);
}

TEST_F(CommandLaneTest, ACommandWhoseTimeHasRunOutIsNotDecided) {
  Open();
  const Told late = Submit(Founding("alpha"), At("2024-01-02"));
  clock_.Set(At("2024-01-03"));
  Settle();
  EXPECT_EQ(Words(late), "ERROR_REASON_DEADLINE_PASSED");
  EXPECT_EQ(*store_.StreamRevision("alpha"), 0u);
}

TEST_F(CommandLaneTest, AfterStopCommandsAreRefusedAndThoseThatWaitAreAnswered) {
  services::ThreadPool pool(1, 10);
  CommandLane lane({}, &store_, &clock_, &pool, &publisher_, [] {});
  lane.Start();
  std::vector<Told> told;
  std::vector<std::shared_ptr<CreatePartnershipRequest>> requests;
  for (const char* id : {"alpha", "beta", "gamma", "delta"}) {
    auto heard = std::make_shared<std::optional<absl::StatusOr<CommandOutcome>>>();
    requests.push_back(std::make_shared<CreatePartnershipRequest>(Founding(id)));
    if (told.size() == 3) lane.Stop();
    lane.Submit(std::make_unique<DecidedCommand<CreatePartnershipRequest>>(
        requests.back().get(), "Method", Recall{&store_, &pool}, Caller(),
        [heard](absl::StatusOr<CommandOutcome> outcome) { *heard = std::move(outcome); }));
    told.push_back(heard);
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Words(told[i]), "revision 2");
  EXPECT_EQ(Words(told[3]), "ERROR_REASON_SHUTTING_DOWN");
}

}  // namespace
}  // namespace services
