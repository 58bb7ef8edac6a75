// What becomes of a partnership, its partners and the evidence in it, recorded and shown over the wire.

#include <map>
#include <string>

#include "tests/services/server_fixture.h"

namespace services {
namespace {

using grpc::ClientContext;

TEST_F(ServerTest, TheLifeOfAPartnershipIsRecorded) {
  ASSERT_TRUE(Found("alpha").ok());
  const auto get = [&] {
    ClientContext context;
    trust::v1::GetPartnershipRequest request;
    request.set_partnership("alpha");
    trust::v1::GetPartnershipResponse response;
    EXPECT_TRUE(partnerships_->GetPartnership(&context, request, &response).ok());
    return response.partnership();
  };
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_ACTIVE);
  EXPECT_FALSE(get().imported());
  ClientContext suspend_context;
  trust::v1::SuspendPartnershipRequest suspend;
  suspend.set_partnership("alpha");
  suspend.set_recorder("acme");
  *suspend.mutable_occur_time() = Midnight("2021-01-04");
  trust::v1::SuspendPartnershipResponse suspended;
  ASSERT_TRUE(partnerships_->SuspendPartnership(&suspend_context, suspend, &suspended).ok());
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_SUSPENDED);
  ClientContext terminate_context;
  trust::v1::TerminatePartnershipRequest terminate;
  terminate.set_partnership("alpha");
  terminate.set_recorder("acme");
  *terminate.mutable_occur_time() = Midnight("2022-01-04");
  terminate.set_mode(trust::v1::TERMINATION_MODE_MUTUAL);
  trust::v1::TerminatePartnershipResponse terminated;
  ASSERT_TRUE(partnerships_->TerminatePartnership(&terminate_context, terminate, &terminated).ok());
  EXPECT_EQ(get().state(), trust::v1::PARTNERSHIP_STATE_ENDED);
  EXPECT_EQ(get().revision(), 4);
  trust::v1::RecordEvidenceResponse recorded;
  EXPECT_EQ(ReasonOf(Record(Shared("alpha", "2022-02-01"), &recorded)), "PARTNERSHIP_ENDED");
  EXPECT_TRUE(Record(Shared("alpha", "2021-02-01"), &recorded).ok());
}

TEST_F(ServerTest, TheRecordIsConfirmedContestedCorrectedAndRetracted) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::RecordEvidenceResponse recorded;
  ASSERT_TRUE(Record(Shared("alpha", "2020-02-03"), &recorded).ok());
  const auto about = [](auto request, const char* recorder) {
    request.set_partnership("alpha");
    request.set_recorder(recorder);
    request.set_event("3");
    return request;
  };
  {
    ClientContext context;
    trust::v1::ConfirmEvidenceResponse response;
    const auto request = about(trust::v1::ConfirmEvidenceRequest(), "globex");
    ASSERT_TRUE(evidence_->ConfirmEvidence(&context, request, &response).ok());
    EXPECT_EQ(response.revision(), 4);
    EXPECT_EQ(response.events(0).evidence_confirmed().event(), "partnerships/alpha/events/3");
    EXPECT_EQ(projections::FormatDay(projections::HeldDay(response.events(0))), "2024-01-01");
  }
  {
    ClientContext context;
    trust::v1::ContestEvidenceResponse response;
    const auto request = about(trust::v1::ContestEvidenceRequest(), "globex");
    ASSERT_TRUE(evidence_->ContestEvidence(&context, request, &response).ok());
    EXPECT_TRUE(response.events(0).has_evidence_contested());
  }
  {
    ClientContext context;
    trust::v1::CorrectEvidenceResponse response;
    auto request = about(trust::v1::CorrectEvidenceRequest(), "acme");
    *request.mutable_replacement() = Shared("alpha", "2020-02-03").evidence();
    request.mutable_replacement()->set_label("workshop");
    request.set_validate_only(true);
    ASSERT_TRUE(evidence_->CorrectEvidence(&context, request, &response).ok());
    EXPECT_EQ(response.revision(), 5);
    EXPECT_EQ(response.events(0).evidence_corrected().replacement().label(), "workshop");
  }
  for (const char* recorder : {"globex", "acme"}) {
    ClientContext context;
    trust::v1::RetractEvidenceResponse response;
    auto request = about(trust::v1::RetractEvidenceRequest(), recorder);
    request.set_expected_revision(5);
    const grpc::Status status = evidence_->RetractEvidence(&context, request, &response);
    EXPECT_EQ(status.ok(), recorder == std::string("acme")) << status.error_message();
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), "RECORDER_NOT_ENTITLED");
    }
  }
}

