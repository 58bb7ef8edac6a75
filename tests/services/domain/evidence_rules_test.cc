#include "services/domain/evidence_rules.h"

#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

constexpr char kPromise[] = "commitment: '3'";
constexpr char kConflict[] = "conflict: '3'";
constexpr char kViolation[] = "violation: '3'";

// A founding and a third event: bolt's promise to acme, due on 30 June 2024.
Past GivenPromise() {
  return Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "commitment_made { " + Due("2024-06-30") + " }"));
}

// A founding and a third event: a conflict over bolt's conduct.
Past GivenConflict() { return Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "conflict_raised {}")); }

RecordEvidenceRequest Accusation() {
  return Says("acme", "2024-01-01", "bolt>acme", "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM }");
}

// A founding and a third event: acme accuses bolt.
Past GivenAccusation() { return Given(Founding(), Accusation()); }

std::string About(absl::string_view kind, absl::string_view reference) {
  return absl::StrCat(kind, " { ", reference, " }");
}

// ---------------------------------------------------------------------------------------------------------------
// Source and defaults.

TEST(EvidenceTest, TheSourceFollowsFromTheRecorder) {
  const auto line = [](absl::string_view recorder, absl::string_view roles) {
    return Lines(*Given(Founding()).When(Says(recorder, "2024-01-01", roles, "shared_experience_held {}")).result());
  };
  EXPECT_THAT(line("bolt", "bolt>acme"), testing::HasSubstr(" SELF "));
  EXPECT_THAT(line("acme", "bolt>acme"), testing::HasSubstr(" COUNTERPART "));
  EXPECT_THAT(line("cora", "bolt>acme"), testing::HasSubstr(" THIRD_PARTY "));
  EXPECT_THAT(line("cora", "bolt>acme|cora"), testing::HasSubstr(" THIRD_PARTY "));
  EXPECT_THAT(line("notary", "bolt>acme"), testing::HasSubstr(" THIRD_PARTY "));
  EXPECT_THAT(line("acme", "*>acme,bolt"), testing::HasSubstr(" COUNTERPART "));
  EXPECT_THAT(line("cora", "*>acme,bolt"), testing::HasSubstr(" THIRD_PARTY "));
}

TEST(EvidenceTest, DefaultsAreWrittenOut) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"credibility_assessed {}", "credibility_assessed { result: CREDIBILITY_RESULT_SUPPORTED }"},
      {"reputation_reference_received {}", "reputation_reference_received { result: CREDIBILITY_RESULT_SUPPORTED }"},
      {"intentions_assessed {}", "intentions_assessed { result: INTENTIONS_RESULT_ALIGNED }"},
      {"commitment_fulfilled {}", "commitment_fulfilled { result: FULFILMENT_RESULT_ON_TIME }"},
      {"violation_reported { type: VIOLATION_TYPE_DECEPTION }",
       "violation_reported { type: VIOLATION_TYPE_DECEPTION severity: SEVERITY_MODERATE standing: STANDING_ALLEGED }"}};
  for (const auto& [said, stored] : kinds) {
    Given(Founding())
        .When(Says("acme", "2024-01-01", "bolt>acme", said))
        .Then("2024-01-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM " + stored);
  }
}

TEST(EvidenceTest, WhatIsSaidStandsInsteadOfADefault) {
  Given(Founding())
      .When(Says("acme", "2024-01-01", "bolt>acme|cora",
                 "materiality: MATERIALITY_HIGH level: LEVEL_INTERPERSONAL label: 'engine' actor_contact: 'c-1' "
                 "credibility_assessed { result: CREDIBILITY_RESULT_CONTRADICTED }"))
      .Then(
          "2024-01-01 bolt>acme|cora COUNTERPART INTERPERSONAL HIGH label: \"engine\" actor_contact: \"c-1\" "
          "credibility_assessed { result: CREDIBILITY_RESULT_CONTRADICTED }");
}

