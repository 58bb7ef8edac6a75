// Personal data over the wire: what callers see of it before and after its erasure, and that nothing else changes.

#include <memory>
#include <string>
#include <utility>

#include "eventstore/key_store.h"
#include "gmock/gmock.h"
#include "tests/services/server_fixture.h"
#include "trust/v1/admin_service.grpc.pb.h"

namespace services {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kText[] = "Ada prefers to be called before noon.";
constexpr char kRequestId[] = "123e4567-e89b-12d3-a456-426614174000";

// Keys that cannot be destroyed while it is told so.
class StubbornKeyStore final : public eventstore::KeyStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(absl::string_view id) const override {
    if (broken) return absl::UnavailableError("planted");
    return keys_.Get(id);
  }
  absl::Status Put(absl::string_view id, absl::string_view bytes) override { return keys_.Put(id, bytes); }
  absl::Status Erase(const std::vector<std::string>& ids) override {
    return stubborn ? absl::UnavailableError("planted") : keys_.Erase(ids);
  }
  absl::Status ListIds(absl::string_view after, IdVisitor visit) const override { return keys_.ListIds(after, visit); }

  bool stubborn = false;
  bool broken = false;

 private:
  eventstore::MemoryKeyStore keys_;
};

class ErasureServerTest : public ServerTest {
 protected:
  void SetUp() override {
    auto store = std::make_unique<eventstore::MemoryStore>();
    store_ = store.get();
    ServerOptions options;
    options.keys = &keys_;
    Serve(std::move(store), options);
    admin_ = trust::v1::AdminService::NewStub(channel_);
    ASSERT_TRUE(Found("moon").ok());
  }

  static trust::v1::RecordEvidenceRequest Noted(const std::string& contact = "ada") {
    trust::v1::RecordEvidenceRequest request = Shared("moon", "2023-01-01");
    request.mutable_note()->set_contact(contact);
    request.mutable_note()->set_text(kText);
    return request;
  }

  trust::v1::AssignContactResponse Assign(const std::string& contact = "ada") {
    trust::v1::AssignContactRequest request;
    request.set_partnership("moon");
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight("2023-01-01");
    request.set_contact(contact);
    request.set_organization("acme");
    request.mutable_profile()->set_display_name("Ada Example");
    request.mutable_profile()->set_email("ada@example.com");
    grpc::ClientContext context;
    trust::v1::AssignContactResponse response;
    EXPECT_TRUE(partnerships_->AssignContact(&context, request, &response).ok());
    return response;
  }

  trust::v1::GetContactResponse Contact(const std::string& contact = "ada") {
    trust::v1::GetContactRequest request;
    request.set_partnership("moon");
    request.set_contact(contact);
    grpc::ClientContext context;
    trust::v1::GetContactResponse response;
    const grpc::Status status = partnerships_->GetContact(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::vector<trust::v1::Event> Events(const std::string& partnership = "moon") {
    trust::v1::ListEventsRequest request;
    request.set_partnership(partnership);
    grpc::ClientContext context;
    trust::v1::ListEventsResponse response;
    const grpc::Status status = history_->ListEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.events().begin(), response.events().end()};
  }

  grpc::Status Erase(const std::string& contact = "ada", const std::string& request_id = "",
                     trust::v1::EraseContactResponse* response = nullptr, bool validate_only = false) {
    trust::v1::EraseContactRequest request = ErasureOf(contact);
    request.set_request_id(request_id);
    request.set_validate_only(validate_only);
    grpc::ClientContext context;
    trust::v1::EraseContactResponse own;
    return admin_->EraseContact(&context, request, response == nullptr ? &own : response);
  }

  grpc::Status Hold() {
    trust::v1::PlaceLegalHoldRequest request;
    request.set_contact("ada");
    request.set_reason("case 1");
    request.set_approver("counsel");
    grpc::ClientContext context;
    trust::v1::PlaceLegalHoldResponse response;
    return admin_->PlaceLegalHold(&context, request, &response);
  }

  grpc::Status Release() {
    trust::v1::ReleaseLegalHoldRequest request;
    request.set_contact("ada");
    request.set_reason("case 1");
    request.set_approver("counsel");
    grpc::ClientContext context;
    trust::v1::ReleaseLegalHoldResponse response;
    return admin_->ReleaseLegalHold(&context, request, &response);
  }

  // Every byte that the log's records hold.
  std::string LogBytes() const {
    std::string bytes;
    EXPECT_TRUE(store_
                    ->ReadLog(0,
                              [&](const eventstore::RecordedEvent& record) {
                                bytes.append(record.stored.data(), record.stored.size());
                                return true;
                              })
                    .ok());
    return bytes;
  }

  StubbornKeyStore keys_;
  eventstore::MemoryStore* store_ = nullptr;
  std::unique_ptr<trust::v1::AdminService::Stub> admin_;
};

TEST_F(ErasureServerTest, ANoteIsAnsweredListedAndRepeatedAndNowhereInTheLog) {
  trust::v1::RecordEvidenceRequest request = Noted();
  request.set_request_id(kRequestId);
  trust::v1::RecordEvidenceResponse first, again;
  ASSERT_TRUE(Record(request, &first).ok());
  EXPECT_EQ(first.events(0).note().text(), kText);
  EXPECT_EQ(Events().back().note().text(), kText);
  ASSERT_TRUE(Record(request, &again).ok());
  EXPECT_EQ(again.events(0).SerializeAsString(), first.events(0).SerializeAsString());
  EXPECT_THAT(LogBytes(), Not(HasSubstr("noon")));
  EXPECT_THAT(LogBytes(), HasSubstr("ada"));  // The id, in clear.
}

TEST_F(ErasureServerTest, ARepetitionWithAnotherTextReturnsTheFirst) {
  trust::v1::RecordEvidenceRequest request = Noted();
  request.set_request_id(kRequestId);
  trust::v1::RecordEvidenceResponse first, again;
  ASSERT_TRUE(Record(request, &first).ok());
  request.mutable_note()->set_text("Something else.");
  ASSERT_TRUE(Record(request, &again).ok());
  EXPECT_EQ(again.events(0).note().text(), kText);
  EXPECT_EQ(again.revision(), first.revision());
  request.mutable_note()->set_contact("bert");
  EXPECT_EQ(ReasonOf(Record(request, &again)), "REQUEST_ID_REUSED");
}

TEST_F(ErasureServerTest, AnEventThatIsOnlyValidatedShowsItsNoteAndMakesNoKey) {
  trust::v1::RecordEvidenceRequest request = Noted();
  request.set_validate_only(true);
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(request, &response).ok());
  EXPECT_EQ(response.events(0).note().text(), kText);
  EXPECT_EQ(*keys_.Get("ada"), std::nullopt);
}

