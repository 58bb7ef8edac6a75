// The processor time of a process, as Linux counts it: in steps of 10 ms.

#ifndef TESTS_BENCHMARK_PROCESS_CPU_H_
#define TESTS_BENCHMARK_PROCESS_CPU_H_

#include "absl/time/time.h"

namespace benchmark {

// What all threads of a process have used so far; 0 stands for this process. Zero where it cannot be told.
absl::Duration ProcessCpu(int process);

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_PROCESS_CPU_H_
