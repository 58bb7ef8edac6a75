#include "services/trust_watch.h"

#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "services/domain/refusal.h"
#include "services/watch_hub.h"
#include "tests/services/indexed_log.h"

namespace services {
namespace {

using trust::v1::WatchTrustRequest;
using trust::v1::WatchTrustResponse;

WatchTrustRequest Of(const std::vector<std::string>& partnerships) {
  WatchTrustRequest request;
  for (const std::string& partnership : partnerships) request.add_partnerships(partnership);
  return request;
}

WatchTrustRequest Resumed(WatchTrustRequest request, const std::string& token) {
  request.set_resume_token(token);
  request.set_snapshot(false);
  return request;
}

class TrustWatchTest : public testing::Test {
 protected:
  TrustWatchTest() {
    for (const char* id : {"alpha", "beta"}) log_.Found(id);
    log_.CatchUp();
  }

  // All that a watch has to say now.
  std::vector<WatchTrustResponse> Read(TrustWatch& watch, bool heartbeat = false) {
    std::deque<WatchTrustResponse> messages;
    do {
      const absl::Status told = watch.Next(3, heartbeat, &messages);
      EXPECT_TRUE(told.ok()) << told;
      if (!told.ok()) break;
    } while (watch.HasMore());
    return {messages.begin(), messages.end()};
  }

  TrustWatch Watch(const WatchTrustRequest& request) { return TrustWatch(&log_.index(), &log_.store(), request); }

  trust::v1::ErrorReason ReasonOf(const WatchTrustRequest& request) {
    TrustWatch watch = Watch(request);
    std::deque<WatchTrustResponse> messages;
    return domain::ReasonOf(watch.Next(3, false, &messages));
  }

  IndexedLog log_;
};

TEST_F(TrustWatchTest, AWatchFromNowTellsThatItIsLiveAndThenWhatChanges) {
  TrustWatch watch = Watch({});
  std::vector<WatchTrustResponse> messages = Read(watch);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].caught_up().date(), "2020-01-01");
  EXPECT_FALSE(messages[0].resume_token().empty());
  log_.RaiseConflict("beta");
  log_.CatchUp();
  messages = Read(watch);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].change().partnership(), "beta");
  EXPECT_EQ(messages[0].change().condition_before(), trust::v1::CONDITION_STEADY);
  EXPECT_EQ(messages[0].change().condition(), trust::v1::CONDITION_STRAINED);
  EXPECT_TRUE(Read(watch).empty());
  ASSERT_EQ(Read(watch, /*heartbeat=*/true).size(), 1U);
}

TEST_F(TrustWatchTest, ItTellsOfTheNamedPartnershipsAlone) {
  TrustWatch watch = Watch(Of({"alpha"}));
  Read(watch);
  log_.RaiseConflict("beta");
  log_.CatchUp();
  EXPECT_TRUE(Read(watch).empty());
  log_.RaiseConflict("alpha");
  log_.CatchUp();
  ASSERT_EQ(Read(watch).size(), 1U);
}

