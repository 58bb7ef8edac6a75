// What corrections and retractions do to the state of a partnership. A failure of the property prints its seed;
// TRUSTD_TEST_SEED=n repeats it.

#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "projections/partnership.h"
#include "tests/projections/partnership_events.h"
#include "tests/support/test_seed.h"

namespace projections::partnership_versions_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using trust::v1::Event;
using trust::v1::Evidence;

Event Corrected(int64_t root, const std::string& kind) {
  return EventOn(
      "2025-01-01",
      absl::StrCat("evidence_corrected { event: 'partnerships/moon/events/", root,
                   "' replacement { actor: 'bolt' affected: 'acme' source: SOURCE_COUNTERPART ", kind, " } }"));
}

Event Retracted(int64_t root) {
  return EventOn("2025-01-01", absl::StrCat("evidence_retracted { event: 'partnerships/moon/events/", root, "' }"));
}

TEST(PartnershipVersionsTest, ARetractedOutcomeReopensThePromise) {
  const std::vector<Event> told = {ActOn("2021-01-01", "commitment_made {}"),
                                   ActOn("2021-02-01", "commitment_missed { commitment: '1' }")};
  EXPECT_EQ(FoldEvents({told[0], told[1]}).commitments.at(1).outcome, 2);
  EXPECT_EQ(FoldEvents({told[0], told[1], Retracted(2)}).commitments.at(1).outcome, 0);
  // A later outcome takes its place, and a correction brings it back.
  const Event kept = ActOn("2021-03-01", "commitment_fulfilled { commitment: '1' }");
  EXPECT_EQ(FoldEvents({told[0], told[1], Retracted(2), kept}).commitments.at(1).outcome, 4);
  EXPECT_EQ(FoldEvents({told[0], told[1], kept, Retracted(2)}).commitments.at(1).outcome, 3);
  EXPECT_EQ(FoldEvents({told[0], told[1], Retracted(2), kept, Corrected(2, "commitment_missed { commitment: '1' }")})
                .commitments.at(1)
                .outcome,
            2);
}

TEST(PartnershipVersionsTest, AnOutcomeCorrectedToAnotherPromiseMovesThere) {
  const Partnership partnership =
      FoldEvents({ActOn("2021-01-01", "commitment_made {}"), ActOn("2021-01-02", "commitment_made {}"),
                  ActOn("2021-02-01", "commitment_fulfilled { commitment: '1' }"),
                  Corrected(3, "commitment_fulfilled { commitment: '2' }")});
  EXPECT_EQ(partnership.commitments.at(1).outcome, 0);
  EXPECT_EQ(partnership.commitments.at(2).outcome, 3);
  EXPECT_FALSE(IsReferredTo(partnership, 1));
  EXPECT_TRUE(IsReferredTo(partnership, 2));
}

TEST(PartnershipVersionsTest, ARetractedRenegotiationRestoresTheDateBeforeIt) {
  const std::vector<Event> told = {
      ActOn("2021-01-01", "commitment_made { due_time { seconds: 1640995200 } }"),
      ActOn("2021-02-01", "commitment_renegotiated { commitment: '1' due_time { seconds: 1643673600 } }")};
  EXPECT_EQ(FoldEvents(told).commitments.at(1).due_time, TimeOf("2022-02-01"));
  EXPECT_EQ(FoldEvents({told[0], told[1], Retracted(2)}).commitments.at(1).due_time, TimeOf("2022-01-01"));
  EXPECT_EQ(FoldEvents({told[0], told[1], Corrected(1, "commitment_made {}")}).commitments.at(1).due_time,
            TimeOf("2022-02-01"));
  EXPECT_EQ(FoldEvents({told[0], told[1], Corrected(1, "commitment_made {}"), Retracted(2)}).commitments.at(1).due_time,
            std::nullopt);
}

