#include "services/domain/decider.h"

#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

TEST(DeciderTest, AFoundingMakesAProposalAndAFirstContact) {
  CreatePartnershipRequest founding = Founding({"acme", "bolt"});
  founding.mutable_partners(1)->set_display_name("Bolt Ltd");
  founding.set_request_id(kRequestId);
  founding.set_correlation_id("process-1");
  const Outcome outcome = Given().When(founding);
  outcome.Then(
      "2020-01-06 partnership_proposed { display_name: \"moon\" partners { organization: \"acme\" display_name: "
      "\"acme\" } "
      "partners { organization: \"bolt\" display_name: \"Bolt Ltd\" } }\n"
      "2020-01-06 initial_contact_made { organizations: \"acme\" organizations: \"bolt\" }");
  const std::vector<Event>& events = *outcome.result();
  EXPECT_EQ(events[0].request_id(), kRequestId);
  EXPECT_EQ(events[1].request_id(), "");
  for (const Event& event : events) {
    EXPECT_EQ(event.recorder(), "acme");
    EXPECT_EQ(event.principal(), "user-1");
    EXPECT_EQ(event.correlation_id(), "process-1");
    EXPECT_EQ(event.revision(), 0);
    EXPECT_FALSE(event.has_record_time());
    EXPECT_FALSE(event.has_import_origin());
  }
}

TEST(DeciderTest, APartnershipIsFoundedOnce) {
  Given(Founding()).When(Founding()).ThenRefused(ERROR_REASON_PARTNERSHIP_EXISTS).With("partnership", "moon");
}

