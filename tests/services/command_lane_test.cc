#include "services/command_lane.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/partnership_loader.h"
#include "tests/services/command_lane_fixture.h"

namespace services {
namespace {

TEST_F(CommandLaneTest, ACommandBecomesDurableIsPublishedAndThenAnswered) {
  Open();
  EXPECT_EQ(Words(Do(Founding("alpha"))), "revision 2");
  EXPECT_EQ(Words(Do(Kept("alpha"))), "revision 3");
  EXPECT_EQ(History("alpha"), "1:partnership_proposed 2:initial_contact_made 3:evidence.commitment_fulfilled ");
  EXPECT_EQ(publisher_.published,
            (std::vector<std::string>{"alpha#1 partnership_proposed", "alpha#2 initial_contact_made",
                                      "alpha#3 evidence.commitment_fulfilled"}));
}

TEST_F(CommandLaneTest, CommandsThatWaitTogetherShareOneWriteAndSeeEachOther) {
  Open();
  const Told founded = Submit(Founding("alpha"));
  const Told kept = Submit(Kept("alpha"));
  const Told again = Submit(Founding("alpha"));
  Settle();
  EXPECT_EQ(Words(founded), "revision 2");
  EXPECT_EQ(Words(kept), "revision 3");
  EXPECT_EQ(Words(again), "ERROR_REASON_PARTNERSHIP_EXISTS");
  EXPECT_EQ(store_.writes, 1);
}

TEST_F(CommandLaneTest, TheAnswerNamesThePlaceOfTheLastEventInTheLog) {
  Open();
  Do(Founding("alpha"));
  const Told beta = Submit(Founding("beta"));
  const Told kept = Submit(Kept("alpha"));
  Settle();
  std::vector<std::string> log;
  ASSERT_TRUE(store_
                  .ReadLog(0,
                           [&](const eventstore::RecordedEvent& record) {
                             trust::v1::Event event;
                             EXPECT_TRUE(Decode(record, true, &event).ok());
                             log.push_back(event.log_position());
                             return true;
                           })
                  .ok());
  ASSERT_EQ(log.size(), 5u);
  for (const Told& told : {beta, kept}) {
    ASSERT_TRUE((*told)->ok());
    bool found = false;
    for (const std::string& position : log) found = found || position == (**told)->log_position;
    EXPECT_TRUE(found);
    EXPECT_EQ((**told)->events.back().log_position(), (**told)->log_position);
  }
  EXPECT_NE((**beta)->log_position, (**kept)->log_position);
}

TEST_F(CommandLaneTest, ARepeatedRequestIdReturnsTheFirstResult) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  const Told first = Do(request);
  Do(Kept("alpha"));
  const Told second = Do(request);
  ASSERT_TRUE((*second)->ok());
  EXPECT_EQ((**second)->revision, 3);
  EXPECT_EQ((**second)->log_position, (**first)->log_position);
  EXPECT_EQ((**second)->events[0].SerializeAsString(), (**first)->events[0].SerializeAsString());
  EXPECT_EQ(*store_.StreamRevision("alpha"), 4u);
}

TEST_F(CommandLaneTest, ARequestIdRepeatedInTheSameBatchHasOneEffect) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  const Told first = Submit(request);
  const Told second = Submit(request);
  Settle();
  EXPECT_EQ(Words(first), "revision 3");
  EXPECT_EQ(Words(second), "revision 3");
  EXPECT_EQ(*store_.StreamRevision("alpha"), 3u);
}

TEST_F(CommandLaneTest, ARequestIdWithOtherContentIsRefusedAndNamesWhatItMade) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  Do(request);
  request.set_correlation_id("something-else");
  const Told told = Do(request);
  EXPECT_EQ(Words(told), "ERROR_REASON_REQUEST_ID_REUSED");
  EXPECT_NE((*told)->status().message().find("partnerships/alpha/events/3"), std::string::npos);
}

TEST_F(CommandLaneTest, ARefusedCommandDoesNotUseUpItsRequestId) {
  Open();
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  EXPECT_EQ(Words(Do(request)), "ERROR_REASON_PARTNERSHIP_NOT_FOUND");
  Do(Founding("alpha"));
  EXPECT_EQ(Words(Do(request)), "revision 3");
}

TEST_F(CommandLaneTest, ARequestIdIsRememberedByTheNextProgramToo) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  const Told first = Do(request);
  Open();  // A new lane on the same store: nothing but the store remembers.
  const Told second = Do(request);
  ASSERT_TRUE((*second)->ok());
  EXPECT_EQ((**second)->log_position, (**first)->log_position);
}

TEST_F(CommandLaneTest, AnUnexpectedRevisionIsAConflictThatNamesBoth) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_expected_revision(5);
  const Told told = Do(request);
  EXPECT_EQ(Words(told), "ERROR_REASON_REVISION_CONFLICT");
  EXPECT_TRUE(absl::IsAborted((*told)->status()));
  request.set_expected_revision(2);
  EXPECT_EQ(Words(Do(request)), "revision 3");
}

