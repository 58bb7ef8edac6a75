#include "projections/partnership.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "projections/event_name.h"
#include "tests/projections/partnership_events.h"

namespace projections::partnership_test {
namespace {

using testing::ElementsAre;
using trust::v1::Event;

Event Proposed() {
  return EventOn("2020-01-06",
                 "partnership_proposed { display_name: 'Moon' partners { organization: 'acme' display_name: 'Acme' } "
                 "partners { organization: 'bolt' } }");
}
Event Met() { return EventOn("2020-01-06", "initial_contact_made { organizations: 'acme' organizations: 'bolt' }"); }

TEST(PartnershipTest, ThereIsNoneAtFirst) {
  const Partnership none;
  EXPECT_EQ(none.revision, 0);
  EXPECT_EQ(none.state, trust::v1::PARTNERSHIP_STATE_UNSPECIFIED);
  EXPECT_FALSE(Render(none).imported());
}

TEST(PartnershipTest, AFoundingGivesItItsPartnersAndItsFirstDay) {
  const trust::v1::Partnership shown = Render(FoldEvents({Proposed(), Met()}));
  EXPECT_EQ(shown.partnership(), "moon");
  EXPECT_EQ(shown.display_name(), "Moon");
  ASSERT_EQ(shown.partners_size(), 2);
  EXPECT_EQ(shown.partners(0).organization(), "acme");
  EXPECT_EQ(shown.partners(0).display_name(), "Acme");
  EXPECT_EQ(shown.partners(1).display_name(), "bolt");
  EXPECT_EQ(ToTime(shown.initial_contact_time()), TimeOf("2020-01-06"));
  EXPECT_EQ(shown.state(), trust::v1::PARTNERSHIP_STATE_ACTIVE);
  EXPECT_EQ(shown.revision(), 2);
  EXPECT_FALSE(shown.has_end_time());
  EXPECT_FALSE(shown.imported());
}

TEST(PartnershipTest, ALaterPartnersFirstContactLeavesThePartnershipsAsItIs) {
  const Partnership partnership =
      FoldEvents({Proposed(), Met(), EventOn("2022-01-01", "initial_contact_made { organizations: 'cora' }")});
  EXPECT_EQ(partnership.initial_contact_time, TimeOf("2020-01-06"));
}

TEST(PartnershipTest, PartnersJoinAndLeave) {
  Partnership partnership =
      FoldEvents({Proposed(), Met(), EventOn("2021-01-01", "partner_joined { partner { organization: 'cora' } }"),
                  EventOn("2022-01-01", "partner_left { organization: 'bolt' }")});
  EXPECT_EQ(FindPartner(partnership, "cora")->join_day, DayOf(TimeOf("2021-01-01")));
  EXPECT_EQ(FindPartner(partnership, "bolt")->leave_day, DayOf(TimeOf("2022-01-01")));
  EXPECT_EQ(FindPartner(partnership, "dora"), nullptr);
  EXPECT_EQ(Render(partnership).partners_size(), 2);
  Evolve(partnership,
         EventOn("2023-01-01", "partner_joined { partner { organization: 'bolt' display_name: 'Bolt' } }"));
  EXPECT_EQ(FindPartner(partnership, "bolt")->leave_day, std::nullopt);
  EXPECT_EQ(Render(partnership).partners_size(), 3);
}

TEST(PartnershipTest, ItPausesResumesAndEnds) {
  Partnership partnership = FoldEvents({Proposed(), Met(), EventOn("2021-01-01", "partnership_suspended {}")});
  EXPECT_EQ(partnership.state, trust::v1::PARTNERSHIP_STATE_SUSPENDED);
  Evolve(partnership, EventOn("2021-02-01", "partnership_resumed {}"));
  EXPECT_EQ(partnership.state, trust::v1::PARTNERSHIP_STATE_ACTIVE);
  Evolve(partnership, EventOn("2021-03-01", "partnership_terminated {}"));
  EXPECT_EQ(partnership.state, trust::v1::PARTNERSHIP_STATE_ENDED);
  EXPECT_EQ(ToTime(Render(partnership).end_time()), TimeOf("2021-03-01"));
}

TEST(PartnershipTest, AnEndIsNotUndoneAndTheEarliestCounts) {
  const Partnership partnership =
      FoldEvents({Proposed(), Met(), EventOn("2021-03-01", "partnership_terminated {}"),
                  EventOn("2021-02-01", "partnership_terminated {}"),
                  EventOn("2021-04-01", "partnership_terminated {}"), EventOn("2021-05-01", "partnership_resumed {}")});
  EXPECT_EQ(partnership.state, trust::v1::PARTNERSHIP_STATE_ENDED);
  EXPECT_EQ(partnership.end_day, DayOf(TimeOf("2021-02-01")));
  EXPECT_EQ(partnership.end_time, TimeOf("2021-02-01"));
}

TEST(PartnershipTest, ItIsImportedUntilTheFirstLiveEvent) {
  Event proposed = Proposed();
  *proposed.mutable_import_origin()->mutable_original_record_time() = ToTimestamp(TimeOf("2020-02-01"));
  Event met = Met();
  *met.mutable_import_origin()->mutable_original_record_time() = ToTimestamp(TimeOf("2020-01-20"));
  Partnership partnership = FoldEvents({proposed, met});
  EXPECT_TRUE(Render(partnership).imported());
  EXPECT_EQ(partnership.latest_original_record_time, TimeOf("2020-02-01"));
  Evolve(partnership, ActOn("2021-01-01", "feedback_given {}"));
  EXPECT_FALSE(Render(partnership).imported());
}

TEST(PartnershipTest, APromiseIsOpenUntilItsFirstOutcome) {
  Partnership partnership =
      FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "commitment_made { due_time { seconds: 1640995200 } }")});
  EXPECT_EQ(partnership.commitments.at(3).promisor, "bolt");
  EXPECT_THAT(partnership.commitments.at(3).beneficiaries, ElementsAre("acme"));
  EXPECT_EQ(partnership.commitments.at(3).due_time, TimeOf("2022-01-01"));
  EXPECT_EQ(partnership.commitments.at(3).outcome, 0);
  Evolve(partnership, ActOn("2021-02-01", "commitment_renegotiated { commitment: 'partnerships/moon/events/3' }"));
  EXPECT_EQ(partnership.commitments.at(3).due_time, std::nullopt);
  EXPECT_EQ(partnership.commitments.at(3).outcome, 0);
  Evolve(partnership, ActOn("2021-03-01", "commitment_fulfilled { commitment: 'partnerships/moon/events/3' }"));
  Evolve(partnership, ActOn("2021-04-01", "commitment_missed { commitment: 'partnerships/moon/events/3' }"));
  EXPECT_EQ(partnership.commitments.at(3).outcome, 5);
}