TEST(EvidenceTest, AnAttestationIsInterpersonalByItsNature) {
  Given(Founding())
      .When(Says("acme", "2024-01-01", "bolt>acme", "interpersonal_trust_attested { reliability: 4 integrity: 5 }"))
      .Then(
          "2024-01-01 bolt>acme COUNTERPART INTERPERSONAL MEDIUM interpersonal_trust_attested { reliability: 4 "
          "integrity: 5 }");
}

// ---------------------------------------------------------------------------------------------------------------
// Partners, the end, suspension.

TEST(EvidenceTest, AllConcernedArePartners) {
  const auto refused = [](absl::string_view roles, absl::string_view field) {
    Given(Founding())
        .When(Says("acme", "2024-01-01", roles, "feedback_given {}"))
        .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
        .With("field", field)
        .With("organization", "dora")
        .Saying("acme, bolt, cora");
  };
  refused("dora>acme", "evidence.actor");
  refused("bolt>acme,dora", "evidence.affected[1]");
  refused("bolt>acme|cora,dora", "evidence.witnesses[1]");
}

TEST(EvidenceTest, EvidenceFromBeforeTheFirstContactIsTaken) {
  Given(Founding()).When(Says("acme", "2012", "bolt>acme", "prior_tie_attested {}")).ThenAccepted();
}

TEST(EvidenceTest, ASuspensionStopsNoEvidence) {
  Given(Founding(), Suspend("2024-01-01"))
      .When(Says("acme", "2024-02-01", "bolt>acme", "feedback_given {}"))
      .ThenAccepted();
}

