#include "services/reading_cache.h"

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "services/domain/refusal.h"
#include "services/event_codec.h"
#include "services/trust_query.h"
#include "services/trust_question.h"
#include "tests/support/faulty_store.h"
#include "tests/support/test_seed.h"

namespace services {
namespace {

using projections::TrustHistory;

constexpr char kAlpha[] = "alpha";

google::protobuf::Timestamp Midnight(projections::Day day) {
  return projections::ToTimestamp(projections::StartOf(day));
}

// A partnership's log, written event by event as the lane would.
class Log {
 public:
  Log(eventstore::EventStore* store, ReadingCache* cache, std::string partnership = kAlpha)
      : store_(store), cache_(cache), partnership_(std::move(partnership)) {
    trust::v1::Event founding = Dated(kFirstDay);
    for (const char* id : {"acme", "globex"}) {
      founding.mutable_partnership_proposed()->add_partners()->set_organization(id);
    }
    Append(founding);
    trust::v1::Event contact = Dated(kFirstDay);
    contact.mutable_initial_contact_made()->add_organizations("acme");
    contact.mutable_initial_contact_made()->add_organizations("globex");
    Append(contact);
  }

  static constexpr projections::Day kFirstDay = 18262;  // 2020-01-01

  static trust::v1::Event Dated(projections::Day day) {
    trust::v1::Event event;
    event.set_recorder("acme");
    *event.mutable_occur_time() = Midnight(day);
    event.set_occur_time_precision(trust::v1::TIME_PRECISION_DAY);
    return event;
  }

  void Append(trust::v1::Event event) {
    const absl::Time record_time = projections::StartOf(20000) + absl::Seconds(revision_);
    ASSERT_TRUE(store_->Write({record_time, {{partnership_, revision_, {Encode(event)}}}, {}}).ok());
    ++revision_;
    event.set_revision(static_cast<int64_t>(revision_));
    *event.mutable_record_time() = projections::ToTimestamp(record_time);
    cache_->Publish(partnership_, {&event, 1});
  }

  void AppendRandom(std::mt19937_64& random) {
    trust::v1::Event event = Dated(kFirstDay + static_cast<projections::Day>(random() % 1200));
    trust::v1::Evidence& evidence = *event.mutable_evidence();
    const bool joint = random() % 4 == 0;
    evidence.set_actor(joint ? "*" : random() % 2 ? "acme" : "globex");
    evidence.add_affected(evidence.actor() == "acme" ? "globex" : "acme");
    if (joint) evidence.add_affected("globex");
    evidence.set_source(random() % 3 ? trust::v1::SOURCE_COUNTERPART : trust::v1::SOURCE_SELF);
    evidence.set_materiality(static_cast<trust::v1::Materiality>(1 + random() % 4));
    switch (random() % 8) {
      case 0:
        evidence.mutable_credibility_assessed();
        break;
      case 1:
        evidence.mutable_intentions_assessed();
        break;
      case 2:
        evidence.mutable_shared_experience_held();
        break;
      case 3:
        evidence.mutable_open_communication_observed();
        break;
      case 4:
        evidence.mutable_partner_goal_supported();
        break;
      case 5:
        evidence.mutable_commitment_missed();
        break;
      case 6: {
        trust::v1::ViolationReported& violation = *evidence.mutable_violation_reported();
        violation.set_type(static_cast<trust::v1::ViolationType>(1 + random() % 5));
        violation.set_severity(static_cast<trust::v1::Severity>(1 + random() % 4));
        break;
      }
      default:
        evidence.mutable_commitment_fulfilled();
    }
    Append(event);
  }