TEST(PartnershipTest, AResolutionSettlesAConflictUpToItsDay) {
  Partnership partnership = FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "conflict_raised {}"),
                                        ActOn("2021-02-01", "formal_dispute_opened { conflict: '3' }")});
  const Conflict& conflict = partnership.conflicts.at(3);
  EXPECT_TRUE(conflict.Open());
  EXPECT_TRUE(conflict.FormalDisputeOpen());
  Evolve(partnership, ActOn("2021-01-15", "conflict_resolved { conflict: '3' }"));
  EXPECT_TRUE(conflict.Open());
  Evolve(partnership, ActOn("2021-02-01", "conflict_resolved { conflict: '3' }"));
  EXPECT_FALSE(conflict.Open());
  EXPECT_FALSE(conflict.FormalDisputeOpen());
  Evolve(partnership, ActOn("2021-03-01", "conflict_escalated { conflict: '3' }"));
  EXPECT_TRUE(conflict.Open());
  EXPECT_FALSE(conflict.FormalDisputeOpen());
  EXPECT_EQ(conflict.first_day, DayOf(TimeOf("2021-01-01")));
  EXPECT_EQ(conflict.last_day, DayOf(TimeOf("2021-03-01")));
  EXPECT_EQ(FindEvidence(partnership, 7)->matter, 3);
}

TEST(PartnershipTest, ADisputeWithoutAReferenceBeginsAConflict) {
  const Partnership partnership = FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "formal_dispute_opened {}")});
  EXPECT_TRUE(partnership.conflicts.at(3).FormalDisputeOpen());
}