TEST(EvidenceTest, ConductFromTheDayOfTheEndOnIsRefused) {
  const Past ended = Given(Founding(), Terminate("2024-03-01"));
  ended.When(Says("acme", "2024-02-29", "bolt>acme", "feedback_given {}")).ThenAccepted();
  ended.When(Says("acme", "2024-03-01", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED)
      .With("end", "2024-03-01")
      .With("occurred", "2024-03-01");
  ended.When(Says("acme", "2024-03-02T09:00:00Z", "bolt>acme", "formal_dispute_opened {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  ended.When(Says("acme", "2024", "bolt>acme", "feedback_given {}")).ThenAccepted();  // The year began before the end.
}

TEST(EvidenceTest, AfterTheEndWhatSettlesThePastIsAccepted) {
  const Past ended = Given(Founding(), Accusation(), Says("acme", "2024-01-02", "bolt>acme", "conflict_raised {}"),
                           Says("acme", "2024-01-03", "bolt>acme", "commitment_made {}"), Terminate("2024-03-01"));
  const auto accepted = [&](absl::string_view recorder, absl::string_view roles, const std::string& kind) {
    ended.When(Says(recorder, "2025-01-01", roles, kind)).ThenAccepted();
  };
  accepted("bolt", "bolt>acme", About("violation_disputed", kViolation));
  accepted("bolt", "bolt>acme", About("violation_acknowledged", kViolation));
  accepted("acme", "bolt>acme", About("allegation_withdrawn", kViolation));
  accepted("court", "court>acme,bolt", "finding_issued { violation: '3' result: FINDING_RESULT_UNFOUNDED }");
  accepted("bolt", "bolt>acme", About("explanation_provided", kViolation));
  accepted("bolt", "bolt>acme", About("apology_issued", kViolation));
  accepted("bolt", "bolt>acme", About("remediation_committed", kViolation));
  accepted("bolt", "bolt>acme", About("remediation_completed", kViolation));
  accepted("acme", "bolt>acme", About("remediation_verified", kViolation));
  accepted("acme", "bolt>acme", About("compensation_paid", kViolation));
  accepted("acme", "bolt>acme", About("violation_closed", kViolation));
  accepted("acme", "*>acme,bolt", "conflict_resolved { conflict: '4' mode: RESOLUTION_MODE_COMPROMISE }");
  accepted("acme", "bolt>acme", "commitment_waived { commitment: '5' }");
}

TEST(EvidenceTest, APartnerWhoLeftDoesNothingFurtherHere) {
  Event left;
  left.mutable_partner_left()->set_organization("cora");
  *left.mutable_occur_time() = On("2024-01-01").time;
  const Past past = Given(Founding(), left);
  past.When(Says("acme", "2023-12-31", "cora>acme", "feedback_given {}")).ThenAccepted();
  past.When(Says("acme", "2024-01-01", "cora>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("left", "2024-01-01");
  past.When(Says("acme", "2024-01-01", "acme>bolt,cora", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
}

// ---------------------------------------------------------------------------------------------------------------
// References.

TEST(EvidenceTest, AReferenceIsStoredInFull) {
  for (const char* const reference : {"3", "partnerships/moon/events/3"}) {
    GivenPromise()
        .When(Says("acme", "2024-06-01", "bolt>acme",
                   absl::StrCat("commitment_fulfilled { commitment: '", reference, "' }")))
        .Then(
            "2024-06-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM commitment_fulfilled { commitment: "
            "\"partnerships/moon/events/3\" result: FULFILMENT_RESULT_ON_TIME }");
  }
}

TEST(EvidenceTest, AReferenceNamesAnEventThatIsThere) {
  GivenPromise()
      .When(Says("acme", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: '4' }"))
      .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND)
      .With("event", "partnerships/moon/events/4")
      .With("field", "evidence.commitment_fulfilled.commitment")
      .Saying("numbered 1 to 3");
}

TEST(EvidenceTest, AReferenceNamesAnEventOfTheRightKind) {
  const Past past = GivenPromise();
  past.When(Says("acme", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: '1' }"))
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND)
      .With("event", "partnerships/moon/events/1")
      .With("wanted", "CommitmentMade");
  for (const char* const kind :
       {"misunderstanding_clarified { misunderstanding: '3' }", "shared_objective_achieved { objective: '3' }",
        "shared_objective_missed { objective: '3' }", "conflict_escalated { conflict: '3' }",
        "formal_dispute_opened { conflict: '3' }", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }",
        "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM violation: '3' }",
        "violation_disputed { violation: '3' }", "apology_issued { violation: '3' }",
        "violation_closed { violation: '3' }"}) {
    past.When(Says("acme", "2024-06-01", "bolt>acme", kind)).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  }
}

TEST(EvidenceTest, MisunderstandingsAndObjectivesCanBeReferredTo) {
  Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "misunderstanding_reported {}"))
      .When(Says("acme", "2024-01-05", "bolt>acme", "misunderstanding_clarified { misunderstanding: '3' }"))
      .ThenAccepted();
  Given(Founding(), Says("acme", "2024-01-01", "*>acme,bolt", "shared_objective_agreed {}"))
      .When(Says("acme", "2024-01-05", "*>acme,bolt", "shared_objective_achieved { objective: '3' }"))
      .ThenAccepted();
}

TEST(EvidenceTest, AReferenceToALaterReportLeadsToTheFirst) {
  const Past past = Given(Founding(), Accusation(),
                          Says("cora", "2024-01-02", "bolt>cora",
                               "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM violation: '3' }"));
  const Outcome outcome = past.When(Says("bolt", "2024-01-05", "bolt>cora", "apology_issued { violation: '4' }"));
  EXPECT_EQ(outcome.result()->front().evidence().apology_issued().violation(), "partnerships/moon/events/3");
}

// ---------------------------------------------------------------------------------------------------------------
// Commitments.

TEST(CommitmentTest, ACommitmentIsResolvedOnce) {
  for (const char* const outcome : {"commitment_fulfilled", "commitment_missed", "commitment_waived"}) {
    Past past = GivenPromise();
    past.Happen(Says("acme", "2024-07-01", "bolt>acme", About(outcome, kPromise)));
    for (const char* const second :
         {"commitment_fulfilled", "commitment_missed", "commitment_waived", "commitment_renegotiated"}) {
      past.When(Says("acme", "2024-06-01", "bolt>acme", About(second, kPromise)))
          .ThenRefused(ERROR_REASON_COMMITMENT_RESOLVED)
          .With("commitment", "partnerships/moon/events/3")
          .With("outcome", "partnerships/moon/events/4");
    }
  }
}

TEST(CommitmentTest, AnOutcomeIsOfThePromisor) {
  GivenPromise()
      .When(Says("acme", "2024-06-01", "cora>acme", About("commitment_fulfilled", kPromise)))
      .ThenRefused(ERROR_REASON_COMMITMENT_OF_ANOTHER)
      .With("promisor", "bolt")
      .With("actor", "cora");
}

TEST(CommitmentTest, EachOfThoseWhoPromisedTogetherCanKeepIt) {
  const Past past = Given(Founding(), Says("acme", "2024-01-01", "*>acme,bolt", "commitment_made {}"));
  past.When(Says("acme", "2024-06-01", "*>acme,bolt", About("commitment_fulfilled", kPromise))).ThenAccepted();
  past.When(Says("acme", "2024-06-01", "bolt>acme", About("commitment_missed", kPromise))).ThenAccepted();
  past.When(Says("acme", "2024-06-01", "cora>acme", About("commitment_missed", kPromise)))
      .ThenRefused(ERROR_REASON_COMMITMENT_OF_ANOTHER);
}

TEST(CommitmentTest, APromiseIsMissedOnlyAfterItsDueDate) {
  const auto missed = [](absl::string_view when) {
    return GivenPromise().When(Says("acme", when, "bolt>acme", About("commitment_missed", kPromise)));
  };
  missed("2024-06-30").ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE).With("due", "2024-06-30");
  missed("2024-06-30T23:59:59Z").ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE);
  missed("2024-05").ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE);
  missed("2024-07-01").ThenAccepted();
  missed("2024").ThenAccepted();  // The year goes on after the due date.
}

TEST(CommitmentTest, ADueInstantIsHeldToTheInstant) {
  const Past past = Given(
      Founding(), Says("acme", "2024-01-01", "bolt>acme", "commitment_made { " + Due("2024-06-30T17:00:00Z") + " }"));
  past.When(Says("acme", "2024-06-30T16:59:59Z", "bolt>acme", About("commitment_missed", kPromise)))
      .ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE);
  past.When(Says("acme", "2024-06-30T17:00:00Z", "bolt>acme", About("commitment_missed", kPromise))).ThenAccepted();
  past.When(Says("acme", "2024-06-30", "bolt>acme", About("commitment_missed", kPromise))).ThenAccepted();
  past.When(Says("acme", "2024-06-30T17:00:00Z", "bolt>acme", About("commitment_renegotiated", kPromise)))
      .ThenRefused(ERROR_REASON_COMMITMENT_PAST_DUE);
}

