// What a replay says of each event.

#include "services/replay.h"

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "tests/projections/trust_log.h"
#include "tests/support/stored_log.h"

namespace services {
namespace {

// "revision: trustor>trustee first..last before>after", one a revised interval.
std::vector<std::string> Revisions(eventstore::MemoryStore& store, PolicyRegistry& policies, int64_t after_revision) {
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("p");
  request.set_after_revision(after_revision);
  Replay replay(&store, &policies, request);
  std::vector<std::string> lines;
  while (!replay.ended()) {
    std::deque<trust::v1::ReplayHistoryResponse> messages;
    const absl::Status status = replay.Next(1 << 20, &messages);
    EXPECT_TRUE(status.ok()) << status;
    if (!status.ok()) return lines;
    for (const trust::v1::ReplayHistoryResponse& message : messages) {
      for (const trust::v1::RevisedInterval& interval : message.step().revised()) {
        lines.push_back(absl::StrCat(message.step().event().revision(), ": ", interval.trustor(), ">",
                                     interval.trustee(), " ", interval.first_date(), "..", interval.last_date(), " ",
                                     int{interval.stage_before()}, ">", int{interval.stage()}));
      }
    }
  }
  return lines;
}

TEST(ReplayTest, LateEvidenceAndItsRetractionReviseWhatCouldBeReadAndNothingElseDoes) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").CredibilitySupported();
  log.On("2020-01-27").IntentionsAligned();
  log.On("2020-03-01").OpenCommunication();
  const int64_t before = log.events().back().revision();
  log.On("2020-02-10").SharedExperience();
  std::vector<trust::v1::Event> events = log.events();
  // Recorded months later than it happened.
  *events.back().mutable_record_time() =
      projections::ToTimestamp(projections::StartOf(projections::DayOn("2020-06-01")));
  trust::v1::Event retraction;
  retraction.set_revision(before + 2);
  retraction.set_recorder("a");
  *retraction.mutable_record_time() = projections::ToTimestamp(projections::StartOf(projections::DayOn("2020-07-01")));
  *retraction.mutable_occur_time() = retraction.record_time();
  retraction.mutable_evidence_retracted()->set_event(absl::StrCat("partnerships/p/events/", before + 1));
  events.push_back(retraction);

  eventstore::MemoryStore store;
  support::StoredLog stored(&store);
  PolicyRegistry policies;
  for (const trust::v1::Event& event : events) stored.Append("p", event);
  const std::vector<std::string> expected = {absl::StrCat(before + 1, ": a>b 2020-02-10..2020-02-29 1>2"),
                                             absl::StrCat(before + 2, ": a>b 2020-02-10..2020-02-29 2>1")};
  EXPECT_EQ(Revisions(store, policies, 0), expected);
  EXPECT_EQ(Revisions(store, policies, before + 1), (std::vector<std::string>{expected[1]}))
      << "what was passed over is known all the same";
}

}  // namespace
}  // namespace services
