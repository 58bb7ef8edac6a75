// Confirming, contesting, correcting and retracting what was recorded.

#include "services/domain/evidence_versions.h"

#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

// A founding and a third event: bolt praises itself.
Past GivenPraise() {
  return Given(Founding(), Says("bolt", "2024-01-01", "bolt>acme", "transparency_demonstrated {}"));
}

// A founding and a third event, recorded by acme: bolt's promise, due on 30 June 2024.
RecordEvidenceRequest Promise() {
  return Says("acme", "2024-01-01", "bolt>acme", "commitment_made { " + Due("2024-06-30") + " }");
}
RecordEvidenceRequest Kept() {
  return Says("acme", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: '3' }");
}
RecordEvidenceRequest AccusationRequest() {
  return Says("acme", "2024-01-01", "bolt>acme", "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM }");
}
RecordEvidenceRequest Conflict() { return Says("acme", "2024-01-01", "bolt>acme", "conflict_raised {}"); }

// ---------------------------------------------------------------------------------------------------------------
// Confirming and contesting.

TEST(ConfirmationTest, AnotherOrganizationConfirmsNowOrWhenItSaidSo) {
  const Outcome outcome = GivenPraise().When(Confirm("acme", "3"));
  outcome.Then("2026-06-01T12:00:00Z evidence_confirmed { event: \"partnerships/moon/events/3\" }");
  EXPECT_EQ(outcome.result()->front().recorder(), "acme");
  ConfirmEvidenceRequest dated = Confirm("cora", "partnerships/moon/events/3");
  SetOccurTime("2024-02", dated);
  dated.set_request_id(kRequestId);
  const Outcome then = GivenPraise().When(dated);
  then.Then("2024-02 evidence_confirmed { event: \"partnerships/moon/events/3\" }");
  EXPECT_EQ(then.result()->front().request_id(), kRequestId);
}

TEST(ConfirmationTest, NobodyConfirmsItsOwnRecordOrItsOwnConduct) {
  GivenPraise()
      .When(Confirm("bolt", "3"))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED)
      .Saying("recorded")
      .Saying("let another organization do it")
      .With("event", "partnerships/moon/events/3");
  const Past told = Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "transparency_demonstrated {}"));
  told.When(Confirm("acme", "3"))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED)
      .Saying("only what an actor recorded of itself needs to be confirmed");
  told.When(Confirm("bolt", "3")).ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED).Saying("is the actor of");
  told.When(Confirm("cora", "3")).ThenAccepted();
  told.When(Confirm("notary", "3")).ThenAccepted();
  // Who the actor is follows the version in force.
  Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "transparency_demonstrated {}"),
        Correct("acme", "3", "cora>acme", "transparency_demonstrated {}"))
      .When(Confirm("cora", "3"))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
  Given(Founding(), Says("acme", "2024-01-01", "*>acme,bolt", "shared_experience_held {}"))
      .When(Confirm("bolt", "3"))
      .ThenAccepted();
}

TEST(ConfirmationTest, WhatAnImportTellsAsTheActorsOwnWordIsTheActors) {
  ImportItem item = Imported("a", "2024-01-01", "bolt>acme", "source: SOURCE_SELF transparency_demonstrated {}");
  const Past past = Given(ImportedFounding(), item);
  EXPECT_EQ(past.events().back().recorder(), "acme");  // As an item that names nobody.
  past.When(Confirm("acme", "3")).ThenAccepted();
  past.When(Confirm("bolt", "3")).ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
  past.When(Retract("bolt", "3")).ThenAccepted();
  past.When(Retract("acme", "3")).ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
}