TEST(CommitmentTest, APromiseIsRenegotiatedOnlyBeforeItIsLate) {
  const auto renegotiated = [](absl::string_view when) {
    return GivenPromise().When(
        Says("acme", when, "bolt>acme", "commitment_renegotiated { commitment: '3' " + Due("2025-01-01") + " }"));
  };
  renegotiated("2024-06-30").ThenAccepted();
  renegotiated("2024-07-01").ThenRefused(ERROR_REASON_COMMITMENT_PAST_DUE).With("due", "2024-06-30");
  renegotiated("2024-06").ThenAccepted();
}

TEST(CommitmentTest, ARenegotiatedPromiseIsHeldToItsNewDate) {
  Past past = GivenPromise();
  past.Happen(
      Says("acme", "2024-06-01", "bolt>acme", "commitment_renegotiated { commitment: '3' " + Due("2024-12-31") + " }"));
  past.When(Says("acme", "2024-07-01", "bolt>acme", About("commitment_missed", kPromise)))
      .ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE)
      .With("due", "2024-12-31");
  past.When(Says("acme", "2025-01-01", "bolt>acme", About("commitment_missed", kPromise))).ThenAccepted();
}

TEST(CommitmentTest, APromiseWithoutADateMayBeMissedOrRenegotiatedAtAnyTime) {
  const Past past = Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "commitment_made {}"));
  past.When(Says("acme", "2024-01-02", "bolt>acme", About("commitment_missed", kPromise))).ThenAccepted();
  past.When(Says("acme", "2026-01-02", "bolt>acme", About("commitment_renegotiated", kPromise))).ThenAccepted();
}