TEST_F(TrustWatchTest, ALapseIsToldOnItsDayWhenNothingHappens) {
  log_.RaiseConflict("alpha");
  log_.CatchUp();
  TrustWatch watch = Watch(Of({"alpha"}));
  Read(watch);
  log_.ResolveConflict("alpha", 3);
  // Enough good conduct for a second stage, which then lapses.
  for (int i = 0; i < 6; ++i) {
    log_.SetDay(log_.day() + 20);
    for (const bool joint : {false, true}) {
      trust::v1::Event event = log_.Act();
      if (joint) {
        event.mutable_evidence()->set_actor("*");
        event.mutable_evidence()->add_affected("globex");
        event.mutable_evidence()->mutable_shared_experience_held();
      } else if (i % 2 == 0) {
        event.mutable_evidence()->mutable_credibility_assessed();
      } else {
        event.mutable_evidence()->mutable_intentions_assessed();
      }
      log_.Append("alpha", event);
    }
    log_.CatchUp();
  }
  int risen = 0;
  for (const WatchTrustResponse& message : Read(watch)) {
    risen += message.change().stage() == trust::v1::STAGE_BUILDING_RAPPORT &&
             message.change().cause() == trust::v1::TRANSITION_CAUSE_EVENT;
  }
  ASSERT_EQ(risen, 1);
  const std::string holds_until = log_.Row("alpha").directions(0).holds_until_date();
  ASSERT_FALSE(holds_until.empty());
  log_.SetDay(DayOfDate(holds_until));
  log_.CatchUp();
  for (const WatchTrustResponse& message : Read(watch)) {
    EXPECT_EQ(message.change().stage(), message.change().stage_before()) << message.DebugString();
  }
  // Long after, as if the server had been away: still of its own day.
  log_.SetDay(DayOfDate(holds_until) + 400);
  log_.CatchUp();
  int lapses = 0;
  for (const WatchTrustResponse& message : Read(watch)) {
    if (message.change().trustor() != "acme" || message.change().stage() == message.change().stage_before()) continue;
    EXPECT_EQ(message.change().cause(), trust::v1::TRANSITION_CAUSE_SILENCE);
    EXPECT_EQ(message.change().date(), projections::FormatDay(DayOfDate(holds_until) + 1));
    ++lapses;
  }
  EXPECT_EQ(lapses, 1);
}

TEST_F(TrustWatchTest, LateEvidenceIsToldAsARevision) {
  log_.SetDay(IndexedLog::kFirstDay + 100);
  log_.CatchUp();
  TrustWatch watch = Watch(Of({"alpha"}));
  Read(watch);
  std::vector<std::string> kinds;
  for (int i = 0; i < 5; ++i) {
    for (const bool joint : {false, true}) {
      trust::v1::Event event = log_.Act();
      *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOf(IndexedLog::kFirstDay + 10 + 15 * i));
      if (joint) {
        event.mutable_evidence()->set_actor("*");
        event.mutable_evidence()->add_affected("globex");
        event.mutable_evidence()->mutable_shared_experience_held();
      } else if (i % 2 == 0) {
        event.mutable_evidence()->mutable_credibility_assessed();
      } else {
        event.mutable_evidence()->mutable_intentions_assessed();
      }
      log_.Append("alpha", event);
    }
  }
  log_.CatchUp();
  const std::vector<WatchTrustResponse> messages = Read(watch);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_TRUE(messages[0].has_change());
  const trust::v1::TimelineRevised& revised = messages[1].revised();
  ASSERT_EQ(revised.intervals_size(), 1);
  EXPECT_EQ(revised.intervals(0).trustor(), "acme");
  EXPECT_EQ(revised.intervals(0).stage_before(), trust::v1::STAGE_INITIAL_CONTACT);
  EXPECT_EQ(revised.intervals(0).stage(), trust::v1::STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(revised.intervals(0).last_date(), "");
  EXPECT_EQ(revised.revision(), 12);
}

TEST_F(TrustWatchTest, AWatchGoesOnAcrossRestartsWithNothingMissedAndNothingTwice) {
  std::mt19937 random(7);
  const WatchTrustRequest request = Of({"alpha"});
  std::vector<std::string> whole, parts;
  std::string token;
  {
    TrustWatch watch = Watch(request);
    token = Read(watch).back().resume_token();
  }
  const std::string start = token;
  int64_t conflict = 0;
  for (int round = 0; round < 40; ++round) {
    for (const char* id : {"alpha", "beta"}) {
      if (round % 2 == 0) {
        log_.RaiseConflict(id);
      } else {
        log_.ResolveConflict(id, conflict);
      }
    }
    conflict = log_.Row("alpha").revision() + 1;
    if (random() % 3 == 0) log_.Restart();
    log_.CatchUp();
    if (random() % 2 == 0) continue;
    // Stops anywhere, as a caller that is cut off does.
    TrustWatch watch = Watch(Resumed(request, token));
    std::vector<WatchTrustResponse> messages = Read(watch);
    messages.resize(random() % (messages.size() + 1));
    for (const WatchTrustResponse& message : messages) {
      token = message.resume_token();
      if (message.has_change()) parts.push_back(message.change().DebugString());
    }
    log_.SetDay(log_.day() + 1);
  }
  TrustWatch rest = Watch(Resumed(request, token));
  for (const WatchTrustResponse& message : Read(rest)) {
    if (message.has_change()) parts.push_back(message.change().DebugString());
  }
  TrustWatch all = Watch(Resumed(request, start));
  for (const WatchTrustResponse& message : Read(all)) {
    if (message.has_change()) whole.push_back(message.change().DebugString());
  }
  EXPECT_EQ(parts, whole);
  EXPECT_GT(whole.size(), 20U);
}

