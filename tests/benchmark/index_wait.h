// Waiting for the standing index, which works on after an import was answered: what is measured next is to have the
// server's processors for itself.

#ifndef TESTS_BENCHMARK_INDEX_WAIT_H_
#define TESTS_BENCHMARK_INDEX_WAIT_H_

#include <string>

#include "trust/v1/trust_service.grpc.pb.h"

namespace benchmark {

// Waits until the standing index has taken in a log position, ten minutes at most. Empty when it has; why not,
// otherwise. Blocks.
std::string AwaitIndex(trust::v1::TrustService::StubInterface& stub, const std::string& position);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_INDEX_WAIT_H_