TEST(PartnershipVersionsTest, ARetractedPromiseIsNoneAndComesBackWithWhatWasSaidOfIt) {
  const std::vector<Event> told = {ActOn("2021-01-01", "commitment_made {}"),
                                   ActOn("2021-02-01", "commitment_fulfilled { commitment: '1' }"), Retracted(1)};
  EXPECT_THAT(FoldEvents(told).commitments, IsEmpty());
  EXPECT_EQ(FindEvidence(FoldEvents(told), 1)->kind_in_force, 0);
  EXPECT_EQ(FindEvidence(FoldEvents(told), 1)->version, 3);
  EXPECT_EQ(FoldEvents({told[0], told[1], told[2], Corrected(1, "commitment_made {}")}).commitments.at(1).outcome, 2);
}

TEST(PartnershipVersionsTest, ARetractedResolutionReopensTheConflict) {
  const std::vector<Event> told = {ActOn("2021-01-01", "conflict_raised {}"),
                                   ActOn("2021-02-01", "formal_dispute_opened { conflict: '1' }"),
                                   ActOn("2021-03-01", "conflict_resolved { conflict: '1' }")};
  EXPECT_FALSE(FoldEvents(told).conflicts.at(1).Open());
  const Partnership reopened = FoldEvents({told[0], told[1], told[2], Retracted(3)});
  EXPECT_TRUE(reopened.conflicts.at(1).Open());
  EXPECT_TRUE(reopened.conflicts.at(1).FormalDisputeOpen());
  EXPECT_FALSE(FoldEvents({told[0], told[1], Retracted(2)}).conflicts.at(1).FormalDisputeOpen());
  EXPECT_THAT(FoldEvents({told[0], Retracted(1)}).conflicts, IsEmpty());
}

TEST(PartnershipVersionsTest, TheStandingIsThatOfWhatIsInForce) {
  using namespace trust::v1;  // NOLINT: the standings, by their names.
  const std::vector<Event> told = {
      ActOn("2021-01-01", "violation_reported {}"), ActOn("2021-02-01", "violation_disputed { violation: '1' }"),
      ActOn("2021-03-01", "finding_issued { violation: '1' result: FINDING_RESULT_SUBSTANTIATED }"),
      ActOn("2021-04-01", "remediation_verified { violation: '1' }")};
  const auto violation = [&](const std::vector<Event>& more) {
    std::vector<Event> all = told;
    all.insert(all.end(), more.begin(), more.end());
    return FoldEvents(all).violations.at(1);
  };
  EXPECT_EQ(violation({}).standing, STANDING_SUBSTANTIATED);
  EXPECT_EQ(violation({Retracted(3)}).standing, STANDING_DISPUTED);
  EXPECT_EQ(violation({Retracted(3), Retracted(2)}).standing, STANDING_ALLEGED);
  EXPECT_EQ(violation({Corrected(3, "finding_issued { violation: '1' result: FINDING_RESULT_PARTLY }")}).standing,
            STANDING_PARTLY);
  EXPECT_TRUE(violation({}).remediation_verified);
  EXPECT_FALSE(violation({Retracted(4)}).remediation_verified);
  EXPECT_THAT(violation({Corrected(1, "witnesses: 'cora' violation_reported {}")}).witnesses, ElementsAre("cora"));
}

TEST(PartnershipVersionsTest, OfTwoReportsTheSecondStandsForTheMatterWhenTheFirstIsRetracted) {
  const Partnership partnership = FoldEvents(
      {ActOn("2021-01-01", "violation_reported {}"), ActOn("2021-02-01", "violation_disputed { violation: '1' }"),
       ActOn("2021-03-01", "violation_reported { violation: '1' }"), Retracted(1)});
  EXPECT_EQ(partnership.violations.at(1).day, DayOf(TimeOf("2021-03-01")));
  EXPECT_EQ(partnership.violations.at(1).standing, trust::v1::STANDING_DISPUTED);
}

