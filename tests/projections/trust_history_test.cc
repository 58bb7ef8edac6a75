// TrustHistory as a fold: what it keeps between events and reads never shows in what it answers; and what it is told
// beside evidence.

#include "projections/trust_history.h"

#include <gtest/gtest.h>

#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"

namespace projections::trust_history_test {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

// Everything that can be read of all directions on a day, as bytes.
std::string Everything(TrustHistory* history, Day as_of) {
  std::string bytes;
  for (const std::string& trustor : history->partners()) {
    for (const std::string& trustee : history->partners()) {
      if (trustor == trustee) continue;
      bytes += history->Read(trustor, trustee, as_of).SerializeAsString();
      for (const Transition& change : history->Timeline(trustor, trustee, as_of)) bytes += change.SerializeAsString();
    }
  }
  bytes += history->ReadWhole(as_of).SerializeAsString();
  return bytes;
}

// Applies a history event by event, reading at random in between, and compares with fresh folds at random places.
void CompareIncrementally(RandomLog& random, int organizations, View view = VIEW_HELD) {
  TrustHistory history("x", DefaultPolicy(), view);
  const std::vector<Event> events = random.log.events();
  for (size_t i = 0; i < events.size(); ++i) {
    history.Apply(events[i]);
    if (i < 2) continue;  // The partners have not met yet.
    for (int reads = random.Below(3); reads > 0; --reads) {
      const int trustor = random.Below(organizations);
      const int trustee = (trustor + 1 + random.Below(organizations - 1)) % organizations;
      const Day newest = HeldDay(events[i]);
      const Day as_of = random.Chance(50) ? newest : newest - 300 + random.Below(900);
      const bool with_holds_until = random.Chance(50);
      for (int times = 1 + random.Below(3); times > 0; --times) {
        history.Read(RandomLog::Name(trustor), RandomLog::Name(trustee), as_of, with_holds_until);
      }
    }
    if (i + 1 < events.size() && !random.Chance(5)) continue;
    TrustHistory fresh("x", DefaultPolicy(), view);
    for (size_t k = 0; k <= i; ++k) fresh.Apply(events[k]);
    const Day as_of = random.first_contact() + random.Below(RandomLog::kSpanDays + 700);
    const std::string expected = Everything(&fresh, as_of);
    for (int times = 1; times <= 3; ++times) {
      ASSERT_EQ(Everything(&history, as_of), expected)
          << "after event " << i + 1 << " as of " << as_of << ", asked " << times << " times";
    }
    ASSERT_EQ(history.revision(), fresh.revision());
    ASSERT_EQ(history.latest_record_day(), fresh.latest_record_day());
  }
}

TEST(TrustHistoryTest, WhateverWasReadInBetweenAFreshFoldAnswersTheSameBytes) {
  for (uint32_t seed = 0; seed < support::Histories(3000u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const int organizations = seed % 8 == 0 ? 4 : seed % 8 < 3 ? 3 : 2;
    RandomLog random(seed, organizations);
    if (seed % 2 == 0) random.UseForwardDays();
    if (seed % 3 == 0) random.UseMatters();
    if (seed % 7 == 0) random.UseAlignedDays();
    random.Fill(5 + random.Below(40));
    CompareIncrementally(random, organizations);
    if (HasFatalFailure()) return;
  }
}

TEST(TrustHistoryTest, TheSameHoldsWithEventsAboutEvidenceAndInHindsight) {
  for (uint32_t seed = 0; seed < support::Histories(4000u); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const int organizations = seed % 8 == 0 ? 4 : seed % 8 < 3 ? 3 : 2;
    RandomLog random(seed, organizations);
    random.UseMeta();
    if (seed % 2 == 0) random.UseForwardDays();
    if (seed % 3 == 0) random.UseMatters();
    random.Fill(5 + random.Below(50));
    CompareIncrementally(random, organizations, seed % 5 < 2 ? VIEW_HINDSIGHT : VIEW_HELD);
    if (HasFatalFailure()) return;
  }
}

TEST(TrustHistoryTest, EventsOfANewerProgramAreCountedAndListedAndChangeNothing) {
  RandomLog random(1, 2);
  random.Found();
  random.Grow();
  const std::string before = Everything(random.log.Fold().get(), DayOn("2021-06-01"));
  for (int i = 0; i < 150; ++i) {
    Event& event = random.log.New(DayOn("2021-01-01"));
    if (i % 2 == 0) event.mutable_evidence()->set_actor(std::string("b"));
  }
  const auto history = random.log.Fold();
  EXPECT_EQ(history->unknown_events().count, 150);
  ASSERT_EQ(history->unknown_events().revisions.size(), 100u);
  EXPECT_EQ(history->unknown_events().revisions.front(), 20);
  EXPECT_EQ(history->unknown_events().revisions.back(), 119);
  EXPECT_EQ(Everything(history.get(), DayOn("2021-06-01")), before);
}

TEST(TrustHistoryTest, CorrectionsToAnUnknownKindAndUnknownMilestonesAreCountedToo) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const int64_t kept = log.On("2020-02-01").Fulfilled();
  log.New(DayOn("2020-03-01")).mutable_milestone();
  auto& correction = *log.New(DayOn("2020-04-01")).mutable_evidence_corrected();
  correction.set_event(absl::StrCat(kept));
  correction.mutable_replacement()->set_actor("b");
  // Of the times alone, of which there is nothing not to know.
  log.New(DayOn("2020-05-01")).mutable_evidence_corrected()->set_event(absl::StrCat(kept));
  const auto history = log.Fold();
  EXPECT_EQ(history->unknown_events().count, 2);
  EXPECT_EQ(history->unknown_events().revisions, (std::vector<int64_t>{4, 5}));
}

TEST(TrustHistoryTest, PartnersAreAllThatEverJoinedInOrder) {
  Log log;
  log.Partnership("b", "a", "2020-01-06");
  log.New(DayOn("2020-06-01")).mutable_partner_joined()->mutable_partner()->set_organization("aa");
  log.Left("a", "2021-01-01");
  const auto history = log.Fold();
  EXPECT_EQ(history->partners(), (std::vector<std::string>{"a", "aa", "b"}));
  EXPECT_TRUE(history->HasPartner("aa"));
  EXPECT_FALSE(history->HasPartner("c"));
  EXPECT_EQ(history->revision(), 4);
  EXPECT_EQ(history->latest_record_day(), DayOn("2021-01-01"));
}

TEST(TrustHistoryTest, BeforeTheFirstContactThereIsNoStage) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  const auto history = log.Fold();
  const DirectionReading before = history->Read("a", "b", DayOn("2020-01-05"));
  EXPECT_EQ(before.stage(), STAGE_UNSPECIFIED);
  EXPECT_EQ(before.condition(), CONDITION_UNSPECIFIED);
  EXPECT_EQ(before.since_date(), "");
  ASSERT_EQ(before.facets_size(), 4);
  EXPECT_EQ(before.facets(0).uncertainty_bp(), 10000);
  EXPECT_TRUE(history->Timeline("a", "b", DayOn("2020-01-05")).empty());
  EXPECT_EQ(history->ReadWhole(DayOn("2020-01-05")).stage(), STAGE_UNSPECIFIED);
  EXPECT_EQ(history->Read("a", "b", DayOn("2020-01-06")).stage(), STAGE_INITIAL_CONTACT);
}