TEST(PartnershipTest, ReportsOfOneViolationAreGathered) {
  Event second =
      EventOn("2021-02-01",
              "evidence { actor: 'dora' affected: 'cora' witnesses: 'acme' violation_reported { violation: '3' } }");
  second.set_recorder("cora");
  const Partnership partnership = FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "violation_reported {}"), second});
  const Violation& violation = partnership.violations.at(3);
  EXPECT_EQ(violation.day, DayOf(TimeOf("2021-01-01")));
  EXPECT_THAT(violation.accused, ElementsAre("bolt", "dora"));
  EXPECT_THAT(violation.affected, ElementsAre("acme", "cora"));
  EXPECT_THAT(violation.witnesses, ElementsAre("acme"));
  EXPECT_THAT(violation.accusers, ElementsAre("acme", "cora"));
  EXPECT_EQ(FindEvidence(partnership, 4)->matter, 3);
}

TEST(PartnershipTest, AJointViolationAccusesAllTheAffected) {
  const Partnership partnership = FoldEvents(
      {Proposed(), Met(),
       EventOn("2021-01-01", "evidence { actor: '*' affected: 'bolt' affected: 'acme' violation_reported {} }")});
  EXPECT_THAT(partnership.violations.at(3).accused, ElementsAre("acme", "bolt"));
}

// The standing after a report of 2021-01-01 and these events.
trust::v1::Standing StandingAfter(const std::string& report, const std::vector<Event>& events) {
  std::vector<Event> all = {Proposed(), Met(), ActOn("2021-01-01", "violation_reported { " + report + " }")};
  all.insert(all.end(), events.begin(), events.end());
  return FoldEvents(all).violations.at(3).standing;
}

Event Disputed(absl::string_view day) { return ActOn(day, "violation_disputed { violation: '3' }"); }
Event Acknowledged(absl::string_view day) { return ActOn(day, "violation_acknowledged { violation: '3' }"); }
Event Withdrawn(absl::string_view day) { return ActOn(day, "allegation_withdrawn { violation: '3' }"); }
Event Found(absl::string_view day, const std::string& result) {
  return ActOn(day, "finding_issued { violation: '3' result: FINDING_RESULT_" + result + " }");
}

TEST(PartnershipTest, TheStandingFollowsTheSpecification) {
  using namespace trust::v1;  // NOLINT: the standings, by their names.
  EXPECT_EQ(StandingAfter("", {}), STANDING_ALLEGED);
  EXPECT_EQ(StandingAfter("standing: STANDING_SUBSTANTIATED", {Disputed("2021-02-01")}), STANDING_SUBSTANTIATED);
  EXPECT_EQ(StandingAfter("", {Disputed("2021-02-01")}), STANDING_DISPUTED);
  EXPECT_EQ(StandingAfter("", {Disputed("2021-02-01"), Acknowledged("2021-03-01")}), STANDING_ACKNOWLEDGED);
  EXPECT_EQ(StandingAfter("", {Acknowledged("2021-02-01"), Disputed("2021-03-01")}), STANDING_ACKNOWLEDGED);
  EXPECT_EQ(StandingAfter("", {Acknowledged("2021-02-01"), Withdrawn("2021-03-01")}), STANDING_ACKNOWLEDGED);
  EXPECT_EQ(StandingAfter("", {Disputed("2021-02-01"), Withdrawn("2021-03-01")}), STANDING_WITHDRAWN);
  EXPECT_EQ(StandingAfter("", {Withdrawn("2021-02-01"), Found("2021-03-01", "PARTLY")}), STANDING_PARTLY);
  EXPECT_EQ(StandingAfter("", {Found("2021-02-01", "UNFOUNDED"), Found("2021-03-01", "SUBSTANTIATED")}),
            STANDING_SUBSTANTIATED);
  // Of one day: dispute, acknowledgement, withdrawal, then the gravest finding last.
  EXPECT_EQ(StandingAfter(
                "", {Found("2021-02-01", "SUBSTANTIATED"), Found("2021-02-01", "UNFOUNDED"), Disputed("2021-02-01")}),
            STANDING_SUBSTANTIATED);
  // Before the violation's own day counts as on it, in the order of the events' own days.
  EXPECT_EQ(StandingAfter("", {Found("2020-12-02", "UNFOUNDED"), Found("2020-12-01", "SUBSTANTIATED")}),
            STANDING_UNFOUNDED);
  EXPECT_EQ(StandingAfter("", {ActOn("2021-02-01", "finding_issued { violation: '3' }")}), STANDING_ALLEGED);
}