TEST(ConfirmationTest, OnlyEvidenceThatStandsIsConfirmedOrContested) {
  GivenPraise().When(Confirm("acme", "9")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND).With("field", "event");
  GivenPraise().When(Contest("acme", "9")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND);
  GivenPraise().When(Confirm("acme", "2")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND).With("wanted", "evidence");
  GivenPraise().When(Contest("acme", "1")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  Past retracted = GivenPraise();
  retracted.Happen(Retract("bolt", "3"));
  retracted.When(Confirm("acme", "3"))
      .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND)
      .With("retracted_by", "partnerships/moon/events/4");
  retracted.When(Contest("acme", "3")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND);
}

TEST(ContestTest, AnyoneContests) {
  for (const char* const one : {"acme", "bolt", "cora", "notary"}) {
    GivenPraise()
        .When(Contest(one, "3"))
        .Then("2026-06-01T12:00:00Z evidence_contested { event: \"partnerships/moon/events/3\" }");
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Retracting.

TEST(RetractionTest, TheRecorderOrAThirdPartyRetractsOthersContest) {
  GivenPraise()
      .When(Retract("bolt", "3"))
      .Then("2026-06-01T12:00:00Z evidence_retracted { event: \"partnerships/moon/events/3\" }");
  GivenPraise().When(Retract("notary", "3")).ThenAccepted();
  GivenPraise()
      .When(Retract("acme", "3"))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED)
      .Saying("contest it")
      .With("entitled", "bolt");
  Given(Founding(), AccusationRequest()).When(Retract("bolt", "3")).ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
}

TEST(RetractionTest, ConfirmationsContestsAndDeparturesCanBeRetractedToo) {
  Past past = GivenPraise();
  past.Happen(Confirm("acme", "3"));
  past.Happen(Contest("cora", "3"));
  past.Happen(Assign("2024-01-01", "p-1", "bolt"));
  past.Happen(Release("2024-02-01", "p-1", "bolt"));
  past.When(Retract("acme", "4")).ThenAccepted();
  past.When(Retract("cora", "4")).ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
  past.When(Retract("cora", "5")).ThenAccepted();
  past.When(Retract("acme", "6")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  past.When(Retract("acme", "7")).ThenAccepted();
  past.Happen(Retract("acme", "7"));
  past.When(Release("2024-03-01", "p-1", "bolt")).ThenAccepted();
  past.Happen(Retract("acme", "4"));
  for (const char* const again : {"4", "7"}) {
    past.When(Retract("acme", again)).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND).Saying("was retracted by");
  }
}

TEST(RetractionTest, OnlyWhatStandsIsRetracted) {
  GivenPraise().When(Retract("bolt", "4")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND);
  GivenPraise().When(Retract("bolt", "1")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  Past retracted = GivenPraise();
  retracted.Happen(Retract("bolt", "3"));
  retracted.When(Retract("bolt", "3")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND).Saying("was retracted");
  retracted.When(Retract("bolt", "4")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);  // A retraction stands.
}

TEST(RetractionTest, NothingNewRefersToWhatIsRetracted) {
  const struct {
    RecordEvidenceRequest root;
    std::string kind;
  } cases[] = {{Promise(), "commitment_fulfilled { commitment: '3' }"},
               {Conflict(), "conflict_escalated { conflict: '3' }"},
               {AccusationRequest(), "apology_issued { violation: '3' }"},
               {Says("acme", "2024-01-01", "bolt>acme", "misunderstanding_reported {}"),
                "misunderstanding_clarified { misunderstanding: '3' }"},
               {Says("acme", "2024-01-01", "*>acme,bolt", "shared_objective_agreed {}"),
                "shared_objective_achieved { objective: '3' }"}};
  for (const auto& [root, kind] : cases) {
    Given(Founding(), root).When(Says("acme", "2024-03-01", "bolt>acme", kind)).ThenAccepted();
    Given(Founding(), root, Retract("acme", "3"))
        .When(Says("acme", "2024-03-01", "bolt>acme", kind))
        .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND)
        .Saying("was retracted by partnerships/moon/events/4")
        .With("retracted_by", "partnerships/moon/events/4");
  }
  Given(Founding(), Conflict(), Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated { conflict: '3' }"),
        Retract("acme", "3"))
      .When(
          Says("acme", "2024-03-01", "*>acme,bolt", "conflict_resolved { conflict: '4' mode: RESOLUTION_MODE_JOINT }"))
      .ThenAccepted();  // The escalation stands, and the matter with it.
}

TEST(RetractionTest, ARetractedOutcomeLeavesThePromiseOpen) {
  Given(Founding(), Promise(), Kept()).When(Kept()).ThenRefused(ERROR_REASON_COMMITMENT_RESOLVED);
  Given(Founding(), Promise(), Kept(), Retract("acme", "4")).When(Kept()).ThenAccepted();
}

TEST(RetractionTest, ARetractedResolutionLeavesTheConflictOpen) {
  const auto resolved =
      Says("acme", "2024-06-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }");
  const auto escalated = Says("acme", "2024-05-01", "bolt>acme", "conflict_escalated { conflict: '3' }");
  Given(Founding(), Conflict(), resolved).When(escalated).ThenRefused(ERROR_REASON_CONFLICT_RESOLVED);
  Given(Founding(), Conflict(), resolved, Retract("acme", "4")).When(escalated).ThenAccepted();
}

// ---------------------------------------------------------------------------------------------------------------
// Correcting.

TEST(CorrectionTest, AReplacementIsStoredLikeNewEvidence) {
  CorrectEvidenceRequest request =
      Correct("acme", "4", "bolt>acme", "materiality: MATERIALITY_HIGH commitment_fulfilled { commitment: '3' }");
  request.set_request_id(kRequestId);
  const Outcome outcome = Given(Founding(), Promise(), Kept()).When(request);
  outcome.Then(
      "2026-06-01T12:00:00Z evidence_corrected { event: \"partnerships/moon/events/4\" replacement { actor: \"bolt\" "
      "affected: \"acme\" source: SOURCE_COUNTERPART level: LEVEL_INTERORGANISATIONAL materiality: MATERIALITY_HIGH "
      "commitment_fulfilled { commitment: \"partnerships/moon/events/3\" result: FULFILMENT_RESULT_ON_TIME } } }");
  EXPECT_EQ(outcome.result()->front().request_id(), kRequestId);
}

TEST(CorrectionTest, TimesAreKeptUnlessTheyAreGiven) {
  CorrectEvidenceRequest request = Correct("acme", "3", "bolt>acme", "feedback_given {}");
  SetOccurTime("2023-12-17", request);
  request.set_occur_time_precision(TIME_PRECISION_MONTH);
  *request.mutable_observe_time() = On("2024-01-03").time;
  const Past past = Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "feedback_given {}"));
  const EvidenceCorrected correction = past.When(request).result()->front().evidence_corrected();
  EXPECT_EQ(projections::ToTime(correction.occur_time()), At("2023-12-01T00:00:00Z"));
  EXPECT_EQ(correction.occur_time_precision(), TIME_PRECISION_MONTH);
  EXPECT_EQ(projections::ToTime(correction.observe_time()), At("2024-01-03T00:00:00Z"));
  const EvidenceCorrected plain =
      past.When(Correct("acme", "3", "bolt>acme", "feedback_given {}")).result()->front().evidence_corrected();
  EXPECT_FALSE(plain.has_occur_time() || plain.has_observe_time());
}

