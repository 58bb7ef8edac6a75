// Who has used the processors since a moment: the server, this program, and all others, without whom a figure would be
// better. As Linux counts it, in steps of 10 ms. Zero where it cannot be told.

#ifndef TESTS_BENCHMARK_CPU_WATCH_H_
#define TESTS_BENCHMARK_CPU_WATCH_H_

#include "absl/time/time.h"

namespace benchmark {

struct CpuUse {
  absl::Duration server;
  absl::Duration client;  // This program.
  absl::Duration
      others;  // The rest of the machine; the kernel's own work for these two, such as networking, is partly here.
};

// What the calling thread has used since it began, user and system.
absl::Duration ThreadCpu();

class CpuWatch {
 public:
  // Starts at zero. server_process: its process id; 0 when it is not known: then it counts among the others.
  explicit CpuWatch(int server_process);

  CpuUse Elapsed() const;

 private:
  const int server_process_;
  const CpuUse start_;
};

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_CPU_WATCH_H_