TEST(CommitmentTest, ThePromisorCannotWaiveItsOwnPromise) {
  GivenPromise()
      .When(Says("bolt", "2024-06-01", "bolt>acme", About("commitment_waived", kPromise)))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED)
      .With("entitled", "acme");
  GivenPromise().When(Says("acme", "2024-06-01", "bolt>acme", About("commitment_waived", kPromise))).ThenAccepted();
  GivenPromise().When(Says("notary", "2024-06-01", "bolt>acme", About("commitment_waived", kPromise))).ThenAccepted();
}

TEST(CommitmentTest, AnOutcomeWithoutANameStandsForAPromiseNeverRegistered) {
  Given(Founding()).When(Says("acme", "2024-01-01", "bolt>acme", "commitment_missed {}")).ThenAccepted();
  Given(Founding()).When(Says("acme", "2024-01-01", "bolt>acme", "commitment_fulfilled {}")).ThenAccepted();
}

// ---------------------------------------------------------------------------------------------------------------
// Conflicts.

TEST(ConflictTest, NothingIsAddedUnderARecordedResolution) {
  Past past = GivenConflict();
  past.Happen(
      Says("acme", "2024-03-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }"));
  for (const char* const kind : {"conflict_escalated", "formal_dispute_opened"}) {
    past.When(Says("acme", "2024-02-01", "bolt>acme", About(kind, kConflict)))
        .ThenRefused(ERROR_REASON_CONFLICT_RESOLVED)
        .With("resolved", "2024-03-01")
        .With("day", "2024-02-01");
    past.When(Says("acme", "2024-03-01", "bolt>acme", About(kind, kConflict)))
        .ThenRefused(ERROR_REASON_CONFLICT_RESOLVED);
    past.When(Says("acme", "2024-03-02", "bolt>acme", About(kind, kConflict))).ThenAccepted();
  }
  past.When(Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated {}")).ThenAccepted();  // A conflict of its own.
}

TEST(ConflictTest, WhatWasLearnedOfAfterTheResolutionIsNotUnderIt) {
  Past past = GivenConflict();
  past.Happen(
      Says("acme", "2024-03-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }"));
  RecordEvidenceRequest late = Says("acme", "2024-02-01", "bolt>acme", About("conflict_escalated", kConflict));
  *late.mutable_observe_time() = On("2024-04-01").time;
  past.When(late).ThenAccepted();
}

TEST(ConflictTest, AConflictMayBeResolvedAgain) {
  Past past = GivenConflict();
  past.Happen(
      Says("acme", "2024-03-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_AVOIDED }"));
  past.When(
          Says("acme", "2024-04-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }"))
      .ThenAccepted();
}

// ---------------------------------------------------------------------------------------------------------------
// Violations.

TEST(ViolationTest, TheAccusedAnswersForItself) {
  for (const char* const kind : {"violation_disputed", "violation_acknowledged"}) {
    GivenAccusation().When(Says("bolt", "2024-02-01", "bolt>acme", About(kind, kViolation))).ThenAccepted();
    for (const char* const recorder : {"acme", "cora", "notary"}) {
      GivenAccusation()
          .When(Says(recorder, "2024-02-01", "bolt>acme", About(kind, kViolation)))
          .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED)
          .With("accused", "bolt")
          .With("recorder", recorder);
    }
    GivenAccusation()
        .When(Says("bolt", "2024-02-01", "cora>acme", About(kind, kViolation)))
        .ThenRefused(ERROR_REASON_INVALID_FIELD)
        .Naming({"evidence.actor"});
  }
}

