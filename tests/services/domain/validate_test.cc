// domain::Validate.

#include "services/domain/limits.h"
#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

std::vector<std::string> WrongFields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

template <typename Request>
std::vector<std::string> WrongIn(const Request& request) {
  const absl::Status status = Validate(request, Now());
  EXPECT_EQ(ReasonOf(status), status.ok() ? ERROR_REASON_UNSPECIFIED : ERROR_REASON_INVALID_FIELD) << status;
  return WrongFields(status);
}

using testing::ElementsAre;
using testing::IsEmpty;

RecordEvidenceRequest Feedback(absl::string_view roles = "bolt>acme") {
  return Says("acme", "2024-01-01", roles, "feedback_given {}");
}

// The wrong fields of evidence of this kind.
std::vector<std::string> WrongOf(const std::string& kind) {
  return WrongIn(Says("acme", "2024-01-01", "bolt>acme", kind));
}

TEST(ValidateTest, AllWrongFieldsAreNamedAtOnce) {
  RecordEvidenceRequest request;
  request.set_request_id("1");
  request.set_expected_revision(-1);
  request.set_correlation_id("a\nb");
  request.set_causation_id(std::string(kTraceIdSizeMax + 1, 'a'));
  EXPECT_THAT(WrongIn(request),
              ElementsAre("partnership", "recorder", "request_id", "correlation_id", "causation_id",
                          "expected_revision", "occur_time", "evidence.actor", "evidence.affected", "evidence"));
}

TEST(ValidateTest, AGoodRequestPasses) {
  RecordEvidenceRequest request = Feedback();
  request.set_request_id(kRequestId);
  request.set_expected_revision(0);
  request.set_correlation_id(std::string(kTraceIdSizeMax, 'a'));
  EXPECT_THAT(WrongIn(request), IsEmpty());
}

TEST(ValidateTest, EveryCommandsEnvelopeIsChecked) {
  EXPECT_THAT(WrongIn(SuspendPartnershipRequest()), ElementsAre("partnership", "recorder", "occur_time"));
  EXPECT_THAT(WrongIn(ResumePartnershipRequest()), ElementsAre("partnership", "recorder", "occur_time"));
  EXPECT_THAT(WrongIn(TerminatePartnershipRequest()), ElementsAre("partnership", "recorder", "occur_time", "mode"));
  EXPECT_THAT(WrongIn(RecordMilestoneRequest()), ElementsAre("partnership", "recorder", "occur_time", "milestone"));
  EXPECT_THAT(WrongIn(BatchRecordEvidenceRequest()), ElementsAre("partnership", "recorder", "items"));
  EXPECT_THAT(WrongIn(CreatePartnershipRequest()),
              ElementsAre("partnership", "recorder", "partners", "initial_contact_time"));
  EXPECT_THAT(WrongIn(ImportItem()), ElementsAre("partnership", "external_id", "occur_time", "body"));
}

TEST(ValidateTest, AFoundingHasTwoToFiftyDifferentPartners) {
  EXPECT_THAT(WrongIn(Founding({"acme", "bolt"})), IsEmpty());
  EXPECT_THAT(WrongIn(Founding({"acme"})), ElementsAre("partners"));
  EXPECT_THAT(WrongIn(Founding({"acme", "acme"})), ElementsAre("partners[1].organization"));
  EXPECT_THAT(WrongIn(Founding({"acme", "Bolt"})), ElementsAre("partners[1].organization"));
  std::vector<std::string> many;
  for (int i = 0; i < kPartnersMax; ++i) many.push_back(absl::StrCat("p", i));
  EXPECT_THAT(WrongIn(Founding(many)), IsEmpty());
  many.push_back("one-more");
  EXPECT_THAT(WrongIn(Founding(many)), ElementsAre("partners"));
}

