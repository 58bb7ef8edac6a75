// What must hold of trust under any acceptable policy, as stories about a and b: those in which the past looks
// different once more is known. (Specification, section 8.1, facts 12 and 14.)

#include <gtest/gtest.h>

#include "projections/explanation.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

// b earns a's trust in 2020 and keeps it until 2023.
Log MatureByDays() {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-06").Joint().ConfidentialityAgreement();
  log.On("2020-01-20").CredibilitySupported();
  log.On("2020-01-27").IntentionsAligned();
  log.On("2020-02-03").CredentialsVerified();
  log.On("2020-02-10").Joint().SharedExperience();
  log.On("2020-02-24").OpenCommunication();
  log.On("2020-03-09").Joint().MutualUnderstanding();
  log.On("2020-03-30").Joint().SharedExperience();
  for (const char* date : {"2020-04-15", "2020-05-15", "2020-07-15", "2020-08-17", "2020-09-15", "2020-12-07"}) {
    log.On(date).Fulfilled();
  }
  log.On("2020-06-15").GoalSupported();
  log.On("2020-10-05").Transparency();
  log.On("2020-11-02").FeedbackActedOn();
  for (int year = 2021; year <= 2023; ++year) {
    for (const char* day : {"-01-15", "-04-15", "-07-15", "-10-15"}) log.On(absl::StrCat(year, day)).Fulfilled();
    log.On(absl::StrCat(year, "-02-20")).Transparency();
    log.On(absl::StrCat(year, "-08-20")).FeedbackActedOn();
  }
  return log;
}

std::unique_ptr<TrustHistory> FoldIn(View view, const Log& log, absl::string_view recorded_by = "2099-12-31") {
  auto history = std::make_unique<TrustHistory>("x", DefaultPolicy(), view);
  for (const Event& event : log.events()) {
    if (DayOf(KnownTime(event)) <= DayOn(recorded_by)) history->Apply(event);
  }
  return history;
}

DirectionReading ReadIn(View view, const Log& log, absl::string_view date,
                        absl::string_view recorded_by = "2099-12-31") {
  return FoldIn(view, log, recorded_by)->Read("a", "b", DayOn(date));
}

// b deceived a gravely in March 2022; a finds out, and records it, in June 2023.
Log Deceived() {
  Log log = MatureByDays();
  Act concealed = log.On("2022-03-01");
  auto* const report = concealed.evidence().mutable_violation_reported();
  report->set_type(VIOLATION_TYPE_DECEPTION);
  report->set_severity(SEVERITY_MAJOR);
  report->set_standing(STANDING_SUBSTANTIATED);
  report->set_deception(true);
  concealed.Append();
  *log.events().back().mutable_observe_time() = ToTimestamp(StartOf(DayOn("2023-06-01")));
  *log.events().back().mutable_record_time() = ToTimestamp(StartOf(DayOn("2023-06-01")));
  return log;
}

TEST(SaneFactsTest, F14ConcealedConductDiscoveredLateLeavesWhatWasKnownThenUntouched) {
  for (const char* date : {"2022-02-28", "2022-03-01", "2022-12-31", "2023-05-31"}) {
    const std::string before = ReadIn(VIEW_HELD, MatureByDays(), date, "2023-05-31").SerializeAsString();
    EXPECT_EQ(ReadIn(VIEW_HELD, Deceived(), date, "2023-05-31").SerializeAsString(), before) << date;
    // Held trust is untouched even with today's records: a did not know.
    const DirectionReading held = ReadIn(VIEW_HELD, Deceived(), date);
    EXPECT_EQ(held.stage(), STAGE_MAINTAINING_COMMITMENT) << date;
  }
  EXPECT_LT(ReadIn(VIEW_HELD, Deceived(), "2023-06-01").stage(), STAGE_MAINTAINING_COMMITMENT);
}

TEST(SaneFactsTest, F14ConcealedConductDiscoveredLateChangesHindsight) {
  EXPECT_EQ(ReadIn(VIEW_HINDSIGHT, Deceived(), "2022-02-28").stage(), STAGE_MAINTAINING_COMMITMENT);
  for (const char* date : {"2022-03-01", "2022-12-31", "2023-05-31"}) {
    const DirectionReading truth = ReadIn(VIEW_HINDSIGHT, Deceived(), date),
                           none = ReadIn(VIEW_HINDSIGHT, MatureByDays(), date);
    EXPECT_EQ(none.stage(), STAGE_MAINTAINING_COMMITMENT) << date;
    EXPECT_LT(truth.stage(), STAGE_MAINTAINING_COMMITMENT) << date;
    for (int facet = 0; facet < 4; ++facet) EXPECT_LT(truth.facets(facet).score_bp(), none.facets(facet).score_bp());
  }
}

TEST(SaneFactsTest, F12InHindsightAnAllegationFoundUnfoundedNeverLoweredTrust) {
  const Log none = MatureByDays();
  Log log = none;
  const int64_t allegation = log.On("2022-02-01").Violation(VIOLATION_TYPE_CONFIDENTIALITY_BREACH, SEVERITY_CRITICAL);
  log.On("2022-06-01").From(SOURCE_THIRD_PARTY).Finding(allegation, FINDING_RESULT_UNFOUNDED);
  EXPECT_EQ(ReadIn(VIEW_HELD, log, "2022-03-01").stage(), STAGE_INITIAL_CONTACT);
  for (const char* date : {"2022-02-01", "2022-03-01", "2022-06-01", "2022-12-31"}) {
    const DirectionReading truth = ReadIn(VIEW_HINDSIGHT, log, date), expected = ReadIn(VIEW_HINDSIGHT, none, date);
    EXPECT_EQ(truth.stage(), expected.stage()) << date;
    for (int facet = 0; facet < 4; ++facet)
      EXPECT_EQ(truth.facets(facet).score_bp(), expected.facets(facet).score_bp());
  }
}

TEST(SaneFactsTest, AnExplanationInHindsightCountsConductFromTheDayItHappened) {
  ExplainTrustResponse held, truth;
  Explain(*FoldIn(VIEW_HELD, Deceived()), "a", "b", DayOn("2022-06-01"), 10, &held);
  Explain(*FoldIn(VIEW_HINDSIGHT, Deceived()), "a", "b", DayOn("2022-06-01"), 10, &truth);
  EXPECT_EQ(held.facets(kCredibility).negative_size(), 0);
  ASSERT_EQ(truth.facets(kCredibility).negative_size(), 1);
  EXPECT_EQ(truth.facets(kCredibility).negative(0).date(), "2022-03-01");
  EXPECT_EQ(held.reading().ceiling(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(truth.reading().ceiling(), STAGE_BUILDING_RAPPORT);
}

}  // namespace
}  // namespace projections