TEST_F(TrustWatchTest, ASnapshotAndWhatFollowsFitTogether) {
  for (const bool of_all : {true, false}) {
    SCOPED_TRACE(of_all);
    WatchTrustRequest request = of_all ? WatchTrustRequest() : Of({"alpha", "beta"});
    request.set_snapshot(true);
    TrustWatch watch = Watch(request);
    std::deque<WatchTrustResponse> messages;
    ASSERT_TRUE(watch.Next(1, false, &messages).ok());  // Alpha; what changes now is not in it.
    const auto flip = [&](const std::string& id) {
      if (log_.Row(id).directions(0).condition() == trust::v1::CONDITION_STRAINED) {
        log_.ResolveConflict(id, log_.Row(id).revision());
      } else {
        log_.RaiseConflict(id);
      }
      log_.CatchUp();
    };
    flip("alpha");
    flip("beta");
    for (WatchTrustResponse& message : Read(watch)) messages.push_back(message);
    flip("beta");
    for (WatchTrustResponse& message : Read(watch)) messages.push_back(message);
    std::map<std::vector<std::string>, int> conditions;
    bool live = false;
    for (const WatchTrustResponse& message : messages) {
      if (message.has_snapshot()) {
        EXPECT_FALSE(live);
        EXPECT_TRUE(message.resume_token().empty());
        const auto& reading = message.snapshot().reading();
        conditions[{message.snapshot().partnership(), reading.trustor(), reading.trustee()}] = reading.condition();
      } else if (message.has_change()) {
        const trust::v1::TrustChange& change = message.change();
        int& condition = conditions[{change.partnership(), change.trustor(), change.trustee()}];
        EXPECT_EQ(condition, static_cast<int>(change.condition_before())) << message.DebugString();
        condition = change.condition();
      }
      live = live || message.has_caught_up();
    }
    EXPECT_TRUE(live);
    EXPECT_EQ(conditions.size(), 4U);
    EXPECT_EQ((conditions[{"alpha", "acme", "globex"}]), static_cast<int>(log_.Row("alpha").directions(0).condition()));
    EXPECT_EQ((conditions[{"beta", "acme", "globex"}]), static_cast<int>(log_.Row("beta").directions(0).condition()));
  }
}

TEST_F(TrustWatchTest, NoTokenLeadsBackBeforeWhatTheSnapshotHeld) {
  WatchTrustRequest request;
  request.set_snapshot(true);
  TrustWatch watch = Watch(request);
  std::deque<WatchTrustResponse> messages;
  ASSERT_TRUE(watch.Next(1, false, &messages).ok());  // Alpha.
  log_.RaiseConflict("alpha");
  log_.CatchUp();
  log_.RaiseConflict("beta");
  log_.CatchUp();
  messages.clear();
  ASSERT_TRUE(watch.Next(1, false, &messages).ok());  // Beta, strained already.
  ASSERT_EQ(messages.front().snapshot().reading().condition(), trust::v1::CONDITION_STRAINED);
  messages.clear();
  ASSERT_TRUE(watch.Next(1, false, &messages).ok());
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages.front().change().partnership(), "alpha");
  EXPECT_EQ(messages.front().resume_token(), "") << "beta's change would come once more behind it";
  std::vector<WatchTrustResponse> rest = Read(watch);
  ASSERT_EQ(rest.size(), 1U);
  ASSERT_TRUE(rest[0].has_caught_up());
  TrustWatch resumed = Watch(Resumed(request, rest[0].resume_token()));
  rest = Read(resumed);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_TRUE(rest[0].has_caught_up());
}

