#include "projections/open_matters.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

// What is open, one line an item: "OPEN_CONFLICT 2020-03-01 a>b #3".
std::vector<std::string> Open(const Log& log, absl::string_view today) {
  std::vector<std::string> lines;
  for (const trust::v1::AttentionItem& item : ReadOpenMatters(log.Fold()->conduct(), DayOn(today)).items) {
    std::string line = absl::StrCat(trust::v1::AttentionKind_Name(item.kind()).substr(sizeof("ATTENTION_KIND_") - 1),
                                    " ", item.date());
    if (!item.trustor().empty()) absl::StrAppend(&line, " ", item.trustor(), ">", item.trustee());
    if (!item.event().empty()) absl::StrAppend(&line, " #", item.event().substr(item.event().rfind('/') + 1));
    lines.push_back(line);
  }
  return lines;
}

std::string NextDay(const Log& log, absl::string_view today) {
  const std::optional<Day> next = ReadOpenMatters(log.Fold()->conduct(), DayOn(today)).next_day;
  return next ? FormatDay(*next) : "";
}

Log Met() {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  return log;
}

int64_t Promise(Log& log, absl::string_view date, absl::string_view due) {
  Act act = log.On(date);
  *act.evidence().mutable_commitment_made()->mutable_due_time() = ToTimestamp(StartOf(DayOn(due)));
  return act.Append();
}

using Lines = std::vector<std::string>;

TEST(OpenMattersTest, APromiseIsOverdueFromTheDayAfterItWasDueUntilItHasAnOutcome) {
  Log log = Met();
  const int64_t promise = Promise(log, "2020-02-01", "2020-03-01");
  EXPECT_EQ(Open(log, "2020-03-01"), Lines());
  EXPECT_EQ(NextDay(log, "2020-03-01"), "2020-03-02");
  EXPECT_EQ(Open(log, "2020-03-02"), Lines{"OVERDUE_COMMITMENT 2020-03-01 a>b #3"});
  Act kept = log.On("2020-03-05");
  kept.evidence().mutable_commitment_fulfilled()->set_commitment(absl::StrCat(promise));
  kept.Append();
  EXPECT_EQ(Open(log, "2020-03-05"), Lines());
}

TEST(OpenMattersTest, ARenegotiationMovesTheDayAndMayTakeItAway) {
  Log log = Met();
  const int64_t promise = Promise(log, "2020-02-01", "2020-03-01");
  Act moved = log.On("2020-02-20");
  moved.evidence().mutable_commitment_renegotiated()->set_commitment(absl::StrCat(promise));
  *moved.evidence().mutable_commitment_renegotiated()->mutable_due_time() = ToTimestamp(StartOf(DayOn("2020-04-01")));
  moved.Append();
  EXPECT_EQ(Open(log, "2020-03-02"), Lines());
  EXPECT_EQ(Open(log, "2020-04-02"), Lines{"OVERDUE_COMMITMENT 2020-04-01 a>b #3"});
  Act undated = log.On("2020-03-20");
  undated.evidence().mutable_commitment_renegotiated()->set_commitment(absl::StrCat(promise));
  undated.Append();
  EXPECT_EQ(Open(log, "2020-04-02"), Lines());
}

TEST(OpenMattersTest, AConflictAndItsDisputeAreOpenUntilResolved) {
  Log log = Met();
  const int64_t conflict = log.On("2020-02-01").ConflictRaised();
  Act dispute = log.On("2020-02-10");
  dispute.evidence().mutable_formal_dispute_opened()->set_conflict(absl::StrCat(conflict));
  dispute.Append();
  EXPECT_EQ(Open(log, "2020-02-10"), (Lines{"OPEN_CONFLICT 2020-02-01 a>b #3", "OPEN_DISPUTE 2020-02-10 a>b #4"}));
  log.On("2020-02-20").Resolved(conflict, trust::v1::RESOLUTION_MODE_AVOIDED);
  EXPECT_EQ(Open(log, "2020-02-20"), Lines());
  Act again = log.On("2020-03-01");
  again.evidence().mutable_conflict_escalated()->set_conflict(absl::StrCat(conflict));
  again.Append();
  EXPECT_EQ(Open(log, "2020-03-01"), Lines{"OPEN_CONFLICT 2020-02-01 a>b #3"});
}

TEST(OpenMattersTest, AViolationIsOpenWhileItCountsAndNoRemedyIsVerified) {
  Log log = Met();
  const int64_t violation =
      log.On("2020-02-01").Violation(trust::v1::VIOLATION_TYPE_CONTRACT_BREACH, trust::v1::SEVERITY_MINOR);
  EXPECT_EQ(Open(log, "2020-02-01"), Lines{"OPEN_VIOLATION 2020-02-01 a>b #3"});
  log.On("2020-02-05").Remediated(violation);
  log.On("2020-02-06").Self().Verified(violation);
  EXPECT_EQ(Open(log, "2020-02-06").size(), 1U) << "its own word verifies nothing";
  Log verified = log;
  verified.On("2020-02-07").Verified(violation);
  EXPECT_EQ(Open(verified, "2020-02-07"), Lines());
  log.On("2020-02-08").Finding(violation, trust::v1::FINDING_RESULT_UNFOUNDED);
  EXPECT_EQ(Open(log, "2020-02-08"), Lines());
  log.On("2020-02-09").Finding(violation, trust::v1::FINDING_RESULT_PARTLY);
  EXPECT_EQ(Open(log, "2020-02-09").size(), 1U) << "the later finding counts";
}

TEST(OpenMattersTest, WhatWasRetractedIsNotOpen) {
  Log log = Met();
  const int64_t conflict = log.On("2020-02-01").ConflictRaised();
  log.New(DayOn("2020-02-02")).mutable_evidence_retracted()->set_event(absl::StrCat(conflict));
  EXPECT_EQ(Open(log, "2020-02-02"), Lines());
}

TEST(OpenMattersTest, AReviewIsDueAYearAfterTheLastOneOrTheFirstContact) {
  Log log = Met();
  EXPECT_EQ(NextDay(log, "2020-01-06"), "2021-01-05");
  EXPECT_EQ(Open(log, "2021-01-04"), Lines());
  EXPECT_EQ(Open(log, "2021-01-05"), Lines{"REVIEW_OVERDUE 2021-01-05"});
  log.New(DayOn("2021-01-10")).mutable_milestone()->mutable_review_held();
  EXPECT_EQ(Open(log, "2021-01-10"), Lines());
  EXPECT_EQ(NextDay(log, "2021-01-10"), "2022-01-10");
}

TEST(OpenMattersTest, AfterTheEndOnlyWhatCanBeSettledIsOpen) {
  Log log = Met();
  Promise(log, "2020-02-01", "2020-03-01");
  log.On("2020-02-02").ConflictRaised();
  log.Terminated("2020-06-01");
  EXPECT_EQ(Open(log, "2022-01-01"), Lines{"OPEN_CONFLICT 2020-02-02 a>b #4"});
  EXPECT_EQ(NextDay(log, "2022-01-01"), "");
}

}  // namespace
}  // namespace projections
