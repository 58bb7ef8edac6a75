// Partners that join and leave, ties, contacts.

#include "services/domain/structure_rules.h"

#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using namespace trust::v1;  // NOLINT: the reasons, by their names.

std::vector<std::string> Many(int count) {
  std::vector<std::string> partners = {"acme"};
  for (int i = 1; i < count; ++i) partners.push_back(absl::StrCat("firm-", i));
  return partners;
}

TEST(PartnerTest, ANewPartnerMeetsEveryPresentOneUnlessSaidOtherwise) {
  AddPartnerRequest request = Join("2024-01-01", "dora");
  request.mutable_partner()->set_display_name("Dora");
  request.set_request_id(kRequestId);
  const Outcome outcome = Given(Founding(), Leave("2023-01-01", "cora")).When(request);
  outcome.Then(
      "2024-01-01 partner_joined { partner { organization: \"dora\" display_name: \"Dora\" } }\n"
      "2024-01-01 initial_contact_made { organizations: \"acme\" organizations: \"dora\" }\n"
      "2024-01-01 initial_contact_made { organizations: \"bolt\" organizations: \"dora\" }");
  EXPECT_EQ((*outcome.result())[0].request_id(), kRequestId);
  EXPECT_EQ((*outcome.result())[1].request_id(), "");
  Given(Founding())
      .When(Join("2024-01", "dora", {"cora"}))
      .Then(
          "2024-01 partner_joined { partner { organization: \"dora\" display_name: \"dora\" } }\n"
          "2024-01 initial_contact_made { organizations: \"cora\" organizations: \"dora\" }");
}

TEST(PartnerTest, ANewPartnerMeetsPresentPartnersOnly) {
  Given(Founding())
      .When(Join("2024-01-01", "dora", {"acme", "emil"}))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "met[1]");
  Given(Founding(), Leave("2023-01-01", "cora"))
      .When(Join("2024-01-01", "dora", {"cora"}))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("left", "2023-01-01");
}

TEST(PartnerTest, AnOrganizationJoinsOnceUntilItLeaves) {
  Given(Founding())
      .When(Join("2024-01-01", "bolt"))
      .ThenRefused(ERROR_REASON_PARTNER_EXISTS)
      .With("organization", "bolt");
  Given(Founding(), Leave("2023-01-01", "bolt")).When(Join("2024-01-01", "bolt")).ThenAccepted();
}

TEST(PartnerTest, APartnershipHoldsFiftyPartners) {
  Given(Founding(Many(49))).When(Join("2024-01-01", "dora")).ThenAccepted();
  Given(Founding(Many(50)))
      .When(Join("2024-01-01", "dora"))
      .ThenRefused(ERROR_REASON_TOO_MANY_PARTNERS)
      .With("limit", "50");
  Given(Founding(Many(50)), Leave("2023-01-01", "firm-1")).When(Join("2024-01-01", "dora")).ThenAccepted();
}

TEST(PartnerTest, APartnerLeavesWhileTwoOthersStay) {
  Given(Founding()).When(Leave("2024-01-01", "cora")).Then("2024-01-01 partner_left { organization: \"cora\" }");
  Given(Founding({"acme", "bolt"}))
      .When(Leave("2024-01-01", "bolt"))
      .ThenRefused(ERROR_REASON_TOO_FEW_PARTNERS)
      .Saying("terminate it instead");
  Given(Founding()).When(Leave("2024-01-01", "dora")).ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(Founding(Many(5)), Leave("2023-01-01", "firm-1"))
      .When(Leave("2024-01-01", "firm-1"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("left", "2023-01-01");
}

TEST(PartnerTest, NobodyLeavesBeforeJoiningOrJoinsBeforeTheBeginning) {
  Given(Founding(), Join("2024-01-01", "dora"))
      .When(Leave("2023-12-31", "dora"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"occur_time"});
  Given(Founding(), Join("2024-01-01", "dora")).When(Leave("2024", "dora")).ThenAccepted();
  Given(Founding(), Join("2024-03", "dora")).When(Leave("2024-03-02", "dora")).ThenAccepted();
  Given(Founding(), Assign("2024", "p-1", "bolt")).When(Release("2024-01-10", "p-1", "bolt")).ThenAccepted();
  Given(Founding()).When(Join("2020-01-05", "dora")).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"occur_time"});
}

TEST(PartnerTest, ANewPartnerTakesPartAndOneThatLeftDoesNot) {
  const auto meeting = Says("acme", "2024-02-01", "dora>acme", "shared_experience_held {}");
  Given(Founding()).When(meeting).ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(Founding(), Join("2024-01-01", "dora")).When(meeting).ThenAccepted();
  Given(Founding(), Join("2024-01-01", "dora"), Leave("2024-02-01", "dora"))
      .When(meeting)
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
}

TEST(TieTest, ATieIsDeclaredOnceWhicheverComesFirst) {
  Given(Founding())
      .When(Tie("2024-01-01", "cora", "acme"))
      .Then("2024-01-01 tie_declared { organizations: \"acme\" organizations: \"cora\" }");
  Given(Founding(), Tie("2024-01-01", "cora", "acme"))
      .When(Tie("2024-02-01", "acme", "cora"))
      .ThenRefused(ERROR_REASON_TIE_DECLARED)
      .With("organizations", "acme, cora");
  Given(Founding(), Tie("2024-01-01", "cora", "acme")).When(Tie("2024-02-01", "acme", "bolt")).ThenAccepted();
}

