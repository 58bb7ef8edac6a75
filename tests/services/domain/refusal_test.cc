#include "services/domain/refusal.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace domain {
namespace {

TEST(RefusalTest, ARefusalCarriesItsReasonAndItsMetadata) {
  const absl::Status status = NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", "partnerships/x/events/9",
                                       "there is none", {{"field", "evidence.conflict"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), trust::v1::ERROR_REASON_EVENT_NOT_FOUND);
  EXPECT_EQ(MetadataOf(status, "event"), "partnerships/x/events/9");
  EXPECT_EQ(MetadataOf(status, "field"), "evidence.conflict");
  EXPECT_EQ(MetadataOf(status, "nothing"), "");
}

TEST(RefusalTest, AnyOtherStatusHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), trust::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), trust::v1::ERROR_REASON_UNSPECIFIED);
}

TEST(RefusalTest, WrongFieldsKeepTheirOrder) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 12; ++i) violations.push_back({absl::StrCat("f", i), "is wrong"});
  const std::vector<FieldViolation> found = FieldViolationsOf(InvalidFields(violations));
  ASSERT_EQ(found.size(), 12u);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(found[i].field, absl::StrCat("f", i));
}

TEST(RefusalTest, MoreWrongFieldsThanATrailerHoldsAreCounted) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 2000; ++i) violations.push_back({absl::StrCat("items[", i, "].occur_time"), "is required"});
  const absl::Status status = InvalidFields(violations);
  const size_t told = FieldViolationsOf(status).size();
  EXPECT_GT(told, 30u);
  EXPECT_EQ(MetadataOf(status, "fields_left_out"), absl::StrCat(2000 - told));
  size_t bytes = status.message().size();
  status.ForEachPayload([&](absl::string_view, const absl::Cord& payload) { bytes += payload.size(); });
  EXPECT_LT(bytes, 4000u);
}

TEST(RefusalTest, ALongDescriptionIsCut) {
  const absl::Status status = InvalidFields({{"f", std::string(10000, 'x')}, {"g", "is wrong"}});
  ASSERT_EQ(FieldViolationsOf(status).size(), 2u);
  EXPECT_LT(FieldViolationsOf(status)[0].description.size(), 500u);
  EXPECT_EQ(FieldViolationsOf(status)[1].description, "is wrong");
  EXPECT_LT(status.message().size(), 1100u);
}

TEST(RefusalTest, WithinAnItemFieldsSubjectAndMetadataNameIt) {
  const absl::Status fields =
      WithinItem(3, InvalidFields({{"evidence.actor", "is wrong"}, {"occur_time", "is wrong"}}));
  EXPECT_EQ(FieldViolationsOf(fields)[0].field, "items[3].evidence.actor");
  EXPECT_EQ(FieldViolationsOf(fields)[1].field, "items[3].occur_time");
  EXPECT_EQ(ReasonOf(fields), trust::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(MetadataOf(fields, "item"), "3");

  const absl::Status precondition = WithinItem(
      0, FailedPrecondition(trust::v1::ERROR_REASON_CONFLICT_RESOLVED, "partnerships/x/events/9", "is resolved"));
  EXPECT_EQ(std::string(*precondition.GetPayload(kSubjectUrl)), "items[0]: partnerships/x/events/9");
  EXPECT_EQ(precondition.message(), "items[0]: is resolved");
}

}  // namespace
}  // namespace domain
