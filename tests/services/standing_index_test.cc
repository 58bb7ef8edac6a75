#include "services/standing_index.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/domain/refusal.h"
#include "services/system_stream.h"
#include "tests/services/standing_world.h"
#include "tests/support/faulty_store.h"

namespace services {
namespace {

using projections::Day;
using trust::v1::StandingRow;

// What does not depend on when a row was read.
StandingRow Timeless(StandingRow row) {
  row.clear_day();
  row.clear_next_day();
  row.clear_sequence();
  return row;
}

// Every table is what follows from histories read from nothing.
void ExpectFresh(IndexedLog& log) {
  std::map<std::string, std::string> attention, words, days;
  for (const std::string& partnership : log.Partnerships()) {
    const StandingRow row = log.Row(partnership), fresh = Fresh(log, partnership);
    EXPECT_EQ(Timeless(row).DebugString(), Timeless(fresh).DebugString()) << partnership;
    EXPECT_TRUE(row.next_day() == 0 || row.next_day() > log.day()) << partnership;
    StandingRow expected = fresh;
    expected.set_next_day(row.next_day());
    for (const auto& [place, value] : DerivedRowsOf(partnership, expected)) {
      (place.first == kAttentionTable       ? attention
       : place.first == kStandingWordsTable ? words
                                            : days)
          .emplace(place.second, value);
    }
  }
  EXPECT_EQ(log.Table(kAttentionTable), attention);
  EXPECT_EQ(log.Table(kStandingWordsTable), words);
  EXPECT_EQ(log.Table(kStandingDayTable), days);
}

TEST(StandingIndexTest, FollowingTheLogDayByDayGivesWhatReadingItAllAnewGives) {
  for (uint32_t seed = FirstSeed(); seed < FirstSeed() + 6; ++seed) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    RandomWorld world(seed, 4);
    for (int round = 0; round < 60; ++round) {
      world.Pass();
      if (round % 7 == 3) world.log.Restart();
      world.log.CatchUp();
      if (round % 10 == 9) ExpectFresh(world.log);
      if (testing::Test::HasFailure()) return;
    }
    // Read anew by itself, as another program would.
    ASSERT_TRUE(world.log.store()
                    .WriteRows({{kStandingProgressTable, kStandingProgressKey, std::string("\xff not a row")}})
                    .ok());
    world.log.Restart();
    world.log.CatchUp();
    ExpectFresh(world.log);
    EXPECT_GT(world.revising(), 0);
  }
}

TEST(StandingIndexTest, TheChangesToldLeadToWhereEveryDirectionStands) {
  RandomWorld world(FirstSeed() + 50, 4);
  std::map<std::vector<std::string>, std::pair<int, int>> told;
  int silent = 0, revised = 0;
  uint64_t sequence = 0;
  for (int round = 0; round < 80; ++round) {
    world.Pass();
    world.log.CatchUp();
    ASSERT_TRUE(world.log.index()
                    .VisitChanges(sequence,
                                  [&](uint64_t number, const StandingIndex::Change& message) {
                                    EXPECT_EQ(number, ++sequence);
                                    revised += message->has_revised();
                                    if (!message->has_change()) return true;
                                    const trust::v1::TrustChange& change = message->change();
                                    auto& place = told[{change.partnership(), change.trustor(), change.trustee()}];
                                    EXPECT_EQ(place, std::pair(static_cast<int>(change.stage_before()),
                                                               static_cast<int>(change.condition_before())));
                                    place = {change.stage(), change.condition()};
                                    silent += change.cause() == trust::v1::TRANSITION_CAUSE_SILENCE;
                                    return true;
                                  })
                    .ok());
  }
  for (const std::string& partnership : world.log.Partnerships()) {
    const StandingRow row = world.log.Row(partnership);
    for (const trust::v1::StandingDirection& direction : row.directions()) {
      EXPECT_EQ((told[{partnership, direction.trustor(), direction.trustee()}]),
                std::pair(static_cast<int>(direction.stage()), static_cast<int>(direction.condition())));
    }
  }
  EXPECT_GT(silent, 5);
  EXPECT_GT(revised, 5);
  EXPECT_GT(world.revising(), 0);
}

TEST(StandingIndexTest, OnANewDayOnlyThePartnershipsWhoseDayItIsAreReadAgain) {
  IndexedLog log;
  for (int i = 0; i < 20; ++i) log.Found(absl::StrCat("p", i));
  log.CatchUp();
  std::map<std::string, std::string> days = log.Table(kStandingDayTable);
  ASSERT_EQ(days.size(), 20U);
  const Day next = DayOfKey(days.begin()->first);
  log.SetDay(next - 1);
  log.CatchUp();
  EXPECT_EQ(log.index().state().day, next - 1);
  EXPECT_EQ(log.Row("p0").day(), IndexedLog::kFirstDay) << "its day has not come";
  log.SetDay(next);
  log.CatchUp();
  EXPECT_EQ(log.Row("p0").day(), next);
}

TEST(StandingIndexTest, WhileItIsMadeItSaysHowFarItIs) {
  StandingIndex::Config config;
  config.batch_partnerships_max = 1;
  IndexedLog log(config);
  for (const char* id : {"alpha", "beta", "gamma"}) log.Found(id);
  log.CatchUp();
  EXPECT_TRUE(log.index().CheckReady().ok());
  log.set_policy("two");
  ASSERT_TRUE(log.index().Step().ok());  // Begins.
  ASSERT_TRUE(log.index().Step().ok());  // The first partnership.
  const absl::Status not_ready = log.index().CheckReady();
  EXPECT_EQ(not_ready.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(domain::ReasonOf(not_ready), trust::v1::ERROR_REASON_INDEX_NOT_READY);
  EXPECT_EQ(domain::MetadataOf(not_ready, "done"), "1");
  EXPECT_EQ(domain::MetadataOf(not_ready, "total"), "3");
  log.Restart();
  EXPECT_EQ(log.index().state().done, 1U) << "it goes on where it was";
  log.CatchUp();
  EXPECT_TRUE(log.index().CheckReady().ok());
}

TEST(StandingIndexTest, NothingIsToldTwiceAfterARestart) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  const uint64_t sequence = log.index().state().sequence;
  log.RaiseConflict("alpha");
  log.Restart();
  log.CatchUp();
  EXPECT_EQ(log.index().state().sequence, sequence + 1);
  log.Restart();
  log.CatchUp();
  EXPECT_EQ(log.index().state().sequence, sequence + 1);
}

TEST(StandingIndexTest, AStepThatCannotBeWrittenIsDoneAgainAsAWhole) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  support::FaultyStore store(&log.store());
  StandingIndex index(
      {}, &store, &log.clock(), &log.readings(), [] { return "one"; }, [] {}, [] {});
  index.Prepare();
  const StandingIndex::State before = index.state();
  log.RaiseConflict("alpha");
  store.next_row_writes.push_back(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(index.Step().status()));
  EXPECT_EQ(index.state().sequence, before.sequence);
  EXPECT_EQ(index.state().position, before.position);
  EXPECT_EQ(log.Row("alpha").directions(0).condition(), trust::v1::CONDITION_STEADY);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(index.Step().ok());
  EXPECT_EQ(index.state().sequence, before.sequence + 1);
  EXPECT_EQ(index.state().position, before.position + 1);
  EXPECT_EQ(log.Row("alpha").directions(0).condition(), trust::v1::CONDITION_STRAINED);
}

