// domain::DecideImport.

#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

const ImportOrigin& OriginOf(const Outcome& outcome) { return outcome.result()->front().import_origin(); }

std::vector<std::string> WarningsOf(const Outcome& outcome) {
  if (!outcome.result().ok()) return {"refused: " + outcome.result().status().ToString()};
  return {OriginOf(outcome).warnings().begin(), OriginOf(outcome).warnings().end()};
}

std::string RecordedOn(const Outcome& outcome) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", projections::ToTime(OriginOf(outcome).original_record_time()),
                          absl::UTCTimeZone());
}

ImportItem PromiseItem() {
  return Imported("promise", "2024-01-01", "bolt>acme", "commitment_made { " + Due("2024-06-30") + " }");
}
ImportItem AccusationItem() {
  return Imported("accusation", "2024-01-01", "bolt>acme", "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM }");
}

TEST(ImportTest, AFoundingMakesTwoEventsWithTheItemsOrigin) {
  const Outcome outcome = Given().When(ImportedFounding({"acme", "bolt"}));
  outcome.Then(
      "2020-01-06 partnership_proposed { display_name: \"moon\" partners { organization: \"acme\" display_name: "
      "\"acme\" } "
      "partners { organization: \"bolt\" display_name: \"bolt\" } }\n"
      "2020-01-06 initial_contact_made { organizations: \"acme\" organizations: \"bolt\" }");
  for (const Event& event : *outcome.result()) {
    EXPECT_EQ(event.import_origin().external_id(), "founding");
    EXPECT_EQ(event.recorder(), "acme");
    EXPECT_EQ(event.principal(), "user-1");
  }
}

TEST(ImportTest, AnItemKeepsItsOrigin) {
  ImportItem item = Imported("a.1", "2024-01-01", "bolt>acme", "feedback_given {}");
  item.set_citation("minutes of 3 May, p. 4");
  item.set_synthetic(true);
  const Outcome outcome = Given(ImportedFounding()).When(item);
  outcome.Then("2024-01-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM feedback_given { }");
  EXPECT_EQ(OriginOf(outcome).external_id(), "a.1");
  EXPECT_EQ(OriginOf(outcome).citation(), "minutes of 3 May, p. 4");
  EXPECT_TRUE(OriginOf(outcome).synthetic());
  EXPECT_EQ(OriginOf(outcome).warnings_size(), 0);
}

TEST(ImportTest, TheRecorderIsTheFirstAffectedUnlessSaid) {
  ImportItem item = Imported("a", "2024-01-01", "bolt>cora,acme", "feedback_given {}");
  EXPECT_EQ(Given(ImportedFounding()).When(item).result()->front().recorder(), "cora");
  item.set_recorder("notary");
  EXPECT_EQ(Given(ImportedFounding()).When(item).result()->front().recorder(), "notary");
  ImportItem witnessed = Imported("a", "2024-01-01", "bolt>|cora", "feedback_given {}");
  EXPECT_EQ(Given(ImportedFounding()).When(witnessed).result()->front().recorder(), "acme");
}

TEST(ImportTest, TheSourceIsAsStatedAndCounterpartOtherwise) {
  Given(ImportedFounding())
      .When(Imported("a", "2024-01-01", "bolt>acme", "source: SOURCE_SYSTEM feedback_given {}"))
      .Then("2024-01-01 bolt>acme SYSTEM INTERORGANISATIONAL MEDIUM feedback_given { }");
  ImportItem by_the_actor = Imported("a", "2024-01-01", "bolt>acme", "feedback_given {}");
  by_the_actor.set_recorder("bolt");
  Given(ImportedFounding())
      .When(by_the_actor)
      .Then("2024-01-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM feedback_given { }");
}

TEST(ImportTest, ReferencesMayBeExternalIdsNamesOrRevisions) {
  for (const char* const reference : {"promise", "3", "partnerships/moon/events/3"}) {
    const Outcome outcome = Given(ImportedFounding(), PromiseItem())
                                .When(Imported("kept", "2024-06-01", "bolt>acme",
                                               absl::StrCat("commitment_fulfilled { commitment: '", reference, "' }")));
    outcome.ThenAccepted();
    EXPECT_EQ(outcome.result()->front().evidence().commitment_fulfilled().commitment(), "partnerships/moon/events/3");
  }
}

