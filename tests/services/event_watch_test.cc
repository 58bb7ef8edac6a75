// What a watch of events tells, where it goes on, and what it does not cost.

#include "services/event_watch.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "services/domain/refusal.h"
#include "services/event_list.h"
#include "services/history_search.h"
#include "services/log_position.h"
#include "tests/support/faulty_store.h"
#include "tests/support/stored_log.h"

namespace services {
namespace {

using trust::v1::Event;
using trust::v1::WatchEventsRequest;
using trust::v1::WatchEventsResponse;

constexpr projections::Day kFirstDay = 18262;

// Small enough that every limit is met.
EventWatch::Config Small() {
  EventWatch::Config config;
  config.batch_events_max = 3;
  config.batch_bytes_max = 200;
  config.scanned_records_max = 7;
  return config;
}

// Counts what is read from the log.
class CountingStore : public support::FaultyStore {
 public:
  using FaultyStore::FaultyStore;
  absl::Status ReadLog(uint64_t after, eventstore::EventVisitor visit) const override {
    ++reads;
    return FaultyStore::ReadLog(after, visit);
  }
  absl::Status ReadStream(absl::string_view stream, uint64_t after, eventstore::EventVisitor visit) const override {
    ++reads;
    return FaultyStore::ReadStream(stream, after, visit);
  }
  mutable int reads = 0;
};

class EventWatchTest : public testing::Test {
 protected:
  uint64_t Evidence(const std::string& partnership, const std::string& actor, const std::string& recorder,
                    int day = 0) {
    Event event = support::StoredLog::On(kFirstDay + day);
    event.set_recorder(recorder);
    event.mutable_evidence()->set_actor(actor);
    event.mutable_evidence()->add_affected("acme");
    event.mutable_evidence()->mutable_shared_experience_held();
    return log_.Append(partnership, event);
  }

  uint64_t Review(const std::string& partnership, const std::string& recorder, int day = 0) {
    Event event = support::StoredLog::On(kFirstDay + day);
    event.set_recorder(recorder);
    event.mutable_milestone()->mutable_review_held();
    return log_.Append(partnership, event);
  }

  uint64_t InStream(const std::string& stream) {
    Event event = support::StoredLog::On(kFirstDay);
    event.mutable_partnership_suspended();
    return log_.Append(stream, event);
  }

  // A log of several partnerships, kinds, recorders and system streams in no order, a few a day.
  void Fill(int events, uint32_t seed = 1) {
    std::mt19937 random(seed);
    const char* const partnerships[] = {"alpha", "beta", "gamma"};
    for (const char* id : partnerships) Review(id, "acme");
    for (int i = 0; i < events; ++i, day_ += random() % 3 == 0) AddOne(random);
  }

  void AddOne(std::mt19937& random) {
    const char* const partnerships[] = {"alpha", "beta", "gamma"};
    const char* const organizations[] = {"acme", "globex", "initech"};
    const std::string partnership = partnerships[random() % 3];
    const uint32_t what = random() % 10;
    if (what == 0) {
      InStream(random() % 2 == 0 ? "$policies" : "$secret");
    } else if (what < 4) {
      Review(partnership, organizations[random() % 3], day_);
    } else {
      Evidence(partnership, organizations[random() % 3], organizations[random() % 3], day_);
    }
  }

  EventWatch Watch(const WatchEventsRequest& request, const EventWatch::Config& config = Small()) {
    return EventWatch(config, &store_, &tail_, request);
  }

  // All that a watch has to say now.
  std::vector<WatchEventsResponse> Read(EventWatch& watch) {
    std::deque<WatchEventsResponse> messages;
    do {
      const absl::Status told = watch.Next(false, &messages);
      EXPECT_TRUE(told.ok()) << told;
      if (!told.ok()) break;
    } while (watch.IsBehind());
    return {messages.begin(), messages.end()};
  }

  std::vector<WatchEventsResponse> Read(const WatchEventsRequest& request) {
    EventWatch watch = Watch(request);
    return Read(watch);
  }

  static std::vector<std::string> EventsOf(const std::vector<WatchEventsResponse>& messages, size_t from = 0) {
    std::vector<std::string> events;
    for (size_t i = from; i < messages.size(); ++i) {
      for (const Event& event : messages[i].events().events()) events.push_back(event.SerializeAsString());
    }
    return events;
  }

  static std::vector<uint64_t> PositionsOf(const std::vector<std::string>& events) {
    std::vector<uint64_t> positions;
    for (const std::string& bytes : events) {
      Event event;
      EXPECT_TRUE(event.ParseFromString(bytes));
      positions.push_back(*ParseLogPosition(event.log_position()));
    }
    return positions;
  }