TEST(PartnershipVersionsTest, OfSeveralVersionsTheLastRecordedCounts) {
  const Event told = ActOn("2021-01-01", "commitment_made {}");
  EXPECT_THAT(FoldEvents({told, Corrected(1, "commitment_made {}"), Retracted(1)}).commitments, IsEmpty());
  EXPECT_EQ(FoldEvents({told, Retracted(1), Corrected(1, "commitment_made {}")}).commitments.size(), 1u);
  // A correction is no record of its own: naming it changes nothing.
  EXPECT_EQ(FoldEvents({told, Corrected(1, "commitment_made {}"), Retracted(2)}).commitments.size(), 1u);
  EXPECT_EQ(FoldEvents({told, Retracted(99)}).commitments.size(), 1u);
}

TEST(PartnershipVersionsTest, TimesThatACorrectionLeavesOutAreTheOriginals) {
  Event conflict = ActOn("2021-01-01", "conflict_raised {}");
  *conflict.mutable_observe_time() = ToTimestamp(TimeOf("2021-01-05"));
  EXPECT_EQ(FoldEvents({conflict, Corrected(1, "conflict_raised {}")}).conflicts.at(1).first_day,
            DayOf(TimeOf("2021-01-05")));
  Event correction = Corrected(1, "conflict_raised {}");
  *correction.mutable_evidence_corrected()->mutable_observe_time() = ToTimestamp(TimeOf("2021-01-09"));
  EXPECT_EQ(FoldEvents({conflict, correction}).conflicts.at(1).first_day, DayOf(TimeOf("2021-01-09")));
  conflict.clear_observe_time();
  Event dated = Corrected(1, "conflict_raised {}");
  *dated.mutable_evidence_corrected()->mutable_occur_time() = ToTimestamp(TimeOf("2020-03-01"));
  dated.mutable_evidence_corrected()->set_occur_time_precision(trust::v1::TIME_PRECISION_MONTH);
  EXPECT_EQ(FoldEvents({conflict, dated}).conflicts.at(1).first_day, DayOf(TimeOf("2020-03-15")));
  // A correction of a correction's event lies over the original again.
  EXPECT_EQ(FoldEvents({conflict, dated, Corrected(1, "conflict_raised {}")}).conflicts.at(1).first_day,
            DayOf(TimeOf("2021-01-01")));
}

TEST(PartnershipVersionsTest, WithoutAReplacementACorrectionMovesWhatWasRecorded) {
  const Event conflict = ActOn("2021-01-01", "conflict_raised {}");
  const auto moved = [](int64_t root, absl::string_view date) {
    Event event = Corrected(root, "conflict_raised {}");
    event.mutable_evidence_corrected()->clear_replacement();
    *event.mutable_evidence_corrected()->mutable_occur_time() = ToTimestamp(TimeOf(date));
    return event;
  };
  const Event other = Corrected(1, "violation_reported {}");
  EXPECT_EQ(FoldEvents({conflict, moved(1, "2020-12-01")}).conflicts.at(1).first_day, DayOf(TimeOf("2020-12-01")));
  const Partnership again = FoldEvents({conflict, other, Retracted(1), moved(1, "2020-12-01")});
  EXPECT_EQ(again.conflicts.at(1).first_day, DayOf(TimeOf("2020-12-01")));
  EXPECT_THAT(again.violations, IsEmpty());
  EXPECT_EQ(FindEvidence(again, 1)->kind_in_force, FindEvidence(again, 1)->kind);

  const std::vector<Event> told = {ActOn("2021-01-01", "commitment_made { due_time { seconds: 1640995200 } }"),
                                   ActOn("2021-02-01", "commitment_fulfilled { commitment: '1' }"), Retracted(1),
                                   moved(1, "2020-12-01")};
  EXPECT_EQ(FoldEvents(told).commitments.at(1).due_time, TimeOf("2022-01-01"));
  EXPECT_EQ(FoldEvents(told).commitments.at(1).outcome, 2);

  const Partnership reported = FoldEvents({ActOn("2021-01-01", "witnesses: 'cora' violation_reported {}"),
                                           Corrected(1, "conflict_raised {}"), moved(1, "2020-12-01")});
  EXPECT_THAT(reported.violations.at(1).witnesses, ElementsAre("cora"));
  EXPECT_EQ(reported.violations.at(1).day, DayOf(TimeOf("2020-12-01")));
}

