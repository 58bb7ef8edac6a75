// A world of partnerships whose random histories are recorded as their days come, and what the standing index should
// keep of them, read from nothing. For tests.

#ifndef TESTS_SERVICES_STANDING_WORLD_H_
#define TESTS_SERVICES_STANDING_WORLD_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/partnership_loader.h"
#include "tests/projections/random_log.h"
#include "tests/services/indexed_log.h"
#include "tests/support/test_seed.h"

namespace services {

// A partnership's row as it would be read from nothing.
inline trust::v1::StandingRow Fresh(IndexedLog& log, const std::string& partnership) {
  projections::TrustHistory history(partnership, projections::Policy::Default());
  EXPECT_TRUE(VisitEvents(log.store(), partnership, 0, false, [&](trust::v1::Event& event) {
                history.Apply(event);
                return true;
              }).ok());
  return projections::ReadStanding(history, log.day());
}

inline std::map<std::string, trust::v1::StandingRow> FreshRows(IndexedLog& log) {
  std::map<std::string, trust::v1::StandingRow> rows;
  for (const std::string& partnership : log.Partnerships()) rows[partnership] = Fresh(log, partnership);
  return rows;
}

// Histories made beforehand, recorded as their days come.
class RandomWorld {
 public:
  RandomWorld(uint32_t seed, int partnerships) : random_(seed) {
    for (int i = 0; i < partnerships; ++i) {
      projections::RandomLog history(seed * 100 + static_cast<uint32_t>(i), 2 + i % 3);
      if (i % 2 == 1) history.UseMeta();
      history.Fill(25);
      coming_.push_back({absl::StrCat("p", i), history.log.events(), 0});
    }
    day_ = projections::RandomLog(0).first_contact();
    log.SetDay(day_);
  }

  // Lets some days pass, and what they bring be recorded.
  void Pass() {
    day_ += static_cast<projections::Day>(random_() % 45);
    log.SetDay(day_);
    for (Coming& coming : coming_) {
      while (coming.next < coming.events.size() && random_() % 8 != 0 &&
             projections::DayOf(projections::ToTime(coming.events[coming.next].record_time())) <= day_) {
        const trust::v1::Event& event = coming.events[coming.next++];
        revising_ += event.has_evidence_corrected() || event.has_evidence_retracted();
        log.Append(coming.id, event);
      }
    }
  }

  // Lets days pass that bring nothing.
  void Wait(projections::Day days) {
    day_ += days;
    log.SetDay(day_);
  }

  // How many of the events recorded so far correct or retract another.
  int revising() const { return revising_; }

  IndexedLog log{SmallBatches()};

 private:
  struct Coming {
    std::string id;
    std::vector<trust::v1::Event> events;
    size_t next;
  };

  static StandingIndex::Config SmallBatches() {
    StandingIndex::Config config;
    config.batch_events_max = 7;
    config.batch_partnerships_max = 2;
    config.batch_bytes_max = 2000;
    return config;
  }

  std::mt19937 random_;
  std::vector<Coming> coming_;
  projections::Day day_ = 0;
  int revising_ = 0;
};

inline uint32_t FirstSeed() { return support::AskedSeed().value_or(1); }

}  // namespace services

#endif  // TESTS_SERVICES_STANDING_WORLD_H_