TEST(ValidateTest, NamesForPeopleAreShortUtf8) {
  CreatePartnershipRequest request = Founding();
  request.set_display_name(std::string(kDisplayNameSizeMax, 'a'));
  request.mutable_partners(0)->set_display_name("Société Générale");
  EXPECT_THAT(WrongIn(request), IsEmpty());
  request.set_display_name(std::string(kDisplayNameSizeMax + 1, 'a'));
  request.mutable_partners(0)->set_display_name("a\tb");
  request.mutable_partners(1)->set_display_name("\xC0\x80");
  EXPECT_THAT(WrongIn(request), ElementsAre("display_name", "partners[0].display_name", "partners[1].display_name"));
}

TEST(ValidateTest, NothingHappensMoreThanADayInTheFuture) {
  const auto wrong = [](absl::string_view when) {
    return WrongIn(Says("acme", when, "bolt>acme", "feedback_given {}"));
  };
  EXPECT_THAT(wrong("2026-06-02T12:00:00Z"), IsEmpty());
  EXPECT_THAT(wrong("2026-06-02T12:00:01Z"), ElementsAre("occur_time"));
  EXPECT_THAT(wrong("2026-06-02"), IsEmpty());
  EXPECT_THAT(wrong("2026-06-03"), ElementsAre("occur_time"));
  EXPECT_THAT(wrong("2026-06"), IsEmpty());  // The month has begun.
  EXPECT_THAT(wrong("2026"), IsEmpty());
  EXPECT_THAT(wrong("2026-07"), ElementsAre("occur_time"));
  EXPECT_THAT(wrong("2027"), ElementsAre("occur_time"));
}

TEST(ValidateTest, NothingIsLearnedOfBeforeItHappenedOrInTheFuture) {
  const auto wrong = [](absl::string_view when, absl::string_view observed) {
    RecordEvidenceRequest request = Says("acme", when, "bolt>acme", "feedback_given {}");
    *request.mutable_observe_time() = On(observed).time;
    return WrongIn(request);
  };
  EXPECT_THAT(wrong("2024-01-05", "2024-01-05"), IsEmpty());
  EXPECT_THAT(wrong("2024-01-05", "2024-01-04T23:59:59Z"), ElementsAre("observe_time"));
  EXPECT_THAT(wrong("2024-01", "2024-01-01"), IsEmpty());  // By the first instant of the month.
  EXPECT_THAT(wrong("2024", "2023-12-31"), ElementsAre("observe_time"));
  EXPECT_THAT(wrong("2024-01-05", "2026-06-02T12:00:01Z"), ElementsAre("observe_time"));
}