TEST(PartnershipVersionsTest, AnUnknownStandingIsAnAllegationAndAnUnknownFindingFindsNothing) {
  Event report = ActOn("2021-01-01", "violation_reported {}");
  report.mutable_evidence()->mutable_violation_reported()->set_standing(static_cast<trust::v1::Standing>(99));
  EXPECT_EQ(FoldEvents({report}).violations.at(1).standing, trust::v1::STANDING_ALLEGED);
  const Event disputed = ActOn("2021-02-01", "violation_disputed { violation: '1' }");
  EXPECT_EQ(FoldEvents({report, disputed}).violations.at(1).standing, trust::v1::STANDING_DISPUTED);
  Event finding = ActOn("2021-03-01", "finding_issued { violation: '1' }");
  finding.mutable_evidence()->mutable_finding_issued()->set_result(static_cast<trust::v1::FindingResult>(99));
  EXPECT_EQ(FoldEvents({report, disputed, finding}).violations.at(1).standing, trust::v1::STANDING_DISPUTED);
}

TEST(PartnershipVersionsTest, VerdictsThatComeOutOfOrderAreFoldedByTheirDays) {
  const Event report = ActOn("2021-01-01", "violation_reported {}");
  const Event found = ActOn("2021-04-01", "finding_issued { violation: '1' result: FINDING_RESULT_PARTLY }");
  const Event earlier = ActOn("2021-03-01", "finding_issued { violation: '1' result: FINDING_RESULT_UNFOUNDED }");
  const Event later = ActOn("2021-05-01", "finding_issued { violation: '1' result: FINDING_RESULT_SUBSTANTIATED }");
  EXPECT_EQ(FoldEvents({report, found, earlier}).violations.at(1).standing, trust::v1::STANDING_PARTLY);
  EXPECT_EQ(FoldEvents({report, found, earlier, later}).violations.at(1).standing, trust::v1::STANDING_SUBSTANTIATED);
  EXPECT_EQ(FoldEvents({earlier, report, found}).violations.size(), 1u);
}

TEST(PartnershipVersionsTest, ContactsComeAndGoAndADepartureCanBeRetracted) {
  const Event assigned = EventOn("2021-01-01", "contact_assigned { contact: 'p-1' organization: 'bolt' }");
  const Event departed = EventOn("2022-01-01", "contact_departed { contact: 'p-1' organization: 'bolt' }");
  const Event again = EventOn("2023-01-01", "contact_assigned { contact: 'p-1' organization: 'bolt' }");
  const auto text = [](const Partnership& partnership) {
    std::string lines;
    for (const ContactAssignment& one : AssignmentsOf(partnership, "p-1")) {
      absl::StrAppend(&lines, one.organization, " ", one.since_day ? FormatDay(*one.since_day) : "?", " ",
                      one.until_day ? FormatDay(*one.until_day) : "-", "; ");
    }
    return lines;
  };
  EXPECT_EQ(text(FoldEvents({})), "");
  EXPECT_EQ(text(FoldEvents({assigned, departed, again})), "bolt 2021-01-01 2022-01-01; bolt 2023-01-01 -; ");
  EXPECT_EQ(text(FoldEvents({assigned, departed, again, Retracted(2)})), "bolt 2021-01-01 -; ");
  EXPECT_EQ(text(FoldEvents({departed})), "bolt ? 2022-01-01; ");
  EXPECT_EQ(text(FoldEvents({departed, Retracted(1)})), "");
  EXPECT_EQ(text(FoldEvents({assigned, Retracted(1)})), "bolt 2021-01-01 -; ") << "an assignment is no evidence";
  EXPECT_EQ(ContactOf(FoldEvents({assigned, departed}), 2), "p-1");
  EXPECT_EQ(ContactOf(FoldEvents({assigned, departed}), 3), "");
}