TEST_F(CommandLaneTest, ValidateOnlyDecidesAndRecordsNothing) {
  Open();
  Do(Founding("alpha"));
  RecordEvidenceRequest request = Kept("alpha");
  request.set_request_id(kUuid);
  request.set_validate_only(true);
  const Told told = Do(request);
  ASSERT_TRUE((*told)->ok());
  ASSERT_EQ((**told)->events.size(), 1u);
  EXPECT_EQ((**told)->log_position, "");
  EXPECT_EQ(*store_.StreamRevision("alpha"), 2u);
  request.set_validate_only(false);
  EXPECT_EQ(Words(Do(request)), "revision 3");
}

TEST_F(CommandLaneTest, AFullDiskRefusesAndTheNextCommandGoesOn) {
  Open();
  Do(Founding("alpha"));
  store_.next_writes = {absl::ResourceExhaustedError("full")};
  EXPECT_EQ(Words(Do(Kept("alpha"))), "ERROR_REASON_STORAGE_FULL");
  EXPECT_EQ(store_failures_, 0);
  // The state that the refused command left behind is not built on.
  EXPECT_EQ(Words(Do(Kept("alpha"))), "revision 3");
  EXPECT_EQ(publisher_.published.size(), 3u);
}

TEST_F(CommandLaneTest, AWriteOfUnknownOutcomeIsCalledUnknownAndReported) {
  Open();
  Do(Founding("alpha"));
  store_.next_writes = {absl::UnknownError("the disk broke")};
  const Told told = Do(Kept("alpha"));
  EXPECT_EQ(Words(told), "ERROR_REASON_OUTCOME_UNKNOWN");
  EXPECT_EQ((*told)->status().message().find("disk broke"), std::string::npos) << "internals left the server";
  EXPECT_EQ(store_failures_, 1);
  EXPECT_EQ(publisher_.published.size(), 2u) << "something was published that may not be there";
}

TEST_F(CommandLaneTest, AStoreThatStoppedAfterAFailedWriteIsNotReadyAndNothingIsStored) {
  Open();
  Do(Founding("alpha"));
  store_.next_writes = {absl::FailedPreconditionError("open me again")};
  const Told told = Do(Kept("alpha"));
  EXPECT_EQ(Words(told), "ERROR_REASON_NOT_READY");
  EXPECT_TRUE(absl::IsUnavailable((*told)->status()));
  EXPECT_EQ(store_failures_, 1);
  EXPECT_EQ(*store_.StreamRevision("alpha"), 2u);
}

TEST_F(CommandLaneTest, WhenAnotherWriterWasFirstTheCommandIsDecidedAgain) {
  Open();
  Do(Founding("alpha"));
  // Behind the lane's back, as an engine with several writers allows.
  trust::v1::Event event;
  *event.mutable_evidence() = Kept("alpha").evidence();
  ASSERT_TRUE(memory_.Write({At("2024-01-01"), {{"alpha", 2, {Encode(event)}}}, {}}).ok());
  EXPECT_EQ(Words(Do(Kept("alpha"))), "revision 4");
}

TEST_F(CommandLaneTest, AColdHistoryDoesNotStallTheOthers) {
  Open();
  Do(Founding("alpha"));
  Do(Founding("beta"));
  Open();  // Everything is cold.
  const Told beta = Submit(Kept("beta"));
  lane_->RunBatch();
  ASSERT_TRUE(pool_.RunOne());
  lane_->RunBatch();
  ASSERT_EQ(Words(beta), "revision 3");
  const Told alpha = Submit(Kept("alpha"));
  lane_->RunBatch();  // Now alpha waits for the pool.
  const Told beta_again = Submit(Kept("beta"));
  lane_->RunBatch();
  EXPECT_EQ(Words(beta_again), "revision 4");
  EXPECT_EQ(Words(alpha), "not told");
  Settle();
  EXPECT_EQ(Words(alpha), "revision 3");
}

TEST_F(CommandLaneTest, CommandsThatWaitForAColdHistoryKeepTheirOrder) {
  Open();
  Do(Founding("alpha"));
  Open();
  std::vector<Told> told;
  for (int i = 0; i < 5; ++i) told.push_back(Submit(Kept("alpha")));
  lane_->RunBatch();
  told.push_back(Submit(Kept("alpha")));
  Settle();
  for (size_t i = 0; i < told.size(); ++i) EXPECT_EQ(Words(told[i]), "revision " + std::to_string(i + 3));
}

TEST_F(CommandLaneTest, AHistoryThatCannotBeReadIsReportedAsDamaged) {
  Open();
  Do(Founding("alpha"));
  Open();
  store_.reads = absl::DataLossError("position 1: the checksum is wrong");
  EXPECT_EQ(Words(Do(Kept("alpha"))), "ERROR_REASON_LOG_DAMAGED");
  store_.reads = absl::OkStatus();
  EXPECT_EQ(Words(Do(Kept("alpha"))), "revision 3");
}

