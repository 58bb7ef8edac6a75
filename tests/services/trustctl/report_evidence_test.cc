#include "services/trustctl/report_evidence.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace trustctl {
namespace {

using ::testing::ElementsAre;
using trust::v1::Event;

// The events of a history, numbered from 1.
std::vector<Event> History(const std::vector<std::string>& bodies) {
  std::vector<Event> events;
  for (const std::string& body : bodies) {
    Event event;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(body, &event)) << body;
    event.set_revision(static_cast<int64_t>(events.size()) + 1);
    // 2024-01-01 and the days after it.
    if (!event.has_occur_time()) event.mutable_occur_time()->set_seconds(1704067200 + 86400 * (event.revision() - 1));
    events.push_back(event);
  }
  return events;
}

trust::v1::PolicyDocument SmallPolicy() {
  trust::v1::PolicyDocument policy;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(positive_rows { kind: "feedback_given" }
         positive_rows { kind: "credibility_assessed" variant: "CREDIBILITY_RESULT_SUPPORTED" }
         negative_rows { kind: "credibility_assessed" variant: "CREDIBILITY_RESULT_CONTRADICTED" })",
      &policy));
  return policy;
}

std::vector<Promise> Promises(const std::vector<std::string>& bodies, const std::string& as_of) {
  return PromisesOf(ReportedEvents(History(bodies), SmallPolicy()), as_of);
}

std::vector<std::string> OutcomesIn(const std::vector<Promise>& promises) {
  std::vector<std::string> words;
  for (const Promise& promise : promises) words.push_back(OutcomeInWords(promise.outcome));
  return words;
}

TEST(ReportEvidenceTest, WhichWayAnActCountsFollowsFromTheRowsOfThePolicy) {
  const std::vector<ReportedEvent> events =
      ReportedEvents(History({"evidence { feedback_given {} }", "evidence { credibility_assessed {} }",
                              "evidence { credibility_assessed { result: CREDIBILITY_RESULT_CONTRADICTED } }",
                              "evidence { feedback_requested {} }", "evidence { interpersonal_trust_attested {} }",
                              "milestone { review_held {} }"}),
                     SmallPolicy());
  std::vector<std::string> words;
  for (const ReportedEvent& event : events) words.push_back(BearingInWords(event.bearing));
  EXPECT_THAT(words, ElementsAre("for", "for", "against", "no weight", "both ways", "no weight"));
}

TEST(ReportEvidenceTest, SyntheticAndImportedRecordsAreTold) {
  const std::vector<ReportedEvent> events = ReportedEvents(
      History({"evidence { feedback_given {} }", "import_origin { external_id: 'a' } evidence { feedback_given {} }",
               "import_origin { synthetic: true } evidence { feedback_given {} }"}),
      SmallPolicy());
  std::vector<std::string> words;
  for (const ReportedEvent& event : events) words.push_back(ProvenanceInWords(event.provenance));
  EXPECT_THAT(words, ElementsAre("recorded", "imported", "synthetic"));
}

TEST(ReportEvidenceTest, WhatWasCorrectedReadsAsCorrectedAndWhatWasRetractedCountsForNothing) {
  const std::vector<ReportedEvent> events =
      ReportedEvents(History({"evidence { actor: 'acme' feedback_given {} }", "evidence { feedback_given {} }",
                              "evidence_corrected { event: 'partnerships/x/events/1' "
                              "replacement { actor: 'globex' feedback_requested {} } }",
                              "evidence_retracted { event: 'partnerships/x/events/2' }",
                              "evidence_contested { event: 'partnerships/x/events/1' }"}),
                     SmallPolicy());
  EXPECT_EQ(events[0].event.evidence().actor(), "globex");
  EXPECT_EQ(events[0].remark, "corrected by 3, contested by 5");
  EXPECT_EQ(events[0].bearing, Bearing::kNone);
  EXPECT_TRUE(events[1].retracted);
  EXPECT_EQ(events[1].remark, "retracted by 4");
  EXPECT_EQ(events[1].bearing, Bearing::kNone);
}

TEST(ReportEvidenceTest, EachPromiseHasItsOutcome) {
  const std::string made = "evidence { actor: 'acme' affected: 'globex' label: 'engine' commitment_made ";
  const std::string due = "{ due_time { seconds: 1709251200 } } }";  // 2024-03-01.
  const std::vector<std::string> bodies = {
      made + due,
      made + due,
      made + due,
      made + "{} }",
      "evidence { actor: 'acme' commitment_fulfilled { commitment: 'partnerships/x/events/1' } }",
      "evidence { actor: 'acme' commitment_missed { commitment: 'partnerships/x/events/2' } }",
      "evidence { actor: 'globex' affected: 'acme' commitment_fulfilled { result: FULFILMENT_RESULT_LATE } }"};
  const std::vector<Promise> promises = Promises(bodies, "2024-03-02");
  EXPECT_THAT(OutcomesIn(promises), ElementsAre("on time", "missed", "overdue", "open", "late"));
  EXPECT_EQ(promises[0].settled, 5);
  EXPECT_EQ(promises[0].settled_date, "2024-01-05");
  EXPECT_EQ(promises[2].due_date, "2024-03-01");
  EXPECT_EQ(promises[4].promisor, "globex");
  EXPECT_EQ(promises[4].made, 0);
  EXPECT_THAT(OutcomesIn(Promises(bodies, "2024-03-01")), ElementsAre("on time", "missed", "open", "open", "late"));
}

TEST(ReportEvidenceTest, APromiseWaitsForItsNewDayAndForgetsARetractedOutcome) {
  const std::vector<Promise> promises =
      Promises({"evidence { actor: 'acme' commitment_made { due_time { seconds: 1709251200 } } }",
                "evidence { actor: 'acme' commitment_renegotiated { commitment: 'partnerships/x/events/1' "
                "due_time { seconds: 1717200000 } } }",  // 2024-06-01.
                "evidence { actor: 'acme' commitment_missed { commitment: 'partnerships/x/events/1' } }",
                "evidence_retracted { event: 'partnerships/x/events/3' }"},
               "2024-04-01");
  EXPECT_THAT(OutcomesIn(promises), ElementsAre("open"));
  EXPECT_EQ(promises[0].due_date, "2024-06-01");
  EXPECT_EQ(promises[0].renegotiations, 1);
}

}  // namespace
}  // namespace trustctl
