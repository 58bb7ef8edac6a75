// What the whole model adds to a history, in words: hindsight, confirmation, people, many partners.

#include <gtest/gtest.h>

#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

// Good conduct of b towards a over a year; a met b on 2020-01-06.
Log Growth() {
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
  for (const char* day : {"2020-04-15", "2020-05-15", "2020-07-15", "2020-08-17", "2020-09-15"})
    log.On(day).Fulfilled();
  log.On("2020-06-15").GoalSupported();
  log.On("2020-10-05").Transparency();
  return log;
}

TEST(WholeModelTest, ConcealedConductLeavesWhatWasHeldAndChangesHindsight) {
  Log log = Growth();
  log.On("2020-05-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_CRITICAL, STANDING_SUBSTANTIATED);
  log.ObservedOn("2020-12-01");
  const auto held = log.Fold();
  const auto hindsight = log.Fold(DefaultPolicy(), VIEW_HINDSIGHT);
  EXPECT_EQ(held->Read("a", "b", DayOn("2020-11-30")).stage(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(held->Read("a", "b", DayOn("2020-12-01")).stage(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(hindsight->Read("a", "b", DayOn("2020-04-30")).stage(), STAGE_ESTABLISHING_RELIABILITY);
  EXPECT_EQ(hindsight->Read("a", "b", DayOn("2020-05-01")).stage(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(hindsight->Read("a", "b", DayOn("2020-11-30")).stage(), STAGE_INITIAL_CONTACT);
}

TEST(WholeModelTest, HindsightKnowsFromTheStartThatAnAllegationWasUnfounded) {
  Log log = Growth();
  const int64_t violation = log.On("2020-11-01").Violation(VIOLATION_TYPE_CONTRACT_BREACH, SEVERITY_CRITICAL);
  const Day between = DayOn("2020-11-15");
  EXPECT_EQ(log.Fold(DefaultPolicy(), VIEW_HINDSIGHT)->Read("a", "b", between).stage(), STAGE_INITIAL_CONTACT);
  auto history = log.Fold(DefaultPolicy(), VIEW_HINDSIGHT);
  history->Read("a", "b", DayOn("2021-03-01"));
  log.On("2021-02-01").By("court").Finding(violation, FINDING_RESULT_UNFOUNDED);
  history->Apply(log.events().back());
  EXPECT_EQ(history->Read("a", "b", between).stage(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(log.Fold()->Read("a", "b", between).stage(), STAGE_INITIAL_CONTACT);
  // The finding is no day of evaluation in hindsight.
  for (const Transition& change : history->Timeline("a", "b", DayOn("2022-01-01"))) {
    EXPECT_NE(change.date(), "2021-02-01");
  }
}

TEST(WholeModelTest, PraiseOfOneselfWeighsInFullFromTheDayItIsConfirmed) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t praise = log.On("2020-02-01").Self().CredibilitySupported();
  log.Confirmed(praise, "b", "2020-02-15");
  EXPECT_EQ(log.Fold()->Read("a", "b", DayOn("2020-03-10")).facets(0).positive_milli(), 232) << "b confirms itself";
  log.Confirmed(praise, "a", "2020-03-01");
  const auto history = log.Fold();
  EXPECT_EQ(history->Read("a", "b", DayOn("2020-02-29")).facets(0).positive_milli(), 237);
  EXPECT_EQ(history->Read("a", "b", DayOn("2020-03-01")).facets(0).positive_milli(), 946) << "its decay goes on";
}

TEST(WholeModelTest, AConfirmationIsADayOnWhichAStageCanBeReached) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").Weighing(MATERIALITY_CRITICAL).CredibilitySupported();
  log.On("2020-01-27").Weighing(MATERIALITY_HIGH).IntentionsAligned();
  const int64_t experience = log.On("2020-02-10").Self().SharedExperience();
  EXPECT_EQ(PathOf(log.Fold().get(), "a", "b", DayOn("2020-06-01")), "1 @2020-01-06");
  log.Confirmed(experience, "a", "2020-04-01");
  const auto history = log.Fold();
  EXPECT_EQ(PathOf(history.get(), "a", "b", DayOn("2020-06-01")), "1 @2020-01-06, 2 @2020-04-01");
  const auto timeline = history->Timeline("a", "b", DayOn("2020-06-01"));
  ASSERT_EQ(timeline.back().events_size(), 1);
  EXPECT_EQ(timeline.back().events(0), "partnerships/x/events/6") << "the confirmation, not what it confirms";
}

TEST(WholeModelTest, WhatAPersonLeavesBehindIsThreeTenths) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-02-01").Between("bob", "ann").SharedExperience();
  log.Departed("bob", "2020-06-01");
  log.Departed("ann", "2020-07-01");
  log.On("2020-08-01").Between("bob", "ann").SharedExperience();
  const auto history = log.Fold();
  const auto rapport = [&](const char* day) { return history->Read("a", "b", DayOn(day)).facets(1).positive_milli(); };
  EXPECT_EQ(rapport("2020-02-01"), 500);
  EXPECT_EQ(rapport("2020-05-31"), 398);
  EXPECT_EQ(rapport("2020-06-01"), 119);
  EXPECT_GE(rapport("2020-07-01"), 112) << "once, whoever leaves";
  EXPECT_EQ(rapport("2020-08-01"), 106 + 150) << "also of what comes after";
}

TEST(WholeModelTest, RapportThatRestsOnOnePairOfPeopleIsSaidToDependOnThem) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-02-01").Between("bob", "ann").SharedExperience();
  EXPECT_TRUE(log.Fold()->Read("a", "b", DayOn("2020-02-01")).key_person_dependent());
  EXPECT_FALSE(log.Fold()->Read("a", "b", DayOn("2020-01-31")).key_person_dependent());
  EXPECT_FALSE(log.Fold()->Read("b", "a", DayOn("2020-02-01")).key_person_dependent());
  log.On("2020-02-01").Between("ann", "bob").Weighing(MATERIALITY_LOW).OpenCommunication();
  log.On("2020-02-01").Weighing(MATERIALITY_LOW).OpenCommunication();
  EXPECT_TRUE(log.Fold()->Read("a", "b", DayOn("2020-02-01")).key_person_dependent()) << "750 of 1250, in either order";
  log.On("2020-02-01").Weighing(MATERIALITY_LOW).OpenCommunication();
  EXPECT_FALSE(log.Fold()->Read("a", "b", DayOn("2020-02-01")).key_person_dependent()) << "750 of 1750";
}

// The conditions of the days after one, as "condition since date", found day by day.
std::string ConditionsByDay(TrustHistory* history, Day from, Day until) {
  std::string text;
  Condition before = history->Read("a", "b", from, false).condition();
  for (Day day = from + 1; day <= until; ++day) {
    const Condition now = history->Read("a", "b", day, false).condition();
    if (now != before) absl::StrAppend(&text, Condition_Name(now), " since ", FormatDay(day), "; ");
    before = now;
  }
  return text;
}

// The same as foretold.
std::string ConditionsForetold(TrustHistory* history, Day from, Day until) {
  std::string text;
  Condition before = history->Read("a", "b", from, false).condition();
  for (auto next = history->NextChange("a", "b", from); next.has_value() && next->day <= until;
       next = history->NextChange("a", "b", next->day)) {
    if (next->condition != before) {
      absl::StrAppend(&text, Condition_Name(next->condition), " since ", FormatDay(next->day), "; ");
    }
    before = next->condition;
  }
  return text;
}

TEST(WholeModelTest, StrainMayBeginAndEndInSilence) {
  Log log = Growth();
  log.On("2020-10-06").Violation(VIOLATION_TYPE_DECEPTION, SEVERITY_MODERATE, STANDING_DISPUTED);
  log.On("2020-10-06").Weighing(MATERIALITY_CRITICAL).Transparency();
  const auto history = log.Fold();
  const Day from = DayOn("2020-10-06"), until = from + 4000;
  const std::string conditions = ConditionsByDay(history.get(), from, until);
  EXPECT_EQ(ConditionsForetold(history.get(), from, until), conditions);
  EXPECT_NE(conditions.find("STRAINED"), std::string::npos) << "what is bad fades slower: " << conditions;
  EXPECT_NE(conditions.find("DORMANT"), std::string::npos) << "and fades in the end: " << conditions;
  EXPECT_EQ(history->Read("a", "b", from).condition(), CONDITION_STEADY);
}

TEST(WholeModelTest, ADeceptionLimitsForFiveYearsAfterItsRemedy) {
  Log log = Growth();
  const int64_t deception = log.On("2020-11-01").Violation(VIOLATION_TYPE_DECEPTION, SEVERITY_MAJOR, STANDING_DISPUTED);
  log.On("2020-12-01").Verified(deception);
  const auto history = log.Fold();
  const Day from = DayOn("2020-12-01"), until = from + 4000;
  const std::string conditions = ConditionsByDay(history.get(), from, until);
  EXPECT_EQ(ConditionsForetold(history.get(), from, until), conditions);
  EXPECT_NE(conditions.find(FormatDay(from + 1825)), std::string::npos) << conditions;
  EXPECT_EQ(history->Read("a", "b", from).condition(), CONDITION_REPAIRING);
}

TEST(WholeModelTest, ACorrectionReplacesAndARetractionTakesAway) {
  Log log = Growth();
  const auto before = log.Fold();
  const int64_t missed = log.On("2020-11-01").Missed();
  log.On("2020-11-02").Missed();
  log.On("2020-11-03").Missed();
  auto history = log.Fold();
  EXPECT_EQ(history->Read("a", "b", DayOn("2020-11-03")).stage(), STAGE_ESTABLISHING_RELIABILITY);
  log.Retracted(missed, "2020-12-01");
  log.Retracted(missed + 1, "2020-12-01");
  log.Retracted(missed + 2, "2020-12-01");
  for (int64_t i = missed + 2; i < missed + 5; ++i) history->Apply(log.events()[static_cast<size_t>(i)]);
  EXPECT_EQ(history->Read("a", "b", DayOn("2020-11-03")).DebugString(),
            before->Read("a", "b", DayOn("2020-11-03")).DebugString());
}

// a, b, c met; everybody grows with a, nobody else with anybody.
Log Hub() {
  Log log;
  auto& proposed = *log.New(DayOn("2020-01-06")).mutable_partnership_proposed();
  auto& contact = *log.New(DayOn("2020-01-06")).mutable_initial_contact_made();
  for (const char* name : {"a", "b", "c"}) {
    proposed.add_partners()->set_organization(name);
    contact.add_organizations(std::string(name));
  }
  for (const auto& [by, to] : {std::pair("b", "a"), std::pair("a", "b"), std::pair("c", "a"), std::pair("a", "c")}) {
    log.On("2020-01-20").By(by).To({to}).CredibilitySupported();
    log.On("2020-01-27").By(by).To({to}).IntentionsAligned();
    log.On("2020-02-03").By(by).To({to}).CredentialsVerified();
    log.On("2020-02-10").By(by).To({to}).SharedExperience();
  }
  return log;
}

TEST(WholeModelTest, AHubConnectsWhatItsWeakestTieDoesNot) {
  Log log = Hub();
  PartnershipReading whole = log.Fold()->ReadWhole(DayOn("2020-03-01"));
  EXPECT_EQ(whole.stage(), STAGE_INITIAL_CONTACT) << "b and c hardly know each other";
  EXPECT_EQ(whole.connected(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(whole.median(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(whole.coverage_bp(), 10000);
  ASSERT_EQ(whole.ties_size(), 3);
  EXPECT_EQ(whole.ties(2).organizations(0), "b");
  EXPECT_EQ(whole.ties(2).mutual(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(whole.faultlines_size(), 3) << "nothing is above the second stage";
  EXPECT_EQ(whole.holds_until_date(), "");
  // Ties that are declared are all that matters.
  log.Tie("b", "a", "2020-02-20");
  log.Tie("a", "c", "2020-02-20");
  whole = log.Fold()->ReadWhole(DayOn("2020-03-01"));
  EXPECT_EQ(whole.stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(whole.ties_size(), 2);
  EXPECT_NE(whole.holds_until_date(), "");
  EXPECT_EQ(log.Fold()->ReadWhole(DayOn("2020-02-19")).ties_size(), 3) << "not before they were declared";
}

TEST(WholeModelTest, ATieWithANewPartnerIsFormingForHalfAYear) {
  Log log = Hub();
  log.Tie("a", "b", "2020-02-20");
  log.Tie("a", "d", "2020-02-20");
  log.Joined("d", "2020-03-01");
  const auto history = log.Fold();
  PartnershipReading whole = history->ReadWhole(DayOn("2020-03-01"));
  EXPECT_EQ(whole.ties_size(), 2);
  EXPECT_TRUE(whole.ties(1).forming());
  EXPECT_EQ(whole.ties(1).mutual(), STAGE_INITIAL_CONTACT)
      << "it met the others when they met, as nothing else is said";
  EXPECT_EQ(whole.coverage_bp(), 5000);
  EXPECT_EQ(whole.stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(whole.holds_until_date(), "2020-08-27") << "then the tie is assessed";
  EXPECT_EQ(history->ReadWhole(DayOn("2020-08-27")).stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(history->ReadWhole(DayOn("2020-08-28")).stage(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(history->ReadWhole(DayOn("2020-02-29")).ties_size(), 1) << "not yet a partner";
}

TEST(WholeModelTest, OfManyPartnersOnlyTiesInWhichSomethingHappenedMatter) {
  Log log;
  auto& proposed = *log.New(DayOn("2020-01-06")).mutable_partnership_proposed();
  auto& contact = *log.New(DayOn("2020-01-06")).mutable_initial_contact_made();
  for (int i = 0; i < 50; ++i) {
    const std::string name = absl::StrCat("p", 10 + i);
    proposed.add_partners()->set_organization(name);
    contact.add_organizations(name);
  }
  log.On("2020-01-10").By("p10").To({"p11", "p12"}).CredibilitySupported();
  log.On("2020-03-10").By("p12").To({"p13"}).CredibilitySupported();
  log.On("2020-01-10").By("p14").To({"p15"}).From(SOURCE_COUNTERPART).evidence();
  const auto history = log.Fold();
  EXPECT_EQ(history->ReadWhole(DayOn("2020-01-09")).ties_size(), 0);
  EXPECT_EQ(history->ReadWhole(DayOn("2020-01-09")).stage(), STAGE_UNSPECIFIED);
  EXPECT_EQ(history->ReadWhole(DayOn("2020-01-10")).ties_size(), 2);
  const PartnershipReading whole = history->ReadWhole(DayOn("2020-03-10"));
  ASSERT_EQ(whole.ties_size(), 3);
  EXPECT_EQ(whole.connected(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(whole.faultlines_size(), 4);
}

TEST(WholeModelTest, PartnersThatAllTrustFullyAreOneGroup) {
  RandomLog random(1, 2);
  random.Found();
  random.Grow();
  Log log = random.log;
  for (const Event& event : random.log.events()) {
    if (!event.has_evidence() || event.evidence().actor() == "*") continue;
    Event& back = log.New(HeldDay(event));
    *back.mutable_evidence() = event.evidence();
    back.mutable_evidence()->set_actor(std::string("a"));
    back.mutable_evidence()->set_affected(0, std::string("b"));
  }
  const PartnershipReading whole = log.Fold()->ReadWhole(DayOn("2020-12-31"));
  EXPECT_EQ(whole.stage(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(whole.connected(), STAGE_MAINTAINING_COMMITMENT);
  ASSERT_EQ(whole.faultlines_size(), 1);
  EXPECT_EQ(whole.faultlines(0).organizations_size(), 2);
}

}  // namespace
}  // namespace projections