TEST_F(ServerTest, PartnersTiesAndContactsAreShownAsTheyAre) {
  ASSERT_TRUE(Found("alpha").ok());
  const auto step = [](auto request, const char* day) {
    request.set_partnership("alpha");
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight(day);
    return request;
  };
  {
    ClientContext context;
    auto request = step(trust::v1::AddPartnerRequest(), "2021-01-01");
    request.mutable_partner()->set_organization("initech");
    request.add_met("acme");
    trust::v1::AddPartnerResponse response;
    ASSERT_TRUE(partnerships_->AddPartner(&context, request, &response).ok());
    EXPECT_EQ(response.events_size(), 2);
  }
  {
    ClientContext context;
    auto request = step(trust::v1::DeclareTieRequest(), "2021-01-02");
    request.add_organizations("initech");
    request.add_organizations("acme");
    trust::v1::DeclareTieResponse response;
    ASSERT_TRUE(partnerships_->DeclareTie(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::AssignContactRequest(), "2021-01-03");
    request.set_contact("person-1");
    request.set_organization("initech");
    trust::v1::AssignContactResponse response;
    ASSERT_TRUE(partnerships_->AssignContact(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::ReleaseContactRequest(), "2022-01-03");
    request.set_contact("person-1");
    request.set_organization("initech");
    trust::v1::ReleaseContactResponse response;
    ASSERT_TRUE(partnerships_->ReleaseContact(&context, request, &response).ok());
  }
  {
    ClientContext context;
    auto request = step(trust::v1::RemovePartnerRequest(), "2023-01-01");
    request.set_organization("globex");
    trust::v1::RemovePartnerResponse response;
    ASSERT_TRUE(partnerships_->RemovePartner(&context, request, &response).ok());
  }
  ClientContext context;
  trust::v1::GetPartnershipRequest request;
  request.set_partnership("alpha");
  trust::v1::GetPartnershipResponse response;
  ASSERT_TRUE(partnerships_->GetPartnership(&context, request, &response).ok());
  ASSERT_EQ(response.partnership().partners_size(), 2);
  EXPECT_EQ(response.partnership().partners(1).organization(), "initech");
  ASSERT_EQ(response.partnership().ties_size(), 1);
  EXPECT_EQ(response.partnership().ties(0).organizations(0), "acme");
  EXPECT_EQ(response.partnership().policy_sha256(), "");
  for (const auto& [contact, reason] : std::map<std::string, std::string>{
           {"person-1", ""}, {"person-2", "CONTACT_NOT_FOUND"}, {"Person 3", "INVALID_FIELD"}}) {
    ClientContext contact_context;
    trust::v1::GetContactRequest contact_request;
    contact_request.set_partnership("alpha");
    contact_request.set_contact(contact);
    trust::v1::GetContactResponse contact_response;
    const grpc::Status status = partnerships_->GetContact(&contact_context, contact_request, &contact_response);
    EXPECT_EQ(status.ok() ? "" : ReasonOf(status), reason);
    if (!status.ok()) continue;
    ASSERT_EQ(contact_response.assignments_size(), 1);
    EXPECT_EQ(contact_response.assignments(0).since_date(), "2021-01-03");
    EXPECT_EQ(contact_response.assignments(0).until_date(), "2022-01-03");
  }
}

}  // namespace
}  // namespace services
