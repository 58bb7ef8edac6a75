// One ImportHistory call that keeps several messages in flight.

#ifndef TESTS_BENCHMARK_IMPORT_LOAD_H_
#define TESTS_BENCHMARK_IMPORT_LOAD_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/benchmark/latencies.h"
#include "tests/benchmark/workload.h"
#include "trust/v1/evidence_service.grpc.pb.h"

namespace benchmark {

struct ImportRound {
  int64_t events = 0;    // An item makes one, a founding two.
  absl::Duration time;   // From the first message to the last result.
  Latencies messages;    // From sending a message to having all its results.
  absl::Status failure;  // OK when every item was stored and broke no rule.
};

// Sends messages until at least so many items are sent, and waits for every result. Blocks.
ImportRound Import(trust::v1::EvidenceService::StubInterface& stub, ImportSource& source, int messages_in_flight,
                   int64_t items);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_IMPORT_LOAD_H_