TEST(StandingIndexTest, AHistoryThatCannotBeReadHoldsUpNoOther) {
  IndexedLog log;
  for (const char* id : {"alpha", "beta"}) log.Found(id);
  log.CatchUp();
  support::FaultyStore store(&log.store());
  PolicyRegistry policies;
  ReadingCache readings(&store, &policies, 1 << 20);
  StandingIndex index(
      {}, &store, &log.clock(), &readings, [] { return "one"; }, [] {}, [] {});
  index.Prepare();
  for (const char* id : {"alpha", "beta"}) log.RaiseConflict(id);
  store.reads_of["alpha"] = absl::DataLossError("bytes are wrong");
  while (*index.Step()) {
  }
  EXPECT_EQ(index.state().position, log.store().LogSize());
  EXPECT_EQ(log.Row("alpha").directions(0).condition(), trust::v1::CONDITION_STEADY) << "it keeps the row it had";
  EXPECT_EQ(log.Row("beta").directions(0).condition(), trust::v1::CONDITION_STRAINED);
}

TEST(StandingIndexTest, AHistoryThatCouldNotBeReadIsTriedAgainEachDay) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  support::FaultyStore store(&log.store());
  PolicyRegistry policies;
  ReadingCache readings(&store, &policies, 1 << 20);
  StandingIndex index(
      {}, &store, &log.clock(), &readings, [] { return "one"; }, [] {}, [] {});
  index.Prepare();
  const uint64_t sequence = index.state().sequence;
  log.RaiseConflict("alpha");
  log.Found("beta");
  store.reads = absl::DataLossError("bytes are wrong");
  for (int day = 0; day < 3; ++day) {
    log.SetDay(IndexedLog::kFirstDay + day);
    int steps = 0;
    while (*index.Step()) ASSERT_LT(++steps, 10) << "once a day, not for ever";
    EXPECT_EQ(index.state().day, log.day());
    EXPECT_EQ(index.state().sequence, sequence);
    EXPECT_EQ(log.Row("beta").directions_size(), 0);
    EXPECT_EQ(log.Table(kStandingDayTable).size(), 2U);
  }
  store.reads = absl::OkStatus();
  log.SetDay(IndexedLog::kFirstDay + 3);
  while (*index.Step()) {
  }
  ExpectFresh(log);
  std::vector<std::string> told;
  ASSERT_TRUE(index
                  .VisitChanges(sequence,
                                [&](uint64_t, const StandingIndex::Change& message) {
                                  told.push_back(
                                      absl::StrCat(message->change().partnership(), " ",
                                                   trust::v1::TransitionCause_Name(message->change().cause())));
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(told, (std::vector<std::string>{"alpha TRANSITION_CAUSE_EVENT", "beta TRANSITION_CAUSE_START",
                                            "beta TRANSITION_CAUSE_START"}));
}

TEST(StandingIndexTest, AWriteOfUnknownOutcomeIsReportedAndAFullDiskIsNot) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  support::FaultyStore store(&log.store());
  int failed = 0;
  StandingIndex index(
      {}, &store, &log.clock(), &log.readings(), [] { return "one"; }, [] {}, [&] { ++failed; });
  index.Prepare();
  log.RaiseConflict("alpha");
  for (const auto& [status, failures] :
       std::vector<std::pair<absl::Status, int>>{{absl::ResourceExhaustedError("the disk is full"), 0},
                                                 {absl::UnknownError("it may be stored"), 1},
                                                 {absl::FailedPreconditionError("the store has failed"), 2}}) {
    store.next_row_writes.push_back(status);
    absl::StatusOr<bool> stepped = index.Step();
    while (stepped.ok() && *stepped) stepped = index.Step();
    EXPECT_EQ(stepped.status().code(), status.code());
    EXPECT_EQ(failed, failures);
  }
}

TEST(StandingIndexTest, WhatWasKeptBeyondALowerBoundIsDroppedSomeAtATime) {
  IndexedLog log;
  for (int i = 0; i < 10; ++i) log.Found(absl::StrCat("p", i));
  log.CatchUp();
  ASSERT_EQ(log.Table(kTrustChangeTable).size(), 20U);
  StandingIndex::Config config;
  config.changes_kept_max = 5;
  config.changes_dropped_max = 4;
  StandingIndex index(
      config, &log.store(), &log.clock(), &log.readings(), [] { return "one"; }, [] {}, [] {});
  index.Prepare();
  log.Found("more");  // Two changes.
  ASSERT_TRUE(*index.Step());
  EXPECT_EQ(log.Table(kTrustChangeTable).size(), 20U + 2 - 2 - 4);
  ASSERT_TRUE(*index.Step());
  EXPECT_EQ(log.Table(kTrustChangeTable).size(), 12U) << "also when nothing comes";
  while (*index.Step()) {
  }
  EXPECT_EQ(log.Table(kTrustChangeTable).size(), 5U);
  EXPECT_EQ(index.state().oldest_sequence, 18U);
  EXPECT_TRUE(absl::IsOutOfRange(index.VisitChanges(16, [](uint64_t, const StandingIndex::Change&) { return true; })));
  uint64_t visited = 17;
  EXPECT_TRUE(index
                  .VisitChanges(17,
                                [&](uint64_t number, const StandingIndex::Change&) {
                                  EXPECT_EQ(number, ++visited);
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(visited, 22U);
}

TEST(StandingIndexTest, ItStepsAsideForWhoeverWrites) {
  StandingIndex::Config config;
  config.rest = absl::Milliseconds(20);
  const absl::Duration took = absl::Milliseconds(30);
  EXPECT_EQ(StandingIndex::PauseAfter(config, 2000, 2001, took), absl::Milliseconds(120));
  EXPECT_EQ(StandingIndex::PauseAfter(config, 2000, 2001, absl::Milliseconds(1)), absl::Milliseconds(20));
  EXPECT_EQ(StandingIndex::PauseAfter(config, 2001, 2001, took), absl::ZeroDuration()) << "nobody writes";
  EXPECT_EQ(StandingIndex::PauseAfter(config, 2000, 2001, absl::Minutes(1)), absl::Milliseconds(500));
  EXPECT_EQ(StandingIndex::PauseAfter(config, 2000, 2001, absl::Minutes(-1)), absl::Milliseconds(20))
      << "the clock was set back";
}

TEST(StandingIndexTest, WhoWaitsForAPositionIsNotMadeToWaitForItsRest) {
  StandingIndex::Config config;
  config.rest = absl::Hours(1);
  IndexedLog log(config);
  log.index().Start();
  log.Found("alpha");
  for (int events = 0; events < 3; ++events) {
    log.RaiseConflict("alpha");
    absl::Notification answered;
    log.index().WhenAt(log.store().LogSize(), [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      answered.Notify();
    });
    answered.WaitForNotification();
  }
  log.index().Stop();
}

TEST(StandingIndexTest, ACallerIsAnsweredOnceItsPositionIsTakenIn) {
  StandingIndex::Config config;
  config.waiting_max = 1;
  IndexedLog log(config);
  log.Found("alpha");
  log.CatchUp();
  const uint64_t position = log.store().LogSize() + 1;
  std::vector<absl::Status> answers;
  const auto answer = [&](const absl::Status& status) { answers.push_back(status); };
  log.index().WhenAt(position - 1, answer);
  ASSERT_EQ(answers.size(), 1U);
  log.index().WhenAt(position, answer);
  ASSERT_EQ(answers.size(), 1U);
  log.index().WhenAt(position, answer);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(domain::ReasonOf(answers[1]), trust::v1::ERROR_REASON_OVERLOADED);
  log.RaiseConflict("alpha");
  log.CatchUp();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_TRUE(answers[2].ok());
  log.index().WhenAt(position + 1, answer);
  log.index().Stop();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(domain::ReasonOf(answers[3]), trust::v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST(StandingIndexTest, AnotherPolicyIsToldAsARevisionOfWhatWasThere) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  // A row as another policy would have left it.
  StandingRow other = log.Row("alpha");
  other.mutable_directions(0)->set_condition(trust::v1::CONDITION_DORMANT);
  ASSERT_TRUE(log.store().WriteRows(StandingWrites("alpha", log.Row("alpha"), other)).ok());
  const uint64_t sequence = log.index().state().sequence;
  log.set_policy("two");
  log.CatchUp();
  EXPECT_EQ(log.index().state().sequence, sequence + 1);
  trust::v1::TransitionCause cause = trust::v1::TRANSITION_CAUSE_UNSPECIFIED;
  ASSERT_TRUE(log.index()
                  .VisitChanges(sequence,
                                [&](uint64_t, const StandingIndex::Change& change) {
                                  cause = change->change().cause();
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(cause, trust::v1::TRANSITION_CAUSE_POLICY);
  ExpectFresh(log);
}

// The partnerships that were told to begin, behind a number.
std::vector<std::string> Begun(IndexedLog& log, uint64_t after) {
  std::vector<std::string> begun;
  EXPECT_TRUE(log.index()
                  .VisitChanges(after,
                                [&](uint64_t, const StandingIndex::Change& message) {
                                  if (message->change().cause() == trust::v1::TRANSITION_CAUSE_START) {
                                    begun.push_back(message->change().partnership());
                                  }
                                  return true;
                                })
                  .ok());
  return begun;
}

TEST(StandingIndexTest, WhatIsFoundedAroundAChangeOfPolicyIsToldToBegin) {
  StandingIndex::Config config;
  config.batch_partnerships_max = 1;
  IndexedLog log(config);
  log.Found("beta");
  log.CatchUp();
  const uint64_t sequence = log.index().state().sequence;
  log.Found("alpha");  // Not taken in yet when another policy is put in force.
  log.set_policy("two");
  ASSERT_TRUE(log.index().Step().ok());
  ASSERT_TRUE(log.index().Step().ok());
  log.Found("gamma");  // Meanwhile.
  log.set_policy("three");
  ASSERT_TRUE(log.index().Step().ok());
  log.Found("delta");
  log.CatchUp();
  const std::vector<std::string> begun = Begun(log, sequence);
  EXPECT_EQ(begun, (std::vector<std::string>{"alpha", "alpha", "delta", "delta", "gamma", "gamma"}));
  EXPECT_EQ(log.index().state().position, log.store().LogSize());
  ExpectFresh(log);
}

// A policy that reads the same is told nothing of, whenever it comes: neither before nor amid the days that passed.
TEST(StandingIndexTest, WhatSilenceChangedAroundAChangeOfPolicyIsToldWithItsOwnDays) {
  int silent = 0;
  for (const int steps_before : {0, 1, 2}) {
    RandomWorld plain(FirstSeed() + 400, 6), changing(FirstSeed() + 400, 6);
    uint64_t sequence = 0;
    for (int round = 0; round < 25; ++round) {
      for (RandomWorld* world : {&plain, &changing}) {
        world->Pass();
        world->log.CatchUp();
        world->Wait(200);
      }
      for (int i = 0; i < steps_before; ++i) ASSERT_TRUE(changing.log.index().Step().ok());
      changing.log.set_policy(absl::StrCat("another ", round));
      std::vector<std::string> told[2];
      for (RandomWorld* world : {&plain, &changing}) {
        world->log.CatchUp();
        ASSERT_TRUE(world->log.index()
                        .VisitChanges(sequence,
                                      [&](uint64_t, const StandingIndex::Change& message) {
                                        told[world == &changing].push_back(message->ShortDebugString());
                                        silent += message->change().cause() == trust::v1::TRANSITION_CAUSE_SILENCE;
                                        return true;
                                      })
                        .ok());
      }
      ASSERT_EQ(told[1], told[0]);
      sequence = plain.log.index().state().sequence;
    }
    ExpectFresh(changing.log);
  }
  EXPECT_GT(silent, 20);
}

TEST(StandingIndexTest, AnActivationIsNotTakenInBeforeItsReadingsAre) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  bool activates = false;
  std::string policy = "one";
  StandingIndex index(
      {}, &log.store(), &log.clock(), &log.readings(),
      [&] {
        const std::string in_force = policy;
        // Becomes durable just after the step has asked.
        if (activates) {
          log.Append(kPolicyStream, log.Today());
          log.RaiseConflict("alpha");
          policy = "two";
        }
        activates = false;
        return in_force;
      },
      [] {}, [] {});
  index.Prepare();
  const uint64_t before = log.store().LogSize();
  activates = true;
  ASSERT_TRUE(*index.Step());
  EXPECT_EQ(log.store().LogSize(), before + 2);
  EXPECT_EQ(index.state().position, before) << "its readings are still of the policy before";
  ASSERT_TRUE(*index.Step());
  EXPECT_FALSE(index.state().ready);
  while (*index.Step()) {
  }
  EXPECT_TRUE(index.state().ready);
  EXPECT_EQ(index.state().position, before + 2);
}

}  // namespace
}  // namespace services
