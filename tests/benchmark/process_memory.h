// How much memory a process has held at most since it began, as Linux counts it.

#ifndef TESTS_BENCHMARK_PROCESS_MEMORY_H_
#define TESTS_BENCHMARK_PROCESS_MEMORY_H_

#include <cstdint>

namespace benchmark {

// In MiB; 0 where it cannot be told.
int64_t PeakMemoryMib(int process);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_PROCESS_MEMORY_H_