TEST(ImportTest, AnUnknownReferenceOrPartnerIsRefused) {
  Given(ImportedFounding(), PromiseItem())
      .When(Imported("kept", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: 'no-such-item' }"))
      .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND)
      .With("event", "no-such-item");
  Given(ImportedFounding(), PromiseItem())
      .When(Imported("kept", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: 'founding' }"))
      .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND);
  Given(ImportedFounding())
      .When(Imported("a", "2024-06-01", "dora>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
}

TEST(ImportTest, APartnershipThatHasLivedIsClosedToImport) {
  Given(Founding())
      .When(Imported("a", "2024-06-01", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_LIVE)
      .With("partnership", "moon");
  Given(ImportedFounding(), Says("acme", "2024-01-01", "bolt>acme", "feedback_given {}"))
      .When(Imported("a", "2024-06-01", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_LIVE);
}

TEST(ImportTest, APartnershipIsFoundedFirstAndOnce) {
  Given().When(PromiseItem()).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given(ImportedFounding()).When(ImportedFounding()).ThenRefused(ERROR_REASON_PARTNERSHIP_EXISTS);
}

TEST(ImportTest, TheOriginalRecordTimeDefaultsToWhenItBecameKnown) {
  const Past past = Given(ImportedFounding());
  const auto recorded = [&](absl::string_view when, absl::string_view observed) {
    ImportItem item = Imported("a", when, "bolt>acme", "feedback_given {}");
    if (!observed.empty()) *item.mutable_observe_time() = On(observed).time;
    return RecordedOn(past.When(item));
  };
  EXPECT_EQ(recorded("2024-01-05", ""), "2024-01-05T00:00:00Z");
  EXPECT_EQ(recorded("2024-01-05T09:30:00Z", ""), "2024-01-05T09:30:00Z");
  EXPECT_EQ(recorded("2024-01", ""), "2024-01-15T00:00:00Z");
  EXPECT_EQ(recorded("2024", ""), "2024-07-01T00:00:00Z");
  EXPECT_EQ(recorded("2024", "2024-09-09"), "2024-09-09T00:00:00Z");
  EXPECT_EQ(recorded("2026-06", ""), "2026-06-01T00:00:00Z");     // The month's own day lies in the future.
  EXPECT_EQ(recorded("2026-06-02", ""), "2026-06-01T12:00:00Z");  // Within the tolerance, but never later than now.
  EXPECT_EQ(recorded("2019-01-01", ""), "2020-01-06T00:00:00Z");  // Never before the item before.
}

TEST(ImportTest, ItemsComeInTheOrderInWhichTheyWereRecorded) {
  ImportItem first = Imported("a", "2024-01-01", "bolt>acme", "feedback_given {}");
  *first.mutable_original_record_time() = On("2024-03-01").time;
  ImportItem second = Imported("b", "2024-01-01", "bolt>acme", "feedback_given {}");
  *second.mutable_original_record_time() = On("2024-03-01").time;
  Given(ImportedFounding(), first).When(second).ThenAccepted();
  *second.mutable_original_record_time() = On("2024-02-29").time;
  Given(ImportedFounding(), first)
      .When(second)
      .ThenRefused(ERROR_REASON_IMPORT_OUT_OF_ORDER)
      .With("external_id", "b")
      .With("previous", "2024-03-01T00:00:00+00:00");
}

TEST(ImportTest, AnOriginalRecordTimeInTheFutureIsWrong) {
  ImportItem item = Imported("a", "2024-01-01", "bolt>acme", "feedback_given {}");
  *item.mutable_original_record_time() = On("2026-06-01T12:00:01Z").time;
  Given(ImportedFounding()).When(item).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"original_record_time"});
}

TEST(ImportTest, ABrokenRuleIsStoredAsAWarning) {
  const auto warning = [](const Past& past, const ImportItem& item) {
    return absl::StrJoin(WarningsOf(past.When(item)), " & ");
  };
  const Past promise = Given(ImportedFounding(), PromiseItem());
  EXPECT_THAT(warning(promise, Imported("x", "2024-02-01", "bolt>acme", "commitment_missed { commitment: 'promise' }")),
              testing::HasSubstr("cannot have been missed on 2024-02-01"));
  EXPECT_THAT(
      warning(promise, Imported("x", "2024-08-01", "bolt>acme", "commitment_renegotiated { commitment: 'promise' }")),
      testing::HasSubstr("cannot be renegotiated on 2024-08-01"));
  EXPECT_THAT(
      warning(promise, Imported("x", "2024-02-01", "cora>acme", "commitment_fulfilled { commitment: 'promise' }")),
      testing::HasSubstr("was promised by bolt, not by cora"));

  Past conflict = Given(ImportedFounding(), Imported("conflict", "2024-01-01", "bolt>acme", "conflict_raised {}"),
                        Imported("resolved", "2024-03-01", "*>acme,bolt",
                                 "conflict_resolved { conflict: 'conflict' mode: RESOLUTION_MODE_JOINT }"));
  EXPECT_THAT(
      warning(conflict, Imported("x", "2024-02-01", "bolt>acme", "conflict_escalated { conflict: 'conflict' }")),
      testing::HasSubstr("was resolved on 2024-03-01"));
}

TEST(ImportTest, EveryBrokenRuleIsNamed) {
  const Past past =
      Given(ImportedFounding(), PromiseItem(),
            Imported("kept", "2024-03-01", "bolt>acme", "commitment_fulfilled { commitment: 'promise' }"));
  EXPECT_EQ(
      WarningsOf(past.When(Imported("x", "2024-04-01", "cora>acme", "commitment_missed { commitment: 'promise' }")))
          .size(),
      3u);
}

TEST(ImportTest, TheLifeCycleIsTakenAsItWas) {
  ImportItem step;
  step.set_partnership(kPartnership);
  step.set_external_id("step");
  SetOccurTime("2024-01-01", step);
  step.mutable_partnership_resumed();
  EXPECT_EQ(WarningsOf(Given(ImportedFounding()).When(step)).size(), 1u);
  step.mutable_partnership_suspended();
  EXPECT_EQ(WarningsOf(Given(ImportedFounding()).When(step)).size(), 0u);
  step.mutable_partnership_terminated()->set_mode(TERMINATION_MODE_EXPIRED);
  const Past ended = Given(ImportedFounding(), step);
  EXPECT_EQ(WarningsOf(ended.When(step)).size(), 1u);
  step.mutable_milestone()->mutable_review_held();
  EXPECT_EQ(WarningsOf(ended.When(step)).size(), 1u);
  step.mutable_milestone()->mutable_partnership_renewed();
  Given(ImportedFounding())
      .When(step)
      .Then("2024-01-01 *>acme,bolt,cora COUNTERPART INTERORGANISATIONAL MEDIUM partnership_renewed { }");
  EXPECT_EQ(WarningsOf(ended.When(Imported("x", "2024-05-01", "bolt>acme", "feedback_given {}"))).size(), 1u);
}

TEST(ImportTest, WhoMaySpeakIsJudgedOnlyWhereTheItemSaysWhoSpoke) {
  const Past past = Given(ImportedFounding(), AccusationItem());
  ImportItem disputed = Imported("x", "2024-02-01", "bolt>acme", "violation_disputed { violation: 'accusation' }");
  EXPECT_EQ(WarningsOf(past.When(disputed)).size(), 0u);
  disputed.set_recorder("acme");
  EXPECT_EQ(WarningsOf(past.When(disputed)).size(), 1u);

  EXPECT_EQ(
      WarningsOf(past.When(Imported("x", "2024-02-01", "bolt>acme", "remediation_verified { violation: '3' }"))).size(),
      0u);
  EXPECT_EQ(WarningsOf(past.When(Imported("x", "2024-02-01", "bolt>acme",
                                          "source: SOURCE_SELF remediation_verified { violation: '3' }")))
                .size(),
            1u);
  const std::string finding = " finding_issued { violation: '3' result: FINDING_RESULT_UNFOUNDED }";
  EXPECT_EQ(WarningsOf(past.When(Imported("x", "2024-02-01", "bolt>acme", finding))).size(), 1u);
  EXPECT_EQ(
      WarningsOf(past.When(Imported("x", "2024-02-01", "bolt>acme", "source: SOURCE_THIRD_PARTY" + finding))).size(),
      0u);
  EXPECT_EQ(WarningsOf(past.When(Imported("x", "2024-02-01", "court>acme,bolt", finding))).size(), 0u);
}

// ---------------------------------------------------------------------------------------------------------------
// Structure, and words about the record.

TEST(ImportTest, PartnersJoinMeetAndLeave) {
  const ImportItem joined = ImportedBody("joined", "2021-01-01", "partner_joined { partner { organization: 'dora' } }");
  Given(ImportedFounding())
      .When(joined)
      .Then("2021-01-01 partner_joined { partner { organization: \"dora\" display_name: \"dora\" } }");
  Given(ImportedFounding(), joined)
      .When(ImportedBody("met", "2021-02-01",
                         "initial_contact_made { organizations: 'dora' organizations: 'acme' organizations: 'cora' }"))
      .Then(
          "2021-02-01 initial_contact_made { organizations: \"dora\" organizations: \"acme\" organizations: \"cora\" "
          "}");
  Given(ImportedFounding(), joined)
      .When(ImportedBody("left", "2022-01-01", "partner_left { organization: 'dora' }"))
      .Then("2022-01-01 partner_left { organization: \"dora\" }");
  Given(ImportedFounding())
      .When(ImportedBody("met", "2021-02-01", "initial_contact_made { organizations: 'dora' organizations: 'acme' }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "initial_contact_made.organizations[0]");
  Given(ImportedFounding())
      .When(ImportedBody("left", "2022-01-01", "partner_left { organization: 'dora' }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "partner_left.organization");
  std::vector<std::string> fifty;
  for (int i = 0; i < 50; ++i) fifty.push_back(absl::StrCat("firm-", i));
  Given(ImportedFounding(fifty)).When(joined).ThenRefused(ERROR_REASON_TOO_MANY_PARTNERS);
}

TEST(ImportTest, TiesAndContactsAreTakenIn) {
  Given(ImportedFounding())
      .When(ImportedBody("tie", "2021-01-01", "tie_declared { organizations: 'bolt' organizations: 'acme' }"))
      .Then("2021-01-01 tie_declared { organizations: \"acme\" organizations: \"bolt\" }");
  Given(ImportedFounding())
      .When(ImportedBody("a", "2021-01-01", "contact_assigned { contact: 'p-1' organization: 'acme' }"))
      .Then("2021-01-01 contact_assigned { contact: \"p-1\" organization: \"acme\" }");
  Given(ImportedFounding())
      .When(ImportedBody("a", "2021-01-01", "contact_assigned { contact: 'p-1' organization: 'dora' }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(ImportedFounding())
      .When(ImportedBody("a", "2021-01-01", "contact_departed { contact: 'p-1' organization: 'dora' }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(ImportedFounding())
      .When(ImportedBody("tie", "2021-01-01", "tie_declared { organizations: 'bolt' organizations: 'dora' }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
}

TEST(ImportTest, ABrokenRuleOfStructureIsAWarning) {
  const auto warning = [](const Past& past, const std::string& body) {
    return absl::StrJoin(WarningsOf(past.When(ImportedBody("x", "2021-01-01", body))), " & ");
  };
  const Past founded = Given(ImportedFounding({"acme", "bolt"}));
  EXPECT_THAT(warning(founded, "partner_joined { partner { organization: 'bolt' } }"),
              testing::HasSubstr("is a partner of moon already"));
  EXPECT_THAT(warning(founded, "partner_left { organization: 'bolt' }"), testing::HasSubstr("would have 1 partners"));
  EXPECT_THAT(warning(founded, "contact_departed { contact: 'p-1' organization: 'bolt' }"),
              testing::HasSubstr("p-1 does not stand for bolt"));
  const std::string tie = "tie_declared { organizations: 'bolt' organizations: 'acme' }";
  const std::string assigned = "contact_assigned { contact: 'p-1' organization: 'acme' }";
  const Past told = Given(ImportedFounding({"acme", "bolt"}), ImportedBody("t", "2020-02-01", tie),
                          ImportedBody("c", "2020-02-01", assigned));
  EXPECT_THAT(warning(told, tie), testing::HasSubstr("declared already"));
  EXPECT_THAT(warning(told, assigned), testing::HasSubstr("stands for acme already"));
  ImportItem end = ImportedBody("end", "2020-06-01", "partnership_terminated { mode: TERMINATION_MODE_EXPIRED }");
  const Past ended = Given(ImportedFounding({"acme", "bolt"}), end);
  EXPECT_THAT(warning(ended, tie), testing::HasSubstr("ended on 2020-06-01"));
  const Past left = Given(ImportedFounding(), ImportedBody("l", "2020-06-01", "partner_left { organization: 'bolt' }"));
  EXPECT_THAT(warning(left, tie), testing::HasSubstr("bolt left moon on 2020-06-01"));
}

TEST(ImportTest, WordsAboutTheRecordMayNameItemsByTheirExternalId) {
  const Past past = Given(ImportedFounding(), PromiseItem());
  for (const char* const name : {"promise", "3", "partnerships/moon/events/3"}) {
    past.When(ImportedBody("x", "2024-02-01", absl::StrCat("evidence_confirmed { event: '", name, "' }"), "cora"))
        .Then("2024-02-01 evidence_confirmed { event: \"partnerships/moon/events/3\" }");
    past.When(ImportedBody("x", "2024-02-01", absl::StrCat("evidence_contested { event: '", name, "' }"), "cora"))
        .Then("2024-02-01 evidence_contested { event: \"partnerships/moon/events/3\" }");
    past.When(ImportedBody("x", "2024-02-01", absl::StrCat("evidence_retracted { event: '", name, "' }")))
        .Then("2024-02-01 evidence_retracted { event: \"partnerships/moon/events/3\" }");
    past.When(ImportedBody("x", "2024-02-01",
                           absl::StrCat("evidence_corrected { event: '", name,
                                        "' replacement { actor: 'bolt' affected: 'cora' commitment_made {} } }")))
        .Then(
            "2024-02-01 evidence_corrected { event: \"partnerships/moon/events/3\" replacement { actor: \"bolt\" "
            "affected: \"cora\" source: SOURCE_COUNTERPART level: LEVEL_INTERORGANISATIONAL "
            "materiality: MATERIALITY_MEDIUM commitment_made { } } }");
  }
  past.When(ImportedBody("x", "2024-02-01", "evidence_retracted { event: 'nothing' }"))
      .ThenRefused(ERROR_REASON_EVENT_NOT_FOUND);
  for (const char* const kind : {"evidence_confirmed", "evidence_contested", "evidence_retracted"}) {
    past.When(ImportedBody("x", "2024-02-01", absl::StrCat(kind, " { event: 'founding' }"), "cora"))
        .ThenRefused(ERROR_REASON_WRONG_EVENT_KIND)
        .With("field", absl::StrCat(kind, ".event"));
  }
  past.When(ImportedBody("x", "2024-02-01",
                         "evidence_corrected { event: '3' replacement { actor: 'bolt' affected: 'dora' "
                         "commitment_made {} } }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "evidence_corrected.replacement.affected[0]");
}

TEST(ImportTest, ReferencesInsideACorrectionMayBeExternalIds) {
  const Outcome outcome =
      Given(ImportedFounding(), PromiseItem(), Imported("kept", "2024-06-01", "bolt>acme", "commitment_fulfilled {}"))
          .When(ImportedBody("x", "2024-07-01",
                             "evidence_corrected { event: 'kept' replacement { actor: 'bolt' affected: 'acme' "
                             "source: SOURCE_JOINT commitment_fulfilled { commitment: 'promise' } } }"));
  outcome.ThenAccepted();
  const Evidence& replacement = outcome.result()->front().evidence_corrected().replacement();
  EXPECT_EQ(replacement.commitment_fulfilled().commitment(), "partnerships/moon/events/3");
  EXPECT_EQ(replacement.source(), SOURCE_JOINT);
}

TEST(ImportTest, ABrokenRuleAboutTheRecordIsAWarning) {
  const auto warning = [](const Past& past, const std::string& body, absl::string_view recorder = "") {
    return absl::StrJoin(WarningsOf(past.When(ImportedBody("x", "2024-08-01", body, recorder))), " & ");
  };
  const Past told = Given(ImportedFounding(), PromiseItem());
  EXPECT_THAT(warning(told, "evidence_confirmed { event: 'promise' }", "acme"), testing::HasSubstr("acme recorded"));
  EXPECT_THAT(warning(told, "evidence_confirmed { event: 'promise' }", "bolt"), testing::HasSubstr("is the actor of"));
  EXPECT_THAT(warning(told, "evidence_retracted { event: 'promise' }", "bolt"), testing::HasSubstr("contest it"));
  EXPECT_EQ(warning(told, "evidence_retracted { event: 'promise' }"), "");
  const Past retracted = Given(ImportedFounding(), PromiseItem(),
                               ImportedBody("r", "2024-02-01", "evidence_retracted { event: 'promise' }"));
  EXPECT_THAT(warning(retracted, "evidence_retracted { event: 'promise' }"), testing::HasSubstr("was retracted by"));
  EXPECT_THAT(absl::StrJoin(WarningsOf(retracted.When(Imported("y", "2024-08-01", "bolt>acme",
                                                               "commitment_fulfilled { commitment: 'promise' }"))),
                            " & "),
              testing::HasSubstr("was retracted by partnerships/moon/events/4"));
  const Past unconfirmed = Given(ImportedFounding(), PromiseItem(),
                                 ImportedBody("c", "2024-02-01", "evidence_confirmed { event: '3' }", "cora"),
                                 ImportedBody("r", "2024-02-01", "evidence_retracted { event: 'c' }"));
  EXPECT_THAT(warning(unconfirmed, "evidence_retracted { event: 'c' }"), testing::HasSubstr("was retracted by"));
  const Past kept =
      Given(ImportedFounding(), PromiseItem(),
            Imported("kept", "2024-06-01", "bolt>acme", "commitment_fulfilled { commitment: 'promise' }"));
  EXPECT_THAT(warning(kept,
                      "evidence_corrected { event: 'promise' replacement { actor: 'bolt' affected: 'acme' "
                      "feedback_given {} } }"),
              testing::HasSubstr("later evidence refers to"));
}

TEST(ImportTest, AConfirmationOrContestSaysWhoseWordItIs) {
  for (const char* const kind : {"evidence_confirmed", "evidence_contested"}) {
    Given(ImportedFounding(), PromiseItem())
        .When(ImportedBody("x", "2024-02-01", absl::StrCat(kind, " { }")))
        .ThenRefused(ERROR_REASON_INVALID_FIELD)
        .Naming({"recorder", absl::StrCat(kind, ".event")});
  }
}

TEST(ImportTest, EveryWrongFieldOfANewBodyIsNamed) {
  const auto names = [](const std::string& body, const std::vector<std::string>& fields) {
    Given(ImportedFounding())
        .When(ImportedBody("x", "2024-02-01", body))
        .ThenRefused(ERROR_REASON_INVALID_FIELD)
        .Naming(fields);
  };
  names("evidence_corrected { }", {"evidence_corrected.event", "evidence_corrected.replacement.actor",
                                   "evidence_corrected.replacement.affected", "evidence_corrected.replacement"});
  names("evidence_retracted { }", {"evidence_retracted.event"});
  names("partner_joined { }", {"partner_joined.partner.organization"});
  names("partner_left { }", {"partner_left.organization"});
  names("tie_declared { organizations: 'acme' organizations: 'acme' }", {"tie_declared.organizations[1]"});
  names("initial_contact_made { organizations: 'acme' }", {"initial_contact_made.organizations"});
  names("contact_assigned { }", {"contact_assigned.contact", "contact_assigned.organization"});
  names("contact_departed { }", {"contact_departed.contact", "contact_departed.organization"});
}

TEST(ImportTest, AStandingThatItsRecorderMayNotStateIsAWarning) {
  ImportItem report =
      Imported("v", "2024-01-01", "bolt>acme",
               "violation_reported { type: VIOLATION_TYPE_DECEPTION standing: STANDING_SUBSTANTIATED }");
  EXPECT_EQ(WarningsOf(Given(ImportedFounding()).When(report)).size(), 0u) << "who spoke is not said";
  report.set_recorder("acme");
  EXPECT_EQ(WarningsOf(Given(ImportedFounding()).When(report)).size(), 1u);
  report.mutable_evidence()->set_source(SOURCE_JOINT);
  EXPECT_EQ(WarningsOf(Given(ImportedFounding()).When(report)).size(), 0u);
}

}  // namespace
}  // namespace domain