TEST(PartnershipTest, TheStandingDoesNotDependOnTheOrderOfRecording) {
  std::vector<Event> changes = {Disputed("2021-02-01"), Acknowledged("2021-03-01"), Withdrawn("2021-03-01"),
                                Found("2021-04-01", "PARTLY"), Found("2021-04-02", "UNFOUNDED")};
  std::vector<int> order = {0, 1, 2, 3, 4};
  do {
    std::vector<Event> permuted;
    for (const int i : order) permuted.push_back(changes[i]);
    EXPECT_EQ(StandingAfter("", permuted), trust::v1::STANDING_UNFOUNDED);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(PartnershipTest, RepairsOfAViolationAreKept) {
  Partnership partnership =
      FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "violation_reported {}"), Acknowledged("2021-02-01"),
                  ActOn("2021-02-02", "apology_issued { violation: '3' }"),
                  ActOn("2021-02-03", "remediation_completed { violation: '3' }")});
  const Violation& violation = partnership.violations.at(3);
  EXPECT_TRUE(violation.acknowledged && violation.apologized && violation.remediation_completed);
  EXPECT_FALSE(violation.remediation_verified);
  Event by_itself = ActOn("2021-03-01", "remediation_verified { violation: '3' }");
  by_itself.mutable_evidence()->set_source(trust::v1::SOURCE_SELF);
  Evolve(partnership, by_itself);
  EXPECT_FALSE(violation.remediation_verified);
  Evolve(partnership, ActOn("2021-03-01", "remediation_verified { violation: '3' }"));
  EXPECT_TRUE(violation.remediation_verified);
}

TEST(PartnershipTest, WhatLaterReferencesNeedIsKept) {
  const Partnership partnership = FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "misunderstanding_reported {}"),
                                              ActOn("2021-01-01", "shared_objective_agreed {}")});
  EXPECT_EQ(FindEvidence(partnership, 3)->kind_in_force, trust::v1::Evidence::kMisunderstandingReported);
  EXPECT_EQ(FindEvidence(partnership, 4)->kind_in_force, trust::v1::Evidence::kSharedObjectiveAgreed);
  EXPECT_EQ(FindEvidence(partnership, 2), nullptr);
}

TEST(PartnershipTest, TheFoldTakesEveryEventInAnyOrder) {
  const auto* const bodies = Event::descriptor()->FindOneofByName("body");
  const auto* const kinds = trust::v1::Evidence::descriptor()->FindOneofByName("kind");
  std::vector<Event> events;
  for (int i = 0; i < bodies->field_count(); ++i) {
    Event event;
    event.GetReflection()->MutableMessage(&event, bodies->field(i));
    events.push_back(event);
  }
  for (int i = 0; i < kinds->field_count(); ++i) {
    for (const char* const reference : {"", "1", "99", "nonsense"}) {
      Event event;
      auto* const kind =
          event.mutable_evidence()->GetReflection()->MutableMessage(event.mutable_evidence(), kinds->field(i));
      for (const char* const name : {"commitment", "conflict", "violation"}) {
        const auto* const field = kind->GetDescriptor()->FindFieldByName(name);
        if (field != nullptr) kind->GetReflection()->SetString(kind, field, reference);
      }
      events.push_back(event);
    }
  }
  for (int round = 0; round < 2; ++round) {
    Partnership partnership;
    for (const Event& event : events) Evolve(partnership, event);
    EXPECT_EQ(partnership.revision, static_cast<int64_t>(events.size()));
    Event earlier;
    earlier.set_revision(1);
    Evolve(partnership, earlier);
    EXPECT_EQ(partnership.revision, static_cast<int64_t>(events.size()));
    std::reverse(events.begin(), events.end());
  }
}

TEST(PartnershipTest, TheEstimateOfMemoryGrowsWithTheState) {
  const size_t before = MemoryBytes(FoldEvents({Proposed(), Met()}));
  EXPECT_GE(before, sizeof(Partnership));
  EXPECT_GT(MemoryBytes(FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "commitment_made {}")})), before);
  EXPECT_GT(MemoryBytes(FoldEvents({Proposed(), Met(), ActOn("2021-01-01", "violation_reported {}")})), before);
}

}  // namespace
}  // namespace projections::partnership_test