  // What ListEvents lists of everything, filtered here anew.
  std::vector<std::string> Expected(const std::function<bool(const Event&)>& passes, uint64_t after = 0,
                                    bool include_system = false) {
    trust::v1::ListEventsRequest request;
    request.set_page_size(1000);
    request.set_include_system(include_system);
    trust::v1::ListEventsResponse response;
    EXPECT_TRUE(ListEventsNow(store_, request, &response).ok());
    EXPECT_EQ(response.next_page_token(), "");
    std::vector<std::string> events;
    for (const Event& event : response.events()) {
      if (*ParseLogPosition(event.log_position()) > after && passes(event)) events.push_back(event.SerializeAsString());
    }
    return events;
  }

  trust::v1::ErrorReason ReasonOf(const WatchEventsRequest& request) {
    EventWatch watch = Watch(request);
    std::deque<WatchEventsResponse> messages;
    return domain::ReasonOf(watch.Next(false, &messages));
  }

  struct Asked {
    WatchEventsRequest request;
    std::function<bool(const Event&)> passes;
    bool include_system = false;
  };

  // One of every filter.
  static std::vector<Asked> AllFilters() {
    std::vector<Asked> all;
    const auto add = [&](const std::function<void(WatchEventsRequest*)>& set,
                         std::function<bool(const Event&)> passes) {
      all.push_back({});
      set(&all.back().request);
      all.back().passes = std::move(passes);
      all.back().include_system = all.back().request.include_system();
    };
    add([](auto*) {}, [](const Event&) { return true; });
    add([](auto* r) { r->set_partnership("beta"); }, [](const Event& e) { return e.partnership() == "beta"; });
    add(
        [](auto* r) {
          r->add_partnerships("alpha");
          r->add_partnerships("nobody-yet");
        },
        [](const Event& e) { return e.partnership() == "alpha"; });
    add([](auto* r) { r->add_kinds("evidence"); }, [](const Event& e) { return e.has_evidence(); });
    add([](auto* r) { r->add_kinds("milestone."); }, [](const Event& e) { return e.has_milestone(); });
    add(
        [](auto* r) {
          r->set_partnership("gamma");
          r->add_kinds("milestone.review_held");
          r->add_kinds("partner_joined");
        },
        [](const Event& e) { return e.partnership() == "gamma" && e.has_milestone(); });
    add([](auto* r) { r->set_recorder("globex"); }, [](const Event& e) { return e.recorder() == "globex"; });
    add([](auto* r) { r->set_organization("initech"); },
        [](const Event& e) { return e.recorder() == "initech" || e.evidence().actor() == "initech"; });
    add([](auto* r) { r->set_organization("nobody"); }, [](const Event&) { return false; });
    add([](auto* r) { r->set_include_system(true); }, [](const Event&) { return true; });
    return all;
  }