TEST(DeciderTest, NoCommandReachesAPartnershipThatIsNotThere) {
  Given().When(Suspend("2024-01-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND).With("partnership", "moon");
  Given().When(Resume("2024-01-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Terminate("2024-01-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Reach("2024-01-01", "review_held {}")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given()
      .When(Says("acme", "2024-01-01", "bolt>acme", "feedback_given {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

TEST(DeciderTest, APauseBeginsOnceAndEndsOnce) {
  Given(Founding()).When(Suspend("2024-01-01")).Then("2024-01-01 partnership_suspended { }");
  Given(Founding(), Suspend("2024-01-01")).When(Resume("2024-02")).Then("2024-02 partnership_resumed { }");
  Given(Founding(), Suspend("2024-01-01"))
      .When(Suspend("2024-02-01"))
      .ThenRefused(ERROR_REASON_WRONG_LIFE_CYCLE_STATE)
      .Saying("suspended already");
  Given(Founding()).When(Resume("2024-02-01")).ThenRefused(ERROR_REASON_WRONG_LIFE_CYCLE_STATE).Saying("not suspended");
}

TEST(DeciderTest, APartnershipEndsOnceAndItsLifeStopsThere) {
  Given(Founding())
      .When(Terminate("2024-01-01"))
      .Then("2024-01-01 partnership_terminated { mode: TERMINATION_MODE_MUTUAL }");
  Given(Founding(), Terminate("2024-01-01")).When(Terminate("2024-02-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  Given(Founding(), Terminate("2024-01-01")).When(Suspend("2023-02-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  Given(Founding(), Terminate("2024-01-01")).When(Resume("2023-02-01")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
}

TEST(DeciderTest, NothingEndsBeforeItBegan) {
  Given(Founding())
      .When(Terminate("2019-12-31"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"occur_time"})
      .Saying("2020-01-06");
  Given(Founding()).When(Terminate("2020")).ThenAccepted();  // The year may well mean a later day.
}

TEST(DeciderTest, AMilestoneIsRecordedBeforeTheEndOnly) {
  Given(Founding()).When(Reach("2024-01-01", "review_held {}")).Then("2024-01-01 milestone { review_held { } }");
  Given(Founding(), Terminate("2024-01-01")).When(Reach("2023-12-31", "review_held {}")).ThenAccepted();
  Given(Founding(), Terminate("2024-01-01"))
      .When(Reach("2024-01-01", "review_held {}"))
      .ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED)
      .With("end", "2024-01-01");
}

TEST(DeciderTest, ARenewalBecomesJointEvidenceOfAllPresentPartners) {
  Given(Founding())
      .When(Reach("2024-01-01", "partnership_renewed {}"))
      .Then("2024-01-01 *>acme,bolt,cora COUNTERPART INTERORGANISATIONAL MEDIUM partnership_renewed { }");
  RecordMilestoneRequest by_an_outsider = Reach("2024-01-01", "partnership_renewed {}");
  by_an_outsider.set_recorder("notary");
  Event left;
  left.mutable_partner_left()->set_organization("cora");
  *left.mutable_occur_time() = On("2022-01-01").time;
  Given(Founding(), left)
      .When(by_an_outsider)
      .Then("2024-01-01 *>acme,bolt THIRD_PARTY INTERORGANISATIONAL MEDIUM partnership_renewed { }");
}

TEST(DeciderTest, AHealthCheckSpeaksOfPartnersOnly) {
  const std::string row = "trust_basis_points: 8000";
  Given(Founding())
      .When(Reach("2024-01-01",
                  "health_check_completed { stated_trust { trustor: 'acme' trustee: 'bolt' " + row + " } }"))
      .ThenAccepted();
  Given(Founding())
      .When(Reach("2024-01-01",
                  "health_check_completed { stated_trust { trustor: 'acme' trustee: 'dora' " + row + " } }"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "milestone.health_check_completed.stated_trust[0].trustee")
      .With("organization", "dora");
}

TEST(DeciderTest, TimesAreStoredAsTheFirstInstantOfTheirPeriod) {
  RecordEvidenceRequest request = Says("acme", "2024-03-17T10:00:00Z", "bolt>acme", "feedback_given {}");
  request.set_occur_time_precision(TIME_PRECISION_MONTH);
  *request.mutable_observe_time() = On("2024-03-20").time;
  request.set_causation_id("cause-1");
  const Outcome outcome = Given(Founding()).When(request);
  outcome.Then("2024-03 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM feedback_given { }");
  const Event& event = outcome.result()->front();
  EXPECT_EQ(projections::ToTime(event.occur_time()), At("2024-03-01T00:00:00Z"));
  EXPECT_EQ(projections::ToTime(event.observe_time()), At("2024-03-20T00:00:00Z"));
  EXPECT_EQ(event.causation_id(), "cause-1");
}

TEST(DeciderTest, AnUnsaidPrecisionIsTheDayForAMidnightAndTheInstantOtherwise) {
  RecordEvidenceRequest midnight = Says("acme", "2024-03-17", "bolt>acme", "feedback_given {}");
  midnight.clear_occur_time_precision();
  EXPECT_EQ(Given(Founding()).When(midnight).result()->front().occur_time_precision(), TIME_PRECISION_DAY);
  RecordEvidenceRequest noon = Says("acme", "2024-03-17T12:00:00Z", "bolt>acme", "feedback_given {}");
  noon.clear_occur_time_precision();
  EXPECT_EQ(Given(Founding()).When(noon).result()->front().occur_time_precision(), TIME_PRECISION_INSTANT);
}

BatchRecordEvidenceRequest Batch(const std::vector<RecordEvidenceRequest>& parts) {
  BatchRecordEvidenceRequest batch;
  batch.set_partnership(kPartnership);
  batch.set_recorder("acme");
  batch.set_request_id(kRequestId);
  for (const RecordEvidenceRequest& part : parts) {
    EvidenceItem& item = *batch.add_items();
    *item.mutable_occur_time() = part.occur_time();
    item.set_occur_time_precision(part.occur_time_precision());
    *item.mutable_evidence() = part.evidence();
  }
  return batch;
}

TEST(DeciderTest, ItemsOfABatchAreJudgedWithThoseBeforeThemInPlace) {
  const Outcome outcome =
      Given(Founding())
          .When(Batch({Says("acme", "2024-01-01", "bolt>acme", "commitment_made {}"),
                       Says("acme", "2024-02-01", "bolt>acme", "commitment_fulfilled { commitment: '3' }")}));
  outcome.Then(
      "2024-01-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM commitment_made { }\n"
      "2024-02-01 bolt>acme COUNTERPART INTERORGANISATIONAL MEDIUM commitment_fulfilled { commitment: "
      "\"partnerships/moon/events/3\" result: FULFILMENT_RESULT_ON_TIME }");
  EXPECT_EQ(outcome.result()->at(0).request_id(), kRequestId);
  EXPECT_EQ(outcome.result()->at(1).request_id(), "");
}

TEST(DeciderTest, ARefusedBatchNamesTheItem) {
  const Outcome outcome =
      Given(Founding())
          .When(Batch({Says("acme", "2024-01-01", "bolt>acme", "commitment_made {}"),
                       Says("acme", "2024-02-01", "bolt>acme", "commitment_fulfilled { commitment: '3' }"),
                       Says("acme", "2024-02-01", "bolt>acme", "commitment_missed { commitment: '3' }")}));
  outcome.ThenRefused(ERROR_REASON_COMMITMENT_RESOLVED)
      .With("item", "2")
      .Saying("items[2]: partnerships/moon/events/3");
  EXPECT_EQ(std::string(*outcome.result().status().GetPayload(kSubjectUrl)), "items[2]: partnerships/moon/events/3");
}

TEST(DeciderTest, AWrongFieldOfABatchNamesTheItemInItsPath) {
  Given(Founding(), Says("acme", "2024-01-01", "bolt>acme", "violation_reported { type: VIOLATION_TYPE_OPPORTUNISM }"))
      .When(Batch({Says("acme", "2024-01-01", "cora>acme", "apology_issued { violation: '3' }")}))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"items[0].evidence.actor"})
      .With("item", "0")
      .Saying("items[0].evidence.actor: cora is not accused");
}

TEST(DeciderTest, TheSameQuestionGetsTheSameAnswer) {
  const Past past = Given(Founding());
  const RecordEvidenceRequest request = Says("acme", "2024-01-01", "bolt>acme|cora", "feedback_given {}");
  EXPECT_EQ(past.When(request).result()->front().SerializeAsString(),
            past.When(request).result()->front().SerializeAsString());
}

}  // namespace
}  // namespace domain