TEST(ViolationTest, TheAccusedDoesNotWithdrawTheAllegation) {
  GivenAccusation()
      .When(Says("bolt", "2024-02-01", "bolt>acme", About("allegation_withdrawn", kViolation)))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
  GivenAccusation()
      .When(Says("acme", "2024-02-01", "bolt>acme", About("allegation_withdrawn", kViolation)))
      .ThenAccepted();
  GivenAccusation()
      .When(Says("acme", "2024-02-01", "acme>bolt", About("allegation_withdrawn", kViolation)))
      .ThenAccepted();
  GivenAccusation()
      .When(Says("notary", "2024-02-01", "bolt>acme", About("allegation_withdrawn", kViolation)))
      .ThenAccepted();
}

TEST(ViolationTest, AFindingComesFromAThirdPartyOrFromBothSides) {
  const std::string finding = "finding_issued { violation: '3' result: FINDING_RESULT_SUBSTANTIATED }";
  const auto found = [&](absl::string_view recorder, absl::string_view roles) {
    return GivenAccusation().When(Says(recorder, "2024-02-01", roles, finding));
  };
  found("court", "court>acme,bolt").ThenAccepted();
  found("acme", "court>acme,bolt").ThenAccepted();  // A party records what the court found.
  found("court", "bolt>acme").ThenAccepted();       // About bolt's conduct, on the court's word.
  found("cora", "cora>acme,bolt").ThenAccepted();   // A partner that is no party.
  found("acme", "*>acme,bolt").ThenAccepted();
  found("acme", "acme>bolt").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT).With("actor", "acme");
  found("acme", "bolt>acme").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
  found("bolt", "bolt>acme").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
  found("acme", "bolt>cora")
      .ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);  // A third to the record, a party all the same.
  found("acme", "*>acme,cora").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);  // Without the accused.
  found("bolt", "*>bolt,cora").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);  // Without the injured.
}

TEST(ViolationTest, ThoseWhoWrongedEachOtherFindTogether) {
  Given(Founding(),
        Says("cora", "2024-01-01", "*>acme,bolt", "violation_reported { type: VIOLATION_TYPE_CONTRACT_BREACH }"))
      .When(
          Says("acme", "2024-02-01", "*>acme,bolt", "finding_issued { violation: '3' result: FINDING_RESULT_PARTLY }"))
      .ThenAccepted();
}

TEST(ViolationTest, TheAccusedDoesNotVerifyItsOwnRemedy) {
  const std::string verified = About("remediation_verified", kViolation);
  GivenAccusation()
      .When(Says("bolt", "2024-02-01", "bolt>acme", verified))
      .ThenRefused(ERROR_REASON_VERIFICATION_NOT_INDEPENDENT)
      .With("recorder", "bolt");
  GivenAccusation()
      .When(Says("bolt", "2024-02-01", "*>acme,bolt", verified))
      .ThenRefused(ERROR_REASON_VERIFICATION_NOT_INDEPENDENT);
  GivenAccusation().When(Says("acme", "2024-02-01", "bolt>acme", verified)).ThenAccepted();
  GivenAccusation().When(Says("auditor", "2024-02-01", "bolt>acme", verified)).ThenAccepted();
}

TEST(ViolationTest, TheActorOfARepairIsTheAccused) {
  for (const char* const kind : {"explanation_provided", "apology_issued", "remediation_committed",
                                 "remediation_completed", "remediation_verified", "compensation_paid"}) {
    GivenAccusation().When(Says("acme", "2024-02-01", "bolt>acme", About(kind, kViolation))).ThenAccepted();
    GivenAccusation()
        .When(Says("acme", "2024-02-01", "cora>acme", About(kind, kViolation)))
        .ThenRefused(ERROR_REASON_INVALID_FIELD)
        .Naming({"evidence.actor"})
        .Saying("name bolt as the actor");
  }
}

TEST(ViolationTest, AnyoneMayCloseTheMatter) {
  GivenAccusation().When(Says("acme", "2024-02-01", "acme>bolt", About("violation_closed", kViolation))).ThenAccepted();
}

}  // namespace
}  // namespace domain