TEST(CorrectionTest, TheSourceStaysUnlessTheActorIsAnother) {
  const auto source = [](const Past& past, const CorrectEvidenceRequest& request) {
    const Outcome outcome = past.When(request);
    outcome.ThenAccepted();
    return Source_Name(outcome.result()->front().evidence_corrected().replacement().source());
  };
  EXPECT_EQ(source(GivenPraise(), Correct("notary", "3", "bolt>acme", "feedback_given {}")), "SOURCE_SELF");
  EXPECT_EQ(source(GivenPraise(), Correct("bolt", "3", "acme>bolt", "feedback_given {}")), "SOURCE_COUNTERPART");
  EXPECT_EQ(source(GivenPraise(), Correct("bolt", "3", "acme>cora", "feedback_given {}")), "SOURCE_THIRD_PARTY");
  ImportItem jointly = Imported("a", "2024-01-01", "bolt>acme", "source: SOURCE_JOINT feedback_given {}");
  EXPECT_EQ(source(Given(ImportedFounding(), jointly), Correct("acme", "3", "bolt>acme", "feedback_given {}")),
            "SOURCE_JOINT");
}

TEST(CorrectionTest, TheRecorderOrAThirdPartyCorrectsOthersContest) {
  GivenPraise().When(Correct("bolt", "3", "bolt>acme", "feedback_given {}")).ThenAccepted();
  GivenPraise().When(Correct("notary", "3", "bolt>acme", "feedback_given {}")).ThenAccepted();
  GivenPraise()
      .When(Correct("acme", "3", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
}

TEST(CorrectionTest, OnlyEvidenceIsCorrected) {
  GivenPraise().When(Correct("bolt", "9", "bolt>acme", "feedback_given {}")).ThenRefused(ERROR_REASON_EVENT_NOT_FOUND);
  GivenPraise().When(Correct("bolt", "2", "bolt>acme", "feedback_given {}")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  Past confirmed = GivenPraise();
  confirmed.Happen(Confirm("acme", "3"));
  confirmed.When(Correct("acme", "4", "bolt>acme", "feedback_given {}")).ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
}

TEST(CorrectionTest, AReplacementIsHeldToShapePartnersAndReferences) {
  GivenPraise()
      .When(Correct("bolt", "3", "bolt>bolt", "source: SOURCE_JOINT feedback_given {}"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"replacement.affected", "replacement.source"});
  CorrectEvidenceRequest empty = Word<CorrectEvidenceRequest>("", "soon");
  empty.set_occur_time_precision(TIME_PRECISION_DAY);
  *empty.mutable_observe_time() = On("2027-01-01").time;
  GivenPraise()
      .When(empty)
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"recorder", "event", "occur_time_precision", "observe_time", "replacement.actor", "replacement.affected",
               "replacement"});
  GivenPraise()
      .When(Correct("bolt", "3", "bolt>dora", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "replacement.affected[0]");
  GivenPraise()
      .When(Correct("bolt", "3", "bolt>acme", "commitment_fulfilled { commitment: '8' }"))
      .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND)
      .With("field", "replacement.commitment_fulfilled.commitment");
  GivenPraise()
      .When(Correct("bolt", "3", "bolt>acme", "commitment_fulfilled { commitment: '2' }"))
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  Given(Founding(), Conflict(), Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated {}"))
      .When(Correct("acme", "4", "bolt>acme", "conflict_escalated { conflict: '4' }"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"replacement.conflict_escalated.conflict"});
}

TEST(CorrectionTest, AReplacementFitsTheTimesThatItKeeps) {
  Given(Founding(), Promise())
      .When(Correct("acme", "3", "bolt>acme", "commitment_made { " + Due("2023-06-30") + " }"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"replacement.commitment_made.due_time"});
  RecordEvidenceRequest late = Says("acme", "2024-01-01", "bolt>acme", "feedback_given {}");
  *late.mutable_observe_time() = On("2024-01-10").time;
  CorrectEvidenceRequest request = Correct("acme", "3", "bolt>acme", "feedback_given {}");
  SetOccurTime("2024-02-01", request);
  Given(Founding(), late).When(request).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"observe_time"});
  *request.mutable_observe_time() = On("2024-02-01").time;
  Given(Founding(), late).When(request).ThenAccepted();
}