TEST_F(TrustWatchTest, ATokenOfAnotherWatchIsRefused) {
  TrustWatch watch = Watch(Of({"alpha"}));
  const std::string token = Read(watch).back().resume_token();
  EXPECT_EQ(ReasonOf(Resumed(Of({"alpha"}), token)), trust::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(Resumed(Of({"alpha", "beta"}), token)), trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  EXPECT_EQ(ReasonOf(Resumed(Of({"alpha"}), "made-up")), trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  WatchTrustRequest both = Resumed(Of({"alpha"}), token);
  both.set_snapshot(true);
  EXPECT_EQ(ReasonOf(both), trust::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(ReasonOf(Of({"nobody"})), trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Of({"No Id"})), trust::v1::ERROR_REASON_INVALID_FIELD);
}

TEST(TrustWatchLimitsTest, ChangesAreDroppedFromTheOldEndAndAWatchBehindThemEnds) {
  StandingIndex::Config config;
  config.changes_kept_max = 10;
  config.changes_in_memory_max = 3;
  IndexedLog log(config);
  log.Found("alpha");
  log.CatchUp();
  TrustWatch watch(&log.index(), &log.store(), {});
  std::deque<WatchTrustResponse> messages;
  ASSERT_TRUE(watch.Next(10, false, &messages).ok());
  const auto flip = [&](int times) {
    for (int i = 0; i < times; ++i) {
      log.SetDay(log.day() + 1);
      if (i % 2 == 0) {
        log.RaiseConflict("alpha");
      } else {
        log.ResolveConflict("alpha", log.Row("alpha").revision());
      }
      log.CatchUp();
    }
  };
  flip(8);
  messages.clear();
  ASSERT_TRUE(watch.Next(10, false, &messages).ok());
  EXPECT_EQ(messages.size(), 9U) << "from the disk, as memory holds three, and that it is another day";
  const std::string token = messages.back().resume_token();
  flip(12);
  EXPECT_EQ(log.Table(kTrustChangeTable).size(), 10U);
  EXPECT_EQ(domain::ReasonOf(watch.Next(10, false, &messages)), trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  WatchTrustRequest request;
  request.set_resume_token(token);
  TrustWatch late(&log.index(), &log.store(), request);
  EXPECT_EQ(domain::ReasonOf(late.Next(10, false, &messages)), trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN);
}

TEST(TrustWatchLimitsTest, ASnapshotThatHasFallenBehindIsNotToldToItsEnd) {
  StandingIndex::Config config;
  config.changes_kept_max = 3;
  IndexedLog log(config);
  for (const char* id : {"alpha", "beta", "gamma"}) log.Found(id);
  log.CatchUp();
  WatchTrustRequest request;
  request.set_snapshot(true);
  TrustWatch watch(&log.index(), &log.store(), request);
  std::deque<WatchTrustResponse> messages;
  ASSERT_TRUE(watch.Next(1, false, &messages).ok());
  for (int i = 0; i < 4; ++i) {
    if (i % 2 == 0) {
      log.RaiseConflict("alpha");
    } else {
      log.ResolveConflict("alpha", log.Row("alpha").revision());
    }
    log.CatchUp();
  }
  messages.clear();
  EXPECT_EQ(domain::ReasonOf(watch.Next(1, false, &messages)), trust::v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  EXPECT_TRUE(messages.empty());
}

TEST(TrustWatchLimitsTest, NoWatchBeginsWhileTheIndexIsMade) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  log.set_policy("two");
  ASSERT_TRUE(log.index().Step().ok());
  TrustWatch watch(&log.index(), &log.store(), {});
  std::deque<WatchTrustResponse> messages;
  EXPECT_EQ(domain::ReasonOf(watch.Next(10, false, &messages)), trust::v1::ERROR_REASON_INDEX_NOT_READY);
}

// A watch that notes what the hub asks of it.
class NotingWatcher : public Watcher {
 public:
  explicit NotingWatcher(const StandingIndex* index) : index_(*index) {}
  bool IsBehind() const override { return index_.state().sequence > sequence || index_.state().day > day; }
  void Continue(bool late) override { ++(late ? heartbeats : continues); }
  void End() override { ++ends; }
  int continues = 0, heartbeats = 0, ends = 0;
  uint64_t sequence = 0;
  projections::Day day = 0;

 private:
  const StandingIndex& index_;
};

TEST(WatchHubTest, AWatchGoesOnForAChangeAHeartbeatOrACallAndEndsWithTheHub) {
  IndexedLog log;
  log.Found("alpha");
  log.CatchUp();
  WatchHub::Config config;
  config.watches_max = 1;
  WatchHub hub(config, &log.clock());
  NotingWatcher watcher(&log.index()), second(&log.index());
  ASSERT_TRUE(hub.Enter(&watcher).ok());
  EXPECT_EQ(domain::ReasonOf(hub.Enter(&second)), trust::v1::ERROR_REASON_OVERLOADED);

  watcher.sequence = log.index().state().sequence;
  watcher.day = log.day();
  const auto park = [&] { return hub.Park(&watcher, log.clock().Now() + config.heartbeat, false); };
  ASSERT_TRUE(park());
  EXPECT_FALSE(hub.RunOnce());
  log.RaiseConflict("alpha");
  log.CatchUp();
  EXPECT_TRUE(hub.RunOnce());
  EXPECT_EQ(watcher.continues, 1);
  EXPECT_FALSE(hub.RunOnce()) << "it is busy until it parks again";

  ++watcher.sequence;
  ASSERT_TRUE(park());
  EXPECT_FALSE(hub.RunOnce());
  log.clock().Set(log.clock().Now() + config.heartbeat);
  EXPECT_TRUE(hub.RunOnce());
  EXPECT_EQ(watcher.heartbeats, 1);

  hub.Wake(&watcher);  // While it is busy: remembered.
  ASSERT_TRUE(park());
  EXPECT_TRUE(hub.RunOnce());
  EXPECT_EQ(watcher.continues, 2);

  log.SetDay(log.day() + 1);
  ASSERT_TRUE(park());
  EXPECT_FALSE(hub.RunOnce());
  log.CatchUp();
  EXPECT_TRUE(hub.RunOnce()) << "a new day is news";
  EXPECT_EQ(watcher.continues, 3);
  watcher.day = log.day();

  ASSERT_TRUE(park());
  hub.Stop();
  EXPECT_EQ(watcher.ends, 1);
  EXPECT_FALSE(park());
  EXPECT_EQ(domain::ReasonOf(hub.Enter(&second)), trust::v1::ERROR_REASON_SHUTTING_DOWN);
  hub.Leave(&watcher);
  EXPECT_EQ(hub.watch_count(), 0U);
}

TEST(WatchHubTest, AWatchThatHasLeftMakesRoomForTheNextAndIsWokenByNobody) {
  IndexedLog log;
  WatchHub::Config config;
  config.watches_max = 1;
  WatchHub hub(config, &log.clock());
  log.CatchUp();
  NotingWatcher first(&log.index()), second(&log.index());
  first.day = log.day();
  ASSERT_TRUE(hub.Enter(&first).ok());
  hub.Wake(&first);  // While it is busy.
  hub.Leave(&first);
  ASSERT_TRUE(hub.Enter(&second).ok());
  hub.Wake(&first);  // Its caller goes while its end is being told.
  hub.Leave(&second);
  ASSERT_TRUE(hub.Enter(&first).ok());
  ASSERT_TRUE(hub.Park(&first, log.clock().Now() + config.heartbeat, false));
  EXPECT_FALSE(hub.RunOnce()) << "nothing of its former life is left";
  EXPECT_EQ(first.continues, 0);
  hub.Wake(&first);
  EXPECT_TRUE(hub.RunOnce());
  hub.Leave(&first);
}

}  // namespace
}  // namespace services