TEST(ValidateTest, TimesAreTimestampsOfTheYears1To9999) {
  const auto wrong = [](int64_t seconds, int32_t nanos) {
    RecordEvidenceRequest request = Feedback();
    request.mutable_occur_time()->set_seconds(seconds);
    request.mutable_occur_time()->set_nanos(nanos);
    request.set_occur_time_precision(TIME_PRECISION_INSTANT);
    return WrongIn(request);
  };
  EXPECT_THAT(wrong(kTimestampSecondsMin, 0), IsEmpty());
  EXPECT_THAT(wrong(kTimestampSecondsMin - 1, 0), ElementsAre("occur_time"));
  EXPECT_THAT(wrong(kTimestampSecondsMax + 1, 0), ElementsAre("occur_time"));
  EXPECT_THAT(wrong(INT64_MAX, 0), ElementsAre("occur_time"));
  EXPECT_THAT(wrong(0, 1'000'000'000), ElementsAre("occur_time"));
  EXPECT_THAT(wrong(0, -1), ElementsAre("occur_time"));
  RecordEvidenceRequest request = Feedback();
  request.set_occur_time_precision(static_cast<TimePrecision>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("occur_time_precision"));
}

TEST(ValidateTest, TheConcernedAreDifferentPartnersBesideTheActor) {
  EXPECT_THAT(WrongIn(Feedback("bolt>acme|cora")), IsEmpty());
  EXPECT_THAT(WrongIn(Feedback("bolt>|cora")), IsEmpty());
  EXPECT_THAT(WrongIn(Feedback("bolt>acme,bolt")), IsEmpty());
  EXPECT_THAT(WrongIn(Feedback(">acme")), ElementsAre("evidence.actor"));
  EXPECT_THAT(WrongIn(Feedback("**>acme")), ElementsAre("evidence.actor"));
  EXPECT_THAT(WrongIn(Feedback("bolt>")), ElementsAre("evidence.affected"));
  EXPECT_THAT(WrongIn(Feedback("bolt>bolt")), ElementsAre("evidence.affected"));
  EXPECT_THAT(WrongIn(Feedback("bolt>acme,cora,acme")), ElementsAre("evidence.affected[2]"));
  EXPECT_THAT(WrongIn(Feedback("bolt>acme,*")), ElementsAre("evidence.affected[1]"));
  EXPECT_THAT(WrongIn(Feedback("bolt>acme|cora,acme")), ElementsAre("evidence.witnesses[1]"));
  EXPECT_THAT(WrongIn(Feedback("bolt>acme|bolt")), ElementsAre("evidence.witnesses"));
}

TEST(ValidateTest, AJointActHasAtLeastTwoAffected) {
  EXPECT_THAT(WrongIn(Feedback("*>acme,bolt")), IsEmpty());
  EXPECT_THAT(WrongIn(Feedback("*>acme")), ElementsAre("evidence.affected"));
  EXPECT_THAT(WrongIn(Feedback("*>|acme")), ElementsAre("evidence.affected"));
}

TEST(ValidateTest, AtMostFiftyAreAffected) {
  RecordEvidenceRequest request = Feedback("bolt>");
  for (int i = 0; i < kConcernedMax + 1; ++i) request.mutable_evidence()->add_affected(absl::StrCat("p", i));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.affected"));
}

TEST(ValidateTest, TheSourceIsNotStatedInACommand) {
  EXPECT_THAT(WrongOf("source: SOURCE_JOINT feedback_given {}"), ElementsAre("evidence.source"));
  EXPECT_THAT(WrongIn(Imported("a", "2024-01-01", "bolt>acme", "source: SOURCE_JOINT feedback_given {}")), IsEmpty());
}

TEST(ValidateTest, QualitiesAreKnownAndIdShaped) {
  RecordEvidenceRequest request = Feedback();
  request.mutable_evidence()->set_level(static_cast<Level>(7));
  request.mutable_evidence()->set_materiality(static_cast<Materiality>(7));
  request.mutable_evidence()->set_label("Engine delivery");
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.level", "evidence.materiality", "evidence.label"));
}

TEST(ValidateTest, ContactsBelongToInterpersonalEvidence) {
  EXPECT_THAT(WrongOf("actor_contact: 'c' affected_contact: 'd' feedback_given {}"),
              ElementsAre("evidence.actor_contact", "evidence.affected_contact"));
  EXPECT_THAT(WrongOf("level: LEVEL_INTERPERSONAL actor_contact: 'c' affected_contact: 'd' feedback_given {}"),
              IsEmpty());
  EXPECT_THAT(WrongOf("actor_contact: 'c' interpersonal_trust_attested { reliability: 1 integrity: 5 }"), IsEmpty());
}

TEST(ValidateTest, WhatAKindRequiresIsThere) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds = {
      {"commitment_renegotiated {}", {"commitment"}},
      {"commitment_waived {}", {"commitment"}},
      {"conflict_resolved {}", {"conflict", "mode"}},
      {"violation_reported {}", {"type"}},
      {"violation_disputed {}", {"violation"}},
      {"violation_acknowledged {}", {"violation"}},
      {"allegation_withdrawn {}", {"violation"}},
      {"finding_issued {}", {"violation", "result"}},
      {"explanation_provided {}", {"violation"}},
      {"apology_issued {}", {"violation"}},
      {"remediation_committed {}", {"violation"}},
      {"remediation_completed {}", {"violation"}},
      {"remediation_verified {}", {"violation"}},
      {"compensation_paid {}", {"violation"}},
      {"violation_closed {}", {"violation"}},
      {"interpersonal_trust_attested {}", {"reliability", "integrity"}},
      {"interpersonal_trust_attested { reliability: 6 integrity: 1 }", {"reliability"}},
      {"finding_issued { violation: '3' result: FINDING_RESULT_PARTLY document_sha256: 'AB' }", {"document_sha256"}}};
  for (const auto& [said, missing] : kinds) {
    const std::string kind = said.substr(0, said.find(' '));
    std::vector<std::string> fields;
    for (const std::string& field : missing) fields.push_back(absl::StrCat("evidence.", kind, ".", field));
    EXPECT_EQ(WrongOf(said), fields);
  }
}

TEST(ValidateTest, ValuesOfAKindAreKnown) {
  RecordEvidenceRequest request = Feedback();
  Evidence& evidence = *request.mutable_evidence();
  evidence.mutable_credibility_assessed()->set_result(static_cast<CredibilityResult>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.credibility_assessed.result"));
  evidence.mutable_reputation_reference_received()->set_result(static_cast<CredibilityResult>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.reputation_reference_received.result"));
  evidence.mutable_intentions_assessed()->set_result(static_cast<IntentionsResult>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.intentions_assessed.result"));
  evidence.mutable_commitment_fulfilled()->set_result(static_cast<FulfilmentResult>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.commitment_fulfilled.result"));
  evidence.mutable_violation_reported()->set_type(static_cast<ViolationType>(9));
  evidence.mutable_violation_reported()->set_severity(static_cast<Severity>(9));
  evidence.mutable_violation_reported()->set_standing(static_cast<Standing>(9));
  EXPECT_THAT(WrongIn(request), ElementsAre("evidence.violation_reported.type", "evidence.violation_reported.severity",
                                            "evidence.violation_reported.standing"));
}

TEST(ValidateTest, AReferenceIsARevisionOrAFullNameOfThisPartnership) {
  const auto wrong = [](absl::string_view reference) {
    return WrongOf(absl::StrCat("commitment_fulfilled { commitment: '", reference, "' }"));
  };
  EXPECT_THAT(wrong("17"), IsEmpty());
  EXPECT_THAT(wrong("partnerships/moon/events/17"), IsEmpty());
  for (const char* const bad :
       {"0", "-1", "017", " 17", "x", "partnerships/sun/events/17", "partnerships/moon/events/"}) {
    EXPECT_THAT(wrong(bad), ElementsAre("evidence.commitment_fulfilled.commitment")) << bad;
  }
}

TEST(ValidateTest, AnImportsReferenceMayBeAnExternalId) {
  const auto wrong = [](absl::string_view reference) {
    return WrongIn(Imported("a", "2024-01-01", "bolt>acme",
                            absl::StrCat("commitment_fulfilled { commitment: '", reference, "' }")));
  };
  EXPECT_THAT(wrong("item_1.b-c"), IsEmpty());
  EXPECT_THAT(wrong("17"), IsEmpty());
  EXPECT_THAT(wrong("Item"), ElementsAre("evidence.commitment_fulfilled.commitment"));
  EXPECT_THAT(wrong("partnerships/sun/events/17"), ElementsAre("evidence.commitment_fulfilled.commitment"));
}

TEST(ValidateTest, APromiseIsDueAfterItIsMade) {
  const auto wrong = [](absl::string_view made, absl::string_view due) {
    return WrongIn(Says("acme", made, "bolt>acme", "commitment_made { " + Due(due) + " }"));
  };
  EXPECT_THAT(wrong("2024-01-05", "2024-01-05"), IsEmpty());
  EXPECT_THAT(wrong("2024-01-05", "2024-01-04"), ElementsAre("evidence.commitment_made.due_time"));
  EXPECT_THAT(wrong("2024", "2024-01-04"), IsEmpty());
  EXPECT_THAT(WrongOf("commitment_renegotiated { commitment: '3' " + Due("2023-12-31") + " }"),
              ElementsAre("evidence.commitment_renegotiated.due_time"));
  EXPECT_THAT(WrongOf("commitment_made { due_time { nanos: -1 } }"), ElementsAre("evidence.commitment_made.due_time"));
}

TEST(ValidateTest, AHealthCheckStatesEachDirectionOnce) {
  const auto wrong = [](const std::string& rows) {
    return WrongIn(Reach("2024-01-01", "health_check_completed { " + rows + " }"));
  };
  const std::string list = "milestone.health_check_completed.stated_trust";
  const std::string row = "stated_trust { trustor: 'acme' trustee: 'bolt' trust_basis_points: 10000 } ";
  EXPECT_THAT(wrong(row), IsEmpty());
  EXPECT_THAT(wrong(row + row), ElementsAre(list + "[1]"));
  EXPECT_THAT(wrong("stated_trust { trustor: 'acme' trustee: 'acme' trust_basis_points: 10001 }"),
              ElementsAre(list + "[0].trust_basis_points", list + "[0].trustee"));
  EXPECT_THAT(wrong("stated_trust {}"), ElementsAre(list + "[0].trustor", list + "[0].trustee"));
}

TEST(ValidateTest, AnEffectivenessReviewNamesEachFigureOnce) {
  const auto wrong = [](const std::string& figures) {
    return WrongIn(Reach("2024-01-01", "effectiveness_reviewed { " + figures + " }"));
  };
  EXPECT_THAT(wrong("figures { name: 'on-time-rate' value_basis_points: 12000 }"), IsEmpty());
  EXPECT_THAT(wrong("figures { name: 'a' } figures { name: 'a' } figures {}"),
              ElementsAre("milestone.effectiveness_reviewed.figures[1].name",
                          "milestone.effectiveness_reviewed.figures[2].name"));
}

TEST(ValidateTest, ABatchHasAtMostFiveHundredItems) {
  BatchRecordEvidenceRequest batch;
  batch.set_partnership(kPartnership);
  batch.set_recorder("acme");
  for (int i = 0; i < kBatchItemsMax; ++i) {
    EvidenceItem& item = *batch.add_items();
    SetOccurTime("2024-01-01", item);
    *item.mutable_evidence() = Act("bolt>acme", "feedback_given {}");
  }
  EXPECT_TRUE(Validate(batch, Now()).ok());
  batch.mutable_items(3)->mutable_evidence()->clear_actor();
  batch.mutable_items(7)->clear_occur_time();
  EXPECT_THAT(WrongIn(batch), ElementsAre("items[3].evidence.actor", "items[7].occur_time"));
  *batch.add_items() = batch.items(0);
  const absl::Status status = Validate(batch, Now());
  EXPECT_EQ(ReasonOf(status), ERROR_REASON_BATCH_TOO_LARGE);
  EXPECT_EQ(MetadataOf(status, "size"), "501");
  EXPECT_EQ(MetadataOf(status, "limit"), "500");
}

TEST(ValidateTest, AnImportItemIsChecked) {
  ImportItem item = Imported("17", "2024-01-01", "bolt>acme", "feedback_given {}");
  item.set_recorder("*");
  item.set_citation(std::string(kCitationSizeMax + 1, 'a'));
  item.mutable_original_record_time()->set_nanos(-1);
  EXPECT_THAT(WrongIn(item), ElementsAre("external_id", "recorder", "original_record_time", "citation"));
  ImportItem founding = ImportedFounding({"acme"});
  *founding.mutable_observe_time() = founding.occur_time();
  EXPECT_THAT(WrongIn(founding), ElementsAre("observe_time", "partnership_proposed.partners"));
  item = Imported("a", "2024-01-01", "bolt>acme", "feedback_given {}");
  item.mutable_partnership_terminated();
  EXPECT_THAT(WrongIn(item), ElementsAre("partnership_terminated.mode"));
  item.mutable_milestone();
  EXPECT_THAT(WrongIn(item), ElementsAre("milestone"));
}

}  // namespace
}  // namespace domain