TEST(TieTest, ATieIsBetweenTwoPresentPartners) {
  Given(Founding())
      .When(Tie("2024-01-01", "acme", "dora"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND)
      .With("field", "organizations[1]");
  Given(Founding(), Leave("2023-01-01", "cora"))
      .When(Tie("2024-01-01", "acme", "cora"))
      .ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(Founding())
      .When(Tie("2024-01-01", "acme", "acme"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"organizations[1]"});
}

TEST(ContactTest, APersonStandsForAnOrganizationOnceAtATime) {
  Given(Founding())
      .When(Assign("2024-01-01", "p-1", "bolt"))
      .Then("2024-01-01 contact_assigned { contact: \"p-1\" organization: \"bolt\" }");
  const Past assigned = Given(Founding(), Assign("2024-01-01", "p-1", "bolt"));
  assigned.When(Assign("2024-02-01", "p-1", "bolt")).ThenRefused(ERROR_REASON_CONTACT_ASSIGNED).With("contact", "p-1");
  assigned.When(Assign("2024-02-01", "p-1", "acme")).ThenAccepted();
  assigned.When(Assign("2024-02-01", "p-2", "dora")).ThenRefused(ERROR_REASON_PARTNER_NOT_FOUND);
  Given(Founding(), Assign("2024-01-01", "p-1", "bolt"), Release("2024-02-01", "p-1", "bolt"))
      .When(Assign("2024-03-01", "p-1", "bolt"))
      .ThenAccepted();
}

TEST(ContactTest, OnlyOneWhoStandsForAnOrganizationDeparts) {
  Given(Founding(), Assign("2024-01-01", "p-1", "bolt"))
      .When(Release("2024-02-01", "p-1", "bolt"))
      .Then("2024-02-01 contact_departed { contact: \"p-1\" organization: \"bolt\" }");
  Given(Founding())
      .When(Release("2024-02-01", "p-1", "bolt"))
      .ThenRefused(ERROR_REASON_CONTACT_NOT_FOUND)
      .With("contact", "p-1");
  Given(Founding(), Assign("2024-01-01", "p-1", "bolt"))
      .When(Release("2024-02-01", "p-1", "acme"))
      .ThenRefused(ERROR_REASON_CONTACT_NOT_FOUND);
  Given(Founding(), Assign("2024-01-01", "p-1", "bolt"), Release("2024-02-01", "p-1", "bolt"))
      .When(Release("2024-03-01", "p-1", "bolt"))
      .ThenRefused(ERROR_REASON_CONTACT_NOT_FOUND);
  Given(Founding(), Assign("2024-01-01", "p-1", "bolt"))
      .When(Release("2023-12-31", "p-1", "bolt"))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"occur_time"});
}

TEST(ContactTest, EvidenceNamesAnyPersonButNoContactOfOthers) {
  const auto attested = [](const std::string& contacts) {
    return Says("acme", "2024-03-01", "bolt>acme",
                contacts + " interpersonal_trust_attested { reliability: 4 integrity: 5 }");
  };
  // Whom nobody assigned is accepted: the record of people often comes after that of what they did.
  Given(Founding()).When(attested("actor_contact: 'p-1' affected_contact: 'p-2'")).ThenAccepted();
  const Past past = Given(Founding(), Assign("2024-01-01", "p-1", "bolt"), Assign("2024-01-01", "p-2", "acme"),
                          Release("2024-02-01", "p-1", "bolt"));
  past.When(attested("actor_contact: 'p-1' affected_contact: 'p-2'")).ThenAccepted();
  past.When(attested("actor_contact: 'p-2'"))
      .ThenRefused(ERROR_REASON_CONTACT_NOT_FOUND)
      .With("field", "evidence.actor_contact")
      .With("organizations", "acme");
  past.When(attested("affected_contact: 'p-1'")).ThenRefused(ERROR_REASON_CONTACT_NOT_FOUND);
}

TEST(StructureTest, AfterTheEndNothingOfItChanges) {
  Past past = Given(Founding(), Assign("2024-01-01", "p-1", "bolt"), Terminate("2024-06-01"));
  past.When(Join("2024-01-01", "dora")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  past.When(Leave("2024-01-01", "cora")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  past.When(Tie("2024-01-01", "acme", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  past.When(Assign("2024-01-01", "p-2", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
  past.When(Release("2024-02-01", "p-1", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_ENDED);
}

TEST(StructureTest, NothingOfItReachesAPartnershipThatIsNotThere) {
  Given().When(Join("2024-01-01", "dora")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Leave("2024-01-01", "cora")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Tie("2024-01-01", "acme", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Assign("2024-01-01", "p-1", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  Given().When(Release("2024-01-01", "p-1", "bolt")).ThenRefused(ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

TEST(StructureTest, EveryWrongFieldIsNamed) {
  AddPartnerRequest join = Join("2027-01-01", "Dora", {"acme", "acme", "x!"});
  join.mutable_partner()->set_display_name("a\tb");
  Given()
      .When(join)
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"occur_time", "partner.organization", "partner.display_name", "met[1]", "met[2]"});
  Given().When(Join("2024-01-01", "dora", {"dora"})).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"met[0]"});
  Given().When(Leave("2024-01-01", "")).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"organization"});
  DeclareTieRequest tie = Tie("2024-01-01", "acme", "bolt");
  tie.add_organizations("cora");
  Given().When(tie).ThenRefused(ERROR_REASON_INVALID_FIELD).Naming({"organizations"});
  Given()
      .When(Assign("2024-01-01", "A B", ""))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"contact", "organization"});
  Given()
      .When(Release("2024-01-01", "", ""))
      .ThenRefused(ERROR_REASON_INVALID_FIELD)
      .Naming({"contact", "organization"});
}

}  // namespace
}  // namespace domain