TEST(CorrectionTest, ARuleIsJudgedAsIfTheWrongVersionHadNeverBeen) {
  // Its own outcome does not stand in its way, another one does.
  Given(Founding(), Promise(), Kept())
      .When(Correct("acme", "4", "bolt>acme", "commitment_waived { commitment: '3' }"))
      .ThenAccepted();
  Given(Founding(), Promise(), Kept(), Says("acme", "2024-07-01", "bolt>acme", "commitment_missed {}"))
      .When(Correct("acme", "5", "bolt>acme", "commitment_missed { commitment: '3' }"))
      .ThenRefused(ERROR_REASON_COMMITMENT_RESOLVED);
  Given(Founding(), Promise(), Kept())
      .When(Correct("acme", "4", "bolt>acme", "commitment_missed { commitment: '3' }"))
      .ThenRefused(ERROR_REASON_COMMITMENT_NOT_DUE);
  Given(Founding(), Promise(), Kept())
      .When(Correct("acme", "4", "cora>acme", "commitment_fulfilled { commitment: '3' }"))
      .ThenRefused(ERROR_REASON_COMMITMENT_OF_ANOTHER)
      .Saying("replacement.actor");
  // The accused itself acknowledged; the one who corrects for it is not the one who speaks.
  Given(Founding(), AccusationRequest(),
        Says("bolt", "2024-02-01", "bolt>acme", "violation_acknowledged { violation: '3' }"))
      .When(Correct("notary", "4", "bolt>acme,cora", "violation_acknowledged { violation: '3' }"))
      .ThenAccepted();
}