TEST(PartnershipVersionsTest, TiesAndThePolicyAreShown) {
  const Event pinned = EventOn("2021-01-01", "policy_pinned { policy_sha256: '\\001\\377' }");
  const Event untied = EventOn("2021-01-02", "policy_pinned {}");
  const Event tie = EventOn("2021-01-01", "tie_declared { organizations: 'cora' organizations: 'acme' }");
  const trust::v1::Partnership shown = Render(FoldEvents({tie, tie, pinned}));
  ASSERT_EQ(shown.ties_size(), 1);
  EXPECT_THAT(shown.ties(0).organizations(), ElementsAre("acme", "cora"));
  EXPECT_EQ(shown.policy_sha256(), "01ff");
  EXPECT_EQ(Render(FoldEvents({pinned, untied})).policy_sha256(), "");
}

// ---------------------------------------------------------------------------------------------------------------
// The property: a history with corrections leaves what it would with the corrected events in place.

using Random = std::mt19937_64;

int Below(Random& random, int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); }

Evidence AnyEvidence(Random& random) {
  static const char* const kKinds[] = {
      "commitment_made {}",          "commitment_made { due_time { seconds: 1700000000 } }",
      "commitment_fulfilled { R }",  "commitment_missed { R }",
      "commitment_waived { R }",     "commitment_renegotiated { R due_time { seconds: 1710000000 } }",
      "conflict_raised {}",          "conflict_escalated { R }",
      "conflict_escalated {}",       "formal_dispute_opened { R }",
      "conflict_resolved { R }",     "conflict_resolved { R }",
      "violation_reported {}",       "violation_reported { R standing: STANDING_DISPUTED }",
      "violation_disputed { R }",    "violation_acknowledged { R }",
      "allegation_withdrawn { R }",  "finding_issued { R result: FINDING_RESULT_PARTLY }",
      "apology_issued { R }",        "finding_issued { R result: FINDING_RESULT_UNFOUNDED }",
      "remediation_verified { R }",  "feedback_given {}",
      "misunderstanding_reported {}"};
  std::string text = kKinds[Below(random, static_cast<int>(std::size(kKinds)))];
  const size_t at = text.find('R');
  if (at != std::string::npos) {
    const char* const field = text.rfind("commitment", 0) == 0                                 ? "commitment"
                              : text.rfind("conflict", 0) == 0 || text.rfind("formal", 0) == 0 ? "conflict"
                                                                                               : "violation";
    // Few revisions, so that much is said of each; sometimes of what comes later, or of what is something else.
    text.replace(at, 1, absl::StrCat(field, ": '", 1 + Below(random, 12), "'"));
  }
  static const char* const kActors[] = {"acme", "bolt", "cora", "*"};
  text += absl::StrCat(" actor: '", kActors[Below(random, 4)], "' affected: 'acme' affected: 'bolt' source: ",
                       Below(random, 3) == 0 ? "SOURCE_SELF" : "SOURCE_COUNTERPART");
  Evidence evidence;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &evidence)) << text;
  return evidence;
}

void SetAnyTimes(Random& random, auto& dated) {
  const Day day = 18262 + Below(random, 400);
  *dated.mutable_occur_time() = ToTimestamp(StartOf(day));
  dated.set_occur_time_precision(Below(random, 4) == 0 ? trust::v1::TIME_PRECISION_MONTH
                                                       : trust::v1::TIME_PRECISION_DAY);
  if (Below(random, 4) == 0) *dated.mutable_observe_time() = ToTimestamp(StartOf(day + Below(random, 60)));
}

