#include "services/domain/contact_decider.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/domain/refusal.h"
#include "tests/services/domain/given_when_then.h"

namespace domain {
namespace {

using projections::Partnership;

trust::v1::EraseContactRequest Erase(const std::string& contact = "ada") {
  trust::v1::EraseContactRequest request;
  request.set_contact(contact);
  request.set_request("ticket 4711");
  request.set_approver("officer");
  return request;
}

trust::v1::PlaceLegalHoldRequest Hold(const std::string& contact = "ada") {
  trust::v1::PlaceLegalHoldRequest request;
  request.set_contact(contact);
  request.set_reason("case 1");
  request.set_approver("counsel");
  return request;
}

trust::v1::ReleaseLegalHoldRequest ReleaseRequest(const std::string& contact = "ada") {
  trust::v1::ReleaseLegalHoldRequest request;
  request.set_contact(contact);
  request.set_reason("case 1 closed");
  request.set_approver("counsel");
  return request;
}

// Gives commands one after the other to persons who are known.
class Story {
 public:
  template <typename Request>
  absl::Status When(const Request& request, bool known = true) {
    const auto events = Decide(request, known);
    if (!events.ok()) return events.status();
    for (const trust::v1::Event& event : *events) projections::Evolve(state_, event);
    last_ = events->front();
    return absl::OkStatus();
  }
  template <typename Request>
  trust::v1::ErrorReason Refused(const Request& request, bool known = true) {
    return ReasonOf(When(request, known));
  }

  const trust::v1::Event& last() const { return last_; }

 private:
  absl::StatusOr<std::vector<trust::v1::Event>> Decide(const trust::v1::EraseContactRequest& request, bool known) {
    return DecideErasure(state_, request, known, Now());
  }
  absl::StatusOr<std::vector<trust::v1::Event>> Decide(const trust::v1::PlaceLegalHoldRequest& request, bool known) {
    return DecideHold(state_, request, known, Now());
  }
  absl::StatusOr<std::vector<trust::v1::Event>> Decide(const trust::v1::ReleaseLegalHoldRequest& request, bool) {
    return DecideRelease(state_, request, Now());
  }

  Partnership state_;
  trust::v1::Event last_;
};

TEST(ContactDeciderTest, AnErasureSaysWhoseByWhichRequestAndWhoApproved) {
  Story story;
  ASSERT_TRUE(story.When(Erase()).ok());
  EXPECT_EQ(story.last().personal_data_erased().ShortDebugString(),
            "contact: \"ada\" request: \"ticket 4711\" approver: \"officer\"");
  EXPECT_EQ(story.last().principal(), "user-1");
  EXPECT_EQ(projections::ToTime(story.last().occur_time()), Now().now);
}

TEST(ContactDeciderTest, AHoldForbidsErasureUntilItIsReleased) {
  Story story;
  ASSERT_TRUE(story.When(Hold()).ok());
  EXPECT_EQ(story.last().legal_hold_placed().reason(), "case 1");
  EXPECT_EQ(story.Refused(Erase()), trust::v1::ERROR_REASON_LEGAL_HOLD);
  EXPECT_TRUE(story.When(Erase("bert")).ok()) << "another's hold";
  ASSERT_TRUE(story.When(ReleaseRequest()).ok());
  EXPECT_EQ(story.last().legal_hold_released().reason(), "case 1 closed");
  EXPECT_TRUE(story.When(Erase()).ok());
}

TEST(ContactDeciderTest, AHoldIsPlacedOnceAtATime) {
  Story story;
  ASSERT_TRUE(story.When(Hold()).ok());
  EXPECT_EQ(story.Refused(Hold()), trust::v1::ERROR_REASON_LEGAL_HOLD_PLACED);
  ASSERT_TRUE(story.When(ReleaseRequest()).ok());
  EXPECT_EQ(story.Refused(ReleaseRequest()), trust::v1::ERROR_REASON_NO_LEGAL_HOLD);
  EXPECT_TRUE(story.When(Hold()).ok());
}

TEST(ContactDeciderTest, WhatIsErasedIsErasedOnceAndHeldNoMore) {
  Story story;
  ASSERT_TRUE(story.When(Erase()).ok());
  // Known or not: the key that told it is gone by then.
  EXPECT_EQ(story.Refused(Erase(), true), trust::v1::ERROR_REASON_CONTACT_ERASED);
  EXPECT_EQ(story.Refused(Erase(), false), trust::v1::ERROR_REASON_CONTACT_ERASED);
  EXPECT_EQ(story.Refused(Hold()), trust::v1::ERROR_REASON_CONTACT_ERASED);
}

TEST(ContactDeciderTest, NobodyIsErasedOrHeldOfWhomNothingIsKnown) {
  Story story;
  EXPECT_EQ(story.Refused(Erase(), false), trust::v1::ERROR_REASON_CONTACT_UNKNOWN);
  EXPECT_EQ(story.Refused(Hold(), false), trust::v1::ERROR_REASON_CONTACT_UNKNOWN);
}

TEST(ContactDeciderTest, EveryWrongFieldIsNamedAtOnce) {
  trust::v1::EraseContactRequest request;
  request.set_contact("Ada Example");
  request.set_request(std::string(201, 'x'));
  request.set_request_id("1");
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(Validate(request, Now()))) fields.push_back(violation.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"contact", "request_id", "request", "approver"}));
  EXPECT_TRUE(Validate(Erase(), Now()).ok());
  EXPECT_TRUE(Validate(Hold(), Now()).ok());
  EXPECT_TRUE(Validate(ReleaseRequest(), Now()).ok());
  trust::v1::PlaceLegalHoldRequest nothing;
  EXPECT_EQ(FieldViolationsOf(Validate(nothing, Now())).size(), 3u);
}

TEST(NoteTest, ANoteComesAlongWithEveryCommandThatTakesOneAndNobodyRepeatsItsText) {
  trust::v1::RecordEvidenceRequest request = Says("acme", "2024-01-01", "*>acme,bolt", "shared_experience_held {}");
  request.mutable_note()->set_contact("ada");
  request.mutable_note()->set_text("Met Ada\n\tin Berlin.");
  EXPECT_TRUE(Validate(request, Now()).ok());
  request.mutable_note()->set_text("secret\x01");
  absl::Status refused = Validate(request, Now());
  ASSERT_EQ(FieldViolationsOf(refused).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(refused)[0].field, "note.text");
  EXPECT_EQ(refused.ToString().find("secret"), std::string::npos);
  request.mutable_note()->set_text(std::string(4097, 'x'));
  EXPECT_FALSE(Validate(request, Now()).ok());
  request.mutable_note()->set_text(std::string(4096, 'x'));
  EXPECT_TRUE(Validate(request, Now()).ok());
  request.mutable_note()->clear_text();
  EXPECT_FALSE(Validate(request, Now()).ok());
}

TEST(NoteTest, AProfileSaysSomething) {
  trust::v1::AssignContactRequest request;
  request.set_partnership("moon");
  request.set_recorder("acme");
  SetOccurTime("2024-01-01", request);
  request.set_contact("ada");
  request.set_organization("acme");
  EXPECT_TRUE(Validate(request, Now()).ok());
  request.mutable_profile();
  EXPECT_FALSE(Validate(request, Now()).ok());
  request.mutable_profile()->set_email(std::string(255, 'x'));
  request.mutable_profile()->set_phone(std::string(41, '1'));
  EXPECT_EQ(FieldViolationsOf(Validate(request, Now())).size(), 2u);
}

}  // namespace
}  // namespace domain
