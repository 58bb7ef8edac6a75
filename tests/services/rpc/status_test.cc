#include "services/rpc/status.h"

#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "services/domain/refusal.h"

namespace rpc {
namespace {

template <class Detail>
Detail DetailOf(const google::rpc::Status& status) {
  Detail detail;
  int found = 0;
  for (const google::protobuf::Any& any : status.details()) {
    if (any.Is<Detail>()) {
      EXPECT_TRUE(any.UnpackTo(&detail));
      ++found;
    }
  }
  EXPECT_EQ(found, 1);
  return detail;
}

TEST(StatusTest, WrongFieldsTravelAllAtOnceInTheirOrder) {
  const google::rpc::Status status =
      ToRpcStatus(domain::InvalidFields({{"evidence.actor", "is required"}, {"recorder", "is no id"}}));
  EXPECT_EQ(status.code(), 3);
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad_request.field_violations_size(), 2);
  EXPECT_EQ(bad_request.field_violations(0).field(), "evidence.actor");
  EXPECT_EQ(bad_request.field_violations(1).description(), "is no id");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "INVALID_FIELD");
  EXPECT_EQ(info.domain(), "trust.v1");
}

TEST(StatusTest, AMissingResourceIsNamed) {
  const google::rpc::Status status =
      ToRpcStatus(domain::NotFound(trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND, "partnership", "alpha", "none"));
  EXPECT_EQ(status.code(), 5);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "alpha");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("partnership"), "alpha");
}

TEST(StatusTest, ABrokenPreconditionSaysWhichAndOfWhat) {
  const google::rpc::Status status = ToRpcStatus(domain::FailedPrecondition(
      trust::v1::ERROR_REASON_COMMITMENT_RESOLVED, "partnerships/a/events/4", "kept already", {{"outcome", "7"}}));
  EXPECT_EQ(status.code(), 9);
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).type(), "COMMITMENT_RESOLVED");
  EXPECT_EQ(failure.violations(0).subject(), "partnerships/a/events/4");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("outcome"), "7");
}

TEST(StatusTest, ARefusalThatMayBeRepeatedSaysWhen) {
  const google::rpc::Status status = ToRpcStatus(
      domain::Fault(absl::StatusCode::kResourceExhausted, trust::v1::ERROR_REASON_OVERLOADED, "too many", {}, 1500));
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(StatusTest, AFaultOfTheProgramSaysNothingOfTheInside) {
  const google::rpc::Status status = ToRpcStatus(absl::DataLossError("/var/secret/path/000123.sst is corrupt"));
  EXPECT_EQ(status.code(), 13);
  EXPECT_EQ(status.message().find("secret"), std::string::npos);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "INTERNAL");
}

TEST(StatusTest, TheWireFormStandsInTheTrailerThatToolsDecode) {
  const grpc::Status status = ToGrpcStatus(domain::RevisionConflict(3, 5));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  google::rpc::Status wire;
  ASSERT_TRUE(wire.ParseFromString(status.error_details()));
  EXPECT_EQ(wire.message(), status.error_message());
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace rpc
