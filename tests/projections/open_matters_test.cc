#include "projections/open_matters.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/projections/random_log.h"
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

Log MetPartners() {
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
  Log log = MetPartners();
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
  Log log = MetPartners();
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
  Log log = MetPartners();
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
  Log log = MetPartners();
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
  Log log = MetPartners();
  const int64_t conflict = log.On("2020-02-01").ConflictRaised();
  log.New(DayOn("2020-02-02")).mutable_evidence_retracted()->set_event(absl::StrCat(conflict));
  EXPECT_EQ(Open(log, "2020-02-02"), Lines());
}

TEST(OpenMattersTest, AReviewIsDueAYearAfterTheLastOneOrTheFirstContact) {
  Log log = MetPartners();
  EXPECT_EQ(NextDay(log, "2020-01-06"), "2021-01-05");
  EXPECT_EQ(Open(log, "2021-01-04"), Lines());
  EXPECT_EQ(Open(log, "2021-01-05"), Lines{"REVIEW_OVERDUE 2021-01-05"});
  log.New(DayOn("2021-01-10")).mutable_milestone()->mutable_review_held();
  EXPECT_EQ(Open(log, "2021-01-10"), Lines());
  EXPECT_EQ(NextDay(log, "2021-01-10"), "2022-01-10");
}

TEST(OpenMattersTest, AnUnknownTypeIsNoViolationAndAnUnknownStandingIsAnAllegation) {
  Log log = MetPartners();
  Act unknown = log.On("2020-02-01");
  unknown.evidence().mutable_violation_reported()->set_type(static_cast<trust::v1::ViolationType>(99));
  unknown.Append();
  EXPECT_EQ(Open(log, "2020-02-01"), Lines());
  Act report = log.On("2020-02-01");
  report.evidence().mutable_violation_reported()->set_type(trust::v1::VIOLATION_TYPE_DECEPTION);
  report.evidence().mutable_violation_reported()->set_standing(static_cast<trust::v1::Standing>(99));
  const int64_t violation = report.Append();
  EXPECT_EQ(Open(log, "2020-02-02"), Lines{"OPEN_VIOLATION 2020-02-01 a>b #4"});
  Act withdrawn = log.On("2020-02-03");
  withdrawn.evidence().mutable_allegation_withdrawn()->set_violation(absl::StrCat(violation));
  withdrawn.Append();
  EXPECT_EQ(Open(log, "2020-02-03"), Lines());
}

// What is open, from every act on record: "conflict 3".
Lines OpenOfAll(const ConductLog& log, Day today) {
  std::vector<Conduct> acts = log.acts();
  acts.erase(std::remove_if(acts.begin(), acts.end(), [today](const Conduct& act) { return act.held_day > today; }),
             acts.end());
  const auto of = [&acts](int64_t matter, std::vector<ConductKind> kinds) {
    std::vector<Conduct> found;
    for (const Conduct& act : acts) {
      const bool fits = std::find(kinds.begin(), kinds.end(), act.kind) != kinds.end();
      if (fits && matter != 0 && act.matter == matter) found.push_back(act);
    }
    return found;
  };
  const auto by_day = [](const Conduct& a, const Conduct& b) { return a.held_day < b.held_day; };
  Lines open;
  for (const Conduct& act : acts) {
    if (act.kind == ConductKind::kPromise) {
      Day due = act.due_day;
      for (const Conduct& moved : of(act.matter, {ConductKind::kRenegotiation})) {
        if (moved.revision > act.revision) due = moved.due_day;
      }
      const bool settled = !of(act.matter, {ConductKind::kKeptOnTime, ConductKind::kKeptLate, ConductKind::kMissed,
                                            ConductKind::kWaiver})
                                .empty();
      if (!settled && due < today) open.push_back(absl::StrCat("promise ", act.revision));
    }
    std::vector<Conduct> conflict = of(act.matter, {ConductKind::kConflict, ConductKind::kDispute});
    std::vector<Conduct> resolved = of(act.matter, {ConductKind::kResolution});
    const auto is_open = [&](const std::vector<Conduct>& parts) {
      const auto last = std::max_element(resolved.begin(), resolved.end(), by_day);
      return !parts.empty() && (last == resolved.end() ||
                                last->held_day < std::max_element(parts.begin(), parts.end(), by_day)->held_day);
    };
    if (!conflict.empty() && conflict.front().revision == act.revision && is_open(conflict)) {
      const auto first = std::min_element(conflict.begin(), conflict.end(), by_day);
      open.push_back(absl::StrCat("conflict ", first->revision));
      if (is_open(of(act.matter, {ConductKind::kDispute}))) open.push_back("dispute");
    }
    const std::vector<Conduct> reports = of(act.matter, {ConductKind::kViolation});
    if (reports.empty() || reports.front().revision != act.revision) continue;
    std::vector<Conduct> verdicts = of(act.matter, {ConductKind::kVerdict});
    std::sort(verdicts.begin(), verdicts.end(), [&act](const Conduct& a, const Conduct& b) {
      return std::make_tuple(std::max(a.held_day, act.held_day), a.held_day, a.verdict) <
             std::make_tuple(std::max(b.held_day, act.held_day), b.held_day, b.verdict);
    });
    auto standing = static_cast<trust::v1::Standing>(act.standing);
    for (const Conduct& verdict : verdicts) standing = StandingAfter(standing, verdict.verdict);
    const bool counts = standing != trust::v1::STANDING_UNFOUNDED && standing != trust::v1::STANDING_WITHDRAWN;
    if (counts && of(act.matter, {ConductKind::kVerification}).empty()) {
      open.push_back(absl::StrCat("violation ", act.revision));
    }
  }
  std::sort(open.begin(), open.end());
  return open;
}