TEST_F(ErasureServerTest, EachItemOfABatchHasANoteOfItsOwn) {
  trust::v1::BatchRecordEvidenceRequest request;
  request.set_partnership("moon");
  request.set_recorder("acme");
  for (const char* contact : {"ada", "bert", ""}) {
    trust::v1::EvidenceItem& item = *request.add_items();
    *item.mutable_occur_time() = Midnight("2023-01-01");
    *item.mutable_evidence() = Shared("moon", "2023-01-01").evidence();
    if (*contact != 0) item.mutable_note()->set_contact(contact);
    if (*contact != 0) item.mutable_note()->set_text(std::string("about ") + contact);
  }
  grpc::ClientContext context;
  trust::v1::BatchRecordEvidenceResponse response;
  ASSERT_TRUE(evidence_->BatchRecordEvidence(&context, request, &response).ok());
  ASSERT_TRUE(Erase("ada").ok());
  const std::vector<trust::v1::Event> events = Events();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(response.events(0).note().text(), "about ada");
  EXPECT_FALSE(events[2].has_note());
  EXPECT_EQ(events[2].erasure().contact(), "ada");
  EXPECT_EQ(events[3].note().text(), "about bert");
  EXPECT_FALSE(events[4].has_note() || events[4].has_erasure());
}

TEST_F(ErasureServerTest, AProfileIsShownUntilItIsErasedAndThenWhenAndWhy) {
  EXPECT_EQ(Assign().events(0).profile().email(), "ada@example.com");
  EXPECT_EQ(Contact().profile().display_name(), "Ada Example");
  EXPECT_THAT(LogBytes(), Not(HasSubstr("Example")));
  trust::v1::EraseContactResponse erased;
  ASSERT_TRUE(Erase("ada", "", &erased).ok());
  const trust::v1::GetContactResponse after = Contact();
  EXPECT_FALSE(after.has_profile());
  EXPECT_EQ(after.assignments_size(), 1);
  EXPECT_EQ(after.erasure().request(), "ticket 4711");
  EXPECT_EQ(after.erasure().SerializeAsString(), erased.erasure().SerializeAsString());
  EXPECT_EQ(Events().back().erasure().SerializeAsString(), erased.erasure().SerializeAsString());
}

TEST_F(ErasureServerTest, AnErasureChangesNoReadingAndNoRecord) {
  Assign();
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  trust::v1::AssessTrustRequest question;
  question.set_partnership("moon");
  trust::v1::AssessTrustResponse before, after;
  grpc::ClientContext first, second, third, fourth;
  ASSERT_TRUE(trust_->AssessTrust(&first, question, &before).ok());
  trust::v1::IssueAssessmentRequest issue;
  issue.set_partnership("moon");
  issue.set_recorder("acme");
  issue.set_assessment("report");
  trust::v1::IssueAssessmentResponse issued;
  ASSERT_TRUE(trust_->IssueAssessment(&second, issue, &issued).ok());
  const std::string bytes = LogBytes();
  ASSERT_TRUE(Erase().ok());
  EXPECT_EQ(LogBytes().substr(0, bytes.size()), bytes);
  ASSERT_TRUE(trust_->AssessTrust(&third, question, &after).ok());
  // The issued assessment made the history longer; the reading is the same.
  EXPECT_EQ(before.revision() + 1, after.revision());
  after.set_revision(before.revision());
  EXPECT_EQ(before.SerializeAsString(), after.SerializeAsString());
  trust::v1::VerifyAssessmentRequest verify;
  verify.set_partnership("moon");
  verify.set_assessment("report");
  trust::v1::VerifyAssessmentResponse verified;
  ASSERT_TRUE(trust_->VerifyAssessment(&fourth, verify, &verified).ok());
  EXPECT_TRUE(verified.verified());
}

