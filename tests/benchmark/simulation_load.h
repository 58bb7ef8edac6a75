// One SimulatePolicy call over everything that the store holds, timed from the request to the end.

#ifndef TESTS_BENCHMARK_SIMULATION_LOAD_H_
#define TESTS_BENCHMARK_SIMULATION_LOAD_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "trust/v1/policy.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace benchmark {

struct SimulationRound {
  absl::Status failure;  // Not OK when the call was refused, or ended before its End.
  int64_t partnerships = 0;
  int64_t events = 0;
  int64_t differences = 0;
  absl::Duration time;
  absl::Duration longest_silence;  // Between two messages.
};

// A candidate that changes no path of what ImportSource imports.
trust::v1::PolicyDocument EqualCandidate(const trust::v1::PolicyDocument& in_force);

SimulationRound Simulate(trust::v1::TrustService::StubInterface& stub, const trust::v1::PolicyDocument& candidate);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_SIMULATION_LOAD_H_