  eventstore::MemoryStore memory_;
  CountingStore store_{&memory_};
  EventTail tail_{64};
  support::StoredLog log_{&store_, {&tail_}};
  int day_ = 0;
};

TEST_F(EventWatchTest, EveryFilterTellsExactlyWhatPassesAndGoesOnFromEveryMessage) {
  Fill(120);
  for (const Asked& asked : AllFilters()) {
    SCOPED_TRACE(asked.request.DebugString());
    const std::vector<std::string> expected = Expected(asked.passes, 0, asked.include_system);
    const std::vector<WatchEventsResponse> messages = Read(asked.request);
    EXPECT_EQ(EventsOf(messages), expected);
    ASSERT_FALSE(messages.empty());
    EXPECT_TRUE(messages.back().has_caught_up());
    for (size_t i = 0; i < messages.size(); ++i) {
      ASSERT_NE(messages[i].resume_position(), "");
      EXPECT_LE(messages[i].events().events_size(), 3);
      WatchEventsRequest resumed = asked.request;
      resumed.set_after_position(messages[i].resume_position());
      EXPECT_EQ(EventsOf(Read(resumed)), EventsOf(messages, i + 1));
    }
  }
}

TEST_F(EventWatchTest, EveryPositionOfTheLogIsAPlaceToGoOnFrom) {
  Fill(300);
  for (const Asked& asked : AllFilters()) {
    SCOPED_TRACE(asked.request.DebugString());
    const std::vector<std::string> all = Expected(asked.passes, 0, asked.include_system);
    const std::vector<uint64_t> places = PositionsOf(all);
    for (uint64_t position = 0; position <= store_.LogSize(); ++position) {
      WatchEventsRequest request = asked.request;
      request.set_after_position(LogPositionToken(position));
      const std::vector<WatchEventsResponse> messages = Read(request);
      const auto behind = std::upper_bound(places.begin(), places.end(), position) - places.begin();
      ASSERT_EQ(EventsOf(messages), std::vector<std::string>(all.begin() + behind, all.end())) << position;
      ASSERT_TRUE(messages.back().has_caught_up());
      ASSERT_EQ(messages.back().resume_position(), LogPositionToken(store_.LogSize()));
    }
  }
}

TEST_F(EventWatchTest, DisconnectsAnywhereMissNothingAndRepeatNothing) {
  std::mt19937 random(11);
  Fill(20);
  for (const Asked& asked : AllFilters()) {
    tail_.Enter();
    std::vector<std::string> told;
    std::string place;
    for (int connection = 0; connection < 60; ++connection) {
      WatchEventsRequest request = asked.request;
      request.set_after_position(place);
      EventWatch watch = Watch(request);
      for (uint32_t piece = random() % 8; piece > 0; --piece) {
        if (random() % 2 == 0) AddOne(random);
        // As the hub does: what is passed over in memory and what is read take turns.
        if (random() % 2 == 0 && watch.PassOver()) continue;
        std::deque<WatchEventsResponse> messages;
        ASSERT_TRUE(watch.Next(random() % 5 == 0, &messages).ok());
        // The caller may go away in the middle of a piece.
        for (size_t i = random() % 4 == 0 ? random() % (messages.size() + 1) : messages.size(); i > 0; --i) {
          place = messages.front().resume_position();
          for (const Event& event : messages.front().events().events()) told.push_back(event.SerializeAsString());
          messages.pop_front();
        }
        if (!messages.empty()) break;
      }
    }
    WatchEventsRequest request = asked.request;
    request.set_after_position(place);
    for (const std::string& event : EventsOf(Read(request))) told.push_back(event);
    EXPECT_EQ(told, Expected(asked.passes, 0, asked.include_system)) << asked.request.DebugString();
    tail_.Leave();
  }
}

TEST_F(EventWatchTest, ItSaysWhenItHasCaughtUpAndWhenItFellBehind) {
  EventWatch watch = Watch({});
  std::vector<WatchEventsResponse> messages = Read(watch);
  ASSERT_EQ(messages.size(), 1U) << "of an empty log";
  EXPECT_TRUE(messages[0].has_caught_up());
  EXPECT_EQ(messages[0].resume_position(), LogPositionToken(0));
  Review("alpha", "acme");
  messages = Read(watch);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].events().events_size(), 1);
  for (int i = 0; i < 5; ++i) Review("alpha", "acme");
  messages = Read(watch);
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_TRUE(messages[0].has_fell_behind());
  EXPECT_EQ(messages[0].resume_position(), LogPositionToken(1)) << "what follows is not told yet";
  EXPECT_EQ(messages[1].events().events_size(), 3);
  EXPECT_EQ(messages[2].events().events_size(), 2);
  EXPECT_TRUE(messages[3].has_caught_up());
  std::deque<WatchEventsResponse> quiet;
  ASSERT_TRUE(watch.Next(true, &quiet).ok());
  ASSERT_EQ(quiet.size(), 1U);
  EXPECT_TRUE(quiet[0].has_heartbeat());
  EXPECT_EQ(quiet[0].resume_position(), LogPositionToken(6));
}

TEST_F(EventWatchTest, WhereNothingMatchesItSaysFromTimeToTimeHowFarItIs) {
  for (int i = 0; i < 20; ++i) Review("alpha", "acme");
  WatchEventsRequest request;
  request.add_kinds("partner_joined");
  EventWatch watch = Watch(request);
  std::vector<WatchEventsResponse> messages = Read(watch);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_TRUE(messages[0].has_checkpoint());
  EXPECT_EQ(messages[0].resume_position(), LogPositionToken(7));
  EXPECT_EQ(messages[1].resume_position(), LogPositionToken(14));
  EXPECT_TRUE(messages[2].has_caught_up());
  // Live, the same: when so many were passed over, or when it was quiet for so long.
  std::deque<WatchEventsResponse> live;
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(live.empty());
    Review("alpha", "acme");
    ASSERT_TRUE(watch.Next(false, &live).ok());
  }
  ASSERT_EQ(live.size(), 1U);
  EXPECT_TRUE(live[0].has_checkpoint());
  EXPECT_EQ(live[0].resume_position(), LogPositionToken(27));
  Review("alpha", "acme");
  live.clear();
  ASSERT_TRUE(watch.Next(true, &live).ok());
  ASSERT_EQ(live.size(), 1U);
  EXPECT_TRUE(live[0].has_checkpoint());
  EXPECT_EQ(live[0].resume_position(), LogPositionToken(28));
}