// Everything that later commands are judged by, as text.
std::string Text(const Partnership& partnership) {
  std::string text;
  const auto day = [](const std::optional<Day>& one) { return one ? FormatDay(*one) : std::string("-"); };
  for (const auto& [key, one] : partnership.commitments) {
    absl::StrAppend(&text, "commitment ", key, " ", one.promisor, " outcome ", one.outcome, " due ",
                    one.due_time ? absl::FormatTime(*one.due_time) : "-", "\n");
  }
  for (const auto& [key, one] : partnership.conflicts) {
    absl::StrAppend(&text, "conflict ", key, " ", FormatDay(one.first_day), " ", FormatDay(one.last_day), " ",
                    day(one.last_dispute_day), " ", day(one.resolved_day), "\n");
  }
  const auto list = [&text](const std::vector<std::string>& set) {
    for (const std::string& one : set) absl::StrAppend(&text, " ", one);
    absl::StrAppend(&text, " |");
  };
  for (const auto& [key, one] : partnership.violations) {
    absl::StrAppend(&text, "violation ", key, " ", FormatDay(one.day), " ", one.initial, " ", one.standing, " ",
                    one.acknowledged, one.apologized, one.remediation_completed, one.remediation_verified, " |");
    list(one.accused);
    list(one.affected);
    list(one.witnesses);
    list(one.accusers);
    for (const StandingChange& change : one.changes) absl::StrAppend(&text, " ", change.day, ":", change.verdict);
    absl::StrAppend(&text, "\n");
  }
  for (const auto& [revision, one] : partnership.evidence) {
    absl::StrAppend(&text, revision, " kind ", one.kind_in_force, " of ", one.matter, " by ",
                    one.kind_in_force == 0 ? "" : NameOf(partnership, one.actor_in_force), " referred to ",
                    IsReferredTo(partnership, revision), "\n");
  }
  return text;
}

TEST(PartnershipVersionsTest, AHistoryWithCorrectionsLeavesWhatItWouldWithTheCorrectedEventsInPlace) {
  for (const uint32_t seed : support::Seeds(400)) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    Random random(seed);
    std::vector<Event> told;
    std::vector<Event> in_place;
    std::vector<size_t> roots;
    for (int i = 0; i < 40; ++i) {
      if (i < 8 || Below(random, 3) > 0) {
        Event event;
        event.set_recorder(Below(random, 2) == 0 ? "acme" : "bolt");
        *event.mutable_record_time() = ToTimestamp(TimeOf("2022-01-01"));
        SetAnyTimes(random, event);
        *event.mutable_evidence() = AnyEvidence(random);
        roots.push_back(told.size());
        told.push_back(event);
        in_place.push_back(event);
        continue;
      }
      const size_t root = roots[Below(random, static_cast<int>(roots.size()))];
      const std::string name = absl::StrCat("partnerships/moon/events/", root + 1);
      Event version = EventOn("2023-01-01", "recorder: 'cora'");
      if (Below(random, 3) == 0) {
        version.mutable_evidence_retracted()->set_event(name);
        in_place[root].mutable_milestone();  // Nothing that leaves anything.
      } else {
        trust::v1::EvidenceCorrected& correction = *version.mutable_evidence_corrected();
        correction.set_event(name);
        *correction.mutable_replacement() = AnyEvidence(random);
        if (Below(random, 2) == 0) SetAnyTimes(random, correction);
        in_place[root] = told[root];
        *in_place[root].mutable_evidence() = correction.replacement();
        if (correction.has_occur_time()) {
          *in_place[root].mutable_occur_time() = correction.occur_time();
          in_place[root].set_occur_time_precision(correction.occur_time_precision());
        }
        if (correction.has_observe_time()) *in_place[root].mutable_observe_time() = correction.observe_time();
      }
      told.push_back(version);
      in_place.push_back(EventOn("2023-01-01", "milestone {}"));
    }
    std::string expected = Text(FoldEvents(in_place));
    std::string folded = Text(FoldEvents(told));
    // A retracted record is still on record, and a milestone in its place is none.
    std::string kept;
    for (const absl::string_view line : absl::StrSplit(folded, '\n', absl::SkipEmpty())) {
      if (!absl::StrContains(line, " kind 0 ")) absl::StrAppend(&kept, line, "\n");
    }
    ASSERT_EQ(kept, expected);
  }
}

}  // namespace
}  // namespace projections::partnership_versions_test