TEST(OpenMattersTest, WhatIsSettledForGoodIsPassedOverAndChangesNothing) {
  size_t most = 0, passed_over = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    RandomLog random(seed);
    random.UseMatters();
    if (seed % 2 == 0) random.UseMeta();
    random.Fill(80);
    const std::unique_ptr<TrustHistory> history = random.log.Fold();
    const ConductLog& log = history->conduct();
    for (int days = 0; days < 2400; days += 97) {
      const Day today = random.first_contact() + days;
      Lines open;
      for (const trust::v1::AttentionItem& item : ReadOpenMatters(log, today).items) {
        const std::string revision = item.event().substr(item.event().rfind('/') + 1);
        if (item.kind() == trust::v1::ATTENTION_KIND_OVERDUE_COMMITMENT) open.push_back("promise " + revision);
        if (item.kind() == trust::v1::ATTENTION_KIND_OPEN_CONFLICT) open.push_back("conflict " + revision);
        if (item.kind() == trust::v1::ATTENTION_KIND_OPEN_DISPUTE) open.push_back("dispute");
        if (item.kind() == trust::v1::ATTENTION_KIND_OPEN_VIOLATION) open.push_back("violation " + revision);
      }
      std::sort(open.begin(), open.end());
      Lines expected = OpenOfAll(log, today);
      if (log.end(false).has_value() && *log.end(false) <= today) {
        const auto is_promise = [](const std::string& line) { return line.rfind("promise", 0) == 0; };
        expected.erase(std::remove_if(expected.begin(), expected.end(), is_promise), expected.end());
      }
      ASSERT_EQ(open, expected) << "seed " << seed << " on " << FormatDay(today);
      most = std::max(most, open.size());
    }
    const Day end = log.latest_day();
    for (const Conduct& act : log.acts()) passed_over += act.matter != 0 ? 1 : 0;
    passed_over -= log.ActsOfOpenMatters(end).size();
  }
  EXPECT_GT(most, 5U);
  EXPECT_GT(passed_over, 100U);
}

TEST(OpenMattersTest, AfterTheEndOnlyWhatCanBeSettledIsOpen) {
  Log log = MetPartners();
  Promise(log, "2020-02-01", "2020-03-01");
  log.On("2020-02-02").ConflictRaised();
  log.Terminated("2020-06-01");
  EXPECT_EQ(Open(log, "2022-01-01"), Lines{"OPEN_CONFLICT 2020-02-02 a>b #4"});
  EXPECT_EQ(NextDay(log, "2022-01-01"), "");
}

}  // namespace
}  // namespace projections
