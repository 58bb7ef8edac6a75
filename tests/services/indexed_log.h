// A store with partnerships in it, the standing index that follows it, and a clock that a test moves: everything in the
// test's own thread.

#ifndef TESTS_SERVICES_INDEXED_LOG_H_
#define TESTS_SERVICES_INDEXED_LOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "projections/policy.h"
#include "services/event_codec.h"
#include "services/policy_registry.h"
#include "services/reading_cache.h"
#include "services/standing_index.h"
#include "services/standing_rows.h"
#include "tests/support/fake_clock.h"

namespace services {

class IndexedLog {
 public:
  static constexpr projections::Day kFirstDay = 18262;  // 2020-01-01

  explicit IndexedLog(const StandingIndex::Config& config = {}) : config_(config) { Restart(); }

  // As after a crash: what the store holds is all there is.
  void Restart() {
    index_ = nullptr;
    readings_ = std::make_unique<ReadingCache>(&store_, &policies_, 64 << 20);
    index_ = std::make_unique<StandingIndex>(
        config_, &store_, &clock_, readings_.get(), [this] { return policy_; }, [this] { ++told_; }, [] {});
    index_->Prepare();
  }

  void SetDay(projections::Day day) { clock_.Set(projections::StartOf(day) + absl::Hours(9)); }
  projections::Day day() const { return projections::DayOf(clock_.Now()); }

  // Appends an event; returns its place in the log.
  uint64_t Append(const std::string& partnership, trust::v1::Event event) {
    event.clear_partnership();
    event.clear_revision();
    event.clear_record_time();
    uint64_t& revision = revisions_[partnership];
    const auto appended = store_.Write({clock_.Now(), {{partnership, revision, {Encode(event)}}}, {}});
    EXPECT_TRUE(appended.ok()) << appended.status();
    ++revision;
    event.set_revision(static_cast<int64_t>(revision));
    *event.mutable_record_time() = projections::ToTimestamp(appended->record_time);
    readings_->Publish(partnership, {&event, 1});
    return appended->first_position;
  }

  trust::v1::Event Today() const {
    trust::v1::Event event;
    event.set_recorder("acme");
    *event.mutable_occur_time() = projections::ToTimestamp(projections::StartOf(day()));
    event.set_occur_time_precision(trust::v1::TIME_PRECISION_DAY);
    return event;
  }

  void Found(const std::string& partnership, const std::vector<std::string>& partners = {"acme", "globex"}) {
    trust::v1::Event founding = Today(), contact = Today();
    for (const std::string& partner : partners) {
      founding.mutable_partnership_proposed()->add_partners()->set_organization(partner);
      contact.mutable_initial_contact_made()->add_organizations(partner);
    }
    Append(partnership, founding);
    Append(partnership, contact);
  }

  // Conduct of globex towards acme.
  trust::v1::Event Act() const {
    trust::v1::Event event = Today();
    event.mutable_evidence()->set_actor("globex");
    event.mutable_evidence()->add_affected("acme");
    event.mutable_evidence()->set_source(trust::v1::SOURCE_COUNTERPART);
    return event;
  }

  void RaiseConflict(const std::string& partnership) {
    trust::v1::Event event = Act();
    event.mutable_evidence()->mutable_conflict_raised();
    Append(partnership, event);
  }

  void ResolveConflict(const std::string& partnership, int64_t conflict) {
    trust::v1::Event event = Act();
    event.mutable_evidence()->mutable_conflict_resolved()->set_conflict(absl::StrCat(conflict));
    event.mutable_evidence()->mutable_conflict_resolved()->set_mode(trust::v1::RESOLUTION_MODE_JOINT);
    Append(partnership, event);
  }

  // Steps until nothing is left to do.
  void CatchUp() {
    for (int i = 0; i < 100'000; ++i) {
      const absl::StatusOr<bool> stepped = index_->Step();
      ASSERT_TRUE(stepped.ok()) << stepped.status();
      if (!*stepped) return;
    }
    FAIL() << "the index never comes to rest";
  }

  trust::v1::StandingRow Row(const std::string& partnership) const {
    const auto row = ReadStandingRow(store_, partnership);
    EXPECT_TRUE(row.ok() && row->has_value()) << partnership;
    return row.ok() && row->has_value() ? **row : trust::v1::StandingRow();
  }

  std::vector<std::string> Partnerships() const {
    std::vector<std::string> ids;
    for (const auto& [id, revision] : revisions_) ids.push_back(id);
    return ids;
  }

  std::map<std::string, std::string> Table(const char* table) const {
    std::map<std::string, std::string> rows;
    EXPECT_TRUE(store_
                    .ScanRows(table, "",
                              [&](absl::string_view key, absl::string_view value) {
                                rows.emplace(key, value);
                                return true;
                              })
                    .ok());
    return rows;
  }

  eventstore::MemoryStore& store() { return store_; }
  StandingIndex& index() { return *index_; }
  ReadingCache& readings() { return *readings_; }
  support::FakeClock& clock() { return clock_; }
  void set_policy(const std::string& policy) { policy_ = policy; }
  int told() const { return told_; }

 private:
  const StandingIndex::Config config_;
  eventstore::MemoryStore store_;
  support::FakeClock clock_{projections::StartOf(kFirstDay)};
  std::string policy_ = "one";
  int told_ = 0;
  std::map<std::string, uint64_t> revisions_;
  PolicyRegistry policies_;
  std::unique_ptr<ReadingCache> readings_;
  std::unique_ptr<StandingIndex> index_;
};

}  // namespace services

#endif  // TESTS_SERVICES_INDEXED_LOG_H_