 private:
  eventstore::EventStore* const store_;
  ReadingCache* const cache_;
  const std::string partnership_;
  uint64_t revision_ = 0;
};

// Everything a caller can read of a history at a day, as bytes.
std::string Bytes(TrustHistory& history, projections::Day as_of) {
  trust::v1::AssessTrustRequest assess;
  assess.set_partnership(kAlpha);
  trust::v1::AssessTrustResponse reading;
  EXPECT_TRUE(Assess(history, assess, as_of, &reading).ok());
  trust::v1::GetTrustTimelineRequest ask;
  ask.set_partnership(kAlpha);
  ask.set_page_size(1000);
  trust::v1::GetTrustTimelineResponse timeline;
  EXPECT_TRUE(ReadTimeline(history, ask, as_of, &timeline).ok());
  return reading.SerializeAsString() + timeline.SerializeAsString();
}

std::string Read(ReadingCache& cache, projections::Day as_of) {
  std::string bytes;
  EXPECT_TRUE(cache.Read(kAlpha, [&](TrustHistory& history) { bytes = Bytes(history, as_of); }).ok());
  return bytes;
}

TEST(ReadingCacheTest, AReadingIsTheSameFromTheCacheAfterARestartAndFoldedAfresh) {
  const uint32_t seed = support::AnySeed();
  std::mt19937_64 random(seed);
  for (int log_number = 0; log_number < 100; ++log_number) {
    eventstore::MemoryStore store;
    PolicyRegistry policies;
    ReadingCache cache(&store, &policies, 64 << 20);
    Log log(&store, &cache);
    const size_t size = 5 + random() % 60;
    for (size_t i = 0; i < size; ++i) {
      log.AppendRandom(random);
      if (random() % 3 != 0) continue;
      const auto as_of = static_cast<projections::Day>(Log::kFirstDay + random() % 2500);
      const std::string cached = Read(cache, as_of);
      ReadingCache restarted(&store, &policies, 64 << 20);
      ASSERT_EQ(cached, Read(restarted, as_of))
          << "TRUSTD_TEST_SEED=" << seed << " log " << log_number << " after event " << i;
      TrustQuestion question;
      question.partnership = kAlpha;
      question.as_of = as_of;
      const absl::StatusOr<TrustFold> afresh = Fold(question, store, policies);
      ASSERT_TRUE(afresh.ok()) << afresh.status();
      ASSERT_EQ(cached, Bytes(*afresh->history, as_of)) << "TRUSTD_TEST_SEED=" << seed << " log " << log_number;
    }
  }
}

TEST(ReadingCacheTest, AReaderSeesWhatWasPublishedBeforeItAsked) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, 64 << 20);
  Log log(&store, &cache);
  std::mt19937_64 random(1);
  Read(cache, 20000);
  for (int i = 0; i < 50; ++i) {
    log.AppendRandom(random);
    int64_t seen = 0;
    ASSERT_TRUE(cache.TryRead(kAlpha, [&](TrustHistory& history) { seen = history.revision(); }));
    EXPECT_EQ(seen, i + 3);
  }
}

TEST(ReadingCacheTest, WhatTheStoreShowsIsReadThoughItIsNotPublishedYet) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, 64 << 20);
  Log log(&store, &cache);
  Read(cache, 20000);
  trust::v1::Event event = Log::Dated(Log::kFirstDay);
  event.mutable_milestone()->mutable_review_held();
  const absl::Time record_time = projections::StartOf(20001);
  ASSERT_TRUE(store.Write({record_time, {{kAlpha, 2, {Encode(event)}}}, {}}).ok());
  int64_t seen = 0;
  const auto look = [&](TrustHistory& history) { seen = history.revision(); };
  EXPECT_FALSE(cache.TryRead(kAlpha, look)) << "a network thread would have read the store";
  ASSERT_TRUE(cache.Read(kAlpha, look).ok());
  EXPECT_EQ(seen, 3);

  event.set_revision(3);
  *event.mutable_record_time() = projections::ToTimestamp(record_time);
  cache.Publish(kAlpha, {&event, 1});
  ASSERT_TRUE(cache.TryRead(kAlpha, look));
  EXPECT_EQ(seen, 3);
}

TEST(ReadingCacheTest, MoreThanItKeepsForAReaderIsReadFromTheStoreInstead) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, 64 << 20);
  Log log(&store, &cache);
  std::mt19937_64 random(2);
  Read(cache, 20000);
  for (int i = 0; i < 3000; ++i) log.AppendRandom(random);
  EXPECT_FALSE(cache.TryRead(kAlpha, [](TrustHistory&) {})) << "a network thread would have read the store";
  int64_t seen = 0;
  ASSERT_TRUE(cache.Read(kAlpha, [&](TrustHistory& history) { seen = history.revision(); }).ok());
  EXPECT_EQ(seen, 3002);
  EXPECT_TRUE(cache.TryRead(kAlpha, [](TrustHistory&) {}));
}