TEST_F(EventWatchTest, WhatCannotPassCostsACaughtUpWatchNoRead) {
  tail_.Enter();
  Fill(10);
  WatchEventsRequest request;
  request.set_partnership("alpha");
  EventWatch watch = Watch(request, {});
  Read(watch);
  const int reads = store_.reads;
  for (int i = 0; i < 50; ++i) Review("beta", "acme");
  EXPECT_TRUE(watch.IsBehind());
  EXPECT_TRUE(watch.PassOver());
  EXPECT_FALSE(watch.IsBehind());
  EXPECT_EQ(store_.reads, reads);
  Review("alpha", "acme");
  EXPECT_FALSE(watch.PassOver());
  EXPECT_EQ(EventsOf(Read(watch)).size(), 1U);
  // More than is kept in memory: read from the disk.
  for (int i = 0; i < 100; ++i) Review(i == 3 ? "alpha" : "beta", "acme");
  EXPECT_FALSE(watch.PassOver());
  EXPECT_EQ(EventsOf(Read(watch)).size(), 1U);
  tail_.Leave();
}

TEST_F(EventWatchTest, ItBeginsAtATimeARevisionOrNow) {
  Fill(60);
  WatchEventsRequest request;
  *request.mutable_start_time() = projections::ToTimestamp(projections::StartOf(kFirstDay + 7));
  EXPECT_EQ(EventsOf(Read(request)), Expected([](const Event& event) {
              return projections::ToTime(event.record_time()) >= projections::StartOf(kFirstDay + 7);
            }));
  request.Clear();
  request.set_partnership("beta");
  request.set_after_revision(4);
  EXPECT_EQ(EventsOf(Read(request)),
            Expected([](const Event& event) { return event.partnership() == "beta" && event.revision() > 4; }));
  for (const char* const partnership : {"", "beta"}) {
    request.Clear();
    request.set_partnership(partnership);
    request.set_from_now(true);
    EventWatch watch = Watch(request);
    EXPECT_TRUE(EventsOf(Read(watch)).empty());
    Review("beta", "acme");
    EXPECT_EQ(EventsOf(Read(watch)).size(), 1U);
  }
}

