#include "tests/benchmark/simulation_load.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/stopwatch.h"

namespace benchmark {

trust::v1::PolicyDocument EqualCandidate(const trust::v1::PolicyDocument& in_force) {
  trust::v1::PolicyDocument candidate = in_force;
  candidate.set_version("benchmark-equal/1");
  candidate.set_loss_permille(2 * candidate.loss_permille());
  return candidate;
}

SimulationRound Simulate(trust::v1::TrustService::StubInterface& stub, const trust::v1::PolicyDocument& candidate) {
  SimulationRound round;
  grpc::ClientContext context;
  trust::v1::SimulatePolicyRequest request;
  *request.mutable_document() = candidate;
  const trustctl::Stopwatch watch;
  const auto stream = stub.SimulatePolicy(&context, request);
  bool ended = false;
  absl::Duration last;
  for (trust::v1::SimulatePolicyResponse response; stream->Read(&response);) {
    const absl::Duration now = watch.Elapsed();
    round.longest_silence = std::max(round.longest_silence, now - last);
    last = now;
    if (!response.has_end()) continue;
    ended = true;
    round.partnerships = response.end().partnership_count();
    round.events = response.end().event_count();
    round.differences = response.end().difference_count();
  }
  const grpc::Status status = stream->Finish();
  round.time = watch.Elapsed();
  if (!status.ok()) {
    round.failure = absl::UnknownError(
        absl::StrCat("the simulation failed with status ", status.error_code(), ": ", status.error_message()));
  } else if (!ended) {
    round.failure = absl::InternalError("the simulation ended without an end");
  }
  return round;
}

}  // namespace benchmark