TEST(ReadingCacheTest, ACacheWithoutRoomChangesNoAnswer) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache small(&store, &policies, 1);
  ReadingCache large(&store, &policies, 64 << 20);
  Log log(&store, &small);
  std::mt19937_64 random(3);
  for (int i = 0; i < 40; ++i) {
    log.AppendRandom(random);
    const std::string answer = Read(small, 20000);
    EXPECT_EQ(answer, Read(large, 20000));
    EXPECT_EQ(answer, Read(*std::make_unique<ReadingCache>(&store, &policies, 1 << 20), 20000));
  }
}

TEST(ReadingCacheTest, AHistoryLargerThanTheBudgetStaysAndPutsNothingElseOut) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  const auto memory = [](ReadingCache& cache, const std::string& partnership) {
    size_t bytes = 0;
    EXPECT_TRUE(cache.Read(partnership, [&](TrustHistory& history) { bytes = history.memory_bytes(); }).ok());
    return bytes;
  };
  const auto is_there = [](ReadingCache& cache, const std::string& partnership) {
    return cache.TryRead(partnership, [](TrustHistory&) {});
  };
  ReadingCache roomy(&store, &policies, 64 << 20);
  std::mt19937_64 random(3);
  for (const char* partnership : {"alpha", "beta"}) {
    Log log(&store, &roomy, partnership);
    for (int i = 0; i < 1000; ++i) log.AppendRandom(random);
  }
  std::vector<std::string> others;
  for (int i = 0; i < 40; ++i) {
    others.push_back("other-" + std::to_string(i));
    const Log log(&store, &roomy, others.back());
  }
  const size_t other_bytes = memory(roomy, others[0]);
  // Some of the others fit beside what each of them takes besides, and alpha is larger than all these.
  const size_t budget = other_bytes * 30;
  ASSERT_GT(memory(roomy, "alpha"), budget);

  ReadingCache cache(&store, &policies, budget);
  ASSERT_TRUE(cache.Read("alpha", [](TrustHistory&) {}).ok());
  for (const std::string& other : others) ASSERT_TRUE(cache.Read(other, [](TrustHistory&) {}).ok());
  EXPECT_TRUE(is_there(cache, "alpha"));
  int kept = 0;
  for (const std::string& other : others) kept += is_there(cache, other);
  EXPECT_GE(kept, 10);
  EXPECT_LE(kept, 30);
  EXPECT_TRUE(is_there(cache, others.back()));

  ASSERT_TRUE(cache.Read("beta", [](TrustHistory&) {}).ok());
  EXPECT_TRUE(is_there(cache, "beta"));
  EXPECT_FALSE(is_there(cache, "alpha")) << "of those larger than half of the budget the last used is kept";
}

TEST(ReadingCacheTest, WhatAHistoryHoldsSinceItWasReadIsAccountedFor) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, size_t{1} << 20);
  Log log(&store, &cache);
  ASSERT_TRUE(cache.Read(kAlpha, [](TrustHistory&) {}).ok());
  size_t held = 0;
  for (int times = 0; times < 4; ++times) {
    ASSERT_TRUE(cache.TryRead(kAlpha, [&](TrustHistory& history) {
      history.Read("acme", "globex", Log::kFirstDay + 400);
      held = history.memory_bytes();
    }));
    EXPECT_GE(cache.budget().bytes(), held) << "asked " << times + 1 << " times";
    EXPECT_LT(cache.budget().bytes(), held + 1000);
  }
}

TEST(ReadingCacheTest, APartnershipThatIsNotThereIsNotFoundAndLaterIs) {
  eventstore::MemoryStore store;
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, 64 << 20);
  EXPECT_EQ(domain::ReasonOf(cache.Read(kAlpha, [](TrustHistory&) {})), trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Log log(&store, &cache);
  EXPECT_TRUE(cache.Read(kAlpha, [](TrustHistory&) {}).ok());
}

TEST(ReadingCacheTest, AnAnswerIsNeverBuiltOnDamagedData) {
  eventstore::MemoryStore memory;
  support::FaultyStore store(&memory);
  PolicyRegistry policies;
  ReadingCache cache(&store, &policies, 64 << 20);
  Log log(&store, &cache);
  store.reads = absl::DataLossError("position 2");
  EXPECT_EQ(domain::ReasonOf(cache.Read(kAlpha, [](TrustHistory&) { FAIL(); })), trust::v1::ERROR_REASON_LOG_DAMAGED);
  store.reads = absl::OkStatus();
  EXPECT_TRUE(cache.Read(kAlpha, [](TrustHistory&) {}).ok());
}

}  // namespace
}  // namespace services