TEST_F(EventWatchTest, WhatIsWrongIsSaidWithWhatWouldBeRight) {
  Fill(5);
  WatchEventsRequest request;
  request.add_kinds("comitment_fulfilled");
  request.add_kinds("evidence_confirmed");
  request.set_organization("No Id");
  request.set_partnership("alpha");
  request.add_partnerships("beta");
  request.set_include_system(true);
  request.set_from_now(true);
  request.set_after_revision(1);
  EventWatch watch = Watch(request);
  std::deque<WatchEventsResponse> messages;
  const absl::Status status = watch.Next(false, &messages);
  EXPECT_EQ(domain::ReasonOf(status), trust::v1::ERROR_REASON_INVALID_FIELD);
  for (const char* const part : {"kinds[0]", "evidence.commitment_fulfilled", "organization", "partnerships",
                                 "include_system", "after_position"}) {
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << part << " in " << status;
  }
  EXPECT_EQ(std::string(status.message()).find("kinds[1]"), std::string::npos);
  request.Clear();
  request.set_partnership("nobody");
  EXPECT_EQ(ReasonOf(request), trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  request.set_partnership("alpha");
  request.set_after_revision(1000);
  EXPECT_EQ(ReasonOf(request), trust::v1::ERROR_REASON_INVALID_FIELD);
  request.Clear();
  request.set_after_position("made-up");
  EXPECT_EQ(ReasonOf(request), trust::v1::ERROR_REASON_INVALID_POSITION);
  request.set_after_position(LogPositionToken(store_.LogSize() + 1));
  EXPECT_EQ(ReasonOf(request), trust::v1::ERROR_REASON_INVALID_POSITION);
}

TEST_F(EventWatchTest, AListWithTheSameFiltersListsTheSamePageByPage) {
  Fill(120);
  for (const Asked& asked : AllFilters()) {
    if (asked.request.partnerships_size() > 0) continue;
    trust::v1::ListEventsRequest request;
    request.set_partnership(asked.request.partnership());
    *request.mutable_kinds() = asked.request.kinds();
    request.set_organization(asked.request.organization());
    request.set_recorder(asked.request.recorder());
    request.set_include_system(asked.request.include_system());
    request.set_page_size(4);
    std::vector<std::string> listed;
    do {
      trust::v1::ListEventsResponse response;
      ASSERT_TRUE(ListEventsNow(store_, request, &response).ok());
      for (const Event& event : response.events()) listed.push_back(event.SerializeAsString());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(listed, Expected(asked.passes, 0, asked.include_system)) << asked.request.DebugString();
  }
}

TEST_F(EventWatchTest, AListThatFindsNothingIsCutIntoPagesTooAndItsTokenIsBoundToItsFilter) {
  for (uint64_t i = 0; i < kScannedRecordsMax + 5; ++i) Review("alpha", "acme");
  trust::v1::ListEventsRequest request;
  request.add_kinds("partner_joined");
  trust::v1::ListEventsResponse response;
  ASSERT_TRUE(ListEventsNow(store_, request, &response).ok());
  EXPECT_TRUE(response.events().empty());
  ASSERT_NE(response.next_page_token(), "");
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(ListEventsNow(store_, request, &response).ok());
  EXPECT_EQ(response.next_page_token(), "");
  request.set_recorder("acme");
  EXPECT_EQ(domain::ReasonOf(ListEventsNow(store_, request, &response)), trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(EventWatchTest, ATimeIsThePlaceOfTheLastEventRecordedByThen) {
  Fill(100);
  const std::vector<std::string> all = Expected([](const Event&) { return true; }, 0, /*include_system=*/true);
  std::vector<Event> events(all.size());
  for (size_t i = 0; i < all.size(); ++i) ASSERT_TRUE(events[i].ParseFromString(all[i]));
  for (int day = -2; day < day_ + 3; ++day) {
    for (const absl::Duration more : {absl::ZeroDuration(), absl::Hours(5)}) {
      const absl::Time time = projections::StartOf(kFirstDay + day) + more;
      std::string position = LogPositionToken(0);
      int64_t revision = 0;
      for (const Event& event : events) {
        if (projections::ToTime(event.record_time()) > time) continue;
        position = event.log_position();
        if (event.partnership() == "beta") revision = event.revision();
      }
      trust::v1::ResolveTimeRequest request;
      request.set_partnership("beta");
      *request.mutable_time() = projections::ToTimestamp(time);
      trust::v1::ResolveTimeResponse response;
      ASSERT_TRUE(ResolveTimeNow(store_, request, &response).ok());
      EXPECT_EQ(response.log_position(), position);
      EXPECT_EQ(response.revision(), revision);
      EXPECT_EQ(response.has_record_time(), position != LogPositionToken(0));
      // All of a day was recorded at its midnight here.
      request.clear_time();
      request.set_date(projections::FormatDay(kFirstDay + day));
      trust::v1::ResolveTimeResponse by_date;
      ASSERT_TRUE(ResolveTimeNow(store_, request, &by_date).ok());
      EXPECT_EQ(by_date.DebugString(), response.DebugString());
    }
  }
  EXPECT_LT(store_.reads, 100 * (day_ + 5)) << "halving, not reading all";
}

TEST_F(EventWatchTest, ATimeThatIsNoneIsRefused) {
  Fill(3);
  trust::v1::ResolveTimeResponse response;
  const auto reason = [&](const std::function<void(trust::v1::ResolveTimeRequest*)>& set) {
    trust::v1::ResolveTimeRequest request;
    set(&request);
    return domain::ReasonOf(ResolveTimeNow(store_, request, &response));
  };
  EXPECT_EQ(reason([](auto*) {}), trust::v1::ERROR_REASON_INVALID_FIELD);
  for (const char* const date : {"2020-02-30", "2020-2-3", "20200203", "2020-02-03x", "-020-02-03"}) {
    EXPECT_EQ(reason([&](auto* request) { request->set_date(date); }), trust::v1::ERROR_REASON_INVALID_FIELD) << date;
  }
  EXPECT_EQ(reason([](auto* request) {
              request->set_date("2020-02-03");
              request->mutable_time();
            }),
            trust::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(reason([](auto* request) {
              request->set_date("2020-02-03");
              request->set_partnership("nobody");
            }),
            trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  EXPECT_EQ(reason([](auto* request) {
              request->set_date("2020-02-03");
              request->set_min_position(LogPositionToken(1000));
            }),
            trust::v1::ERROR_REASON_INVALID_POSITION);
}

}  // namespace
}  // namespace services