TEST_F(CommandLaneTest, WhenThePoolIsFullAColdCommandIsOverloaded) {
  Open();
  pool_.full = true;
  EXPECT_EQ(Words(Do(Founding("alpha"))), "ERROR_REASON_OVERLOADED");
}

TEST_F(CommandLaneTest, ABatchIsClosedWhenItHoldsEnoughAndTheRestFollows) {
  CommandLane::Config config;
  config.batch_bytes_max = 1;
  Open(config);
  Do(Founding("alpha"));
  std::vector<Told> told;
  for (int i = 0; i < 4; ++i) told.push_back(Submit(Kept("alpha")));
  Settle();
  for (size_t i = 0; i < told.size(); ++i) EXPECT_EQ(Words(told[i]), "revision " + std::to_string(i + 3));
  EXPECT_EQ(store_.writes, 5);
}

TEST_F(CommandLaneTest, AStateCacheOfNothingChangesNoAnswer) {
  CommandLane::Config config;
  config.state_cache_bytes_max = 0;
  Open(config);
  Do(Founding("alpha"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Words(Do(Kept("alpha"))), "revision " + std::to_string(i + 3));
}

TEST_F(CommandLaneTest, AStateLargerThanTheCacheIsReadOnceAndPutsNothingElseOut) {
  CommandLane::Config config;
  config.state_cache_bytes_max = 16 << 10;
  Open(config);
  Do(Founding("alpha"));
  for (int i = 0; i < 500; ++i) Do(Kept("alpha"));
  Do(Founding("beta"));
  ASSERT_GT(projections::MemoryBytes(**LoadPartnership(store_, "alpha")), config.state_cache_bytes_max);
  Open(config);  // Everything is cold.
  const int before = store_.TimesRead("alpha");
  for (int i = 0; i < 20; ++i) {
    Do(Kept("alpha"));
    Do(Kept("beta"));
  }
  EXPECT_EQ(store_.TimesRead("alpha"), before + 1);
  EXPECT_EQ(store_.TimesRead("beta"), 2) << "when it was founded, and now";
  Do(Founding("gamma"));
  for (int i = 0; i < 500; ++i) Do(Kept("gamma"));
  EXPECT_EQ(store_.TimesRead("alpha"), before + 1);
  Do(Kept("alpha"));
  EXPECT_EQ(store_.TimesRead("alpha"), before + 2) << "of those larger than half of the cache the last used is kept";
}

TEST_F(CommandLaneTest, ARecordTimeNeverGoesBackwardsWhateverTheClockDoes) {
  Open();
  Do(Founding("alpha"));
  clock_.Set(At("2023-12-31"));
  const Told told = Do(Kept("alpha"));
  ASSERT_TRUE((*told)->ok());
  EXPECT_EQ((**told)->events[0].record_time().seconds(), absl::ToUnixSeconds(At("2024-01-01")));
}

TEST_F(CommandLaneTest, TheLaneCountsBatchesCommitsEventsAndRefusalsByReason) {
  Open();
  const auto refused = [this](const std::string& reason) {
    for (const auto& [name, count] : lane_->meters().refused.Read()) {
      if (name == reason) return count;
    }
    return uint64_t{999};
  };
  Submit(Founding("alpha"));
  Submit(Kept("alpha"));
  EXPECT_EQ(lane_->waiting(), 2u);
  Settle();
  EXPECT_EQ(lane_->waiting(), 0u);
  const HistogramReading batches = lane_->meters().batch_commands.Read();
  EXPECT_EQ(batches.sum, 2u);
  EXPECT_EQ(batches.counts[1], 1u) << "one batch of two";
  EXPECT_EQ(lane_->meters().events.value(), 3u);
  EXPECT_GT(lane_->state_bytes(), 0u);
  Do(Founding("alpha"));
  store_.next_writes = {absl::ResourceExhaustedError("full")};
  Do(Kept("alpha"));
  Submit(Kept("alpha"), At("2023-12-31"));
  Settle();
  uint64_t commits = 0;
  for (const uint64_t count : lane_->meters().commit_ns.Read().counts) commits += count;
  EXPECT_EQ(commits, 2u) << "what was refused needs none";
  EXPECT_EQ(refused("STORAGE_FULL"), 1u);
  EXPECT_EQ(refused("DEADLINE_PASSED"), 1u);
  EXPECT_EQ(refused("PARTNERSHIP_EXISTS"), 0u) << "that was decided";
  EXPECT_EQ(lane_->meters().events.value(), 3u);
  lane_->Stop();
  Submit(Kept("alpha"));
  EXPECT_EQ(refused("SHUTTING_DOWN"), 1u);
}

}  // namespace
}  // namespace services