TEST_F(ErasureServerTest, NothingNewIsKeptAboutWhomIsErased) {
  trust::v1::RecordEvidenceRequest request = Noted();
  request.set_request_id(kRequestId);
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(request, &response).ok());
  ASSERT_TRUE(Erase().ok());
  const grpc::Status refused = Record(Noted(), &response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "CONTACT_ERASED");
  EXPECT_THAT(refused.error_message(), Not(HasSubstr("noon")));
  EXPECT_EQ(*keys_.Get("ada"), std::nullopt) << "a refused note made a key";
  // What was recorded before it is answered still, without its note.
  ASSERT_TRUE(Record(request, &response).ok());
  EXPECT_EQ(response.events(0).erasure().request(), "ticket 4711");
  EXPECT_FALSE(response.events(0).has_note());
  // Evidence that says nothing personal about the person goes on.
  EXPECT_TRUE(Record(Shared("moon", "2023-01-02"), &response).ok());
}

TEST_F(ErasureServerTest, AHoldForbidsItAndEveryStepStandsInTheLog) {
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  EXPECT_EQ(ReasonOf(Release()), "NO_LEGAL_HOLD");
  ASSERT_TRUE(Hold().ok());
  EXPECT_EQ(ReasonOf(Hold()), "LEGAL_HOLD_PLACED");
  EXPECT_EQ(ReasonOf(Erase()), "LEGAL_HOLD");
  EXPECT_EQ(Events().back().note().text(), kText);
  ASSERT_TRUE(Release().ok());
  ASSERT_TRUE(Erase().ok());
  EXPECT_EQ(ReasonOf(Erase()), "CONTACT_ERASED");
  std::vector<std::string> kinds;
  for (const trust::v1::Event& event : Events("")) {
    if (event.partnership() != "$contacts") continue;
    kinds.push_back(event.has_legal_hold_placed()      ? "placed"
                    : event.has_legal_hold_released()  ? "released"
                    : event.has_personal_data_erased() ? "erased"
                                                       : "other");
  }
  EXPECT_THAT(kinds, testing::ElementsAre("placed", "released", "erased"));
}

TEST_F(ErasureServerTest, WhomNothingIsKnownOfIsNotErased) {
  EXPECT_EQ(ReasonOf(Erase("nobody")), "CONTACT_UNKNOWN");
  EXPECT_EQ(ReasonOf(Hold()), "CONTACT_UNKNOWN");
  EXPECT_EQ(ReasonOf(Erase("No Id")), "INVALID_FIELD");
}

TEST_F(ErasureServerTest, ValidatingAnErasureErasesNothing) {
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  trust::v1::EraseContactResponse would;
  ASSERT_TRUE(Erase("ada", "", &would, true).ok());
  EXPECT_EQ(would.erasure().request(), "ticket 4711");
  EXPECT_EQ(Events().back().note().text(), kText);
}

TEST_F(ErasureServerTest, AnErasureWhoseKeyStaysIsUnfinishedUntilItIsRepeated) {
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  keys_.stubborn = true;
  EXPECT_EQ(ReasonOf(Erase("ada", kRequestId)), "ERASURE_UNFINISHED");
  // Nobody is shown it, though the key is there.
  EXPECT_TRUE(keys_.Get("ada")->has_value());
  EXPECT_FALSE(Events().back().has_note());
  EXPECT_EQ(ReasonOf(Erase("ada")), "ERASURE_UNFINISHED");
  keys_.stubborn = false;
  EXPECT_TRUE(Erase("ada", kRequestId).ok());
  EXPECT_EQ(*keys_.Get("ada"), std::nullopt);
  EXPECT_EQ(ReasonOf(Erase("ada")), "CONTACT_ERASED");
}

TEST_F(ErasureServerTest, AKeyStoreThatFailsRefusesWhatIsPersonalAndNothingElse) {
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  keys_.broken = true;
  const grpc::Status refused = Record(Noted(), &response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(refused), "KEYS_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(Erase()), "KEYS_UNAVAILABLE");
  EXPECT_TRUE(Record(Shared("moon", "2023-01-02"), &response).ok());
}

TEST_F(ErasureServerTest, WhatCannotBeReadIsSaidToBeSoAndHidesNothingElse) {
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Noted(), &response).ok());
  ASSERT_TRUE(keys_.Erase({"ada"}).ok());  // As when the key store of another server is put in its place.
  const std::vector<trust::v1::Event> events = Events();
  EXPECT_TRUE(events.back().unreadable());
  EXPECT_FALSE(events.back().has_note() || events.back().has_erasure());
  EXPECT_TRUE(events.back().has_evidence());
}

}  // namespace
}  // namespace services