TEST(CorrectionTest, PartOfAConflictStaysPartOfItAfterItsResolution) {
  const Past past = Given(
      Founding(), Conflict(), Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated { conflict: '3' }"),
      Says("acme", "2024-03-01", "*>acme,bolt", "conflict_resolved { conflict: '3' mode: RESOLUTION_MODE_JOINT }"),
      Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated {}"));
  past.When(Correct("acme", "4", "bolt>acme", "materiality: MATERIALITY_LOW conflict_escalated { conflict: '3' }"))
      .ThenAccepted();
  past.When(Correct("acme", "6", "bolt>acme", "conflict_escalated { conflict: '3' }"))
      .ThenRefused(ERROR_REASON_CONFLICT_RESOLVED);
}

TEST(CorrectionTest, WhatOthersReferToStaysWhatItIsReferredToAs) {
  const Past past = Given(Founding(), Promise(), Kept());
  past.When(Correct("acme", "3", "bolt>cora", "commitment_made {}")).ThenAccepted();
  past.When(Correct("acme", "3", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND)
      .With("field", "replacement")
      .With("wanted", "CommitmentMade");
  // Nothing refers to it any more, or ever did: it may be anything.
  Given(Founding(), Promise(), Kept(), Retract("acme", "4"))
      .When(Correct("acme", "3", "bolt>acme", "feedback_given {}"))
      .ThenAccepted();
  Given(Founding(), Promise()).When(Correct("acme", "3", "bolt>acme", "feedback_given {}")).ThenAccepted();
  // What began a conflict may have begun as something worse, but not as part of another.
  const Past conflict = Given(Founding(), Conflict(), Conflict(),
                              Says("acme", "2024-02-01", "bolt>acme", "conflict_escalated { conflict: '3' }"));
  conflict.When(Correct("acme", "3", "bolt>acme", "formal_dispute_opened {}")).ThenAccepted();
  conflict.When(Correct("acme", "3", "bolt>acme", "conflict_escalated { conflict: '4' }"))
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
}

TEST(CorrectionTest, WhatIsCorrectedIntoAnotherKindIsNoLongerReferredTo) {
  Given(Founding(), Promise(), Correct("acme", "3", "bolt>acme", "feedback_given {}"))
      .When(Kept())
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND)
      .With("corrected_by", "partnerships/moon/events/4");
  Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "feedback_given {}"),
        Correct("acme", "3", "bolt>acme", "commitment_made {}"))
      .When(Kept())
      .ThenAccepted();
}

