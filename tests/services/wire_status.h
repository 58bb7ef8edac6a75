// What a status says on the wire, and days as the wire has them.

#ifndef TESTS_SERVICES_WIRE_STATUS_H_
#define TESTS_SERVICES_WIRE_STATUS_H_

#include <string>

#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"
#include "projections/day.h"

namespace services {

inline google::protobuf::Timestamp Midnight(const char* day) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", day, &time, &error)) << error;
  return projections::ToTimestamp(time);
}

// The last detail of that kind in a status; an empty one when there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  Detail found;
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.Is<Detail>()) detail.UnpackTo(&found);
  }
  return found;
}

// The reason that stands in a status's details; "OK" when there is nothing to give a reason for.
inline std::string ReasonOf(const grpc::Status& status) {
  return status.ok() ? "OK" : DetailOf<google::rpc::ErrorInfo>(status).reason();
}

}  // namespace services

#endif  // TESTS_SERVICES_WIRE_STATUS_H_
