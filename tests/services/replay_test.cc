// What a replay says of each event.

#include "services/replay.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "services/domain/refusal.h"
#include "services/trust_query.h"
#include "services/trust_question.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/stored_log.h"
#include "tests/support/test_seed.h"

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

// ---- Each step against the question that AssessTrust would be asked

std::string Document(const std::string& version, const std::function<void(trust::v1::PolicyDocument*)>& change) {
  trust::v1::PolicyDocument document = projections::DefaultPolicy()->document();
  document.set_version(version);
  change(&document);
  return projections::CanonicalText(document);
}

class ReplayedLog {
 public:
  ReplayedLog(uint32_t seed, int organizations, int events) {
    projections::RandomLog random(seed, organizations);
    random.UseMeta();
    random.Fill(events);
    for (const trust::v1::Event& event : random.log.events()) EXPECT_NE(stored_.Append("x", event), 0U);
    stored_.Publish(Document("strict/1", [](auto* document) { document->set_prior_weight_milli(900'000); }), 1);
    stored_.Publish(Document("fast/1", [](auto* document) { document->set_positive_half_life_days(90); }), 1);
  }

  // The readings of every direction once revision events are known, as AssessTrust gives them.
  trust::v1::AssessTrustResponse Assess(int64_t revision, trust::v1::View view, const std::string& policy) {
    trust::v1::AssessTrustRequest request;
    request.set_partnership("x");
    request.set_known_revision(revision);
    request.set_view(view);
    request.set_policy(policy);
    trust::v1::AssessTrustResponse response;
    const auto question = QuestionOf(request, store_, absl::UnixEpoch());
    EXPECT_TRUE(question.ok()) << question.status();
    const auto fold = Fold(*question, store_, policies_);
    EXPECT_TRUE(fold.ok()) << fold.status();
    if (!fold.ok()) return response;
    EXPECT_TRUE(services::Assess(*fold->history, request, fold->as_of, &response).ok());
    for (trust::v1::DirectionReading& reading : *response.mutable_directions()) {
      reading.clear_holds_until_date();
      reading.clear_stage_after();
    }
    return response;
  }

  std::vector<trust::v1::ReplayStep> Steps(const trust::v1::ReplayHistoryRequest& request, trust::v1::ReplayEnd* end) {
    std::vector<trust::v1::ReplayStep> steps;
    Replay replay(&store_, &policies_, request);
    while (!replay.ended()) {
      std::deque<trust::v1::ReplayHistoryResponse> messages;
      const absl::Status status = replay.Next(3000, &messages);
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      for (trust::v1::ReplayHistoryResponse& message : messages) {
        if (message.has_end()) *end = message.end();
        if (message.has_step()) steps.push_back(std::move(*message.mutable_step()));
      }
    }
    return steps;
  }

  eventstore::MemoryStore& store() { return store_; }
  PolicyRegistry& policies() { return policies_; }

 private:
  eventstore::MemoryStore store_;
  support::StoredLog stored_{&store_};
  PolicyRegistry policies_;
};

TEST(ReplayPropertyTest, EachStepReadsAsAssessTrustDoesForItsRevision) {
  const uint32_t seed = support::AnySeed();
  size_t compared = 0;
  for (uint32_t i = 0; i < 8; ++i) {
    const int organizations = i % 2 == 0 ? 2 : 3;
    ReplayedLog log(seed + i, organizations, 30);
    for (const trust::v1::View view : {trust::v1::VIEW_HELD, trust::v1::VIEW_HINDSIGHT}) {
      for (const char* const policy : {"", "strict/1", "fast/1"}) {
        SCOPED_TRACE(absl::StrCat("log ", i, " view ", int{view}, " policy ", policy));
        trust::v1::ReplayHistoryRequest request;
        request.set_partnership("x");
        request.set_view(view);
        request.set_policy(policy);
        trust::v1::ReplayEnd end;
        const std::vector<trust::v1::ReplayStep> steps = log.Steps(request, &end);
        ASSERT_EQ(static_cast<int64_t>(steps.size()), end.event_count());
        EXPECT_EQ(end.view(), view);
        std::map<std::pair<std::string, std::string>, trust::v1::DirectionReading> last;
        int64_t revision = 0;
        for (const trust::v1::ReplayStep& step : steps) {
          ASSERT_EQ(step.event().revision(), ++revision);
          const trust::v1::AssessTrustResponse assessed = log.Assess(revision, view, policy);
          ASSERT_EQ(step.as_of_date(), assessed.as_of_date());
          for (const trust::v1::DirectionReading& reading : step.directions()) {
            last[{reading.trustor(), reading.trustee()}] = reading;
          }
          for (const trust::v1::DirectionReading& reading : assessed.directions()) {
            const trust::v1::DirectionReading& told = last[{reading.trustor(), reading.trustee()}];
            // Between more than two, those are told that changed; the others stand where they stood.
            const bool of_this_step = std::any_of(
                step.directions().begin(), step.directions().end(),
                [&](const auto& d) { return d.trustor() == reading.trustor() && d.trustee() == reading.trustee(); });
            ASSERT_EQ(told.stage(), reading.stage()) << revision;
            ASSERT_EQ(told.condition(), reading.condition()) << revision;
            if (!of_this_step) continue;
            ASSERT_EQ(told.DebugString(), reading.DebugString()) << revision;
            ++compared;
          }
        }
      }
    }
  }
  EXPECT_GT(compared, 1000U);
}

TEST(ReplayTest, ARangeOfTimesIsThatOfTheRevisionsRecordedInIt) {
  ReplayedLog log(5, 2, 40);
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("x");
  trust::v1::ReplayEnd end;
  const std::vector<trust::v1::ReplayStep> all = log.Steps(request, &end);
  for (const size_t first : {size_t{3}, size_t{17}, all.size() - 1}) {
    // Several may have been recorded at the same time.
    const absl::Time after = projections::ToTime(all[first].event().record_time());
    const absl::Time until = after + absl::Hours(24 * 200);
    *request.mutable_after_time() = projections::ToTimestamp(after);
    *request.mutable_until_time() = projections::ToTimestamp(until);
    std::vector<std::string> expected, told;
    for (const trust::v1::ReplayStep& step : all) {
      const absl::Time time = projections::ToTime(step.event().record_time());
      if (time > after && time <= until) expected.push_back(step.DebugString());
    }
    for (const trust::v1::ReplayStep& step : log.Steps(request, &end)) told.push_back(step.DebugString());
    EXPECT_EQ(told, expected);
    EXPECT_EQ(end.event_count(), static_cast<int64_t>(expected.size()));
  }
}

TEST(ReplayTest, WhatIsWrongIsSaidAllAtOnceAndAPolicyThatIsNotThereIsNotFound) {
  ReplayedLog log(5, 2, 4);
  const auto next = [&](const trust::v1::ReplayHistoryRequest& request) {
    Replay replay(&log.store(), &log.policies(), request);
    std::deque<trust::v1::ReplayHistoryResponse> messages;
    return replay.Next(1000, &messages);
  };
  trust::v1::ReplayHistoryRequest request;
  request.set_partnership("x");
  request.set_policy("nobody/1");
  EXPECT_EQ(domain::ReasonOf(next(request)), trust::v1::ERROR_REASON_POLICY_NOT_FOUND);
  request.set_policy("");
  request.set_after_revision(1);
  request.mutable_after_time();
  request.set_until_revision(2);
  request.mutable_until_time();
  request.set_view(static_cast<trust::v1::View>(9));
  const absl::Status status = next(request);
  EXPECT_EQ(domain::ReasonOf(status), trust::v1::ERROR_REASON_INVALID_FIELD);
  for (const char* const field : {"after_time", "until_time", "view"}) {
    EXPECT_NE(std::string(status.message()).find(field), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace services
