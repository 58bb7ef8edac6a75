#include "tests/benchmark/index_wait.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "grpc/support/time.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/stopwatch.h"

namespace benchmark {
namespace {

constexpr absl::Duration kIndexTime = absl::Minutes(10);

}  // namespace

std::string AwaitIndex(trust::v1::TrustService::StubInterface& stub, const std::string& position) {
  const trustctl::Stopwatch watch;
  for (;;) {
    trust::v1::ListAttentionRequest request;
    request.set_min_position(position);
    request.set_page_size(1);
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                      gpr_time_from_millis(absl::ToInt64Milliseconds(kIndexTime), GPR_TIMESPAN)));
    trust::v1::ListAttentionResponse response;
    const grpc::Status status = stub.ListAttention(&context, request, &response);
    if (status.ok()) return "";
    const absl::Status refusal = trustctl::ServerRefusal(static_cast<absl::StatusCode>(status.error_code()),
                                                         status.error_message(), status.error_details());
    if (trustctl::ReasonOf(trustctl::WireStatusOf(refusal)) != "INDEX_NOT_READY" || watch.Elapsed() > kIndexTime) {
      return absl::StrCat("the standing index has not caught up: ", status.error_message());
    }
    // Nothing tells a client when it has: it asks again after the time that the server gives.
    absl::Notification never;
    never.WaitForNotificationWithTimeout(trustctl::RetryDelayOf(refusal).value_or(absl::Seconds(1)));
  }
}

}  // namespace benchmark