TEST(CorrectionTest, ACorrectionBringsBackWhatWasRetracted) {
  Given(Founding(), Promise(), Retract("acme", "3"), Correct("acme", "3", "bolt>acme", "commitment_made {}"))
      .When(Kept())
      .ThenAccepted();
}

TEST(CorrectionTest, WordsAboutTheRecordAreAcceptedAfterTheEndAndNewConductIsNot) {
  Past past = GivenPraise();
  past.Happen(Terminate("2024-06-01"));
  past.When(Confirm("acme", "3")).ThenAccepted();
  past.When(Contest("acme", "3")).ThenAccepted();
  past.When(Retract("bolt", "3")).ThenAccepted();
  past.When(Correct("bolt", "3", "bolt>acme", "feedback_given {}")).ThenAccepted();
  CorrectEvidenceRequest moved = Correct("bolt", "3", "bolt>acme", "feedback_given {}");
  SetOccurTime("2024-07-01", moved);
  past.When(moved).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
}

TEST(EvidenceVersionsTest, NoWordReachesAPartnershipThatIsNotThere) {
  Given().When(Confirm("acme", "3")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Contest("acme", "3")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Retract("acme", "3")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Correct("acme", "3", "bolt>acme", "feedback_given {}")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

TEST(EvidenceVersionsTest, AWordNamesItsEventAndItsTimeRightly) {
  ConfirmEvidenceRequest request = Confirm("Acme", "the first");
  SetOccurTime("2027-01-01", request);
  request.set_request_id("4711");
  Given()
      .When(request)
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"recorder", "request_id", "event", "occur_time"});
  Given().When(Retract("acme", "")).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"event"});
  Given().When(Contest("acme", "partnerships/sun/events/3")).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"event"});
}

// ---------------------------------------------------------------------------------------------------------------
// Who may say at first where the matter of a violation stands.

TEST(StandingTest, AReportStandsAtFirstWhereItsRecorderMaySay) {
  const auto report = [](absl::string_view recorder, const std::string& standing, absl::string_view roles) {
    return Given(Founding())
        .When(Says(recorder, "2024-01-01", roles,
                   "violation_reported { type: VIOLATION_TYPE_DECEPTION standing: STANDING_" + standing + " }"));
  };
  for (const char* const anyone : {"acme", "bolt", "cora", "notary"})
    report(anyone, "ALLEGED", "bolt>acme").ThenAccepted();
  for (const char* const answer : {"ACKNOWLEDGED", "DISPUTED"}) {
    report("bolt", answer, "bolt>acme").ThenAccepted();
    report("acme", answer, "*>acme,bolt").ThenAccepted();
    for (const char* const other : {"acme", "cora", "notary"}) {
      report(other, answer, "bolt>acme").ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED).With("recorder", other);
    }
  }
  for (const char* const finding : {"SUBSTANTIATED", "PARTLY", "UNFOUNDED"}) {
    report("cora", finding, "bolt>acme").ThenAccepted();
    report("notary", finding, "bolt>acme").ThenAccepted();
    report("acme", finding, "bolt>acme").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
    report("bolt", finding, "bolt>acme").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
    report("acme", finding, "*>acme,bolt").ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
  }
  report("acme", "WITHDRAWN", "bolt>acme").ThenAccepted();
  report("bolt", "WITHDRAWN", "bolt>acme").ThenRefused(ERROR_REASON_RECORDER_NOT_ENTITLED);
}

TEST(StandingTest, ACorrectionDoesNotRaiseTheStandingOnTheAccusersWord) {
  Given(Founding(), AccusationRequest())
      .When(Correct("acme", "3", "bolt>acme",
                    "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM standing: STANDING_SUBSTANTIATED }"))
      .ThenRefused(ERROR_REASON_FINDING_NOT_INDEPENDENT);
}

}  // namespace
}  // namespace domain