TEST(TrustHistoryTest, EvidenceOlderThanTheFirstContactCountsFromItOn) {
  Log log;
  log.On("2019-06-01").CredibilitySupported();
  log.Partnership("a", "b", "2020-01-06");
  const auto history = log.Fold();
  EXPECT_EQ(history->Read("a", "b", DayOn("2019-12-31")).facets(0).positive_milli(), 0);
  EXPECT_GT(history->Read("a", "b", DayOn("2020-01-06")).facets(0).positive_milli(), 600);
}

TEST(TrustHistoryTest, TheEarliestFirstContactOfATieCounts) {
  Log log;
  log.Partnership("a", "b", "2020-03-01");
  const auto history = log.Fold();
  EXPECT_EQ(PathOf(history.get(), "a", "b", DayOn("2020-12-31")), "1 @2020-03-01");
  Log earlier = log;
  auto& contact = *earlier.New(DayOn("2020-02-01")).mutable_initial_contact_made();
  contact.add_organizations("b");
  contact.add_organizations("a");
  history->Apply(earlier.events().back());
  EXPECT_EQ(PathOf(history.get(), "a", "b", DayOn("2020-12-31")), "1 @2020-02-01");
}

TEST(TrustHistoryTest, ReferencesMayBeBareOrFullAndNothingElse) {
  for (const char* name : {"3", "partnerships/x/events/3"}) {
    Log log;
    log.Partnership("a", "b", "2020-01-06");
    log.On("2020-02-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR);
    Act finding = log.On("2020-02-02");
    finding.evidence().mutable_finding_issued()->set_violation(name);
    finding.evidence().mutable_finding_issued()->set_result(FINDING_RESULT_UNFOUNDED);
    finding.Append();
    EXPECT_EQ(log.Fold()->Read("a", "b", DayOn("2020-02-02")).facets(0).negative_milli(), 0) << name;
  }
  for (const char* name : {"", "03", " 3", "partnerships/y/events/3", "events/3", "three"}) {
    Log log;
    log.Partnership("a", "b", "2020-01-06");
    log.On("2020-02-01").Violation(VIOLATION_TYPE_OPPORTUNISM, SEVERITY_MINOR);
    Act finding = log.On("2020-02-02");
    finding.evidence().mutable_finding_issued()->set_violation(name);
    finding.evidence().mutable_finding_issued()->set_result(FINDING_RESULT_UNFOUNDED);
    finding.Append();
    EXPECT_GT(log.Fold()->Read("a", "b", DayOn("2020-02-02")).facets(0).negative_milli(), 0) << name;
  }
}

TEST(TrustHistoryTest, LeavingFreezesTheDirectionsOfThePartnerThatLeft) {
  RandomLog random(1, 3);
  random.Found();
  random.Grow();
  random.log.Left("b", "2021-01-15");
  const auto history = random.log.Fold();
  const DirectionReading frozen = history->Read("a", "b", DayOn("2040-01-01"));
  EXPECT_EQ(frozen.condition(), CONDITION_ENDED);
  EXPECT_EQ(frozen.stage(), STAGE_MAINTAINING_COMMITMENT);
  EXPECT_EQ(frozen.holds_until_date(), "");
  EXPECT_NE(history->Read("a", "b", DayOn("2021-01-14")).condition(), CONDITION_ENDED);
  EXPECT_NE(history->Read("a", "c", DayOn("2040-01-01")).condition(), CONDITION_ENDED);
}

TEST(TrustHistoryTest, TheWholeIsTheLowerOfTheTwoDirectionsAndHoldsUntilTheFirstFalls) {
  Log log;
  log.Partnership("a", "b", "2020-01-06");
  for (const auto& [by, to] : {std::pair("b", "a"), std::pair("a", "b")}) {
    const auto on = [&log, by = by, to = to](const char* date) { return Act(log.On(date)).By(by).To({to}); };
    on("2020-01-20").CredibilitySupported();
    on("2020-01-27").IntentionsAligned();
    on("2020-02-03").CredentialsVerified();
    on("2020-02-10").SharedExperience();
    on("2020-02-24").OpenCommunication();
    if (std::string(by) == "a") on("2020-06-01").CredibilitySupported();
  }
  const auto history = log.Fold();
  const Day as_of = DayOn("2020-12-31");
  const auto one = history->Read("a", "b", as_of), other = history->Read("b", "a", as_of);
  ASSERT_EQ(one.stage(), STAGE_BUILDING_RAPPORT);
  ASSERT_EQ(other.stage(), STAGE_BUILDING_RAPPORT);
  ASSERT_LT(one.holds_until_date(), other.holds_until_date());
  const PartnershipReading whole = history->ReadWhole(as_of);
  EXPECT_EQ(whole.stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(whole.asymmetry(), 0);
  EXPECT_EQ(whole.holds_until_date(), one.holds_until_date());
}

TEST(TrustHistoryTest, ATransitionNamesAtMostAThousandEventsAndCountsThemAll) {
  RandomLog random(1, 2);
  random.Found();
  random.Grow();
  for (int i = 0; i < 1500; ++i) random.log.On("2021-02-01").Missed();
  const auto timeline = random.log.Fold()->Timeline("a", "b", DayOn("2021-02-01"));
  EXPECT_EQ(timeline.back().event_count(), 1500);
  EXPECT_EQ(timeline.back().events_size(), 1000);
  EXPECT_EQ(timeline.back().events(0), "partnerships/x/events/20");
}

TEST(TrustHistoryTest, MemoryGrowsWithWhatASingleMatterLists) {
  const auto bytes = [](int more) {
    Log log;
    log.Partnership("a", "b", "2020-01-06");
    const int64_t conflict = log.On("2020-02-01").ConflictRaised();
    const int64_t violation = log.On("2020-02-01").Violation(trust::v1::VIOLATION_TYPE_DECEPTION, SEVERITY_MINOR);
    for (int i = 0; i < more; ++i) {
      Act act = log.On("2020-02-01");
      act.evidence().mutable_conflict_escalated()->set_conflict(absl::StrCat(conflict));
      act.Append();
      log.On("2020-02-01").Finding(violation, trust::v1::FINDING_RESULT_PARTLY);
    }
    const auto history = log.Fold();
    const size_t unread = history->memory_bytes();
    history->Read("a", "b", DayOn("2020-03-01"));
    return history->memory_bytes() - unread;
  };
  // An act in its matter and in the balance, and a finding in its matter.
  EXPECT_GT(bytes(3000), bytes(0) + 3000 * (sizeof(ConflictAct) + sizeof(Weights) + sizeof(VerdictEntry)));
}

TEST(TrustHistoryTest, MemoryGrowsWithTheHistory) {
  RandomLog random(1, 2);
  random.Fill(10);
  const auto small = random.log.Fold();
  for (int i = 0; i < 2000; ++i) random.AddEvent();
  const auto large = random.log.Fold();
  large->Read("a", "b", DayOn("2025-01-01"));
  EXPECT_GT(large->memory_bytes(), small->memory_bytes() + 2000 * 40);
}

}  // namespace
}  // namespace projections::trust_history_test
